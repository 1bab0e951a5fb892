"""Approvals in rehearsals: who may vote, deputies, overseers, and what the timeline says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.scenarios import definition
from workflows.rehearsal.runner import Result, rehearse
from workflows.rehearsal.world import Published

ORGANIZATION: dict[str, Any] = {
    "people": {
        "wang": {"name": "Wang", "roles": ["board"]},
        "lin": {"name": "Lin", "roles": ["board"]},
        "wu": {"name": "Wu", "roles": ["board"]},
        "chen": {"name": "Chen", "roles": ["manager"]},
        "amy": {"name": "Amy", "roles": ["board"]},
        "sam": {"name": "Sam", "roles": ["security"]},
    },
    "roles": {"board": {}, "manager": {}, "security": {}},
}
TEXT = """
do:
  - vote:
      call: approval
      with:
        subject: { title: 'Upgrade of the router', version: '${ $case.runs.vote // 0 }' }
        roster: { role: board }
        rule: { count: 2 }
        veto: { role: security }
        due: { days: 3 }
        remind: { after: { days: 1 } }
"""
START = "{ owner: manager, start: { record: { requester: '${ .requester }' } } }"
PLAN = definition("change", TEXT, START).plan


def run(script: list[dict[str, Any]], plan: Any = PLAN, **more: Any) -> Result:
    """Rehearse a change that Amy asks for."""
    rehearsal = {
        "at": "2026-03-02T09:00:00Z", "input": {"requester": {"id": "amy"}}, "script": script, **more,
    }  # fmt: skip
    return rehearse("change", rehearsal, {"change": Published(plan, "digest")}, ORGANIZATION)


def vote(by: str, choice: str = "approve", **more: Any) -> dict[str, Any]:
    """Build a line of the script."""
    return {"when": {"opens": "vote"}, "after": {"hours": 1}, "vote": choice, "task": "vote", "by": by, **more}  # fmt: skip


def away(person: str, deputy: str) -> dict[str, Any]:
    """Let somebody be absent all the time."""
    absence = {"person": person, "from": "2026-03-01", "until": "2026-03-09", "delegate": deputy}
    return {"absences": [absence]}


def result_of(result: Result) -> Any:
    """Give the result of the approval."""
    return result.outcome["output"]


def test_a_vote_in_a_rehearsal() -> None:
    """Votes, the decision and its reason are lines of the timeline."""
    result = run(
        [vote("wang"), vote("lin"), vote("sam")],
        expect={
            "ends": {"as": "completed", "at": "2026-03-02T10:00"},
            "timeline": [
                {"opens": "vote", "person": "wu"},
                {"action": "approval.announce", "to": "sam"},
                {"votes": "vote", "by": "wang", "vote": "approve"},
                {"votes": "vote", "by": "sam"},
                {"closes": "vote", "decision": "approved", "reason": "2 of 3 approved, 2 needed"},
            ],
            "never": [{"opens": "vote", "person": "amy"}, {"reminds": "vote"}],
        },
    )

    assert result.problems == []
    assert result_of(result)["roster"] == ["wang", "lin", "wu", "sam"]


def test_the_veto_of_one_without_a_vote() -> None:
    """A veto holder beside the roster ends it alone; the majority has waited for it."""
    result = run([vote("wang"), vote("lin"), vote("sam", "reject", comment="no patch")])

    assert (result_of(result)["decision"], result_of(result)["reason"]) == ("rejected", "veto")


def test_the_requester_does_not_vote() -> None:
    """Not with a reason either, and not in place of a member."""
    result = run([vote("amy"), vote("amy", reason="in a hurry")], organization=away("lin", "amy"))

    assert len(result.problems) == 2
    assert "must be done by somebody else than amy" in result.problems[0]


def test_a_deputy_votes_for_the_absent() -> None:
    """The vote keeps the seat and who has really decided."""
    result = run([vote("chen"), vote("wu"), vote("sam")], organization=away("wang", "chen"))

    assert result.problems == []
    assert [(each["seat"], each["by"], each["onBehalfOf"]) for each in result_of(result)["votes"]] == [
        ("wang", "chen", "wang"), ("wu", "wu", None), ("sam", "sam", None),
    ]  # fmt: skip
    told = [line["to"] for line in result.lines if line.get("action") == "approval.announce"]
    assert told[0] == ["chen", "lin", "wu", "sam"]


def test_an_absence_may_leave_out_votes() -> None:
    """With `approvals: false` the deputy does other work only: refused, and the member is told."""
    organization = away("wang", "sam")
    organization["absences"][0]["approvals"] = False
    lines = [vote("sam", seat="wang"), vote("lin"), vote("wu"), vote("sam")]

    result = run(lines, organization=organization)

    assert len(result.problems) == 1
    assert "is for wang, not for sam" in result.problems[0]
    told = [line["to"] for line in result.lines if line.get("action") == "approval.announce"]
    assert told[0] == ["wang", "lin", "wu", "sam"]


PREPARED = """
do:
  - plan:
      call: work-item
      with:
        title: Plan
        assign: { person: wang }
        due: { hours: 8 }
        onDue: fail
        outcomes: { ready: {} }
  - vote:
      call: approval
      with:
        subject: { title: Upgrade }
        roster: { role: board }
        rule: all
        due: { days: 3 }
        supersededBy: { event: plan.revised }
"""


def test_a_subject_of_the_past_is_voted_on_by_nobody() -> None:
    """The event came before the round: it is over when it opens, and no member gets a mail."""
    script = [
        {"when": {"opens": "plan"}, "event": "plan.revised", "data": {"by": "lin"}},
        {"when": {"opens": "plan"}, "after": {"hours": 1}, "by": "wang", "answer": "ready"},
    ]

    result = run(script, definition("change", PREPARED, START).plan)

    assert (result_of(result)["decision"], result_of(result)["event"]) == (
        "superseded", {"by": "lin"},
    )  # fmt: skip
    assert not [line for line in result.lines if line.get("action") == "approval.announce"]


def test_a_deputy_who_is_a_member_votes_once() -> None:
    """The seat of the absent is refused then, with the reason."""
    result = run(
        [vote("lin"), vote("lin"), vote("wu"), vote("sam")], organization=away("wang", "lin")
    )

    assert len(result.problems) == 1
    assert "one person has one vote" in result.problems[0]


def test_an_overseer_writes_down_a_vote_with_a_reason() -> None:
    """As with other work: the definition's owner may, and it says so."""
    by_phone = "voted by phone"
    result = run([
        vote("chen"), vote("chen", seat="wang", reason=by_phone), vote("lin"), vote("sam"),
    ])  # fmt: skip

    assert len(result.problems) == 1
    assert "is for wang, not for chen; chen may step in with a reason" in result.problems[0]
    first = result_of(result)["votes"][0]
    assert (first["seat"], first["by"], first["onBehalfOf"], first["override"]) == (
        "wang", "chen", "wang", True,
    )  # fmt: skip


def test_nobody_votes_after_the_end() -> None:
    """A rejection needs a comment; a vote on what is decided is refused with the decision."""
    late = {**vote("wu"), "after": {"hours": 2}}
    plan = definition("change", TEXT + "  - rest: { wait: { days: 1 } }\n", START).plan
    result = run([vote("sam", "reject"), vote("sam", "reject", comment="no"), late], plan)

    assert [problem.partition(": ")[2] for problem in result.problems] == [
        "reject needs a comment",
        "the vote on “Upgrade of the router” is over: rejected at 2026-03-02T10:00:00Z (veto)",
    ]


def test_a_reminder_goes_to_those_who_are_missing() -> None:
    """Who has voted is left alone; when time is over, silence is a rejection."""
    result = run(
        [vote("wang")],
        expect={
            "timeline": [
                {"at": "2026-03-03T09:00", "reminds": "vote", "to": "lin"},
                {"at": "2026-03-05T09:00", "overdue": "vote"},
                {"closes": "vote", "decision": "rejected", "reason": "due"},
            ],
            "never": [{"reminds": "vote", "to": "wang"}],
        },
    )

    assert result.problems == []


def test_an_answer_to_a_vote_is_a_vote() -> None:
    """As at the other doors, where a vote is an item with two outcomes."""
    answers = [
        {"when": {"opens": "vote"}, "answer": "approve", "task": "vote", "by": by}
        for by in ("lin", "wu", "sam")
    ]
    result = run(answers)

    assert result.problems == []
    assert result_of(result)["decision"] == "approved"


def test_a_vote_is_nothing_to_claim() -> None:
    """It belongs to its seat."""
    result = run([{"when": {"opens": "vote"}, "claim": "vote:wang", "by": "wang"}])

    assert "there is nothing to claim" in result.problems[0]


@pytest.mark.parametrize("number", [0, 101, 2.5, "2", None])
def test_a_rule_out_of_an_expression_must_be_one(number: Any) -> None:
    """Zero would approve itself: what cannot be meant is an error of the task."""
    text = TEXT.replace("{ count: 2 }", "{ percent: '${ $case.input.percent }' }")
    plan = definition("change", text, START).plan
    result = run([], plan, input={"requester": {"id": "amy"}, "percent": number})

    assert result.outcome["as"] == "failed"
    assert "percent" in result.outcome["error"]["detail"]
