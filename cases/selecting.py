"""Which cases an operator means: named ones, or all that match a filter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

PAGE = 200


class Listing(Protocol):
    """The part of `cases.Cases` that is asked."""

    async def list(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Any:
        """A page of cases."""
        ...

    async def show(self, case: str) -> Mapping[str, Any]:
        """Everything about a case."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A held task: `place` names it among those of its case."""

    case: str
    place: str
    task: str
    error: Mapping[str, Any]
    since: str


async def open_cases(cases: Listing, filters: Mapping[str, str]) -> AsyncIterator[str]:
    """Ids of the cases that match and have not ended, oldest last, as the records know them."""
    cursor: str | None = None
    while True:
        page = await cases.list(filters, cursor, PAGE)
        for row in page.items:
            if row["endedAt"] is None:
                yield str(row["case"])
        cursor = page.cursor
        if cursor is None:
            return


async def held_tasks(
    cases: Listing,
    names: Sequence[str],
    filters: Mapping[str, str],
    *,
    task: str | None = None,
    error: str | None = None,
    before: datetime | None = None,
) -> AsyncIterator[Held]:
    """The held tasks of the named cases, or of all that match the filters.

    Args:
        cases: The cases.
        names: Ids; empty for all that match.
        filters: As `list` takes them.
        task: Name or place of the task.
        error: A part of the error's title, type or text, in whichever case it is written.
        before: Only what has been held since before then.
    """
    if names:
        for case in names:
            for each in await _of(cases, case):
                if _fits(each, task, error, before):
                    yield each
        return
    # Not by the phase alone: a held reaction leaves the phase of its case as it is.
    async for case in open_cases(cases, filters):
        for each in await _of(cases, case):
            if _fits(each, task, error, before):
                yield each


async def _of(cases: Listing, case: str) -> list[Held]:
    held = (await cases.show(case)).get("held") or {}
    return [
        Held(case, place, each["task"], each.get("error") or {}, each["since"])
        for place, each in held.items()
        if "decision" not in each
    ]


def _fits(held: Held, task: str | None, error: str | None, before: datetime | None) -> bool:
    if task is not None and task not in (held.task, held.place):
        return False
    if error is not None:
        texts = (str(held.error.get(name) or "") for name in ("title", "type", "detail"))
        if not any(error.casefold() in text.casefold() for text in texts):
            return False
    return before is None or datetime.fromisoformat(held.since) <= before
