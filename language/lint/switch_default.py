"""A switch that may find no case that holds goes on silently."""

from __future__ import annotations

from language.draft import EMPTY, Draft


def check(draft: Draft) -> None:
    """Look for switches without a case that always holds."""
    for task in draft.tasks:
        switch = task.node.get("switch")
        if switch is None or task.type is None or task.type.keyword != "switch":
            continue
        cases = [case for item in switch.items or () for _, case in item.entries or ()]
        if cases and all((case or EMPTY).get("when") is not None for case in cases):
            draft.report.say(
                "CW210",
                task.key,
                f'"{task.name}" has no case for everything else',
                "Add a last case without `when`. As it stands, the flow goes on with the next task.",
            )
