"""Limits that only machines reach which answer each other: reopenings per hour, hops between cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from service.instants import read_instant
from workflows.interpreter.errors import PREFIX

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

MOST_REOPENINGS = 5
"""Of one case by mails within an hour, where the definition says nothing else."""
MOST_HOPS = 5
"""How often an event may lead to an event for another case, with nobody in between."""
HOUR = timedelta(hours=1)
PLACE = "/document/metadata/reopen"
"""Where the operator's item about a reopening stands among the held tasks."""
NAME = "reopen"


def quarantines(run: CaseRun, event: Mapping[str, Any]) -> bool:
    """Whether a closed case has been reopened so often that somebody must look first.

    The event waits as an operator's item: retry reopens the case with it, skip lets it go.
    """
    if run.level < 16 or run.plan.rules.reopen is None:
        return False
    most = run.plan.rules.reopen.most_per_hour
    if most is None:
        if event["type"] != "message.received":
            return False
        most = MOST_REOPENINGS
    state = run.state
    since = run.now() - HOUR
    state.reopenings[:] = [each for each in state.reopenings if read_instant(each) > since]
    if len(state.reopenings) < most and PLACE not in state.held:
        return False
    detail = f"{event['type']} would reopen the case once more; it was {len(state.reopenings)} times within an hour"
    run.note("quarantined", detail, task=NAME)
    if PLACE not in state.held:
        error = {
            "type": PREFIX + "runtime",
            "status": 429,
            "title": "TooManyReopenings",
            "detail": detail,
        }
        state.held[PLACE] = {
            "task": NAME, "error": error, "since": run.now_text(), "beside": True, "event": dict(event),
        }  # fmt: skip
        run.trace(holds=NAME, reason="TooManyReopenings")
    run.changed()
    return True


def decided(run: CaseRun) -> bool:
    """Carry out what an operator has said about a reopening; whether the case goes on with it."""
    held = run.state.held.get(PLACE)
    if held is None or "decision" not in held:
        return False
    del run.state.held[PLACE]
    decision = held["decision"]
    run.note("released", f"{NAME}: {decision['act']}", by=decision.get("by"), task=NAME)
    if decision["act"] == "retry":
        run.state.reopened = held["event"]
    run.changed()
    return run.state.reopened is not None


def heard(run: CaseRun, event: Mapping[str, Any]) -> None:
    """Remember from how far an event has come: one of the outside comes from nowhere."""
    hops = event.get("hops")
    run.state.hops = hops if isinstance(hops, int) and not isinstance(hops, bool) else 0


def somebody_acts(run: CaseRun) -> None:
    """A person has done something: what the case sends next is no echo."""
    run.state.hops = 0
