"""The one dynamic workflow: Temporal's side of a case.

The workflow type is the definition's name, so any Temporal client can start a case with nothing
but input; the first command loads the plan then. All decisions are in `workflows.interpreter`; this module only connects.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, CancelledError

with workflow.unsafe.imports_passed_through():
    from service.errors import AnswerInvalid, Refused
    from service.instants import write_instant
    from workflows import schedules
    from workflows.effects import ActionFailed
    from workflows.interpreter import doors
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.errors import CaseError
    from workflows.interpreter.levels import level_of
    from workflows.interpreter.sizes import too_large
    from workflows.interpreter.state import CaseState
    from workflows.interpreter.view import show
    from workflows.on_temporal import TemporalEffects, repeatable
    from workflows.plans import PlanMalformed, decode_plan

HISTORY_EVENTS = 2000
"""A case goes on in a new run when its history is this long, if not told earlier."""

UNREADABLE = (KeyError, RuntimeError, ValueError)
"""What the payload converter raises for a payload that another client wrote in its own way."""


class CaseFailed(ApplicationError):
    """A case that ended with a fault: the error object is the failure's details."""


@workflow.defn(dynamic=True)
class CaseWorkflow:
    """One case. Its doors are update, signal and query handlers that record and return."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        convert = workflow.payload_converter().from_payload
        carried = None
        self._input: Any = None
        self._unreadable: Exception | None = None
        try:
            if args:
                self._input = convert(args[0].payload)
            if len(args) > 1:
                carried = convert(args[1].payload)
        except UNREADABLE as error:
            self._unreadable = error
        # From our own doors the plan, and in a later run the snapshot as well; from any other
        # client of Temporal nothing.
        self._carried: dict[str, Any] = carried if isinstance(carried, dict) else {}
        self._run: CaseRun | None = None
        self._effects: TemporalEffects | None = None
        self._rotates_from = 0
        """How long the history is at least when a snapshot is taken again."""
        self._crowded = False
        """Whether a snapshot of this run was too large."""
        self._line: list[int] = []
        """Who has knocked and not been let through yet, in order."""
        self._knocks = 0
        self._aside: asyncio.Task[None] | None = None

    @workflow.dynamic_config
    def config(self) -> workflow.DynamicWorkflowConfig:
        """Only a case's own fault ends it; a bug fails the workflow task and waits for a fix."""
        return workflow.DynamicWorkflowConfig(failure_exception_types=[CaseFailed])

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> Any:
        """Load the plan once, then walk it to its end or to the next run."""
        del args
        info = workflow.info()
        if self._unreadable is not None:
            raise CaseFailed(
                f"The input of the case cannot be read as JSON: {self._unreadable}",
                type="InputInvalid",
                non_retryable=True,
            )
        try:
            schedule = await schedules.decided(info)
        except ActionFailed as error:
            raise CaseFailed(error.detail, type=error.kind, non_retryable=True) from error
        if schedule is not None and not schedule["due"]:
            return schedules.not_started(schedule)
        loaded = self._carried.get("plan") or await self._load(info.workflow_type)
        try:
            plan = decode_plan(loaded)
            # A level of a later program fails the workflow task, until a worker of it takes over.
            level = level_of(loaded.get("semantics"))
        except (PlanMalformed, ValueError) as error:
            raise CaseFailed(
                f"The second argument of the start is for Caseway alone, and this is none: {error}. "
                "Start the case with its input alone.",
                type="InputInvalid",
                non_retryable=True,
            ) from error
        # Only a run before this one can have left a snapshot.
        snapshot = self._carried.get("state") if info.continued_run_id else None
        state = (
            self._first_state(info, level, schedule)
            if snapshot is None
            else CaseState.from_json(
                json.loads(snapshot) if isinstance(snapshot, str) else snapshot
            )
        )
        if snapshot is None:
            state.announces = loaded.get("announces") is True
        effects = TemporalEffects(loaded["digest"], self._part_lost, state.semantics)
        self._effects = effects
        run = CaseRun(plan, loaded["digest"], effects, state)
        self._run = run
        return await self._walk(run, loaded)

    async def _walk(self, run: CaseRun, loaded: dict[str, Any]) -> Any:
        flow = asyncio.create_task(run.run())
        try:
            while not flow.done():
                try:
                    await self._until_next_run(run, flow, loaded)
                except asyncio.CancelledError:
                    if run.level < 16:
                        raise
                    # As a command would: what follows may take days, and new runs.
                    await self._quiet()
                    run.go_on()
                    run.cancel("cancelled")
        except asyncio.CancelledError:
            await self._quiet()
            run.go_on()
            flow.cancel()
            await asyncio.gather(flow, return_exceptions=True)
            if flow.cancelled():
                await self._answered(run)
                raise
            # It came too late: the case had come to another end before.
        await self._answered(run)
        if flow.cancelled():
            # Ended by a command: to Temporal a cancellation that nobody requested from it.
            reason = (run.state.cancel or {}).get("reason") or "cancelled"
            raise CancelledError(reason)
        try:
            return flow.result()
        except CaseError as error:
            raise CaseFailed(
                str(error.error.get("detail") or error.error.get("title")),
                error.error,
                type=str(error.error.get("title") or "CaseFailed"),
                non_retryable=True,
            ) from error

    async def _until_next_run(
        self, run: CaseRun, flow: asyncio.Task[Any], loaded: dict[str, Any]
    ) -> None:
        """Return at the end of the flow, or go on in a new run."""
        await workflow.wait_condition(
            lambda: flow.done() or run.bug is not None or self._must_rotate(run)
        )
        if run.bug is not None:
            # Fails the workflow task, which is tried again until the bug is mended.
            raise run.bug
        if not flow.done():
            await run.settle()
            await workflow.wait_condition(workflow.all_handlers_finished)
        if not flow.done():
            self._go_on_in_a_new_run(run, loaded)

    def _go_on_in_a_new_run(self, run: CaseRun, loaded: dict[str, Any]) -> None:
        """Continue as new; where the snapshot is too large for that, go on here and try later."""
        state: Any = run.snapshot()
        moving = run.state.migrating is not None
        if run.state.migrating is not None:
            loaded = run.state.migrating["plan"]
            state = run.move(decode_plan(loaded), loaded["digest"])
            if state is None:
                run.go_on()
                return
        if run.level >= 14:
            # As text: the payload converter sorts the keys of objects, and expressions see their order.
            state = json.dumps(state, separators=(",", ":"), ensure_ascii=False)
        args = [self._input, {"plan": loaded, "state": state}]
        problem = too_large("the snapshot of the case", args) if run.level >= 13 else None
        if problem is None:
            workflow.continue_as_new(args=args)
        length = workflow.info().get_current_history_length()
        self._rotates_from = length + HISTORY_EVENTS // 2
        run.go_on()
        if moving:
            run.not_moved(str(problem))
        if not self._crowded:
            self._crowded = True
            run.note("crowded", f"goes on in the same run: {problem}")

    async def _answered(self, run: CaseRun) -> None:
        """Let those who waited for the last read hear that the case has ended."""
        if run.level >= 6 and not workflow.all_handlers_finished():
            await workflow.wait_condition(workflow.all_handlers_finished)

    def _part_lost(self, event: dict[str, Any]) -> None:
        if self._run is not None:
            self._run.events.deliver(event)

    def _must_rotate(self, run: CaseRun) -> bool:
        """Whether to go on in a new run: soon at a moment without actions, later at any price."""
        info = workflow.info()
        if run.state.migrating is not None:
            return True
        length = info.get_current_history_length()
        if length < self._rotates_from:
            return False
        soon = info.is_continue_as_new_suggested() or length > HISTORY_EVENTS
        return soon and (run.in_flight == 0 or length > 3 * HISTORY_EVENTS)

    async def _load(self, name: str) -> dict[str, Any]:
        version = workflow.memo_value("version", None)
        try:
            loaded: dict[str, Any] = await repeatable(
                "definition.load", {"name": name, "version": version}, f"plan of {name}"
            )
        except ActionFailed as error:
            raise CaseFailed(error.detail, type=error.kind, non_retryable=True) from error
        return loaded

    def _first_state(
        self, info: workflow.Info, level: int, schedule: dict[str, Any] | None
    ) -> CaseState:
        _, _, key = info.workflow_id.partition(":")
        state = CaseState(
            id=info.workflow_id,
            key=key or info.workflow_id,
            first_run=info.first_execution_run_id,
            started_at=write_instant(workflow.now()),
            input=self._input,
            semantics=level,
            schedule=schedule,
        )
        link = workflow.memo_value("link", None)
        if isinstance(link, dict):
            state.record["links"] = [link]
            # Whoever starts a case may put anything into its memo.
            if link.get("kind") == "part" and isinstance(link.get("case"), str):
                state.record["partOf"] = link["case"]
        return state

    async def _ready(self) -> CaseRun:
        await workflow.wait_condition(self._is_open)
        run = self._run
        assert run is not None
        if run.level < 16:
            await self._quiet()
            return run
        # One after the other, each when the case has come to rest after the one before. A worker
        # that has to load the case gets a signal and the update after it at once where the task in
        # which the signal came led to nothing; a replay gets one after the other.
        self._knocks += 1
        knock = self._knocks
        self._line.append(knock)
        if self._line[0] != knock:
            await workflow.wait_condition(lambda: self._line[0] == knock)
        await self._quiet()
        self._aside = asyncio.create_task(self._let_the_next_in())
        return run

    async def _let_the_next_in(self) -> None:
        # Conditions are looked at when nothing is left to run.
        await workflow.wait_condition(lambda: True)
        self._line.pop(0)

    def _is_open(self) -> bool:
        """Whether the case has begun, or has failed before: its end waits for who asks."""
        run = self._run
        if run is None:
            return False
        failed = run.level >= 12 and run.state.ended is not None
        return failed or bool(run.state.flow.get("begun"))

    async def _quiet(self) -> None:
        """Let reads on the spot end first: what comes meanwhile comes after them in a replay."""
        effects = self._effects
        if effects is None:
            return
        if effects.reading:
            await workflow.wait_condition(lambda: not effects.reading)
        effects.happened()

    @workflow.signal(dynamic=True)
    async def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """`event` carries a whole event; any other name is an event of that type."""
        run = await self._ready()
        try:
            value = _first(args)
            meant = len(args) <= 1 or self._is_meant(args[1])
        except UNREADABLE:
            # No client of ours writes what nobody can read, and nobody can refuse a signal.
            if run.state.ended is None:
                run.note("event", f"left one out: {name} carries what cannot be read as JSON")
            return
        if not meant:
            return
        if name == "event" and isinstance(value, dict) and value.get("type"):
            run.events.deliver({"id": _event_id(name), **value}, routed=len(args) > 1)
        else:
            run.events.deliver({"id": _event_id(name), "type": name, "data": value})

    def _is_meant(self, second: RawValue) -> bool:
        """Whether a routed event is for this case, and not for an earlier one of the same id."""
        about = workflow.payload_converter().from_payload(second.payload)
        wanted = about.get("run") if isinstance(about, dict) else None
        return wanted in (None, workflow.info().first_execution_run_id)

    @workflow.query(dynamic=True)
    def on_query(self, name: str, args: Sequence[RawValue]) -> Any:
        """`show`: everything about the case; `state`: its position, for operators.

        `migration` says what moving it to another version would do, with what is in the way.
        """
        if self._run is None:
            return {"phase": "starting"}
        if name == "show":
            return show(self._run)
        if name == "state":
            return self._run.state.to_json()
        if name == "migration":
            try:
                return doors.migration(self._run, _first(args))
            except Refused as error:
                return {"refused": str(error)}
        raise ValueError(f"there is no query {name!r}; known: show, state, migration")

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> Any:
        """Answers and commands; they record and return."""
        request = _first(args)
        run = await self._ready()
        try:
            return _act(run, name, request)
        except Refused as error:
            raise _refusal(error) from error

    @on_update.validator
    def check_update(self, name: str, args: Sequence[RawValue]) -> None:
        """Refuse what can be refused before it enters the history."""
        if self._run is not None and self._run.sealed:
            # Taken now, it could come before the case's end here and after it in a replay.
            raise ApplicationError("the case has ended", type="CaseEnded", non_retryable=True)
        request = _first(args)
        if name not in ACTS and name not in ("open", "event"):
            raise ApplicationError(f"there is no update {name!r}", type="Refused")
        if not isinstance(request, dict) or not isinstance(request.get("id"), str):
            raise ApplicationError(f"{name} needs an object with an id", type="Refused")
        _check_event(name, request)
        if self._run is not None:
            try:
                doors.check(self._run, name, request)
            except Refused as error:
                raise _refusal(error) from error


ACTS = {
    "answer": doors.answer,
    "claim": doors.claim,
    "release": doors.release,
    "draft": doors.draft,
    "delegate": doors.delegate,
    "reassign": doors.reassign,
    "cancel": doors.cancel,
    "operate": doors.operate,
    "recalculate": doors.recalculate,
    "migrate": doors.migrate,
    "suspend": doors.suspend,
    "resume": doors.resume,
}


def _refusal(error: Refused) -> ApplicationError:
    """A refusal as Temporal carries it; of an answer with the places that are wrong."""
    problems = error.problems if isinstance(error, AnswerInvalid) else ()
    details = [{"pointer": each.pointer, "message": each.message} for each in problems]
    return ApplicationError(
        str(error), *([details] if details else []), type="Refused", non_retryable=True
    )


def _check_event(name: str, request: dict[str, Any]) -> None:
    """Any client of Temporal may send one; what people may do with items the doors check."""
    event = {"event": request, "open": request.get("event")}.get(name)
    if event is None:
        return
    if not isinstance(event, dict) or not event.get("id") or not event.get("type"):
        raise ApplicationError("an event needs an id and a type", type="Refused")
    if not isinstance(event["type"], str):
        raise ApplicationError("the type of an event is a text", type="Refused")


def _act(run: CaseRun, name: str, request: dict[str, Any]) -> Any:
    if name == "open":
        if request.get("event"):
            run.events.deliver(request["event"])
        return {
            "case": run.state.id,
            "definition": run.plan.name,
            "version": run.plan.version,
            "status": run.state.record.get("status"),
            "opener": workflow.memo_value("opener", None),
        }
    if name == "event":
        return {"state": run.events.deliver(request)}
    return ACTS[name](run, request)


def _first(args: Sequence[RawValue]) -> Any:
    return workflow.payload_converter().from_payload(args[0].payload) if args else None


def _event_id(name: str) -> str:
    return f"{name}:{workflow.uuid4()}"
