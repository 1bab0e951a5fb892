"""Approvals in a case: rounds that are decided, run out of time, are superseded or taken back."""

from __future__ import annotations

from typing import Any

from language.plan import Case, CaseRules, Expression, Fork, Literal, Switch, Wait
from tests.workflows.scenarios import STATUSES, Scenario, Step, call

KEEPS = CaseRules(statuses=STATUSES)
NO = {"comment": "not tested"}


def approval(name: str = "vote", at: str = "/do/0", **more: Any) -> Any:
    """Build an approval by the desk, which is chen and lin."""
    arguments = {
        "subject": {"title": "Upgrade", "version": 1},
        "roster": {"group": "desk"},
        "rule": "all",
        "due": {"hours": 8},
        **more,
    }
    return call(name, "approval", at, arguments=arguments)


def short(milliseconds: int) -> dict[str, int]:
    """Build a short time."""
    return {"milliseconds": milliseconds}


DECIDED = "${ $case.results.vote | [.decision, .reason, (.votes | length)] }"


def told(*steps: str, at: str = "/do/0/vote", n: int = 1) -> tuple[tuple[str, str], ...]:
    """Build the actions of one round."""
    keys = {"withdrawn": "round:vote" + (f"#{n}" if n > 1 else "") + ":withdrawn"}
    return tuple(("approval.announce", keys.get(step, f"{at}#{n}:{step}")) for step in steps)


ALL = Scenario(
    "all-approve",
    (approval(),),
    steps=(
        Step(when="vote:chen", answer="approve"),
        Step(when="vote:lin", answer="approve", by="lin"),
    ),
    actions=told("announced"),
)
"""Both approve."""

ONE_SAYS_NO = Scenario(
    "one-says-no",
    (approval(),),
    steps=(Step(when="vote:chen", answer="reject", values=NO),),
    actions=told("announced", "withdrawn"),
)
"""One of two who must both approve rejects: the other is not asked any more."""

LATE = Scenario(
    "late-votes",
    (approval(due=short(300), onDue={"extend": short(200), "then": "approve"}),),
    actions=told("announced", "extended-notice", "withdrawn"),
)
"""Nobody votes; there is more time once, and then it counts as approved."""

REMINDED = Scenario(
    "reminded-votes",
    (approval(due=short(2500), remind={"every": short(200), "max": 1}),),
    actions=told("announced", "remind0.1", "withdrawn"),
)
"""Nobody votes in spite of a reminder, which is a rejection."""

SUPERSEDED = Scenario(
    "superseded",
    (approval(supersededBy={"event": "revised", "match": {"what": "plan"}}),),
    steps=(
        Step(when="vote:chen", answer="approve"),
        Step(event={"id": "e1", "type": "revised", "data": {"what": "text"}}),
        Step(event={"id": "e2", "type": "revised", "data": {"what": "plan"}}),
    ),
    actions=told("announced", "withdrawn"),
)
"""A newer version comes while one vote is missing."""

AGAIN = Scenario(
    "another-round",
    (
        approval(subject={"title": "Upgrade", "version": "${ $case.runs.vote // 0 }"}),
        Switch(
            name="more",
            path="/do/1/more",
            cases=(
                Case("no", Expression('$case.results.vote.decision == "rejected"'), "vote"),
                Case("yes", None, "end"),
            ),
        ),
    ),
    steps=(
        Step(when="vote:lin", answer="approve", by="lin"),
        Step(when="vote:chen", answer="reject", values=NO),
        Step(when="vote#2:lin", answer="approve", by="lin"),
        Step(when="vote#2:chen", answer="approve"),
    ),
    actions=(*told("announced"), *told("announced", n=2)),
)
"""The plan is changed after a rejection and voted on again: old votes do not carry."""

NOBODY = Scenario(
    "no-voters",
    (approval(roster={"group": "desk", "exclude": [{"group": "desk"}]}),),
    rules=KEEPS,
)
"""Nobody of the roster may vote."""

TOO_FEW = Scenario("too-few", (approval(rule={"count": 3}),), rules=KEEPS)
"""Three are to approve, and two can: nobody is asked in vain."""

LOST = Scenario(
    "lost-branch",
    (
        Fork(
            name="either",
            path="/do/0/either",
            compete=True,
            branches=(
                approval(at="/do/0/either/fork/branches/0"),
                Wait(
                    name="soon",
                    path="/do/0/either/fork/branches/1/soon",
                    duration=Literal(short(300)),
                ),
            ),
        ),
    ),
    actions=told("announced", "withdrawn", at="/do/0/either/fork/branches/0/vote"),
)
"""Another branch is faster."""

CANCELLED = Scenario(
    "cancelled-votes",
    (approval(),),
    steps=(Step(when="vote:chen", answer="approve"), Step(cancel="not needed")),
    ends="cancelled",
    actions=told("announced", "withdrawn"),
)
"""The case is cancelled while a vote is missing."""

TWINS = Scenario(
    "twins",
    (
        Fork(
            name="both",
            path="/do/0/both",
            branches=(
                approval(at="/do/0/both/fork/branches/0"),
                approval(at="/do/0/both/fork/branches/1", rule="any"),
            ),
        ),
    ),
    steps=(
        Step(when="vote.2:chen", answer="approve"),
        Step(when="vote:chen", answer="approve"),
        Step(when="vote:lin", answer="approve", by="lin"),
    ),
)
"""Two votes of one name side by side: each has a round of its own."""

APPROVALS = (
    ALL, ONE_SAYS_NO, LATE, REMINDED, SUPERSEDED, AGAIN, NOBODY, TOO_FEW, LOST, CANCELLED,
)  # fmt: skip

KILLED = Scenario(
    "killed-between-votes",
    (approval(roster=[{"person": f"p{n}"} for n in range(6)], rule={"count": 4}),),
)
"""Six may vote, four have to approve."""
