"""The beginning of a case that a Schedule has started: whether it is one, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey

from service.instants import write_instant
from workflows.effects import ActionFailed
from workflows.on_temporal import repeatable

MEANT_FOR = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""Set by Temporal on what a Schedule starts."""

PATIENCE = timedelta(days=1)
"""How long a start that depends on a calendar waits for an answer."""

SHORT_PATIENCE = timedelta(minutes=10)
"""Any other one starts then: all that is asked is whether it has started before."""


async def decided(info: workflow.Info) -> dict[str, Any] | None:
    """`{name, kind, at, due, why, calendar, digest}`; None for a case that no schedule started.

    The first command of the case: a time that has had its case starts no other one, and where the
    schedule goes by a calendar, the answer stands in the history with the calendar's digest.

    Raises:
        ActionFailed: only a calendar can tell, and it is not there.
    """
    if info.continued_run_id:
        return None
    said = workflow.memo_value("schedule", None)
    at = info.typed_search_attributes.get(MEANT_FOR)
    if not isinstance(said, dict) or at is None:
        return None
    schedule = {"name": said.get("name"), "kind": said.get("kind"), "at": write_instant(at)}
    request = {
        "schedule": said,
        "at": schedule["at"],
        "case": info.workflow_id,
        "run": info.first_execution_run_id,
        "began": write_instant(info.start_time),
    }
    decides = bool(said.get("decides"))
    try:
        found: dict[str, Any] = await repeatable(
            "schedule.decide",
            request,
            f"{said.get('name')}: does it start?",
            patience=PATIENCE if decides else SHORT_PATIENCE,
        )
    except ActionFailed as error:
        if decides:
            # Starting it anyway would start a monthly report every day.
            raise
        why = f"started because nothing could be asked: {error.detail}"
        found = {"due": True, "why": why, "calendar": None, "digest": None}
    return {**schedule, **found}


def not_started(schedule: dict[str, Any]) -> dict[str, Any]:
    """What a start that is none leaves behind: no case, no record, a sentence."""
    workflow.set_current_details(f"Not started: {schedule['why']}.")
    return {"started": False, **schedule}
