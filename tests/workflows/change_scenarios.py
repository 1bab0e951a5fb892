"""Planned work in a case: bookings, and what becomes of them when the flow goes another way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from language.plan import CaseRules, ReactionRules, Trigger
from tests.workflows.scenarios import STATUSES, Scenario, Step, call, comment, item

WINDOW = {"from": "2026-03-08T01:00:00Z", "to": "2026-03-08T05:00:00Z"}
LATER = {"from": "2026-03-15T01:00:00Z", "to": "2026-03-15T05:00:00Z"}
KEEPS = CaseRules(statuses=STATUSES)


def book(name: str, at: str, **more: Any) -> Any:
    """Build a task that books the router."""
    arguments = {"assets": ["router"], "people": ["chen"], "window": WINDOW, "title": "Upgrade"}
    return call(name, "calendar.book", at, arguments={**arguments, **more})


BOOKED = Scenario(
    "booked",
    (
        call("look", "conflict.check", "/do/0", arguments={"assets": ["router"], "window": WINDOW}),
        book("first", "/do/1", invite=True),
        item("agree", "/do/2"),
        book("second", "/do/3", window=LATER),
        call(
            "free", "calendar.release", "/do/4",
            arguments={"booking": "${ $case.results.second.id }", "reason": "done"},
        ),
    ),
    rules=KEEPS,
    steps=(Step(when="agree", answer="done"),),
    output={"released": True},
    actions=(
        ("conflict.check", "/do/0/look#1"),
        ("calendar.book", "/do/1/first#1"),
        ("calendar.invite", "/do/1/first#1:invited"),
        ("work-item.announce", "/do/2/agree#1:announced"),
        ("calendar.book", "/do/3/second#1"),
        ("calendar.release", "/do/4/free#1"),
    ),
)  # fmt: skip
"""Books, books another time, and gives it back."""

LEFT = Scenario(
    "left-booked",
    (book("first", "/do/0"), item("work", "/do/1")),
    rules=KEEPS,
    steps=(Step(when="work", cancel="not needed"),),
    ends="cancelled",
    actions=(
        ("calendar.book", "/do/0/first#1"),
        ("work-item.announce", "/do/1/work#1:announced"),
    ),
)
"""Is cancelled with a booking."""

MOVED = Scenario(
    "moved-on",
    (book("first", "/do/0"), item("work", "/do/1"), comment("tell", "moved", "/do/2")),
    rules=replace(
        KEEPS,
        reactions=(ReactionRules(name="away", on=Trigger(event="moved"), go_to="tell"),),
    ),
    steps=(Step(when="work", event={"id": "e1", "type": "moved", "data": {}}),),
    output={"id": "c1", "at": "then"},
    actions=(
        ("calendar.book", "/do/0/first#1"),
        ("work-item.announce", "/do/1/work#1:announced"),
        ("ticket.comment", "/do/2/tell#1"),
    ),
)
"""Is moved by an event, and keeps its booking until its end."""

IN_WAY = Scenario(
    "in-the-way",
    (book("first", "/do/0"), comment("tell", "${ $case.results.first.id | type }", "/do/1")),
    rules=replace(KEEPS, on_error="hold"),
    failing={"calendar.book": 1},
    steps=(Step(operate="retry"),),
    output={"id": "c1", "at": "then"},
    actions=(
        ("calendar.book", "/do/0/first#1"),
        ("calendar.book", "/do/0/first#1"),
        ("ticket.comment", "/do/1/tell#1"),
    ),
)
"""Cannot book at first; an operator tries again."""

CHANGES = (BOOKED, LEFT, MOVED, IN_WAY)
