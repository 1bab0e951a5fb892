"""What operators have to do: an item for each held task, on the worklist of their role.

It is no work item of the definition: nobody claims or answers it. `operate` decides about the task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.interpreter.sizes import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.interpreter.case_run import CaseRun

ROLE = "operator"
"""Who sees them, besides the owner of the definition."""


def opened(run: CaseRun, place: str, held: dict[str, Any]) -> None:
    """A task is held: put it on the worklist of the operators."""
    if run.level < 16:
        return
    items = run.state.operator_items
    before = sum(item["place"] == place for item in items.values())
    number = f"#{before + 1}" if before else ""
    error = shortened(held["error"])
    why = str(error.get("detail") or error.get("title") or "")
    owner = run.plan.rules.owner
    name = f"held:{place}{number}"
    items[name] = {
        "id": name,
        "kind": "held",
        "task": held["task"],
        "place": place,
        "title": f"{held['task']} is held: {why}"[:500],
        "state": "open",
        "roles": [ROLE, *([owner] if owner and owner != ROLE else [])],
        "groups": [],
        "people": [],
        "person": None,
        "exclude": [],
        "outcomes": {"retry": {}, "skip": {}, "fail": {}},
        "error": {key: error[key] for key in ("type", "title", "detail") if key in error},
        "openedAt": held["since"],
        "dueAt": None,
        "outcome": None,
        "by": None,
        "closedAt": None,
    }
    run.recorder.operator_item(name)


def closed(run: CaseRun, place: str, decision: Mapping[str, Any] | None) -> None:
    """An operator has decided, or nobody has to any more."""
    for name, item in run.state.operator_items.items():
        if item["place"] == place and item["state"] == "open":
            run.state.operator_items[name] = {
                **item,
                "state": "withdrawn" if decision is None else "done",
                "outcome": None if decision is None else decision["act"],
                "by": None if decision is None else decision.get("by"),
                "closedAt": run.now_text(),
            }
            run.recorder.operator_item(name)
