"""Strategies that lack what they choose by."""

from __future__ import annotations

from language.draft import EMPTY, Draft


def check(draft: Draft) -> None:
    """Look at every `assign` that chooses by skills and asks for none."""
    for task in draft.tasks:
        who = (task.node.get("with") or EMPTY).get("assign")
        strategy = (who or EMPTY).get("strategy")
        if who is None or strategy is None or strategy.text != "skills":
            continue
        if who.get("skill") is None:
            draft.report.say(
                "CW238",
                strategy,
                "nobody is better than others here: no skill is asked for",
                "Say which with skill:, or choose by least-open or round-robin.",
            )
