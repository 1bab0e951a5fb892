"""`every: 'Sun 01:00-05:00'`: times of the week in which a window recurs, as people write them.

Days stand before their hours; several are separated by commas: `Mon, Wed 22:00-23:00, Sat
20:00-04:00`. Hours that end at or before their beginning reach into the next day.
"""

from __future__ import annotations

import re

from service.calendars import DAYS

_DAYS = re.compile(r"([A-Za-z]+)(?:-([A-Za-z]+))?")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")
_NAMES = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
EXAMPLE = "'Sun 01:00-05:00' or 'Mon-Fri 22:00-02:00'"
DAY = 24 * 60


def hours_of(every: str) -> dict[str, list[str]]:
    """The hours of each weekday, as a calendar has them: in order, none over midnight, none twice.

    Raises:
        ValueError: what cannot be read, in words.
    """
    minutes: dict[int, list[tuple[int, int]]] = {}
    days: list[int] = []
    for part in every.split(","):
        words = part.split()
        if len(words) not in (1, 2):
            raise ValueError(f"{every!r} is not like {EXAMPLE}")
        days += _days(every, words[0])
        if len(words) == 1:
            # The hours follow with a later day.
            continue
        begin, end = _hours(every, words[1])
        for day in days:
            if begin < end:
                minutes.setdefault(day, []).append((begin, end))
            else:
                minutes.setdefault(day, []).append((begin, DAY))
                if end:
                    minutes.setdefault((day + 1) % 7, []).append((0, end))
        days = []
    if days:
        raise ValueError(f"{every!r} does not say which hours; write it like {EXAMPLE}")
    return {
        DAYS[day]: [_written(begin, end) for begin, end in _merged(found)]
        for day, found in sorted(minutes.items())
    }


def _days(every: str, text: str) -> list[int]:
    if text.lower() == "daily":
        return list(range(7))
    found = _DAYS.fullmatch(text)
    ends = [_day(each) for each in found.groups() if each is not None] if found else [None]
    if None in ends:
        raise ValueError(
            f"{text!r} of {every!r} is no day; days are Mon to Sun, ranges such as Mon-Fri, or daily"
        )
    first, last = ends[0] or 0, ends[-1] or 0
    return [*range(first, last + 1)] if first <= last else [*range(first, 7), *range(last + 1)]


def _day(text: str) -> int | None:
    given = text.lower()
    for number, name in enumerate(_NAMES):
        if given in (name, name[:3]):
            return number
    return None


def _hours(every: str, text: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} of {every!r} is not hours such as 01:00-05:00")
    h1, m1, h2, m2 = found.groups()
    begin = int(h1) * 60 + int(m1)
    end = DAY if h2 is None else int(h2) * 60 + int(m2)
    if begin == end:
        raise ValueError(f"{text!r} of {every!r} ends when it begins; a whole day is 00:00-24:00")
    return begin, end


def _merged(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _written(begin: int, end: int) -> str:
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
