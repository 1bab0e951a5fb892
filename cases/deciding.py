"""Deciding about many held tasks at once: retry, skip or fail, with a report for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cases.errors import CaseEnded, CaseNotFound, CaseUnreadable, Refused, WorkerSilent
from cases.selecting import Held

AT_ONCE = 5
"""How many cases are told at the same time."""


class Operating(Protocol):
    """The part of `cases.Cases` that is told."""

    async def operate(
        self,
        case: str,
        task: str | None,
        act: str,
        *,
        by: str,
        reason: str | None = None,
        value: Any = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Decide about a held task."""
        ...


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a held task: `state` is accepted, refused, or would-be in a dry run."""

    held: Held
    act: str
    state: str
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As doors tell it."""
        error = self.held.error
        told = {
            "case": self.held.case,
            "task": self.held.place,
            "act": self.act,
            "state": self.state,
            "error": {name: error.get(name) for name in ("title", "detail")},
            "since": self.held.since,
        }
        return told if self.reason is None else {**told, "reason": self.reason}


async def decide_all(
    cases: Operating,
    held: Sequence[Held],
    act: str,
    *,
    by: str,
    reason: str | None,
    value: Any = None,
    dry_run: bool = False,
) -> list[Decided]:
    """Decide the same about all of them; what one refuses keeps no other one from going on."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(each: Held) -> Decided:
        if dry_run:
            return Decided(each, act, "would-be")
        async with gate:
            try:
                await cases.operate(each.case, each.place, act, by=by, reason=reason, value=value)
            except (CaseEnded, CaseNotFound, CaseUnreadable, Refused, WorkerSilent) as error:
                return Decided(each, act, "refused", str(error))
        return Decided(each, act, "accepted")

    return list(await asyncio.gather(*map(one, held)))
