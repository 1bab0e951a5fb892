"""Work items: what a person is asked to do, as a value with its transitions.

open -> claimed -> done, or withdrawn, or expired. Every act gives a new item or refuses with a
sentence; nobody else decides whether an answer counts. Who may act is asked of
`service.eligibility`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from service.eligibility import Actor, Permission, may_choose, permission
from service.errors import FieldsMissing, Refused, listed
from service.instants import read_instant
from service.standing import is_meant

OPEN = ("open", "claimed")

_CAMEL = {
    "opened_at": "openedAt",
    "due_at": "dueAt",
    "closed_at": "closedAt",
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
    files: tuple[Any, ...] = ()
    """What goes with it, as references to the file store."""
    outcomes: Mapping[str, Any] = field(default_factory=dict)
    """name -> {label, requires, by}; `by` is a list as `meant`."""
    meant: tuple[Any, ...] = ()
    """Who it is for, as the definition or the last reassignment says, the case's people fixed."""
    exclude: tuple[Any, ...] = ()
    """Who must not do it, in the same form."""
    groups: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    """The pool when it was made; one person where it was assigned to one."""
    person: str | None = None
    """Who has claimed it, and is accountable for it."""
    delegate: str | None = None
    """Who does it for that person."""
    owns: bool = False
    clock: str | None = None
    """The clock that runs while it is open."""
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
    closed_at: str | None = None
    approval: Mapping[str, Any] | None = None
    """Of a vote: {round, seat, version}, and whether it is `revocable`."""
    effort: Any = None
    """How long it took, as who answered says."""
    turns: tuple[Mapping[str, Any], ...] = ()
    """{step, person, number, at}: whom strategies have chosen."""
    told: tuple[str, ...] = ()
    """Who was told of it; not those for whom a notice is held back."""
    history: tuple[Mapping[str, Any], ...] = ()
    """{at, act, by, ...}: opened, claimed, released, delegated, reassigned, draft, reminded,
    overdue, answered, withdrawn, expired."""

    @property
    def late(self) -> bool:
        """Whether it was closed after it was due."""
        if self.due_at is None or self.closed_at is None:
            return False
        return read_instant(self.closed_at) > read_instant(self.due_at)

    def to_json(self) -> dict[str, Any]:
        """The item as JSON, names in camelCase."""
        data: dict[str, Any] = {}
        for attribute, name in _NAMES:
            value = getattr(self, attribute)
            if attribute == "approval" and value is None:
                continue
            data[name] = list(value) if isinstance(value, tuple) else value
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WorkItem:
        """The item that `to_json` wrote."""
        values: dict[str, Any] = {}
        for attribute, name in _NAMES:
            if name in data:
                value = data[name]
                values[attribute] = tuple(value) if isinstance(value, list) else value
        return cls(**values)


_NAMES = tuple((each.name, _CAMEL.get(each.name, each.name)) for each in fields(WorkItem))
"""Of each field its name here and its name in JSON."""


def opened(item: WorkItem, reason: str | None) -> WorkItem:
    """The item with the first line of its history; `reason` says why these people were chosen."""
    return _next(
        item, item.opened_at, "opened", None,
        groups=list(item.groups), people=list(item.people), reason=reason,
    )  # fmt: skip


def claim(item: WorkItem, actor: Actor, at: str) -> WorkItem:
    """Take the item out of its pool; claiming one's own again changes nothing.

    Raises:
        Refused: it is for others, somebody else has it, or it is not open any more.
    """
    must_be_open(item)
    if item.state == "claimed" and item.person == actor.by:
        return item
    granted = permission(item, actor)
    if granted.delegated:
        # Who does it for somebody has it already, and claiming it does not make it theirs.
        return item
    changed = replace(item, state="claimed", person=actor.by, delegate=None)
    return _next(changed, at, "claimed", actor.by, **_why(granted, actor))


def release(item: WorkItem, actor: Actor, at: str) -> WorkItem:
    """Give the item back; the draft stays.

    Who has it gives it back to its pool; who does it for somebody gives it back to that person.

    Raises:
        Refused: nobody has claimed it, somebody else has it, or it is not open any more.
    """
    must_be_open(item)
    if item.person is None:
        raise Refused(f"“{item.title}” is not claimed by anybody")
    granted = permission(item, actor)
    if granted.delegated:
        changed = replace(item, delegate=None)
        return _next(changed, at, "released", actor.by, to=item.person, **_why(granted, actor))
    changed = replace(item, state="open", person=None, delegate=None)
    return _next(changed, at, "released", actor.by, **_why(granted, actor))


def delegate(
    item: WorkItem, actor: Actor, at: str, to: str, standing: Mapping[str, Any] | None = None
) -> WorkItem:
    """Let somebody else do the item: whoever has it stays accountable, and may still answer.

    To oneself takes it back. `standing` is where the other one stands now, to know who is barred.

    Raises:
        Refused: it is for others, the other one must not do it, it is delegated to the one who
            asks, or it is not open any more.
    """
    must_be_open(item)
    granted = permission(item, actor)
    if granted.delegated:
        raise Refused(
            f"“{item.title}” was delegated to {actor.by} by {item.person}, who stays accountable: "
            "release it, and who has it decides"
        )
    owner = item.person or granted.on_behalf_of or _only(item) or actor.by
    if is_meant(list(item.exclude), standing or {"person": to}):
        raise Refused(f"“{item.title}” must not be done by {to}")
    receiver = None if to == owner else to
    if receiver == item.delegate and item.person is not None:
        return item
    changed = replace(item, state="claimed", person=owner, delegate=receiver)
    return _next(
        changed, at, "delegated", actor.by, to=to, **{"from": owner}, was=item.delegate,
        **_why(granted, actor),
    )  # fmt: skip


def _only(item: WorkItem) -> str | None:
    """The person to whom an item was given, where it is one."""
    return item.people[0] if len(item.people) == 1 else None


def save_draft(item: WorkItem, actor: Actor, at: str, values: Mapping[str, Any]) -> WorkItem:
    """Keep what was filled in so far; it is not checked before it is sent as an answer.

    Raises:
        Refused: it is for others, somebody else has it, or it is not open any more.
    """
    must_be_open(item)
    permission(item, actor)
    changed = replace(item, draft=dict(values))
    last = item.history[-1] if item.history else {}
    if last.get("act") == "draft" and last.get("by") == actor.by:
        # Drafts are saved while somebody types; only the last of a row is worth a line.
        changed = replace(changed, history=item.history[:-1])
    return _next(changed, at, "draft", actor.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Who gets an item: the Who (fixed), and the people it means now; one if a person was chosen."""

    meant: tuple[Any, ...]
    groups: tuple[str, ...]
    people: tuple[str, ...]
    standing: Mapping[str, Any] | None = None
    """Where the one person stands now, where it is one and the door knows."""


def may_reassign(item: WorkItem, actor: Actor, to: Receivers) -> Permission:
    """Why somebody may give an open item to others.

    Raises:
        Refused: no reason, nobody to give it to, somebody who must not do it, or not theirs.
    """
    must_be_open(item)
    if not actor.reason:
        raise Refused(f"“{item.title}” can be given to others only with a reason")
    for name in to.people:
        known = to.standing if to.standing and to.standing.get("person") == name else None
        if is_meant(list(item.exclude), known or {"person": name}):
            raise Refused(f"“{item.title}” must not be done by {name}")
    granted = permission(item, actor)
    if granted.delegated:
        raise Refused(
            f"“{item.title}” was delegated to {actor.by} by {item.person}, who stays accountable: "
            "release it, and who has it decides"
        )
    return granted


def reassign(
    item: WorkItem,
    to: Receivers,
    at: str,
    *,
    by: str | None,
    reason: str,
    override: bool = False,
    turns: tuple[Mapping[str, Any], ...] = (),
    tell: bool = False,
    ladder: str | None = None,
) -> WorkItem:
    """Give the item to others; id, due time and draft stay. `by` None means that the process did.

    `turns` are whom a strategy has chosen. What a person does is told to both sides by the task
    that opened the item; `tell` asks it to do so for the process as well.

    `ladder` names the ladder on which it came to them.

    Raises:
        Refused: it is not open any more, or there is nobody to give it to.
    """
    must_be_open(item)
    if not to.people:
        raise Refused(f"“{item.title}” was not reassigned: there is nobody to give it to")
    changed = replace(
        item,
        state="open",
        person=None,
        delegate=None,
        meant=to.meant,
        groups=to.groups,
        people=to.people,
        turns=(*item.turns, *turns),
    )
    held = item.person or (item.people[0] if len(item.people) == 1 else None)
    return _next(
        changed, at, "reassigned", by,
        **{"from": held or list(item.groups or item.people)},
        to=to.people[0] if len(to.people) == 1 else list(to.groups or to.people),
        reason=reason, override=override or None, ladder=ladder,
        tell=True if tell and by is None else None,
    )  # fmt: skip


def answer(
    item: WorkItem,
    actor: Actor,
    at: str,
    *,
    outcome: str,
    values: Mapping[str, Any],
    answer_id: str,
    via: str | None = None,
    effort: Any = None,
) -> WorkItem:
    """Answer the item. The same answer again, by its id and content, changes nothing.

    Raises:
        Refused: answered, withdrawn or expired already; for others or claimed by somebody else;
            an outcome that is unknown or for others; a field that the outcome requires is empty.
    """
    if item.answer_id == answer_id:
        if item.outcome == outcome and dict(item.answer or {}) == dict(values):
            return item
        raise Refused(f"“{item.title}” has taken this answer before, with other content")
    must_be_open(item)
    if outcome not in choices(item.outcomes):
        raise Refused(
            f"there is no outcome {outcome!r} of “{item.title}”; "
            f"possible: {listed(choices(item.outcomes))}"
        )
    granted = permission(item, actor)
    may_choose(item, outcome, actor, granted)
    required = (item.outcomes[outcome] or {}).get("requires") or ()
    missing = [name for name in required if _is_empty(values.get(name))]
    if missing:
        raise FieldsMissing(outcome, missing)
    changed = replace(
        item,
        state="done",
        outcome=outcome,
        answer=dict(values),
        answer_id=answer_id,
        draft=None,
        effort=effort,
        person=item.person or granted.on_behalf_of or actor.by,
        by=actor.by,
        on_behalf_of=granted.on_behalf_of,
        closed_at=at,
    )
    return _next(
        changed, at, "answered", actor.by, outcome=outcome, via=via, **_why(granted, actor)
    )


def choices(outcomes: Mapping[str, Any]) -> tuple[str, ...]:
    """The outcomes that people can choose: not those that only time or an event gives."""
    return tuple(name for name, rules in outcomes.items() if not (rules or {}).get("automatic"))


def withdraw(item: WorkItem, at: str, reason: str, by: str | None = None) -> WorkItem:
    """Take the item back; a later answer is refused with the reason.

    Raises:
        Refused: it is not open any more.
    """
    must_be_open(item)
    return _next(replace(item, state="withdrawn", closed_at=at), at, "withdrawn", by, reason=reason)


def expire(
    item: WorkItem, at: str, outcome: str, values: Mapping[str, Any] | None, reason: str
) -> WorkItem:
    """Close the item with an outcome that time or an event decided.

    Raises:
        Refused: it is not open any more.
    """
    must_be_open(item)
    changed = replace(
        item,
        state="expired",
        outcome=outcome,
        answer=None if values is None else dict(values),
        closed_at=at,
    )
    return _next(changed, at, "expired", None, outcome=outcome, reason=reason)


def told(item: WorkItem, people: Iterable[str]) -> WorkItem:
    """The item with more people who know of it."""
    return replace(item, told=tuple(dict.fromkeys([*item.told, *people])))


def voted(
    item: WorkItem,
    at: str,
    *,
    by: str,
    on_behalf_of: str | None,
    vote: str,
    comment: str | None,
    answer_id: str,
    **facts: Any,
) -> WorkItem:
    """The item of a seat after its vote; `service.approvals` has judged it."""
    changed = replace(
        item,
        state="done",
        outcome=vote,
        answer={} if comment is None else {"comment": comment},
        answer_id=answer_id,
        by=by,
        on_behalf_of=on_behalf_of,
        closed_at=at,
    )
    return _next(changed, at, "answered", by, outcome=vote, onBehalfOf=on_behalf_of, **facts)


def due_again(item: WorkItem, at: str, due_at: str) -> WorkItem:
    """The item with more time.

    Raises:
        Refused: it is not open any more.
    """
    must_be_open(item)
    return _next(replace(item, due_at=due_at), at, "extended", None, to=due_at)


def noted(item: WorkItem, at: str, act: str) -> WorkItem:
    """The item with a line of history that changes nothing else: reminded, overdue."""
    return _next(item, at, act, None)


def _why(granted: Permission, actor: Actor) -> dict[str, Any]:
    return {
        "onBehalfOf": granted.on_behalf_of,
        "reason": actor.reason,
        "override": granted.override or None,
    }


def _is_empty(value: Any) -> bool:
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())


def _next(item: WorkItem, at: str, act: str, actor: str | None, **facts: Any) -> WorkItem:
    line: dict[str, Any] = {"at": at, "act": act, "by": actor}
    line.update({name: value for name, value in facts.items() if value is not None})
    return replace(item, history=(*item.history, line))


def must_be_open(item: WorkItem) -> None:
    """Say what has become of an item that is not open any more.

    Raises:
        Refused: with who answered it, or why and when it was closed.
    """
    if item.state in OPEN:
        return
    last = item.history[-1] if item.history else {}
    at = f" at {last['at']}" if last.get("at") else ""
    reason = f": {last['reason']}" if last.get("reason") else ""
    match item.state:
        case "done":
            raise Refused(f"“{item.title}” was already answered by {item.by}{at}")
        case "expired":
            raise Refused(f"“{item.title}” was closed{at}{reason or ': nobody answered in time'}")
        case _:
            raise Refused(f"“{item.title}” was withdrawn{at}{reason}")
