"""The schedules that a definition declares, read into values.

The standard's `schedule` gives up to three, named `every`, `cron` and `after`; each entry of
`metadata.schedules` gives one. What the definition leaves open is settled here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from service.calendars import CALENDARS, Calendar
from service.durations import parse_duration
from service.errors import NotInOrganization
from service.schedules.occurrences import Days
from service.schedules.rules import EVERY_MONTH, read_rule
from service.schedules.timing import USUAL_TIME, read_time, read_zone

MISSED_INTERVAL = timedelta(minutes=1)
"""A start every few seconds is not made up for after an hour without a server: at least this."""

MISSED_CRON = timedelta(hours=1)
MISSED_DAY = timedelta(days=1)
NEVER_TOO_LATE = timedelta(days=3650)
"""The next case of a chain is started however late it is."""

WORDS = ("every", "cron", "after", "rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One schedule of a definition. `kind` is every, cron, after or rule.

    Where `kind` is every or after, `interval` is the time; for cron and rule `text` says it.
    `holiday` is skip, previous, next or run; `overlap` is skip, buffer-one or allow.
    """

    definition: str
    name: str
    kind: str
    interval: timedelta = timedelta()
    text: str = ""
    zone: str = "UTC"
    at: str = USUAL_TIME
    months: tuple[int, ...] = EVERY_MONTH
    anchor: str | None = None
    calendar: str | None = None
    holiday: str = "run"
    overlap: str = "allow"
    catch_up: timedelta = MISSED_DAY
    jitter: timedelta = timedelta()
    input: Any = field(default_factory=dict)

    @property
    def decides(self) -> bool:
        """Whether a calendar is asked at each start if it is one."""
        return self.kind == "rule" or self.holiday == "skip"

    @property
    def says(self) -> str:
        """When it starts cases, in words."""
        if self.kind == "every":
            return f"every {_spoken(self.interval)}"
        if self.kind == "after":
            return f"{_spoken(self.interval)} after the case before"
        if self.kind == "cron":
            return f"cron {self.text} ({self.zone})"
        months = "" if self.months == EVERY_MONTH else f" of months {_listed(self.months)}"
        since = f" from {self.anchor}" if self.anchor else ""
        return f"{self.text}{months}{since} at {self.at} ({self.zone})"

    def days(self) -> Days:
        """The days of a rule.

        Raises:
            RuleInvalid, TimingInvalid: it cannot be read.
        """
        return Days(
            rule=read_rule(self.text),
            zone=read_zone(self.zone),
            at=read_time(self.at),
            holiday=self.holiday,
            months=self.months,
            anchor=None if self.anchor is None else date.fromisoformat(self.anchor),
        )

    def to_json(self) -> dict[str, Any]:
        """As its cases carry it along, so that each is decided by the schedule that started it."""
        return {
            "definition": self.definition,
            "name": self.name,
            "kind": self.kind,
            "seconds": self.interval.total_seconds(),
            "text": self.text,
            "timezone": self.zone,
            "at": self.at,
            "months": list(self.months),
            "from": self.anchor,
            "calendar": self.calendar,
            "holiday": self.holiday,
            "overlap": self.overlap,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Declared:
        """What `to_json` wrote, as far as a decision needs it."""
        return cls(
            definition=data["definition"],
            name=data["name"],
            kind=data["kind"],
            interval=timedelta(seconds=data["seconds"]),
            text=data["text"],
            zone=data["timezone"],
            at=data["at"],
            months=tuple(data["months"]),
            anchor=data["from"],
            calendar=data["calendar"],
            holiday=data["holiday"],
            overlap=data["overlap"],
        )


def declared(
    definition: str,
    schedule: Mapping[str, Any] | None,
    schedules: Mapping[str, Mapping[str, Any]],
    calendar: str | None,
    organization: Mapping[str, Any],
) -> tuple[Declared, ...]:
    """All schedules of a definition but `on`, which events start.

    Args:
        definition: Its name.
        schedule: The standard's `schedule`.
        schedules: `document.metadata.schedules`.
        calendar: The definition's calendar.
        organization: Where calendars stand: one gives the time zone where none is named.

    Raises:
        ServiceError: a calendar is not there, or something cannot be read.
    """
    return (
        *_of_standard(definition, schedule or {}),
        *(
            _of_metadata(definition, name, entry, calendar, organization)
            for name, entry in schedules.items()
        ),
    )


def calendar_of(each: Declared, organization: Mapping[str, Any]) -> Calendar | None:
    """The calendar that a schedule goes by, in the organization in force.

    Raises:
        NotInOrganization: it is not there.
    """
    if each.calendar is None:
        return None
    known = organization.get("calendars") or {}
    if each.calendar not in known:
        raise NotInOrganization("calendar", each.calendar, known)
    return CALENDARS(each.calendar, known[each.calendar])


def _of_standard(definition: str, schedule: Mapping[str, Any]) -> list[Declared]:
    found = []
    if "every" in schedule:
        interval = _elapsed(schedule["every"])
        found.append(
            Declared(
                definition=definition,
                name="every",
                kind="every",
                interval=interval,
                catch_up=max(interval, MISSED_INTERVAL),
            )
        )
    if "cron" in schedule:
        found.append(
            Declared(
                definition=definition,
                name="cron",
                kind="cron",
                text=schedule["cron"],
                catch_up=MISSED_CRON,
            )
        )
    if "after" in schedule:
        found.append(
            Declared(
                definition=definition,
                name="after",
                kind="after",
                interval=_elapsed(schedule["after"]),
                catch_up=NEVER_TOO_LATE,
            )
        )
    return found


def _of_metadata(
    definition: str,
    name: str,
    entry: Mapping[str, Any],
    usual: str | None,
    organization: Mapping[str, Any],
) -> Declared:
    kind = next(word for word in WORDS if word in entry)
    calendar = entry.get("calendar") or usual
    zone = entry.get("timezone")
    if zone is None and calendar is not None:
        known = organization.get("calendars") or {}
        if calendar not in known:
            raise NotInOrganization("calendar", calendar, known)
        zone = CALENDARS(calendar, known[calendar]).zone.key
    interval = _elapsed(entry["every"]) if kind == "every" else timedelta()
    missed = {"every": max(interval, MISSED_INTERVAL), "cron": MISSED_CRON}.get(kind, MISSED_DAY)
    return Declared(
        definition=definition,
        name=name,
        kind=kind,
        interval=interval,
        text="" if kind == "every" else entry[kind],
        zone=zone or "UTC",
        at=entry.get("at") or USUAL_TIME,
        months=tuple(sorted(set(entry.get("months") or EVERY_MONTH))),
        anchor=entry.get("from"),
        calendar=calendar,
        holiday=entry.get("holiday") or "run",
        overlap=entry.get("overlap") or "allow",
        catch_up=_elapsed(entry["catchUp"]) if "catchUp" in entry else missed,
        jitter=_elapsed(entry["jitter"]) if "jitter" in entry else timedelta(),
        input=entry.get("input", {}),
    )


def _elapsed(value: Any) -> timedelta:
    return parse_duration(value).elapsed


def _spoken(span: timedelta) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number = span.total_seconds() / size
        if number >= 1 and number == int(number):
            return f"{int(number)} {unit}{'' if number == 1 else 's'}"
    return f"{span.total_seconds():g} seconds"


def _listed(months: tuple[int, ...]) -> str:
    return ", ".join(str(month) for month in months)
