"""`conflict.check` and `calendar.book` as values: what both worlds, real and rehearsed, decide alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.bookings import Wanted, booking_of, check_override, conflicts, wanted_from
from service.errors import Refused
from service.instants import write_instant
from service.standing import standing
from service.windows import zone_of


def booking_id(key: str) -> str:
    """The id of the booking that an action makes: the same on every attempt."""
    return "B-" + hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(slots=True)
class Plan:
    """One piece of planned work, judged against the organization in force."""

    organization: Mapping[str, Any]
    wanted: Wanted
    arguments: Mapping[str, Any]
    at: datetime
    found: list[dict[str, Any]] = field(default_factory=list)
    refused: Refused | None = None
    """Why the override did not count."""

    @classmethod
    def read(
        cls, organization: Mapping[str, Any], case: str, arguments: Mapping[str, Any], at: datetime
    ) -> Plan:
        """The plan of arguments {assets, people, window, override?, calendar?}.

        Raises:
            ServiceError: it cannot be read.
        """
        zone = zone_of(organization, arguments.get("calendar"))
        return cls(organization, wanted_from(case, arguments, zone), arguments, at)

    def check(self, bookings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The result of `conflict.check` beside these bookings of others."""
        self._look(bookings)
        return {"free": not self.found, "conflicts": self.found}

    def booking(self, id: str, bookings: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        """The booking to be made beside these; None where something is in the way.

        Raises:
            ServiceError: an asset or a window of the organization cannot be read.
        """
        self._look(bookings)
        if self.found and not self._overridden():
            return None
        return booking_of(self.wanted, id, str(self.arguments["title"]), self.found)

    def result(self, made: Mapping[str, Any] | None) -> dict[str, Any]:
        """The result of `calendar.book`."""
        window = {
            "from": write_instant(self.wanted.begin),
            "to": write_instant(self.wanted.end),
        }
        if made is None:
            return {"id": None, "window": window, "booked": False, "conflicts": self.found}
        conflicts = list(made.get("conflicts") or ())
        return {"id": made["id"], "window": window, "booked": True, "conflicts": conflicts}

    def _overridden(self) -> bool:
        override = self.arguments.get("override")
        if override is None:
            return False
        person = override["by"]
        name = person.get("id") if isinstance(person, Mapping) else person
        try:
            check_override(
                self.found,
                standing(self.organization, str(name), self.at),
                override.get("reason"),
                override.get("role"),
            )
        except Refused as error:
            self.refused = error
            return False
        return True

    def _look(self, bookings: Sequence[Mapping[str, Any]]) -> None:
        zone = zone_of(self.organization, self.arguments.get("calendar"))
        self.found = conflicts(self.organization, self.wanted, bookings, zone)
