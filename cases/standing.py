"""Where Temporal says that a case stands, without asking the case itself: no worker is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from cases.errors import CaseEnded, CaseNotFound
from cases.records.running import ENDS
from cases.search_attributes import VERSION
from cases.temporal_errors import answered_within
from service.instants import write_instant

PHASES = {"cancelled": "cancelled", "terminated": "cancelled"}
"""The phase that an end means; any other end means closed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The case that has this id now, or had it last.

    `how` and `ended_at` are None while it runs; `opener` names the call that started it, None for
    a case of another client.
    """

    version: str | None
    opener: str | None
    request: str | None
    started_at: str
    how: str | None
    ended_at: str | None

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.how is None

    @property
    def phase(self) -> str:
        """The phase of a case that has ended."""
        return PHASES.get(self.how or "", "closed")


async def standing(client: Client, case: str, seconds: float) -> Standing | None:
    """Where a case stands; None where Temporal knows none with this id.

    Raises:
        ServerUnavailable, WorkerSilent: Temporal does not answer, or not in time.
    """
    try:
        async with answered_within(client, case, seconds):
            found = await client.get_workflow_handle(case).describe(
                rpc_timeout=timedelta(seconds=seconds)
            )
            memo = await found.memo()
    except (CaseNotFound, CaseEnded):
        return None
    version = found.typed_search_attributes.get(VERSION) or memo.get("version")
    return Standing(
        version=version,
        opener=memo.get("opener"),
        request=memo.get("request"),
        started_at=write_instant(found.start_time),
        how=ENDS.get(found.status) if found.status is not None else None,
        ended_at=write_instant(found.close_time) if found.close_time else None,
    )
