"""A target of an improvement that no figure is for."""

from __future__ import annotations

from language.draft import EMPTY, Draft


def check(draft: Draft) -> None:
    """Look at every register.add that has a target."""
    for task in draft.tasks:
        name = task.function
        function = draft.resolve(name).function if name else None
        if function is None or function.name != "register.add":
            continue
        given = task.node.get("with") or EMPTY
        target = given.get("target")
        if target is None or given.get("kpi") is not None or given.get("baseline") is not None:
            continue
        draft.report.say(
            "CW265",
            target,
            f'nothing says which figure is to reach the target of "{task.name}"',
            "Name it in kpi, or give the result of a report.kpi task as baseline.",
        )
