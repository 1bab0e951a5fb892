"""Work items: what a person is asked to do, as a value with its transitions.

open -> claimed -> done, or withdrawn, or expired. Every transition returns a new item or refuses
with a sentence; nobody else decides whether an answer counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.errors import Refused, listed

OPEN = ("open", "claimed")

_CAMEL = {
    "opened_at": "openedAt",
    "due_at": "dueAt",
    "answer_id": "answerId",
    "on_behalf_of": "onBehalfOf",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """A work item. Times are ISO 8601 texts in UTC; `history` is only added to."""

    id: str
    task: str
    title: str
    description: str | None = None
    form: Any = None
    """Name of a form, a JSON Schema, or None."""
    prefill: Mapping[str, Any] = field(default_factory=dict)
    outcomes: Mapping[str, Any] = field(default_factory=dict)
    """name -> {label, requires, by}"""
    groups: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    """The pool; one person where it was assigned to one."""
    person: str | None = None
    """Who has claimed it."""
    owns: bool = False
    opened_at: str = ""
    due_at: str | None = None
    state: str = "open"
    """open, claimed, done, withdrawn or expired."""
    draft: Mapping[str, Any] | None = None
    outcome: str | None = None
    answer: Mapping[str, Any] | None = None
    answer_id: str | None = None
    by: str | None = None
    on_behalf_of: str | None = None
    history: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The item as JSON, names in camelCase."""
        data: dict[str, Any] = {}
        for each in dataclasses.fields(self):
            value = getattr(self, each.name)
            data[_CAMEL.get(each.name, each.name)] = (
                list(value) if isinstance(value, tuple) else value
            )
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WorkItem:
        """The item that `to_json` wrote."""
        values: dict[str, Any] = {}
        for each in dataclasses.fields(cls):
            name = _CAMEL.get(each.name, each.name)
            if name in data:
                value = data[name]
                values[each.name] = tuple(value) if isinstance(value, list) else value
        return cls(**values)


def claim(item: WorkItem, *, at: str, by: str) -> WorkItem:
    """Take the item out of its pool; claiming one's own again changes nothing.

    Raises:
        Refused: somebody else has it, or it is not open any more.
    """
    _must_be_open(item)
    if item.person == by and item.state == "claimed":
        return item
    if item.state == "claimed":
        raise Refused(f"already claimed by {item.person}")
    return _next(item, at, "claimed", by, state="claimed", person=by)


def release(item: WorkItem, *, at: str, by: str) -> WorkItem:
    """Give the item back to its pool; the draft stays.

    Raises:
        Refused: it is not claimed by this person, or not open any more.
    """
    _must_be_open(item)
    if item.state != "claimed":
        raise Refused("nobody has claimed it")
    if item.person != by:
        raise Refused(f"it is claimed by {item.person}, not by {by}")
    return _next(item, at, "released", by, state="open", person=None)


def save_draft(item: WorkItem, *, at: str, by: str, values: Mapping[str, Any]) -> WorkItem:
    """Keep what was filled in so far.

    Raises:
        Refused: somebody else has it, or it is not open any more.
    """
    _must_be_open(item)
    if item.state == "claimed" and item.person != by:
        raise Refused(f"it is claimed by {item.person}, not by {by}")
    return _next(item, at, "draft", by, draft=dict(values))


def reassign(
    item: WorkItem,
    *,
    at: str,
    by: str | None,
    groups: tuple[str, ...],
    people: tuple[str, ...],
    reason: str,
) -> WorkItem:
    """Give the item to others; id, due time and draft stay.

    Raises:
        Refused: it is not open any more.
    """
    _must_be_open(item)
    return _next(
        item, at, "reassigned", by, reason=reason,
        state="open", person=None, groups=groups, people=people,
    )  # fmt: skip


def answer(
    item: WorkItem,
    *,
    at: str,
    by: str,
    outcome: str,
    values: Mapping[str, Any],
    answer_id: str,
    on_behalf_of: str | None = None,
) -> WorkItem:
    """Answer the item. The same answer again, by its id and content, changes nothing.

    Raises:
        Refused: answered, withdrawn or expired already; claimed by somebody else; an unknown
            outcome; or a field that the outcome requires is empty.
    """
    if item.answer_id == answer_id:
        if item.outcome == outcome and dict(item.answer or {}) == dict(values):
            return item
        raise Refused("this answer was given before with other content")
    _must_be_open(item)
    if item.state == "claimed" and item.person not in (by, on_behalf_of):
        raise Refused(f"it is claimed by {item.person}, not by {by}")
    if outcome not in item.outcomes:
        raise Refused(f"there is no outcome {outcome!r}; possible: {listed(item.outcomes)}")
    required = (item.outcomes[outcome] or {}).get("requires") or ()
    missing = [name for name in required if values.get(name) in (None, "")]
    if missing:
        raise Refused(f"{outcome} needs {', '.join(missing)}")
    more = {"onBehalfOf": on_behalf_of} if on_behalf_of else {}
    return _next(
        item, at, "answered", by, **more,
        state="done", outcome=outcome, answer=dict(values), answer_id=answer_id,
        draft=None, person=item.person or by,
    )  # fmt: skip


def withdraw(item: WorkItem, *, at: str, by: str | None, reason: str) -> WorkItem:
    """Take the item back; a later answer is refused with the reason.

    Raises:
        Refused: it is not open any more.
    """
    _must_be_open(item)
    return _next(item, at, "withdrawn", by, reason=reason, state="withdrawn")


def expire(item: WorkItem, at: str, outcome: str) -> WorkItem:
    """Close the item with an outcome that time or an event decided.

    Raises:
        Refused: it is not open any more.
    """
    _must_be_open(item)
    return _next(item, at, "expired", None, state="expired", outcome=outcome)


_FACTS = ("reason", "onBehalfOf")


def _next(item: WorkItem, at: str, act: str, actor: str | None, **changes: Any) -> WorkItem:
    line: dict[str, Any] = {"at": at, "act": act, "by": actor}
    for name in _FACTS:
        if name in changes:
            line[name] = changes.pop(name)
    return replace(item, history=(*item.history, line), **changes)


def _must_be_open(item: WorkItem) -> None:
    if item.state in OPEN:
        return
    last = item.history[-1] if item.history else {}
    at = f" at {last['at']}" if last.get("at") else ""
    if item.state == "done":
        raise Refused(f"already answered by {last.get('by')}{at}")
    if item.state == "expired":
        raise Refused(f"it was closed{at}: nobody had answered in time")
    reason = f": {last['reason']}" if last.get("reason") else ""
    raise Refused(f"it was withdrawn{at}{reason}")
