"""A booking that may not come to be, and that nothing asks about."""

from __future__ import annotations

from language.draft import EMPTY, Draft
from language.sites import sites_of


def check(draft: Draft) -> None:
    """Look at every calendar.book that reports a conflict instead of failing."""
    for task in draft.tasks:
        name = task.function
        function = draft.resolve(name).function if name else None
        if function is None or function.name != "calendar.book":
            continue
        mode = (task.node.get("with") or EMPTY).get("onConflict")
        if mode is None or mode.text != "report" or _is_asked(draft, task.name):
            continue
        draft.report.say(
            "CW256",
            mode,
            f'nothing asks whether "{task.name}" was booked',
            f"Look at $case.results.{task.name}.booked in a switch, or leave onConflict out: "
            "then a conflict is an error.",
        )


def _is_asked(draft: Draft, task: str) -> bool:
    """Whether an expression reads whether it came to be, or the whole result."""
    wanted = ("results", task)
    return any(
        path.root == "$case"
        and path.keys[:2] == wanted
        and (len(path.keys) == 2 or path.keys[2] in ("booked", "conflicts", "id"))
        for site in sites_of(draft)
        if site.program is not None
        for path in site.program.paths
    )
