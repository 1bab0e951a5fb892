"""`schedule.after`: the last action of a case is that the next one is to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.effects import Action, ActionFailed

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

FOLLOW = "schedule.follow"


def started(run: CaseRun) -> None:
    """Note which schedule has started the case, and why on this day."""
    schedule = run.state.schedule
    if schedule is not None:
        why = f": {schedule['why']}" if schedule.get("why") else ""
        digest = f" (calendar {schedule['calendar']})" if schedule.get("digest") else ""
        run.note(
            "scheduled",
            f"{schedule['name']} for {schedule['at']}{why}{digest}",
            calendar=schedule.get("digest"),
        )


async def go_on(run: CaseRun, how: str) -> None:
    """Let the next case of the chain start, once, however often this one is reopened.

    The time of the end is kept before: the next case's time, and with it its id, is the same
    whichever attempt brings it about.
    """
    state = run.state
    schedule = state.schedule
    if schedule is None or schedule["kind"] != "after" or "next" in schedule:
        return
    if "closed" not in schedule:
        schedule["closed"] = {"at": run.now_text(), "as": how}
    closed = schedule["closed"]
    action = Action(
        function=FOLLOW,
        key=f"{state.first_run}:{FOLLOW}",
        arguments={
            "definition": run.plan.name,
            "scheduled": schedule["at"],
            "closed": closed["at"],
            "as": closed["as"],
        },
        case={"id": state.id},
        path=FOLLOW,
        summary="the next case",
    )
    try:
        schedule["next"] = await run.act(action)
    except ActionFailed as error:
        schedule["next"] = {"state": "failed", "at": None}
        run.note("scheduled", f"the next case could not be scheduled: {error.detail}")
        return
    found = schedule["next"]
    if found["at"] is not None:
        run.note("scheduled", f"the next case starts at {found['at']}")
