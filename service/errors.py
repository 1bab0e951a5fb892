"""What the rules of service management may refuse, as typed errors that carry facts.

ServiceError
├── NotInOrganization(kind, name, known)   a name that the organization data does not hold
├── OrganizationInvalid(kind, name, problem)   organization data that cannot be read
│   ├── CalendarInvalid
│   ├── LadderInvalid
│   ├── RotaInvalid
│   ├── TableInvalid
│   ├── WhoInvalid
│   └── WindowInvalid
├── NoWorkingTime(calendar)                nothing is ever worked in that calendar
├── DurationInvalid(value, problem)
├── NoRow(table, facts)                    no row of a decision table fits
├── RowsOverlap(table, rows)               more than one row of a `unique` table fits
├── FactInvalid(table, fact, problem)
└── Refused(reason)                        an act of a person that is not possible (now)
    └── AnswerInvalid(problems)            the values of an answer do not fit its form
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol


class ServiceError(Exception):
    """Base of all refusals of this package. Its text is a sentence for people."""


def listed(names: Iterable[str], limit: int = 10) -> str:
    """The names as text, the first ten of them, then "and 12 more"."""
    every = list(names)
    text = ", ".join(every[:limit])
    return f"{text} and {len(every) - limit} more" if len(every) > limit else text


def shown(value: Any, limit: int = 60) -> str:
    """A JSON value as people see it in a message, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


class NotInOrganization(ServiceError):
    """A definition or an act names something that `definitions/organization` does not hold."""

    def __init__(self, kind: str, name: str, known: Iterable[str] = ()) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        near = difflib.get_close_matches(name, self.known, n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        allowed = f" Known: {listed(self.known)}." if self.known else ""
        super().__init__(f'There is no {kind} "{name}" in the organization data.{hint}{allowed}')


class OrganizationInvalid(ServiceError):
    """Organization data that cannot be read."""

    kind = "entry"

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        self.problem = problem
        super().__init__(f'{self.kind} "{name}": {problem}')


class CalendarInvalid(OrganizationInvalid):
    """A calendar that cannot be read."""

    kind = "calendar"


class RotaInvalid(OrganizationInvalid):
    """A rota that cannot be read."""

    kind = "rota"


class LadderInvalid(OrganizationInvalid):
    """A ladder that cannot be read, or an act that makes no sense where it stands."""

    kind = "ladder"


class TableInvalid(OrganizationInvalid):
    """A decision table that cannot be read."""

    kind = "table"


class WindowInvalid(OrganizationInvalid):
    """A freeze or maintenance window that cannot be read."""

    kind = "window"


class WhoInvalid(ServiceError):
    """A description of people (Who) that cannot be read."""

    def __init__(self, who: Any, problem: str) -> None:
        self.who = who
        super().__init__(f"{shown(who)} does not say who: {problem}")


class NoWorkingTime(ServiceError):
    """A calendar in which nothing is worked for as long as was asked."""

    def __init__(self, calendar: str) -> None:
        self.calendar = calendar
        super().__init__(
            f'calendar "{calendar}" has no working time to count in. '
            "Give it hours under `week` or `exceptions`."
        )


class DurationInvalid(ServiceError):
    """A value that is not a duration."""

    def __init__(self, value: Any, problem: str) -> None:
        self.value = value
        self.problem = problem
        super().__init__(
            f"{shown(value)} is not a duration: {problem}. "
            "Write for example {minutes: 30}, {businessHours: 4} or PT15M."
        )


class NoRow(ServiceError):
    """No row of a decision table fits the facts."""

    def __init__(self, table: str, facts: Mapping[str, Any]) -> None:
        self.table = table
        self.facts = dict(facts)
        super().__init__(
            f'no row of table "{table}" fits {shown(dict(facts), 200)}. '
            "Add a row without `when` as the last one."
        )


class RowsOverlap(ServiceError):
    """More than one row of a table with `hit: unique` fits the facts."""

    def __init__(self, table: str, rows: Sequence[int]) -> None:
        self.table = table
        self.rows = tuple(rows)
        super().__init__(
            f'rows {listed(str(row) for row in rows)} of table "{table}" fit at once, '
            "but its `hit` is unique."
        )


class FactInvalid(ServiceError):
    """A fact that a decision table does not know or does not allow."""

    def __init__(self, table: str, fact: str, problem: str) -> None:
        self.table = table
        self.fact = fact
        super().__init__(f'table "{table}", fact "{fact}": {problem}')


class FigureInvalid(ServiceError):
    """A figure, a period or a filter that does not exist; in a sentence."""


class Refused(ServiceError):
    """An act of a person that is not possible; `reason` is a sentence for that person."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class _Problem(Protocol):
    @property
    def pointer(self) -> str: ...
    @property
    def message(self) -> str: ...


class AnswerInvalid(Refused):
    """Values of an answer that do not fit the form; `problems` have JSON pointers."""

    def __init__(
        self, problems: Sequence[_Problem], between: str = "; ", reason: str | None = None
    ) -> None:
        self.problems = tuple(problems)
        super().__init__(reason or between.join(problem.message for problem in problems))


class FieldsMissing(Refused):
    """An outcome that needs fields which the answer leaves empty."""

    def __init__(self, outcome: str, fields: Sequence[str]) -> None:
        self.outcome = outcome
        self.fields = tuple(fields)
        super().__init__(f"{outcome} needs {', '.join(fields)}")
