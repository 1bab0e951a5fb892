"""Reactions with `atMost`: several events are worked on at the same time."""

from __future__ import annotations

from language.plan import CaseRules, ReactionRules, Trigger
from tests.workflows.scenarios import STATUSES, Scenario, Step, comment, item

CALLED = Trigger(event="team.called")
TEAM = ReactionRules(
    name="team",
    on=CALLED,
    tasks=(
        item("work", "/team/do/0"),
        comment("tell", "${ $case.results.work.item }", "/team/do/1"),
    ),
    at_most=2,
)


def team(number: int) -> Step:
    """Call a team as soon as the flow waits."""
    event = {"id": f"e{number}", "type": "team.called", "data": {"number": number}}
    return Step(when="look", event=event)


def announced(number: int) -> tuple[str, str]:
    """Give the announcement of a team's item."""
    return "work-item.announce", f"/team/do/0/work#{number}:announced"


def told(number: int) -> tuple[str, str]:
    """Give what is written down of a team's answer."""
    return "ticket.comment", f"/team/do/1/tell#{number}"


LOOK = ("work-item.announce", "/do/0/look#1:announced")

TEAMS = Scenario(
    "teams",
    (item("look", "/do/0"),),
    rules=CaseRules(statuses=STATUSES, reactions=(TEAM,)),
    steps=(
        team(1),
        team(2),
        team(3),
        Step(when="work#2", answer="done"),
        Step(when="work#3", answer="done"),
        Step(when="work", answer="done"),
        Step(when="look", after=1, answer="done"),
    ),
    output=...,
    actions=(LOOK, announced(1), announced(2), told(1), announced(3), told(2), told(3)),
)
"""Two at a time: the third begins when one of them is done, whichever that is."""

HELD = Scenario(
    "two-held",
    (item("look", "/do/0"),),
    rules=CaseRules(
        statuses=STATUSES,
        on_error="hold",
        reactions=(
            ReactionRules(
                name="team",
                on=CALLED,
                tasks=(comment("say", "${ .data.number | tostring }", "/team/do/0"),),
                at_most=5,
            ),
        ),
    ),
    failing={"ticket.comment": 2},
    steps=(team(1), team(2)),
    ends="running",
)
"""Both runs fail at the same task, and each waits for a decision of its own."""
