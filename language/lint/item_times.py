"""Times of a work item, or of another wait, that leave no time, or that come when all is over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from language.draft import EMPTY, Draft
from language.source import Node
from language.tree import TaskNode

_TEXT = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?\Z")
_SECONDS = {
    "days": 86_400.0, "hours": 3_600.0, "minutes": 60.0, "seconds": 1.0, "milliseconds": 0.001,
    "businessDays": 1.0, "businessHours": 3_600.0, "businessMinutes": 60.0,
}  # fmt: skip
_WAITS = ("work-item", "wait-for", "approval", "checklist", "survey")


class Span(NamedTuple):
    """A length of time that is written down; only those of one `kind` can be compared."""

    kind: str
    amount: float


def check(draft: Draft) -> None:
    """Look at `due`, `remind` and `onDue` of everything that waits for people or events."""
    for task in draft.tasks:
        function = draft.resolve(task.function).function if task.function else None
        if function is None or function.name not in _WAITS:
            continue
        arguments = task.node.get("with") or EMPTY
        _check_due(draft, task, arguments)
        _check_reminders(draft, task, arguments)
        _check_steps(draft, arguments)


def _check_due(draft: Draft, task: TaskNode, arguments: Node) -> None:
    due = arguments.get("due")
    span = _span(due)
    # A wait-for may look whether an event is there already, and not wait for one.
    is_event = arguments.get("event") is not None
    if due is not None and span is not None and span.amount == 0 and not is_event:
        draft.report.say(
            "CW415",
            due,
            f'"{task.name}" is due in the moment in which it begins',
            "Give it a time, such as due: { hours: 4 }.",
        )


def _check_reminders(draft: Draft, task: TaskNode, arguments: Node) -> None:
    end = _end(arguments)
    for reminder in _each(arguments.get("remind")):
        every, after = reminder.get("every"), reminder.get("after")
        written = every if every is not None else after
        span = _span(written)
        if written is None or span is None:
            continue
        if every is not None and span.amount == 0:
            draft.report.say(
                "CW415",
                written,
                f'the reminders of "{task.name}" have no time between them',
                "Say how far apart they are, such as every: { businessDays: 1 }.",
            )
        elif end is not None and end.kind == span.kind and span.amount >= end.amount > 0:
            draft.report.say(
                "CW416",
                written,
                f'nobody gets this reminder: "{task.name}" is over before',
                "Remind earlier than the time at which onDue ends it.",
            )


def _check_steps(draft: Draft, arguments: Node) -> None:
    steps = (arguments.get("onDue") or EMPTY).items or ()
    ended = next((n for n, step in enumerate(steps) if "answer" in step.names()), None)
    if ended is not None and ended + 1 < len(steps):
        draft.report.say(
            "CW417",
            steps[ended + 1],
            "this step never comes: the one before it answers, and the item is over",
            "Move it before the answer, or remove it.",
        )


def _end(arguments: Node) -> Span | None:
    """How long after its beginning time ends a wait; None where it goes on, or nobody can say."""
    end = _span(arguments.get("due"))
    on_due = arguments.get("onDue")
    if on_due is None or end is None:
        # A wait-for ends when it is due.
        return end
    if on_due.items is None:
        ends = on_due.text in ("fail", "approve", "reject") or "answer" in on_due.names()
        return end if ends else None
    for step in on_due.items:
        after = _span(step.get("after"))
        if after is None or after.kind != end.kind:
            return None
        end = Span(end.kind, end.amount + after.amount)
        if "answer" in step.names():
            return end
    return None


def _each(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield from node.items if node.items is not None else (node,)


def _span(node: Node | None) -> Span | None:
    """The length of a duration that is written down; None for what is computed or no duration."""
    if node is None:
        return None
    if node.text is not None:
        found = _TEXT.match(node.text)
        if found is None or not any(found.groups()):
            return None
        factors = (86_400, 3_600, 60, 1)
        parts = zip(found.groups(), factors, strict=True)
        return Span("elapsed", sum(float(n) * factor for n, factor in parts if n))
    amounts: dict[str, float] = {}
    calendar = ""
    for key, value in node.entries or ():
        if key.name == "calendar":
            calendar = value.text or "?"
            continue
        amount = value.scalar
        if key.name not in _SECONDS or isinstance(amount, bool) or not isinstance(amount, int):
            return None
        kind = "elapsed"
        if key.name.startswith("business"):
            kind = "days" if key.name == "businessDays" else "hours"
        amounts[kind] = amounts.get(kind, 0.0) + amount * _SECONDS[key.name]
    if len(amounts) != 1:
        return None
    [(kind, amount)] = amounts.items()
    return Span(f"{kind} {calendar}".strip(), amount)
