"""What is known of a case: from itself while Temporal has it, from the records after that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from cases.ending import how_it_ended
from cases.errors import CaseNotFound, CaseUnreadable, WorkerSilent
from cases.records.store import RecordStore
from cases.standing import Standing, standing
from cases.temporal_errors import answered_within

OF_THE_CASE = (
    "key", "definition", "version", "status", "phase", "priority", "type", "subject", "requester",
    "group", "owner", "ticket", "links", "startedAt",
)  # fmt: skip
"""What a line of the records holds of a case's own data."""

EMPTY: Mapping[str, Any] = {
    "status": None, "step": None, "items": [], "rounds": [], "clocks": {}, "counted": [], "timeline": [], "held": {}, "waits": [],
}  # fmt: skip


async def look(client: Client, records: RecordStore, case: str, seconds: float) -> dict[str, Any]:
    """Everything about a case: its data, items, clocks, timeline; see the query `show`.

    Of a case that Temporal has forgotten, or that has ended and that no worker can tell of, the
    records give what they hold.

    Raises:
        CaseNotFound: neither knows it.
        WorkerSilent: it runs, and no worker answers.
        CaseUnreadable: it runs, and the worker's code fails on it.
        ServerUnavailable, RecordsUnavailable.
    """
    there = await standing(client, case, seconds)
    if there is None:
        view = await _recorded(records, case)
        if view is None:
            raise CaseNotFound(case)
        return _whole(case, view)
    try:
        view = await _asked(client, case, seconds)
    except (WorkerSilent, CaseUnreadable):
        recorded = None if there.runs else await _recorded(records, case)
        if recorded is None:
            raise
        view = recorded
    if not there.runs and "ended" not in view:
        view |= await _ended_without_a_word(client, case, there, seconds)
    return _whole(case, view)


async def _asked(client: Client, case: str, seconds: float) -> dict[str, Any]:
    async with answered_within(client, case, seconds):
        view: dict[str, Any] = await client.get_workflow_handle(case).query(
            "show", result_type=dict, rpc_timeout=timedelta(seconds=seconds)
        )
    return view


async def _ended_without_a_word(
    client: Client, case: str, there: Standing, seconds: float
) -> dict[str, Any]:
    """The end of a case that was ended from outside, or failed before it had begun."""
    ended: dict[str, Any] = {"at": there.ended_at, "as": there.how}
    told: dict[str, Any] = {"phase": there.phase, "ended": ended, "step": None, "waits": []}
    if there.how == "failed":
        async with answered_within(client, case, seconds):
            error = (await how_it_ended(client, case)).error
        ended["error"] = error
        told["error"] = error
    return told


async def _recorded(records: RecordStore, case: str) -> dict[str, Any] | None:
    row = await records.case(case)
    if row is None:
        return None
    view = {
        "case": {"id": case, **{name: row[name] for name in OF_THE_CASE}, "results": {}},
        **{name: row[name] for name in ("definition", "version", "status", "phase", "step")},
        "items": list(await records.work_items(case)),
        "rounds": list(await records.rounds(case)),
        "timeline": list(await records.history(case)),
        "row": dict(row),
    }
    if row["endedAt"] is not None:
        told = await records.closing(case) or {}
        view["ended"] = {**told, "at": row["endedAt"], "as": row["endedAs"]}
        if told.get("error"):
            view["error"] = told["error"]
    return view


def _whole(case: str, view: Mapping[str, Any]) -> dict[str, Any]:
    definition, _, key = case.partition(":")
    known = {"id": case, "key": key, "definition": definition, "results": {}}
    return {**EMPTY, "case": known, "definition": definition, **view}
