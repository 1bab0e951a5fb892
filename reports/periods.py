"""Periods of reports: half-open, and closed with a watermark after which nothing counts silently."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

GRACE = timedelta(days=1)
"""How long after its end a period waits for what happened in it and was not told yet."""


@dataclass(frozen=True, slots=True)
class Period:
    """From a time until another, which does not belong to it."""

    start: datetime
    end: datetime

    @property
    def watermark(self) -> datetime:
        """When it closes: what is told later is a correction."""
        return self.end + GRACE

    def holds(self, at: datetime) -> bool:
        """Whether a time lies in it."""
        return self.start <= at < self.end

    @property
    def before(self) -> Period:
        """The period of the same length right before it."""
        return Period(self.start - (self.end - self.start), self.start)


def read_period(text: str, zone: tzinfo = UTC) -> Period:
    """A day (2026-03-02), a month (2026-03) or a year (2026), in a time zone.

    Raises:
        ValueError: it is none of them.
    """
    if re.fullmatch(r"\d{4}", text):
        year = int(text)
        return Period(_day(year, 1, 1, zone), _day(year + 1, 1, 1, zone))
    if re.fullmatch(r"\d{4}-\d\d", text):
        year, month = int(text[:4]), int(text[5:])
        following = (year + 1, 1) if month == 12 else (year, month + 1)
        return Period(_day(year, month, 1, zone), _day(*following, 1, zone))
    day = datetime.fromisoformat(text)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    following_day = day + timedelta(days=1)
    return Period(
        day.replace(tzinfo=zone).astimezone(UTC), following_day.replace(tzinfo=zone).astimezone(UTC)
    )


def _day(year: int, month: int, day: int, zone: tzinfo) -> datetime:
    return datetime(year, month, day, tzinfo=zone).astimezone(UTC)
