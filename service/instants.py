"""Points in time: aware UTC datetimes in code, ISO 8601 text with `Z` in JSON."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache

_REMEMBERED = 1024
"""A case reads the same few instants again and again."""


@lru_cache(maxsize=_REMEMBERED)
def read_instant(text: str, zone: tzinfo = UTC) -> datetime:
    """The instant that ISO 8601 text names, in UTC.

    Text without an offset is local time of `zone`; of a repeated hour the first is meant. A date
    alone is the start of that day.

    Raises:
        ValueError: the text is not a time, or one before the year 1 or after 9999 in UTC.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} lies before the year 1 or after the year 9999") from error


def write_instant(moment: datetime) -> str:
    """The instant as JSON text in UTC, for example "2026-03-02T01:00:00Z"."""
    # Of another zone the two instants of a repeated hour are equal to a cache.
    return _written(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(maxsize=_REMEMBERED)
def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
