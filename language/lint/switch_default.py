"""A switch that may find no case that holds goes on silently."""

from __future__ import annotations

from language.draft import Draft


def check(draft: Draft) -> None:
    """Look for switches without a case that always holds."""
    for task in draft.tasks:
        switch = task.node.get("switch")
        if switch is None or task.type is None or task.type.keyword != "switch":
            continue
        cases = [case for item in switch.items or () for _, case in item.entries or ()]
        is_whole = all(len(item.entries or ()) == 1 for item in switch.items or ())
        if is_whole and cases and all(each.get("when") is not None for each in cases):
            draft.report.say(
                "CW210",
                task.key,
                f'"{task.name}" has no case for everything else',
                "Add a last case without `when`. As it stands, the flow goes on with the next task.",
            )
