"""When cases start by themselves: `schedule` of the standard, and `document.metadata.schedules`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from language.cron import CronInvalid, read_cron
from language.data_fit import in_subset, is_understood
from language.draft import EMPTY, Draft
from language.report import OneCode, Place
from language.shape import Shape
from language.source import Key, Node
from language.templates import is_expression
from language.words import closest, quoted, suggestion

SHORTEST_INTERVAL = timedelta(seconds=1)
SHORTEST_CATCH_UP = timedelta(seconds=10)
"""Temporal takes nothing shorter."""

STANDARD = ("every", "cron", "after", "on")
"""Names of the schedules of the standard: another one of that name would start the same cases."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST = ("first", "second", "third", "fourth")
_NTH = (
    *_FIRST, "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "second-last", "last",
)  # fmt: skip
RULES: tuple[str, ...] = (
    "every-day",
    "business-days",
    *(f"every-{day}" for day in _DAYS),
    *(f"every-{number}-weeks" for number in range(2, 53)),
    *(f"{nth}-business-day" for nth in _NTH),
    *(f"{nth}-{day}" for nth in (*_FIRST, "last") for day in _DAYS),
    *(f"day-{number}" for number in range(1, 29)),
    "last-day",
)
"""All rules that name days; `service.schedules.rules` reads them."""

_RULES_SAID = (
    "Rules: every-day, business-days, every-monday, every-2-weeks, first-business-day, "
    "last-business-day, first-monday, last-friday, day-15, last-day."
)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z", re.ASCII)
_UNITS = {
    "weeks": timedelta(weeks=1),
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
    "milliseconds": timedelta(milliseconds=1),
}
_ISO = re.compile(
    r"P(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?\Z"
)


def check(draft: Draft) -> None:
    """Check both kinds of schedules."""
    schedule = draft.part("schedule")
    _check_interval(draft, schedule)
    _check_cron(draft, schedule)
    read = schedule.key("read")
    if read is not None and schedule.get("on") is None:
        draft.report.say(
            "CW409", read, '"read" says how events are read, and there is no "on"', "Remove it."
        )
    if draft.has_rules:
        calendar = draft.metadata.get("calendar")
        for key, entry in (draft.metadata.get("schedules") or EMPTY).entries or ():
            if key.name in STANDARD:
                draft.report.say(
                    "CW111",
                    key,
                    f'"{key.name}" is how the schedule of the standard is called',
                    "Give it a name of its own, such as monthly.",
                )
            if entry.entries is not None:
                _Entry(draft, key, entry, calendar).check()


class _Entry:
    """One schedule of metadata."""

    def __init__(self, draft: Draft, key: Key, node: Node, calendar: Node | None) -> None:
        self._draft = draft
        self._key = key
        self._node = node
        self._calendar = node.get("calendar") or calendar
        rule = node.get("rule")
        self._rule = rule.text if rule is not None else None

    def check(self) -> None:
        """Say everything that the shape cannot."""
        node = self._node
        _check_interval(self._draft, node)
        _check_cron(self._draft, node)
        self._check_rule()
        self._check_time_and_zone()
        self._check_what_belongs_together()
        late = _duration(node.get("catchUp"))
        if late is not None and late < SHORTEST_CATCH_UP:
            self._say(
                "CW405",
                node.key("catchUp") or self._key,
                '"catchUp" is less than ten seconds, the shortest there is',
                "Write for example catchUp: { hours: 1 }.",
            )
        self._check_input()
        for each in (node.get("input") or EMPTY).walk():
            if each.text is not None and is_expression(each.text):
                self._say(
                    "CW409",
                    each,
                    "the input of a schedule is the same for every case: there is nothing to read yet",
                    "Write the value itself; what depends on the case is worked out in the case.",
                )

    def _check_input(self) -> None:
        """A schedule whose input the definition refuses would be published, and never be made."""
        schema = self._draft.part("input", "schema").get("document")
        value = schema.value if schema is not None else None
        if not isinstance(value, Mapping) or not is_understood(value):
            return
        given = self._node.get("input")
        if given is not None:
            Shape(OneCode(self._draft.report, "CW409"), expressions=True).check(
                given, in_subset(value), "the input", self._node.key("input") or self._key
            )
        elif value.get("required"):
            self._say(
                "CW409",
                self._key,
                f"the definition asks for {quoted(value['required'])}",
                'Give it under "input".',
            )

    def _check_rule(self) -> None:
        place = self._node.get("rule")
        if place is None or self._rule is None:
            return
        if self._rule not in RULES:
            close = closest(self._rule, RULES)
            hint = f'Did you mean "{close}"? {_RULES_SAID}' if close else _RULES_SAID
            if re.fullmatch(r"day-(29|30|31)", self._rule):
                hint = "Some months do not have it. For the end of the month write last-day."
            self._say("CW407", place, f'"{self._rule}" is no rule that names days', hint)
        elif self._rule.endswith("-weeks") and self._node.get("from") is None:
            self._say(
                "CW409",
                place,
                f"{self._rule} needs the first day that counts",
                "Add for example from: '2026-01-05'; its weekday is the one of all.",
            )
        elif self._rule == "business-days" or self._rule.endswith("-business-day"):
            self._need_calendar(place, f"{self._rule} depends on a calendar")

    def _check_time_and_zone(self) -> None:
        at, zone = self._node.get("at"), self._node.get("timezone")
        if at is not None and at.text is not None and not _TIME.match(at.text):
            self._say(
                "CW408", at, f'"{at.text}" is not a time of day', "Write for example at: '09:00'."
            )
        if zone is not None and zone.text is not None and not _is_zone(zone.text):
            self._say(
                "CW408",
                zone,
                f'there is no time zone "{zone.text}"',
                suggestion(zone.text, _zones(zone.text)) or "Write for example Asia/Taipei.",
            )
        if zone is None and self._calendar is None and self._node.get("every") is None:
            self._say(
                "CW409",
                self._key,
                f'"{self._key.name}" does not say in which time zone',
                "Add timezone: Asia/Taipei, or a calendar, which has one.",
            )

    def _check_what_belongs_together(self) -> None:
        node = self._node
        holiday = node.get("holiday")
        if node.get("rule") is None:
            for name in ("at", "months", "from"):
                place = node.key(name)
                if place is not None:
                    self._say(
                        "CW409", place, f'"{name}" belongs to a rule', "Remove it, or write rule:."
                    )
            if holiday is not None and holiday.text in ("previous", "next"):
                self._say(
                    "CW409",
                    holiday,
                    "only the days of a rule can be moved",
                    "Allowed here: skip and run.",
                )
            overlap = node.get("overlap")
            if overlap is not None and overlap.text == "buffer-one" and holiday is not None:
                self._say(
                    "CW409",
                    overlap,
                    "which of the starts that wait is a working day's is only known of a rule",
                    "Allowed with holiday: are skip and allow.",
                )
        if node.get("every") is not None and node.key("timezone") is not None:
            self._say(
                "CW409",
                node.key("timezone") or self._key,
                "an interval has no time zone",
                "Remove it; for a time of day write rule: every-day and at:.",
            )
        if holiday is not None and holiday.text in ("skip", "previous", "next"):
            self._need_calendar(holiday, "holidays stand in a calendar")

    def _need_calendar(self, place: Place, why: str) -> None:
        if self._calendar is None:
            self._say(
                "CW409",
                place,
                f"{why}, and there is none",
                "Add calendar: to the schedule or to document.metadata.",
            )

    def _say(self, code: str, place: Place, message: str, hint: str) -> None:
        self._draft.report.say(code, place, message, hint)


def _check_interval(draft: Draft, node: Node) -> None:
    for name in ("every", "after", "cron", "catchUp", "jitter"):
        value = node.get(name)
        if value is not None and value.text is not None and is_expression(value.text):
            draft.report.say(
                "CW409",
                value,
                f'"{name}" must be known before there is a case',
                "Write the value itself.",
            )
    every = node.get("every")
    interval = _duration(every)
    if every is not None and interval is not None and interval < SHORTEST_INTERVAL:
        draft.report.say(
            "CW405",
            every,
            '"every" is less than one second, the shortest there is',
            "Write at least { seconds: 1 }.",
        )
    elif every is not None and interval is not None and interval.microseconds:
        whole = interval.total_seconds() // 1
        draft.report.say(
            "CW405",
            every,
            f'"every" counts whole seconds: cases would start every {whole:g} seconds',
            "Write whole seconds.",
        )


def _check_cron(draft: Draft, node: Node) -> None:
    cron = node.get("cron")
    if cron is None or cron.text is None or is_expression(cron.text):
        return
    try:
        read_cron(cron.text)
    except CronInvalid as error:
        draft.report.say(
            "CW406",
            cron,
            f'"{cron.text}" is not a cron expression: {error}',
            "Write minute, hour, day of month, month, day of week: '0 9 * * 1' is Monday at 09:00. "
            "What is beyond that, such as last-friday, is a rule of metadata.schedules.",
        )


def _duration(node: Node | None) -> timedelta | None:
    """The time that a duration means; None where there is none, or its shape is wrong."""
    if node is None:
        return None
    found: dict[str, float] = {}
    try:
        if node.entries is not None:
            found = {key.name: float(value.raw) for key, value in node.entries}
        elif node.text is not None and (iso := _ISO.match(node.text)):
            found = {unit: float(number) for unit, number in iso.groupdict().items() if number}
        else:
            return None
        return sum((_UNITS[unit] * number for unit, number in found.items()), timedelta())
    except (KeyError, ValueError, OverflowError, TypeError):
        return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _zones(name: str) -> list[str]:
    """Zones that may have been meant: those of the same city, else all with a likely name."""
    city = name.rpartition("/")[2].lower()
    every = sorted(available_timezones())
    return [each for each in every if each.rpartition("/")[2].lower() == city] or [
        each for each in (closest(name, every),) if each
    ]
