"""The standard's lifecycle events: what becomes of the case and of its tasks, as CloudEvents.

They are told only where the case was started with a sink, which stands in its history: a worker
that replays the case asks no setting. Events gather while a delivery is under way, and one delivery
carries all of a workflow task, in order.

Source: Open Workflow Specification DSL 1.0.3, Lifecycle Events; CloudEvents 1.0.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.effects import ActionFailed
from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.deadline import begin
from workflows.interpreter.sizes import shortened

if TYPE_CHECKING:
    from language.plan import Task
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.scope import Scope

MOST_AT_ONCE = 200
"""Events of one delivery."""

MOST_WAITING = 10_000
"""Events that wait for a sink at most; the oldest go first, and the timeline says so."""

QUIET_TURNS = 4
"""Turns of the loop without a new event after which a step is taken to be over."""

_TIMES = {"correlation-started": "startedAt", "correlation-completed": "completedAt"}


class Lifecycle:
    """Gathers events in the state and delivers them in order."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._writer: asyncio.Task[None] | None = None

    def case(self, phase: str, **data: Any) -> None:
        """Something became of the case. A phase that comes again has another id."""
        state = self._run.state
        if not state.announces:
            return
        count = state.announced.get(phase, 0) + 1
        state.announced[phase] = count
        about = {"name": self._name, **data}
        self._add("workflow", phase, f"{phase}{'' if count == 1 else f'.{count}'}", about)

    def task(
        self, phase: str, task: Task, n: int, scope: Scope, mark: str = "", **data: Any
    ) -> None:
        """Something became of a task: of which occurrence, in which attempt of the `try` around it."""
        if not self._run.state.announces:
            return
        about = {"workflow": self._name, "task": task.path, **data}
        self._add("task", phase, f"{task.path}#{n}{scope.attempts}:{phase}{mark}", about)

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self._run.state.announcements:
            self._start()

    async def close(self) -> None:
        """Deliver what is left, or give it up with a line in the timeline."""
        if self._run.state.announcements:
            self._start()
        if self._writer is not None:
            await wait_until(self._run.effects, self._run.bell, self._writer.done)

    @property
    def _name(self) -> str:
        """The standard's qualified name: the definition with the case's key, and the namespace."""
        plan = self._run.plan
        return f"{plan.name}-{self._run.state.key}.{plan.namespace}"

    def _add(self, subject: str, phase: str, place: str, data: Mapping[str, Any]) -> None:
        run = self._run
        plan, state = run.plan, run.state
        at = run.now_text()
        if "error" in data and run.level >= 13:
            data = {**data, "error": shortened(data["error"])}
        state.announcements.append(
            {
                "specversion": "1.0",
                "id": f"{state.id}:{state.first_run}:{place}",
                "source": f"/{plan.namespace}/{plan.name}/{plan.version}",
                "type": f"io.serverlessworkflow.{subject}.{phase}.v1",
                "subject": state.id,
                "time": at,
                "datacontenttype": "application/json",
                "data": {**data, _TIMES.get(phase, f"{phase}At"): at},
            }
        )
        if len(state.announcements) > MOST_WAITING:
            del state.announcements[0]
        self._start()

    def _start(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = begin(self._run, self._deliver_all())

    async def _deliver_all(self) -> None:
        run = self._run
        waiting = run.state.announcements
        # Let the walkers of this step add theirs first: one delivery instead of many.
        quiet = 0
        while quiet < QUIET_TURNS:
            count = len(waiting)
            await turn()
            quiet = quiet + 1 if len(waiting) == count else 0
        while waiting:
            await run.may_begin()
            batch = waiting[:MOST_AT_ONCE]
            try:
                refused = await run.announce(batch)
            except ActionFailed as error:
                refused = [each["id"] for each in batch]
                reason = error.detail
            else:
                reason = "the sink refuses them"
            del waiting[: len(batch)]
            if refused:
                run.note("events", f"{len(refused)} lifecycle events were not delivered: {reason}")
