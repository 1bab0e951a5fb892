"""Who may act on a work item: the people it is for, their deputies, and overseers with a reason.

Everything is decided from the item and the `standing` that came with the act (`service.standing`).
An act without one, as a plain Temporal client sends it, is judged by the ids that the item holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from service.errors import Refused
from service.standing import described, is_meant, same_person

if TYPE_CHECKING:
    from service.work_items import WorkItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who wants to act. `seat` is whom they say they act for."""

    by: str
    standing: Mapping[str, Any] | None = None
    seat: str | None = None
    reason: str | None = None
    oversees: bool = False
    """Whether they may act in place of the people that an item is for, with a reason."""


@dataclass(frozen=True, slots=True)
class Permission:
    """That somebody may act; `on_behalf_of` is whom they stand in for."""

    on_behalf_of: str | None = None
    override: bool = False
    """Whether they act as overseer, which is kept in the item's history with the reason."""
    delegated: bool = False
    """Whether they do it for whom it was delegated by, who stays accountable."""


def permission(item: WorkItem, actor: Actor) -> Permission:
    """Why somebody may act on an open item.

    Raises:
        Refused: it is for others, or somebody else has it.
    """
    standing = _standing(actor)
    if is_meant(list(item.exclude), standing):
        raise Refused(
            f"“{item.title}” must be done by somebody else than {actor.by}: "
            f"it is not for {described(item.exclude)}"
        )
    seats: list[Mapping[str, Any]] = [standing]
    if actor.seat is not None and actor.seat != actor.by:
        seats = [each for each in _stood_in(item, standing) if same_person(actor.seat, each)]
        if actor.seat == item.person and item.delegate is not None:
            seats.append(standing)
        if not seats and not (actor.oversees and actor.reason):
            raise Refused(f"{actor.by} does not stand in for {actor.seat} now{_hint(actor)}")
    else:
        seats += _stood_in(item, standing)
    for seat in seats:
        if item.delegate is not None and same_person(item.delegate, seat):
            return Permission(item.person, delegated=True)
        if _is_for(item, seat, actor):
            name = str(seat["person"])
            return Permission(None if name == actor.by else name)
    if actor.oversees and actor.reason:
        return Permission(None if actor.seat == actor.by else actor.seat, override=True)
    raise Refused(_refusal(item, actor.by) + _hint(actor))


def may_choose(item: WorkItem, outcome: str, actor: Actor, granted: Permission) -> None:
    """Check the `by` of an outcome; an overseer's reason does not replace it.

    Raises:
        Refused: this outcome is for others.
    """
    wanted = list((item.outcomes.get(outcome) or {}).get("by") or ())
    if not wanted:
        return
    standing = _standing(actor)
    seats = [each for each in _seats(standing) if each["person"] == granted.on_behalf_of]
    if not any(is_meant(wanted, each) for each in [standing, *seats]):
        raise Refused(
            f"“{outcome}” of “{item.title}” may be chosen only by {described(wanted)}, "
            f"not by {actor.by}"
        )


def _standing(actor: Actor) -> Mapping[str, Any]:
    given = actor.standing
    if given is not None and given.get("person") == actor.by:
        return given
    return {"person": actor.by, "mail": actor.by if "@" in actor.by else None}


def _seats(standing: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(standing.get("standsInFor") or ())


def _stood_in(item: WorkItem, standing: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Whom somebody stands in for with an item: an absence may leave out votes."""
    seats = _seats(standing)
    if item.approval is None:
        return seats
    return [each for each in seats if each.get("approvals") is not False]


def _is_for(item: WorkItem, seat: Mapping[str, Any], actor: Actor) -> bool:
    if is_meant(list(item.exclude), seat):
        return False
    if item.person is not None:
        return bool(seat["person"] == item.person)
    if is_meant(list(item.meant), seat):
        return True
    # One who got it assigned keeps it until it is reassigned. Of a pool it is asked who belongs to
    # it now; without the organization's word those count who belonged to it when it was made.
    by_name = len(item.people) == 1 or actor.standing is None or not item.meant
    return by_name and seat["person"] in item.people


def _hint(actor: Actor) -> str:
    return f"; {actor.by} may step in with a reason" if actor.oversees else ""


def _refusal(item: WorkItem, by: str) -> str:
    if item.delegate is not None:
        return f"“{item.title}” is already claimed by {item.person}, and {item.delegate} does it"
    if item.person is not None:
        return f"“{item.title}” is already claimed by {item.person}"
    names = [{"group": each} for each in item.groups] or [{"person": p} for p in item.people]
    return f"“{item.title}” is for {described(item.meant or names)}, not for {by}"
