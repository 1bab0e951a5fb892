"""`Effects` on Temporal: commands of one workflow."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import (
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    TerminatedError,
    WorkflowAlreadyStartedError,
)
from temporalio.exceptions import TimeoutError as ActivityTimeout

from workflows import ends
from workflows.effects import Action, ActionFailed, CaseStart, View
from workflows.interpreter.bell import turn
from workflows.interpreter.errors import PREFIX

HEARTBEAT = timedelta(seconds=5)
"""A killed worker costs seconds: the activity's wrapper heartbeats every second."""

RECORD_PATIENCE = timedelta(days=3650)
"""A projection is written for as long as it takes; the case waits for it only at its end."""

SUBSCRIBE_PATIENCE = timedelta(days=3650)
"""Somebody who listens is told of events for as long as it takes."""
LONGEST_READ = timedelta(seconds=2)
"""A safe read that takes longer is made again by an ordinary activity."""

FINAL = ("NotAuthorized", "Refused", "NotFound", "Conflict")
"""Kinds of error that another attempt does not mend; the flag of a local activity's failure does not
tell, as its only attempt was the last one."""

SINK_PATIENCE = timedelta(minutes=10)
"""How long a sink of lifecycle events may be away: the end of a case waits no longer for it."""

AT_ONCE = timedelta(seconds=3)
"""For a write within one workflow task."""

LONGEST_ID = 1000
"""Bytes of the id of an activity (`limit.maxIDLength`)."""

LONGEST_VALUE = 255
"""A keyword on PostgreSQL holds no more; a longer one would stop the work on its task queue."""

KEYS: dict[str, SearchAttributeKey[Any]] = {
    "CasewayDefinition": SearchAttributeKey.for_keyword("CasewayDefinition"),
    "CasewayVersion": SearchAttributeKey.for_keyword("CasewayVersion"),
    "CasewayStatus": SearchAttributeKey.for_keyword("CasewayStatus"),
    "CasewayStep": SearchAttributeKey.for_keyword("CasewayStep"),
    "CasewayPriority": SearchAttributeKey.for_keyword("CasewayPriority"),
    "CasewayTicket": SearchAttributeKey.for_keyword("CasewayTicket"),
    "CasewayKey": SearchAttributeKey.for_keyword("CasewayKey"),
    "CasewayFor": SearchAttributeKey.for_keyword_list("CasewayFor"),
    "CasewayDue": SearchAttributeKey.for_datetime("CasewayDue"),
    "CasewayBreached": SearchAttributeKey.for_bool("CasewayBreached"),
}


class TemporalEffects:
    """Turns what the interpreter asks for into commands. One per workflow run.

    `semantics` is the level of the case (`workflows.interpreter.levels`), and `lost` is told of a part of the case whose end nobody else tells.
    """

    def __init__(self, digest: str, lost: Callable[[dict[str, Any]], None], semantics: int) -> None:
        self._digest = digest
        self._lost = lost
        self._semantics = semantics
        self._watchers: list[asyncio.Task[None]] = []
        given = workflow.info().typed_search_attributes
        # What the start of this run has set already is not set again.
        self._shown: dict[str, Any] = {
            name: found for name, key in KEYS.items() if (found := given.get(key)) is not None
        }
        self._look: Callable[[], View] | None = None
        self._publisher: asyncio.Task[None] | None = None
        self.reading = False
        """Whether a read is made on the spot: whatever comes from outside waits for its end."""
        self._read_at: datetime | None = None
        """The case's time since its newest read on the spot, until something else happens."""
        self._since: datetime | None = None
        """The case's time is never before this."""

    def now(self) -> datetime:
        """Time of the current workflow task; after a read on the spot, the time of the read."""
        if self._read_at is not None:
            return self._read_at
        now = workflow.now().astimezone(UTC)
        return now if self._since is None else max(now, self._since)

    def happened(self) -> None:
        """Something but a read on the spot happened: the time is that of the workflow task again."""
        if self._read_at is not None:
            self._since, self._read_at = self._read_at, None

    async def sleep_until(self, at: datetime, summary: str) -> None:
        """A durable timer."""
        span = at - self.now()
        if span > timedelta():
            await workflow.sleep(span, summary=summary[:120])
            self.happened()

    async def act(self, action: Action) -> Any:
        """An activity, retried by kind of error until its patience ends."""
        if action.on_the_spot:
            read = await self._read_on_the_spot(action)
            if read is not None:
                return read["value"]
        try:
            return await workflow.execute_activity(
                action.function,
                action.request(self._digest),
                activity_id=_activity_id(action.path),
                start_to_close_timeout=timedelta(seconds=action.timeout_seconds),
                schedule_to_close_timeout=timedelta(seconds=action.patience_seconds),
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
                ),
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                summary=action.summary,
            )
        except ActivityError as error:
            raise _failed(error.cause) from error
        finally:
            self.happened()

    async def _read_on_the_spot(self, action: Action) -> dict[str, Any] | None:
        """Try a safe read once, inside the workflow task; None where it must be tried again.

        A query that comes meanwhile lets its result reach the workflow in a later task than in a
        replay (decision 0011). So nothing here may depend on which one it is: nothing else is under
        way, events wait (`reading`), and the time is what the read says.

        Raises:
            ActionFailed: it was refused, and another attempt would be.
        """
        self._read_at = self.now()
        self.reading = True
        try:
            read: dict[str, Any] = await workflow.execute_local_activity(
                action.function,
                action.request(self._digest),
                start_to_close_timeout=LONGEST_READ,
                retry_policy=RetryPolicy(maximum_attempts=1),
                summary=action.summary,
            )
        except FailureError as error:
            # Live the SDK wraps what a local activity failed with; in a replay it gives it bare.
            failed = _failed(error.cause if isinstance(error, ActivityError) else error)
            if failed.kind in FINAL:
                raise failed from error
            return None
        finally:
            self.reading = False
        self._read_at = max(self._read_at, datetime.fromisoformat(read["at"]))
        return read

    async def read(self, name: str, arguments: Mapping[str, Any], summary: str) -> Any:
        """A short activity that changes nothing."""
        if name.startswith(("case.", "definition.")):
            activity, argument = name, dict(arguments)
        else:
            activity, argument = "organization.read", {"read": name, "arguments": dict(arguments)}
        return await repeatable(activity, argument, summary)

    async def record(self, payload: Mapping[str, Any], *, last: bool) -> None:
        """A projection of the case, written idempotently."""
        if last and self._semantics >= 3:
            ends.tell(payload)
            return
        kinds = dict.fromkeys(str(line["kind"]) for line in payload["audit"])
        summary = f"record: {', '.join(kinds) or 'where it stands'}"
        if last and await _written_at_once(payload, summary):
            return
        await repeatable("records.write", dict(payload), summary, patience=RECORD_PATIENCE)

    async def announce(self, events: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """One activity for all of them."""
        summary = f"{len(events)} lifecycle events"
        told = await repeatable(
            "lifecycle.publish",
            {"events": [dict(each) for each in events]},
            summary,
            patience=SINK_PATIENCE,
        )
        refused: list[str] = told["refused"]
        return refused

    async def start_case(self, start: CaseStart) -> bool:
        """A workflow of its own that outlives this one."""
        memo: dict[str, Any] = {"link": dict(start.link)}
        if start.version is not None:
            memo["version"] = start.version
        try:
            handle = await workflow.start_child_workflow(
                start.definition,
                start.input,
                id=start.id,
                memo=memo,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=start.summary[:120] or None,
                search_attributes=_at_start(start),
            )
        except WorkflowAlreadyStartedError:
            return False
        if start.link.get("kind") == "part":
            self._watchers.append(asyncio.create_task(self._watch(start.id, handle)))
        return True

    async def part_ended(self, case: str) -> Mapping[str, Any] | None:
        """A look at the server."""
        found: dict[str, Any] | None = await repeatable(
            "case.ended", {"case": case}, f"has {case} ended?", patience=RECORD_PATIENCE
        )
        return found

    async def _watch(self, case: str, part: workflow.ChildWorkflowHandle[Any, Any]) -> None:
        """Tell the end of a part that cannot tell it itself: terminated, or never really begun.

        A part that ends by itself has sent its end before, and the second one changes nothing.
        """
        try:
            await part
        except ChildWorkflowError as error:
            cause = error.cause
            cancelled = isinstance(cause, CancelledError | TerminatedError)
            fault = {
                "type": PREFIX + "runtime",
                "status": 500,
                "title": str(getattr(cause, "type", None) or "Runtime error"),
                "detail": str(getattr(cause, "message", None) or cause or error),
            }
            data = {
                "case": case,
                "as": "cancelled" if cancelled else "failed",
                "output": None,
                "error": None if cancelled else fault,
            }
            self._lost({"id": f"end:{case}", "type": "case.finished", "data": data})

    async def send(self, case: str, event: Mapping[str, Any]) -> str:
        """A signal to another case."""
        try:
            await workflow.get_external_workflow_handle(case).signal("event", dict(event))
        except ApplicationError:
            return "refused"
        return "delivered"

    async def subscribe(self, subscription: Mapping[str, Any]) -> None:
        """An activity that starts or signals the routers of the filters' types."""
        await repeatable(
            "events.subscribe", dict(subscription), "listen", patience=SUBSCRIBE_PATIENCE
        )

    async def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        """An activity that signals those of them that run."""
        await repeatable(
            "events.unsubscribe", dict(subscription), "listen no more", patience=SUBSCRIBE_PATIENCE
        )

    async def cancel_case(self, case: str, reason: str) -> None:
        """A request to cancel; a case that has ended already is left alone."""
        del reason
        try:
            await workflow.get_external_workflow_handle(case).cancel()
        except ApplicationError:
            return

    def publish(self, look: Callable[[], View]) -> None:
        """Search attributes and current details, once per workflow task."""
        self._look = look
        if self._publisher is None or self._publisher.done():
            self._publisher = asyncio.create_task(self._publish())

    async def _publish(self) -> None:
        # One turn of the loop later all walkers of this step have said what changed.
        await turn()
        assert self._look is not None
        view = self._look()
        workflow.set_current_details(view.details)
        updates: list[SearchAttributeUpdate[Any]] = []
        for name, given in view.attributes.items():
            value = _attribute(name, given)
            if self._shown.get(name) == value:
                continue
            self._shown[name] = value
            key = KEYS[name]
            updates.append(key.value_unset() if value is None else key.value_set(value))
        if updates:
            workflow.upsert_search_attributes(updates)


def _at_start(start: CaseStart) -> TypedSearchAttributes:
    """What is known of a case before any worker has seen it."""
    key = start.id.partition(":")[2]
    known = {"CasewayDefinition": start.definition, "CasewayKey": key}
    if start.version is not None:
        known["CasewayVersion"] = start.version
    return TypedSearchAttributes(
        [SearchAttributePair(KEYS[name], _attribute(name, value)) for name, value in known.items()]
    )


def _attribute(name: str, value: Any) -> Any:
    """The value as the server takes it."""
    if name == "CasewayDue":
        return None if value is None else datetime.fromisoformat(value)
    if isinstance(value, str):
        return value[:LONGEST_VALUE]
    if isinstance(value, list):
        return [each[:LONGEST_VALUE] for each in value]
    return value


async def _written_at_once(payload: Mapping[str, Any], summary: str) -> bool:
    """Up to level 2: try the last write of a case once, as its only local activity; False where it failed.

    Nothing else is under way and no door is open, so it does not matter in which workflow task
    the result arrives (decision 0005). It saves one activity in six of a case that acts five times.
    """
    try:
        await workflow.execute_local_activity(
            "records.write",
            dict(payload),
            start_to_close_timeout=AT_ONCE,
            retry_policy=RetryPolicy(maximum_attempts=1),
            summary=summary[:120],
        )
    except FailureError:
        return False
    return True


async def repeatable(
    activity: str,
    argument: Mapping[str, Any],
    summary: str,
    patience: timedelta = timedelta(hours=1),
) -> Any:
    """A short read, or a write that may come twice: an activity that is tried until it answers.

    No local activity: a query that comes while one runs lets its result reach the workflow
    later than in a replay, and the two part (decision 0005).

    Raises:
        ActionFailed: the activity said no, or patience ended.
    """
    try:
        return await workflow.execute_activity(
            activity,
            dict(argument),
            start_to_close_timeout=timedelta(seconds=30),
            schedule_to_close_timeout=patience,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
            summary=summary[:120],
        )
    except ActivityError as error:
        if isinstance(error.cause, CancelledError):
            # Withdrawn: nobody asks any more.
            raise asyncio.CancelledError from error
        raise _failed(error.cause) from error


def _activity_id(path: str) -> str:
    """The path of a task, which the server takes up to a length: of a longer one the end and a digest.

    No case ever began an activity with a longer one, so nothing that was recorded changes.
    """
    whole = path.encode()
    if len(whole) <= LONGEST_ID:
        return path
    digest = hashlib.sha256(whole).hexdigest()[:16]
    return f"{digest}~{whole[len(digest) + 1 - LONGEST_ID :].decode(errors='ignore')}"


def _failed(cause: BaseException | None) -> ActionFailed:
    if isinstance(cause, ApplicationError):
        details = cause.details[0] if cause.details else {}
        facts = details if isinstance(details, dict) else {}
        return ActionFailed(
            cause.type or "Unavailable",
            str(facts.get("detail") or cause.message),
            int(facts.get("status") or 500),
            facts.get("standard"),
        )
    if isinstance(cause, ActivityTimeout):
        return ActionFailed("TimedOut", "no attempt ended in time", 408)
    return ActionFailed("Unavailable", str(cause), 503)
