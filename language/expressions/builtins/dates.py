"""Dates without a clock and without a time zone: seconds since 1970, UTC, and their parts."""

from __future__ import annotations

import math
import re
from typing import Any

from language.expressions.budget import Meter
from language.expressions.builtins.calling import Native, on_values
from language.expressions.errors import Raised
from language.expressions.numbers import as_float, plain
from language.expressions.values import is_number

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_COMPOSED = {
    "T": "%H:%M:%S", "D": "%m/%d/%y", "F": "%Y-%m-%d", "R": "%H:%M", "c": "%a %b %e %H:%M:%S %Y",
    "x": "%m/%d/%y", "X": "%H:%M:%S", "r": "%I:%M:%S %p",
}  # fmt: skip


def days_from_date(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar; the month counts from 1."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return (
        era * 146097
        + year_of_era * 365
        + year_of_era // 4
        - year_of_era // 100
        + (day_of_year - 719468)
    )


def date_from_days(days: int) -> tuple[int, int, int]:
    """Year, month from 1, and day of a number of days since 1970-01-01."""
    days += 719468
    era = days // 146097
    day_of_era = days - era * 146097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_index + 2) // 5 + 1
    month = month_index + 3 if month_index < 10 else month_index - 9
    return year_of_era + era * 400 + (month <= 2), month, day


def _parts(year: int, month: int, day: int, hour: int, minute: int, second: Any) -> list[Any]:
    """jq's broken down time; the month counts from 0, the day of the week from Sunday."""
    days = days_from_date(year, month + 1, day)
    first = days_from_date(year, 1, 1)
    return [year, month, day, hour, minute, second, (days + 4) % 7, days - first]


_ISO = "%Y-%m-%dT%H:%M:%SZ"
_ISO_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


def _to_date(meter: Meter, value: Any) -> str:
    """`todate`: the usual time, written without a detour through its parts."""
    if value.__class__ is not int or not -62135596800 <= value < 253402300800:
        return _strftime(meter, value, _ISO)
    meter.charge(4)
    days, rest = divmod(value, 86400)
    year, month, day = date_from_days(days)
    hour, minute = rest // 3600, rest // 60 % 60
    return f"{year}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{rest % 60:02d}Z"


def _from_date(meter: Meter, value: Any) -> int:
    """`fromdate`: the usual time, read without a detour through its parts."""
    found = _ISO_TEXT.fullmatch(value) if value.__class__ is str else None
    if found is None:
        return _mktime(meter, _strptime(meter, value, _ISO))
    meter.charge(4)
    year, month, day, hour, minute, second = map(int, found.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 62):
        return _mktime(meter, _strptime(meter, value, _ISO))
    return days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second


def _gmtime(meter: Meter, value: Any) -> list[Any]:
    if not is_number(value):
        raise Raised("gmtime() requires numeric inputs")
    seconds = as_float(value)
    if not math.isfinite(seconds) or abs(seconds) > 1e15:
        raise Raised("error converting number of seconds since epoch to datetime")
    # jq cuts toward zero and takes the fraction from below, so before 1970 the two part.
    whole = math.trunc(seconds)
    days, rest = divmod(whole, 86400)
    year, month, day = date_from_days(days)
    second = plain(rest % 60 + (seconds - math.floor(seconds)))
    return _parts(year, month - 1, day, rest // 3600, rest // 60 % 60, second)


def _broken_down(meter: Meter, value: Any, name: str) -> list[int]:
    """Year, month, day, hour, minute, second of jq's array; missing ones are 0."""
    if value.__class__ is list:
        meter.charge(len(value) >> 2)
    if value.__class__ is not list or any(not is_number(item) for item in value):
        raise Raised(f"{name} requires parsed datetime inputs")
    numbers = [as_float(item) for item in value[:6]]
    if any(not math.isfinite(item) or abs(item) > 1e12 for item in numbers):
        raise Raised(f"{name} requires parsed datetime inputs")
    parts = [math.floor(item) for item in numbers]
    return parts + [1900, 0, 0, 0, 0, 0][len(parts) :]


def _timestamp(parts: list[int]) -> int:
    year, month, day, hour, minute, second = parts
    year += month // 12
    days = days_from_date(year, month % 12 + 1, 1) + day - 1
    return days * 86400 + hour * 3600 + minute * 60 + second


def _mktime(meter: Meter, value: Any) -> int:
    if value.__class__ is not list:
        raise Raised("mktime requires array inputs")
    return _timestamp(_broken_down(meter, value, "mktime"))


def _strftime(meter: Meter, value: Any, form: Any) -> str:
    if is_number(value):
        value = _gmtime(meter, value)
    elif value.__class__ is not list:
        raise Raised("strftime/1 requires parsed datetime inputs")
    if form.__class__ is not str:
        raise Raised("strftime/1 requires a string format")
    parts = _broken_down(meter, value, "strftime/1")
    meter.charge(len(form))
    # A day 0 or a month 13 is brought into range first.
    normal = _gmtime(meter, _timestamp(parts))[:6]
    written = _Written([int(part) for part in normal]).form(form)
    meter.charge(len(written) >> 3)
    return written


_PART = re.compile(r"%([-_0^#]*)([0-9]*)[EO]?(.)", re.DOTALL)


class _Written:
    """The parts of one time as texts, each made when it is first asked for."""

    def __init__(self, parts: list[int]) -> None:
        self.parts = parts
        self.texts: dict[str, str | None] = {}

    def form(self, form: str) -> str:
        return _PART.sub(self.one, form)

    def one(self, found: re.Match[str]) -> str:
        flags, width, letter = found.groups()
        if letter not in self.texts:
            composed = _COMPOSED.get(letter)
            self.texts[letter] = self.text(letter) if composed is None else self.form(composed)
        written = self.texts[letter]
        if written is None:
            return found.group()
        if not flags and not width:
            return written
        return _padded(written, flags, min(int(width[:5] or 0), _WIDEST), letter)

    def text(self, letter: str) -> str | None:
        """One part; None for a letter that stands for none."""
        year, month, day, hour, minute, second = self.parts
        match letter:
            case "Y":
                return str(year)
            case "C":
                return f"{year // 100:02d}"
            case "y":
                return f"{year % 100:02d}"
            case "m":
                return f"{month + 1:02d}"
            case "d":
                return f"{day:02d}"
            case "e":
                return f"{day:2d}"
            case "H":
                return f"{hour:02d}"
            case "k":
                return f"{hour:2d}"
            case "I":
                return f"{(hour + 11) % 12 + 1:02d}"
            case "l":
                return f"{(hour + 11) % 12 + 1:2d}"
            case "M":
                return f"{minute:02d}"
            case "S":
                return f"{second:02d}"
            case "p":
                return "AM" if hour < 12 else "PM"
            case "P":
                return "am" if hour < 12 else "pm"
            case "b" | "h":
                return _MONTHS[month][:3]
            case "B":
                return _MONTHS[month]
            case "s":
                return str(_timestamp(self.parts))
            case _:
                return _FIXED.get(letter) or self.of_day(letter)

    def of_day(self, letter: str) -> str | None:
        """A part that follows from which day it is."""
        year, month, day = self.parts[:3]
        days = days_from_date(year, month + 1, day)
        weekday = (days + 4) % 7
        yearday = days - days_from_date(year, 1, 1)
        match letter:
            case "a":
                return _DAYS[weekday][:3]
            case "A":
                return _DAYS[weekday]
            case "u":
                return str(weekday or 7)
            case "w":
                return str(weekday)
            case "j":
                return f"{yearday + 1:03d}"
            case "U":
                return f"{(yearday + 7 - weekday) // 7:02d}"
            case "W":
                return f"{(yearday + 7 - (weekday + 6) % 7) // 7:02d}"
            case "G":
                return str(_iso_week(days)[0])
            case "g":
                return f"{_iso_week(days)[0] % 100:02d}"
            case "V":
                return f"{_iso_week(days)[1]:02d}"
            case _:
                return None


_FIXED = {"Z": "GMT", "z": "+0000", "n": "\n", "t": "\t", "%": "%"}
_WIDEST = 1_000
_IN_NUMBERS = "YCymdeHkIlMSjuwUWGgVs"


def _padded(written: str, flags: str, width: int, letter: str) -> str:
    """A part as the C library pads it: `-` not at all, `_` with spaces, `0` with zeros."""
    if "^" in flags:
        written = written.upper()
    if "#" in flags:
        written = written.lower() if letter in "pZ" else written.upper()
    numeric = letter in _IN_NUMBERS
    pads = [flag for flag in flags if flag in "-_0"]
    if pads:
        digits = written.lstrip(" 0") or "0" if numeric else written
        if pads[-1] == "-":
            return digits
        written = digits.rjust(len(written), " " if pads[-1] == "_" else "0")
    filler = "0" if (not pads and numeric and letter not in "ekl") or "0" in pads[-1:] else " "
    return written.rjust(width, filler)


def _iso_week(days: int) -> tuple[int, int]:
    """Year and week of ISO 8601: the week belongs to the year that its Thursday is in."""
    thursday = days - (days + 3) % 7 + 3
    year = date_from_days(thursday)[0]
    return year, (thursday - days_from_date(year, 1, 1)) // 7 + 1


_DIGITS = {
    "Y": 4, "m": 2, "d": 2, "e": 2, "H": 2, "k": 2, "I": 2, "l": 2, "M": 2, "S": 2, "j": 3,
    "y": 2, "C": 2, "u": 1, "w": 1, "U": 2, "W": 2, "V": 2, "G": 4, "g": 2,
}  # fmt: skip
_OFFSET = re.compile(r"Z|[+-][0-9]{2}:?(?:[0-9]{2})?")


def _strptime(meter: Meter, value: Any, form: Any) -> list[Any]:
    if value.__class__ is not str:
        raise Raised("strptime/1 requires string inputs and arguments")
    if form.__class__ is not str:
        raise Raised("strptime/1 requires string inputs and arguments")
    meter.charge(len(form) + (len(value) >> 3))
    found: dict[str, int] = {}
    end = _read(value, 0, form, found)
    if end is None:
        raise Raised(f'date "{value}" does not match format "{form}"')
    if end != len(value):
        raise Raised(f'date "{value}" does not match format "{form}"')
    if "s" in found:
        return _gmtime(meter, found["s"])
    year = found.get("Y", 1900)
    if "y" in found:
        year = found["y"] + (1900 if found["y"] >= 69 else 2000)
        if "C" in found:
            year = found["C"] * 100 + found["y"]
    elif "C" in found:
        year = found["C"] * 100
    hour = found.get("H", 0)
    if "I" in found:
        hour = found["I"] % 12 + 12 * found.get("p", 0)
    if "j" in found and "m" not in found:
        _, month, day = date_from_days(days_from_date(year, 1, 1) + found["j"] - 1)
        return _parts(year, month - 1, day, hour, found.get("M", 0), found.get("S", 0))
    month, day = found.get("m", 1) - 1, found.get("d", 0)
    return _parts(year, month, day, hour, found.get("M", 0), found.get("S", 0))


_LIMITS = {
    "m": (1, 12), "d": (1, 31), "H": (0, 23), "I": (1, 12), "M": (0, 59), "S": (0, 61),
    "j": (1, 366), "U": (0, 53), "W": (0, 53), "V": (0, 53), "u": (1, 7), "w": (0, 6),
}  # fmt: skip
_SAME = {"e": "d", "k": "H", "l": "I", "G": "ignored", "g": "ignored"}


def _read(text: str, at: int, form: str, found: dict[str, int]) -> int | None:
    """Where the format ends in the text, None where they differ; parts are put into `found`."""
    index = 0
    while index < len(form):
        char = form[index]
        index += 1
        if char.isspace():
            while at < len(text) and text[at].isspace():
                at += 1
            continue
        if char != "%" or index >= len(form):
            if text[at : at + 1] != char:
                return None
            at += 1
            continue
        letter = form[index]
        index += 1
        if letter in "EO" and index < len(form):
            letter = form[index]
            index += 1
        after = _read_part(text, at, letter, found)
        if after is None:
            return None
        at = after
    return at


def _read_part(text: str, at: int, letter: str, found: dict[str, int]) -> int | None:
    if letter in _COMPOSED:
        return _read(text, at, _COMPOSED[letter], found)
    if letter in "nt":
        while at < len(text) and text[at].isspace():
            at += 1
        return at
    if letter == "%":
        return at + 1 if text[at : at + 1] == "%" else None
    if letter in _DIGITS:
        while at < len(text) and text[at] == " ":
            at += 1
        digits = re.compile(f"[0-9]{{1,{_DIGITS[letter]}}}").match(text, at)
        if digits is None:
            return None
        number = int(digits.group())
        name = _SAME.get(letter, letter)
        low, high = _LIMITS.get(name, (0, 9999))
        if not low <= number <= high:
            return None
        found[name] = number
        return digits.end()
    if letter == "s":
        digits = re.compile(r"-?[0-9]{1,15}").match(text, at)
        if digits is None:
            return None
        found["s"] = int(digits.group())
        return digits.end()
    if letter in "aA":
        return _read_name(text, at, _DAYS, "weekday", 0, found)
    if letter in "bBh":
        return _read_name(text, at, _MONTHS, "m", 1, found)
    if letter in "pP":
        return _read_name(text, at, ("AM", "PM"), "p", 0, found)
    if letter == "Z":
        zone = re.compile(r"[A-Za-z]+").match(text, at)
        return zone.end() if zone else None
    if letter == "z":
        offset = _OFFSET.match(text, at)
        return offset.end() if offset else None
    return None


def _read_name(
    text: str, at: int, names: tuple[str, ...], part: str, first: int, found: dict[str, int]
) -> int | None:
    rest = text[at : at + 12].lower()
    for length in (None, 3):
        for index, name in enumerate(names):
            written = name[:length].lower()
            if rest.startswith(written):
                found[part] = index + first
                return at + len(written)
    return None


DATES: dict[tuple[str, int], Native] = {
    ("gmtime", 0): on_values(_gmtime),
    ("mktime", 0): on_values(_mktime),
    ("strftime", 1): on_values(_strftime),
    ("strptime", 1): on_values(_strptime),
    ("todate", 0): on_values(_to_date),
    ("todateiso8601", 0): on_values(_to_date),
    ("date", 0): on_values(_to_date),
    ("fromdate", 0): on_values(_from_date),
    ("fromdateiso8601", 0): on_values(_from_date),
}
