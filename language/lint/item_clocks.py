"""Clocks that nothing starts or ends: no event of theirs, and no work item that runs on them."""

from __future__ import annotations

from language.draft import EMPTY, Draft
from language.templates import is_expression


def check(draft: Draft) -> None:
    """Look at clocks without `runsFrom` or `until`, and at who else starts them."""
    named = _named(draft)
    for key, clock in (draft.metadata.get("clocks") or EMPTY).entries or ():
        given = clock.names()
        lacking = [name for name in ("runsFrom", "until") if name not in given]
        if not lacking or clock.entries is None or named is None or key.name in named:
            continue
        what = "starts" if "runsFrom" in lacking else "ends"
        draft.report.say(
            "CW418",
            key,
            f'nothing {what} the clock "{key.name}"',
            f"Say {' and '.join(f'{name}:' for name in lacking)}, or let it run while a work item "
            f"is open: clock: {key.name} among the arguments of the item.",
        )


def _named(draft: Draft) -> list[str] | None:
    """Clocks that tasks name; None where one computes the name."""
    found: list[str] = []
    for task in draft.tasks:
        function = draft.resolve(task.function).function if task.function else None
        if function is None or function.name not in ("work-item", "clock"):
            continue
        arguments = task.node.get("with") or EMPTY
        node = arguments.get("clock" if function.name == "work-item" else "name")
        if node is not None and node.text is not None:
            if is_expression(node.text):
                return None
            found.append(node.text)
    return found
