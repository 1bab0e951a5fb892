"""Whom a round of an approval is announced to: its members, and deputies of the absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.assignment import local_day
from service.people import absence, resolve
from service.standing import is_meant, standing


def addressees(
    organization: Mapping[str, Any],
    seats: Sequence[str],
    case: Mapping[str, Any],
    at: datetime,
    *,
    roster: Sequence[str],
    delegates: str,
    exclude: Sequence[Any],
) -> list[tuple[str, Mapping[str, Any]]]:
    """Who is told about which seat, as absences are now.

    Of one who is absent the deputy is told. The member is told all the same where the deputy could
    not vote: because the round has no deputies, or the deputy must not vote or has a seat already.
    """
    found: list[tuple[str, Mapping[str, Any]]] = []
    for seat in seats:
        name = _voter(organization, seat, at, roster=roster, delegates=delegates, exclude=exclude)
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
    gone = absence(organization, seat, local_day(organization, seat, at))
    deputy = gone.get("delegate") if gone is not None else None
    if not isinstance(deputy, str) or delegates == "none":
        return seat
    if deputy in roster and delegates == "once":
        return seat
    if is_meant(list(exclude), standing(organization, deputy, at)):
        return seat
    return deputy
