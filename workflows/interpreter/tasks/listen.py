"""`listen`: events of the outside, as the standard writes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from language.plan import EventFilter, Expression, Listen, Literal
from service.cloud_events import read_as
from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.errors import CaseError
from workflows.interpreter.scope import Point
from workflows.interpreter.sequence import run_tasks
from workflows.interpreter.task import validate
from workflows.routing.filters import Unevaluable, type_of
from workflows.routing.gathering import Gathering
from workflows.routing.subscriptions import subscription

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope

CHANGING = ("case", "context", "output", "runtime", "task")
"""Variables whose values may change while somebody listens: no router can judge by them."""

MOST_COMPLAINTS = 20


async def run(
    run: CaseRun, task: Listen, frame: Frame, n: int, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Consume events until the task's strategy has enough.

    Returns:
        What was consumed, in order: of each event what `read` says, or what the tasks of `foreach`
        made of it.

    Raises:
        CaseError: an expression that reads no event fails, or a task of `foreach` does.
    """
    hearing = _Hearing(run, task, frame, n, given, scope)
    hearing.begin()
    try:
        with run.events.listening(hearing.id):
            # Those that begin at the same instant are subscribers too before the first one looks.
            await turn()
            while await hearing.next():
                if await hearing.process() == "end":
                    return frame["heard"], "end"
    finally:
        run.subscribing.drop(hearing.id)
    return frame["heard"], None


class _Hearing:
    """One `listen` at work; all it remembers is in its frame."""

    def __init__(
        self, run: CaseRun, task: Listen, frame: Frame, n: int, given: Any, scope: Scope
    ) -> None:
        self._run = run
        self._task = task
        self._frame = frame
        self._given = given
        self._scope = scope
        self.id = run.key_of(task.path, n)
        self._memory: dict[str, Any] = frame.data.setdefault("gathered", {})
        if "expected" not in self._memory:
            self._memory["expected"] = self._expectations()
        frame.data.setdefault("heard", [])
        self._gathering = Gathering(task.strategy, self._memory, self._on_event, self._complain)

    def begin(self) -> None:
        """Say what is waited for, and let the routers know."""
        types = _named(self._filters())
        self._run.waiting(self._task, f"waits for {', '.join(types) or 'an event'}", self._scope)
        if not self._gathering.over:
            self._subscribe()

    async def next(self) -> bool:
        """Consume the next event into the frame; False where enough were consumed."""
        if "event" not in self._frame:
            await wait_until(self._run.effects, self._run.bell, self._look)
        return "event" in self._frame

    def _look(self) -> bool:
        while not self._gathering.over:
            taken: list[str] = []

            def wanted(event: dict[str, Any], taken: list[str] = taken) -> bool:
                kind = self._gathering.offer(event)
                if kind is not None:
                    taken.append(kind)
                return kind is not None

            event = self._run.events.hear(self.id, wanted)
            if event is None:
                return False
            if self._gathering.over:
                self._run.subscribing.drop(self.id)
            else:
                # A correlation value that became known keeps the events of others away.
                self._subscribe()
            if taken == ["event"]:
                self._frame["event"] = event
                self._run.note(
                    "received", f"{self._task.name}: {event['type']}", task=self._task.name
                )
                self._run.trace(hears=event["type"], task=self._task.name)
                return True
        return True

    async def process(self) -> str:
        """Hand the consumed event to the tasks of `foreach`, and see whether it was enough.

        Returns:
            The flow directive of those tasks.
        """
        task, frame, run = self._task, self._frame, self._run
        heard: list[Any] = frame["heard"]
        item = read_as(frame["event"], task.read)
        inner = self._scope.named(**{task.foreach_item: item, task.foreach_at: len(heard)})
        result, then = item, "continue"
        if task.foreach_tasks:
            result, then = await run_tasks(
                run, task.foreach_tasks, frame.child("round"), item, inner
            )
        point = replace(Point.inside(run, task, inner, self._given), raw_output=result)
        result = point.evaluate(task.foreach_output.value, result)
        validate(task.foreach_output, result, task.path, "foreach.output")
        if task.foreach_export.value is not None:
            context = replace(point, output=result).evaluate(task.foreach_export.value, result)
            validate(task.foreach_export, context, task.path, "foreach.export")
            run.state.context = context
        heard.append(result)
        frame.drop("round")
        frame.drop("event")
        if task.until is not None and self._point().holds(task.until, heard):
            self._gathering.end()
            run.subscribing.drop(self.id)
        else:
            run.waiting(task, "waits for the next event", self._scope)
        return then

    # --- filters --------------------------------------------------------------------------------

    def _filters(self) -> tuple[EventFilter, ...]:
        strategy = self._task.strategy
        if strategy.mode == "any" and not strategy.filters:
            return (EVERYTHING, *strategy.until_filters)
        return (*strategy.filters, *strategy.until_filters)

    def _subscribe(self) -> None:
        self._run.subscribing.want(
            subscription(
                self.id,
                self._run.state.id,
                self._run.state.first_run,
                self._run.state.started_at,
                self._filters(),
                self._gathering.expected,
                self._fixed,
            )
        )

    def _fixed(self, name: str) -> Any:
        """A variable's value, for a router: only where it stays the same."""
        if name in CHANGING and name not in self._scope.names:
            raise KeyError(name)
        try:
            return self._point().variable(name)
        except CaseError as error:
            raise KeyError(name) from error

    def _expectations(self) -> dict[str, Any]:
        """The values that `expect` gives, once, from what the task got."""
        point = self._point()
        expected = {}
        for each in self._filters():
            for name, _, expect in each.correlate:
                if expect is not None:
                    expected[name] = point.evaluate(expect, self._given)
        return expected

    def _on_event(self, expression: Expression, value: Any) -> Any:
        """An expression on an event, which comes from outside: it may not make the case fail."""
        try:
            return self._point().evaluate(expression, value)
        except CaseError as error:
            raise Unevaluable(str(error.error["detail"])) from error

    def _complain(self, why: str) -> None:
        """Say once what keeps events from fitting: a wrong filter would else wait for ever."""
        said: list[str] = self._memory.setdefault("said", [])
        if why not in said and len(said) < MOST_COMPLAINTS:
            said.append(why)
            self._run.note("event", f"{self._task.name} leaves one out: {why}")

    def _point(self) -> Point:
        return Point.inside(self._run, self._task, self._scope, self._given)


EVERYTHING = EventFilter(Literal({}))
"""What `any` without filters takes."""


def _named(filters: Iterable[EventFilter]) -> list[str]:
    return list(dict.fromkeys(each for each in map(type_of, filters) if each))
