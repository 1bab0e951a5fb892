"""Whom a round of an approval is announced to: its members, and deputies of the absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.people import resolve
from service.presence import presence
from service.standing import is_meant, standing


def told_of(
    organization: Mapping[str, Any],
    announcement: Mapping[str, Any],
    case: Mapping[str, Any],
    at: datetime,
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Who is told about which seat, {seat, item}, as absences are now.

    `announcement` has `seats`, and the `round` with roster, delegates and exclude. Of one who is
    absent the deputy is told. The member is told all the same where the deputy could not vote:
    because the round has no deputies, the absence says that this one does not vote, or the deputy
    is absent too, must not vote, or has a seat.
    """
    voting = announcement["round"]
    found = []
    for seat in announcement["seats"]:
        name = _voter(
            organization,
            seat["seat"],
            at,
            roster=voting["roster"],
            delegates=voting["delegates"],
            exclude=voting["exclude"],
        )
        people = resolve(organization, {"person": name}, case, at).people
        found += [(seat, person) for person in people]
    return found


def _voter(
    organization: Mapping[str, Any],
    seat: str,
    at: datetime,
    *,
    roster: Sequence[str],
    delegates: str,
    exclude: Sequence[Any],
) -> str:
    gone = presence(organization, seat, at, at_any_hour=True).away
    deputy = gone.get("delegate") if gone is not None else None
    if not isinstance(deputy, str) or delegates == "none":
        return seat
    if gone is not None and gone.get("approvals") is False:
        return seat
    if deputy in roster and delegates == "once":
        return seat
    if presence(organization, deputy, at, at_any_hour=True).away is not None:
        return seat
    if is_meant(list(exclude), standing(organization, deputy, at)):
        return seat
    return deputy
