"""Escalations: the definition that they need, and ladders that are slower than their clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from language.draft import EMPTY, Draft
from language.functions.escalation import DEFINITION
from language.source import Node
from language.tree import TaskNode

_ELAPSED: Mapping[str, int] = {
    "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1,
}  # fmt: skip
_WORKING: Mapping[str, int] = {"businessHours": 3_600, "businessMinutes": 60}
_Span = tuple[str, float]
"""elapsed or working, and seconds."""


def escalates(draft: Draft, task: TaskNode) -> bool:
    """Whether a task starts a ladder: by its function, or when its work item is overdue."""
    function = draft.resolve(task.function).function if task.function else None
    if function is None:
        return False
    return function.name == "escalate" or any(_on_due(task))


def _on_due(task: TaskNode) -> Iterator[Node]:
    on_due = (task.node.get("with") or EMPTY).get("onDue") or EMPTY
    for step in (on_due, *(on_due.items or ())):
        ladder = step.get("escalate")
        if ladder is not None:
            yield ladder


def check(draft: Draft) -> None:
    """Look for the definition of ladders, and at ladders that warn of a clock."""
    using = [task for task in draft.tasks if escalates(draft, task)]
    if using and draft.known is not None and DEFINITION not in draft.known:
        first = using[0]
        draft.report.say(
            "CW243",
            next(_on_due(first), None) or first.node.get("call") or first.key,
            f'this needs the definition "{DEFINITION}", which is not here',
            f"Copy the folder {DEFINITION} of the shipped definitions beside this one.",
        )
    if draft.organization is None:
        return
    ladders = draft.organization.document.get("ladders") or {}
    for _, clock in (draft.metadata.get("clocks") or EMPTY).entries or ():
        for threshold in (clock.get("at") or EMPTY).items or ():
            for ladder in _named(threshold.get("do") or EMPTY):
                _check_speed(draft, clock, threshold, ladder, ladders.get(ladder.text or ""))


def _named(tasks: Node) -> Iterator[Node]:
    """Ladders that tasks of a threshold start."""
    for item in tasks.items or ():
        for _, task in item.entries or ():
            call, ladder = task.get("call"), (task.get("with") or EMPTY).get("ladder")
            if call is not None and call.text == "escalate" and ladder is not None and ladder.text:
                yield ladder


def _check_speed(draft: Draft, clock: Node, threshold: Node, place: Node, ladder: Any) -> None:
    levels = ladder.get("levels") if isinstance(ladder, Mapping) else None
    waits = [_span(each.get("wait")) for each in levels or () if isinstance(each, Mapping)]
    if len(waits) < 2 or None in waits[:-1]:
        return
    kinds = {each[0] for each in waits[:-1] if each is not None}
    needed = sum(each[1] for each in waits[:-1] if each is not None)
    left = [
        span
        for target in _targets(draft, clock.get("target"))
        if (span := _left(threshold, target)) is not None and {span[0]} == kinds
    ]
    if left and all(0 < span[1] < needed for span in left):
        most = max(span[1] for span in left)
        draft.report.say(
            "CW421",
            place,
            f'the ladder "{place.text}" asks its last level after {_minutes(needed)}, '
            f"and the clock is over after {_minutes(most)} at most",
            "Begin earlier, or wait less long at its levels.",
        )


def _targets(draft: Draft, target: Node | None) -> Iterator[_Span]:
    """What the clock may have as its time, as far as that is written down."""
    if target is None:
        return
    table = target.get("table")
    if table is None or draft.organization is None:
        found = _span(target.value)
        if found is not None:
            yield found
        return
    output = target.get("output")
    rows = (draft.organization.table(table.text or "") or {}).get("rows") or ()
    for row in rows:
        then = row.get("then") if isinstance(row, Mapping) else None
        given = then.get(output.text if output else "") if isinstance(then, Mapping) else None
        found = _span(given)
        if found is not None:
            yield found


def _left(threshold: Node, target: _Span) -> _Span | None:
    """How much of a target is left at a threshold."""
    share = threshold.get("elapsed")
    if share is not None and share.text:
        try:
            part = float(share.text.rstrip().rstrip("%"))
        except ValueError:
            return None
        return target[0], target[1] * (100 - part) / 100
    remaining = threshold.get("remaining")
    return None if remaining is None else _span(remaining.value)


def _span(value: Any) -> _Span | None:
    """A duration in one unit of time; days of work have no length of their own."""
    if not isinstance(value, Mapping) or not value:
        return None
    given = {name: each for name, each in value.items() if name != "calendar"}
    for kind, units in (("elapsed", _ELAPSED), ("working", _WORKING)):
        if given and all(
            name in units and isinstance(each, int | float) for name, each in given.items()
        ):
            return kind, sum(units[name] * each for name, each in given.items())
    return None


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} minutes"
