"""`listen` of cases below level 4: events that were told to the case itself, and no foreach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import EventFilter, Listen
from workflows.interpreter.bell import wait_until
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run(
    run: CaseRun, task: Listen, frame: Frame, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Wait for the events that the task names.

    Returns:
        A list of what was read: one event for `one` and `any`, one per filter for `all`.
    """
    heard: list[Any] = frame.data.setdefault("heard", [None] * len(task.filters))

    def look() -> bool:
        for index, each in enumerate(task.filters):
            if heard[index] is None:
                heard[index] = run.events.take(
                    lambda event, each=each: _fits(run, task, each, event, given, scope)  # type: ignore[misc]
                )
                if heard[index] is not None and task.mode != "all":
                    return True
        return all(event is not None for event in heard)

    run.waiting(task, "waits for an event", scope)
    with run.events.interest():
        await wait_until(run.effects, run.bell, look)
    return [_read(task, event) for event in heard if event is not None], None


def _fits(
    run: CaseRun, task: Listen, wanted: EventFilter, event: dict[str, Any], given: Any, scope: Scope
) -> bool:
    point = Point(run, scope, task.path, given, task=task, raw=given)
    attributes = point.evaluate(wanted.attributes, event)
    # An expression that stands for an attribute is a condition on the event.
    return all(value is True or event.get(name) == value for name, value in attributes.items())


def _read(task: Listen, event: dict[str, Any]) -> Any:
    return event.get("data") if task.read == "data" else event
