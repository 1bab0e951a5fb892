"""How the story reads."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from cli.demo.narrator import Narrator
from cli.demo.patience import StoryFailed, until


def test_steps_say_when_who_what_and_where() -> None:
    """Each step has a number, the time, who acts, and the case's address in the Temporal UI."""
    said: list[str] = []
    clock = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)
    narrator = Narrator(said.append, "http://ui:8233", clock=lambda: clock)

    narrator.tell("Amy", "writes a mail")
    narrator.tell("Caseway", "opens a case", "desk:T/1")

    assert said == [
        " 1. 09:00:05  Amy       writes a mail",
        " 2. 09:00:05  Caseway   opens a case",
        "                        http://ui:8233/namespaces/default/workflows/desk%3AT%2F1",
    ]


def test_wait_in_vain_says_for_what() -> None:
    """A story that stands still ends, and says where it stood."""

    async def nothing() -> None:
        return None

    with pytest.raises(StoryFailed, match="waited 0 s in vain for the ticket"):
        asyncio.run(until("the ticket", nothing, limit_seconds=0.01))


def test_wait_returns_what_it_found() -> None:
    """The first thing that is there is taken."""
    answers = iter([None, "T-1"])

    async def look() -> str | None:
        return next(answers)

    assert asyncio.run(until("the ticket", look, limit_seconds=30)) == "T-1"
