"""`$case`: the read-only record of the running case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.drill import is_drill

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

FIELDS = (
    "status",
    "priority",
    "type",
    "subject",
    "requester",
    "customer",
    "group",
    "owner",
    "assignees",
    "watchers",
    "ticket",
    "links",
    "assets",
    "tags",
    "data",
)
"""What the record holds, beside what follows from the position."""

EMPTY: dict[str, Any] = {
    **dict.fromkeys(FIELDS),
    "assignees": [],
    "watchers": [],
    "links": [],
    "assets": [],
    "tags": [],
    "data": {},
}


def phase(run: CaseRun) -> str:
    """open, waiting, resolved, closed, held or cancelled."""
    if run.state.ended and run.state.ended["as"] == "cancelled":
        return "cancelled"
    if run.state.held and any(not held.get("beside") for held in run.state.held.values()):
        return "held"
    if run.state.ended or run.state.closed:
        return "closed"
    name = run.state.record.get("status") or ""
    status = run.plan.rules.statuses.get(name)
    found = status.phase if status else run.membership.status_of_root(name) or "open"
    return run.phase_of(found)


def case_data(run: CaseRun) -> dict[str, Any]:
    """The values of `$case` at this moment. Nested values are shared: readers must not change."""
    state = run.state
    record = state.record
    return {
        "id": state.id,
        "key": state.key,
        "definition": run.plan.name,
        "version": run.plan.version,
        "input": state.transformed,
        **EMPTY,
        **{name: value for name, value in record.items() if name in EMPTY},
        "phase": phase(run),
        "clocks": {
            **run.membership.clocks(),
            **{name: clock.get("shown", {}) for name, clock in state.clocks.items()},
        },
        "results": state.results,
        "runs": state.runs,
        "drill": is_drill(state.id),
        "startedAt": state.started_at,
    }


def pick(data: dict[str, Any], path: str) -> Any:
    """The value at a dotted path such as `results.triage.answer.impact`, or None."""
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def facts_for(data: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """The part of `$case` that a message reads, nested as in `$case`."""
    facts: dict[str, Any] = {}
    for path in paths:
        names = path.split(".")
        place = facts
        for name in names[:-1]:
            inner = place.get(name)
            if not isinstance(inner, dict):
                inner = {}
                place[name] = inner
            place = inner
        if names[-1] not in place:
            place[names[-1]] = pick(data, path)
    return facts
