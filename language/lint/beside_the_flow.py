"""Tasks of clocks and reactions run beside the flow: they do not change its value."""

from __future__ import annotations

from language.draft import Draft


def check(draft: Draft) -> None:
    """Look for `set` and `export` in them."""
    for _, tasks in draft.beside:
        for task in tasks.walk():
            for key in ("set", "export"):
                place = task.node.key(key)
                if place is not None:
                    draft.report.say(
                        "CW306",
                        place,
                        f'"{key}" has no effect beside the flow',
                        "call: case.update keeps values, read as $case.data.NAME.",
                    )
