"""Votes, changed votes, a superseding event and the end of time, in any order: one decision."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import approvals
from service.approvals import Round, seats
from service.errors import Refused
from tests.workflows.approval_scenarios import approval
from tests.workflows.in_world import MONDAY, Telling
from tests.workflows.scenarios import Scenario
from workflows.interpreter import doors
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

PEOPLE = ("ann", "bob", "cid")
DUE, SUPERSEDED = 60, "superseded"


class Act(NamedTuple):
    """At a minute somebody votes, or the subject gets a new version."""

    minute: int
    by: str
    what: str


ACTS = st.lists(
    st.builds(
        Act,
        st.integers(1, 80).filter(lambda minute: minute != DUE),
        st.sampled_from(PEOPLE),
        st.sampled_from(["approve", "reject", SUPERSEDED, "approve", "reject"]),
    ),
    max_size=8,
)


def played(acts: list[Act], rule: Any, revocable: bool, restart: bool) -> tuple[Any, list[bool]]:
    """Let a case live through it; its result, and which votes it took."""
    task = approval(
        roster=[{"person": each} for each in PEOPLE],
        rule=rule,
        veto={"person": "cid"},
        revocable=revocable,
        comment="never",
        due={"minutes": DUE},
        supersededBy={"event": "revised"},
    )
    scenario = Scenario("any-order", (task,))
    systems = Systems({})
    systems.records = Telling()
    world = World(
        start=MONDAY,
        definitions={scenario.name: Published(scenario.plan, "digest")},
        organization={"people": {each: {"name": each} for each in PEOPLE}},
        systems=systems,
        restart=restart,
    )
    case = f"{scenario.name}:1"
    world.open(scenario.name, case, None)
    taken: list[bool] = []

    def act(number: int, each: Act) -> None:
        run = world.cases[case].run
        if each.what == SUPERSEDED:
            run.events.deliver({"id": f"e{number}", "type": "revised", "data": {}})
            return
        vote = {"id": f"v{number}", "item": f"vote:{each.by}", "by": each.by, "outcome": each.what}
        try:
            doors.check(run, "answer", vote)
            doors.answer(run, vote)
            taken.append(True)
        except Refused:
            taken.append(False)

    for number, each in enumerate(acts):
        world.loop.call_later(each.minute * 60 + number / 100, act, number, each)
    world.run()
    assert not world.loop.failures, world.loop.failures
    outcome = world.outcome(case)
    assert outcome["as"] == "completed"
    closings = [
        line
        for write in systems.records.writes
        for line in write["audit"]
        if line["kind"] == "decided"
    ]
    assert len({line["n"] for line in closings}) == 1
    return outcome["output"], taken


def counted(acts: list[Act], rule: Any, revocable: bool) -> tuple[Any, list[bool]]:
    """Go through the same by hand, with the rules alone."""
    at = "2026-03-02T09:00:00Z"
    voting = approvals.opened(
        Round(
            id="vote", task="vote", title="Upgrade", seats=seats(PEOPLE, ("cid",)), rule=rule,
            revocable=revocable, comments="never", opened_at=at,
        )
    )  # fmt: skip
    taken: list[bool] = []
    for number, each in sorted(enumerate(acts), key=lambda pair: (pair[1].minute, pair[0])):
        if voting.state == "open" and each.minute > DUE:
            voting = approvals.expire(voting, at, "reject")
        if each.what == SUPERSEDED:
            if voting.state == "open":
                voting = approvals.supersede(voting, at, "revised")
            continue
        try:
            voting = approvals.cast(
                voting, seat=each.by, by=each.by, vote=each.what, at=at, vote_id=f"v{number}"
            )
            taken.append(True)
        except Refused:
            taken.append(False)
    if voting.state == "open":
        voting = approvals.expire(voting, at, "reject")
    return approvals.result(voting), taken


def brief(result: Any) -> Any:
    """Leave out times and ways, which the rules do not know."""
    votes = [(each["seat"], each["vote"]) for each in result["votes"]]
    return result["decision"], result["reason"], votes


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    acts=ACTS,
    rule=st.sampled_from(["any", "all", "responded-any", {"count": 2}, {"percent": 34}]),
    revocable=st.booleans(),
    restart=st.booleans(),
)
def test_a_case_decides_as_its_rules_do(
    acts: list[Act], rule: Any, revocable: bool, restart: bool
) -> None:
    """Whatever comes in whichever order, also from snapshots: the same votes are taken and refused,
    the round closes once, and with the decision that the rules alone give."""
    result, taken = played(acts, rule, revocable, restart)
    expected, accepted = counted(acts, rule, revocable)

    assert brief(result) == brief(expected)
    # A case that is over refuses for that reason.
    assert taken == accepted
