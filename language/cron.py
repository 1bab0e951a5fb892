"""Cron expressions: what they say, what is wrong with them, and how a Schedule gets them.

Five fields: minute, hour, day of month, month, day of week. Where both days are restricted, either
of them is enough, as in every cron since the first; Temporal's Schedules want both, so such an
expression becomes two. What of other crons a Schedule would take for something else is refused:
`#` begins a comment there, `L` and `W` are nothing, and a sixth field is a year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_EXTENDED = re.compile(r"#|(?<![A-Z])[LW](?![A-Z])|\bLW\b")
_ANY_TIME = datetime(2026, 1, 1)  # noqa: DTZ001 - local time of no zone


class CronInvalid(ValueError):
    """Its text is what is wrong with a cron expression."""


def read_cron(expression: str) -> tuple[str, ...]:
    """The expression as a Schedule takes it: one, or two of which either counts.

    Raises:
        CronInvalid: says which field is wrong.
    """
    plain = _plain(expression)
    if next(cron_times(expression, _ANY_TIME), None) is None:
        raise CronInvalid("no day of any year fits it")
    minute, hour, day, month, weekday = plain.split()
    if day.startswith("*") or weekday.startswith("*"):
        return (plain,)
    return f"{minute} {hour} {day} {month} *", f"{minute} {hour} * {month} {weekday}"


def cron_times(expression: str, after: datetime) -> Iterator[datetime]:
    """The times on the wall that fit, after one: without a zone, as the expression has none.

    Raises:
        CronInvalid: as `read_cron`.
    """
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 (few files need it)

    try:
        yield from CronSim(_plain(expression), after)
    except CronSimError as error:
        raise CronInvalid(_said(str(error))) from error


def _plain(expression: str) -> str:
    text = _SHORT.get(expression.strip().lower(), expression.strip())
    if text.startswith("@"):
        raise CronInvalid(f"there is no {text}")
    fields = text.upper().split()
    if len(fields) != len(FIELDS):
        count = f"{len(fields)} field{'' if len(fields) == 1 else 's'}"
        raise CronInvalid(f"it has {count}, not five ({', '.join(FIELDS)})")
    for name, field in zip(FIELDS, fields, strict=True):
        if _EXTENDED.search(field):
            raise CronInvalid(f"its {name} {field} is an extension of other crons")
    return " ".join(fields)


def _said(problem: str) -> str:
    """The library's words in ours: it names the field, and no more."""
    field = problem.removeprefix("Bad ").replace("-", " ")
    return f"its {field} cannot be read" if field in FIELDS else problem
