"""Escalation ladders: who is asked, in which order, and how they end."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import LadderInvalid, NotInOrganization
from service.ladders import ACTS, OVER, Act, advance, higher, rank, rounds

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
ORGANIZATION: dict[str, Any] = {
    "people": {
        "wu": {"groups": ["operations"], "manager": "tsai"},
        "liu": {"groups": ["operations"], "manager": "tsai"},
        "tsai": {"roles": ["lead"]},
        "wang": {"roles": ["manager"]},
    },
    "groups": {
        "operations": {"lead": "tsai", "fallback": "manager"},
        "nobody": {"lead": "wang"},
    },
    "roles": {"lead": {}, "manager": {}, "nobody": {}},
    "rota": {
        "ops": {
            "timezone": "UTC",
            "layers": [
                {"people": ["wu", "liu"], "rotate": "daily", "handover": "09:00",
                 "starts": "2026-03-01"}
            ],
        }
    },
    "ladders": {
        "ops": {
            "acknowledge": {"within": {"minutes": 10}},
            "levels": [
                {"to": {"onCall": "ops"}, "wait": {"minutes": 5}},
                {"to": {"group": "nobody"}, "wait": {"minutes": 5}},
                {"to": {"role": "lead"}, "wait": {"minutes": 5}},
            ],
            "repeat": {"times": 2},
            "finally": {"workItem": "last", "to": {"role": "manager"}},
        },
        "plain": {"levels": [{"to": "assignees", "wait": {"minutes": 5}}],
                  "finally": {"to": {"role": "nobody"}}},
    },
}  # fmt: skip


def step(
    before: Any, act: str, *, at: datetime = NOW, about: Any = None, ladder: str = "ops",
    organization: Any = ORGANIZATION, **facts: Any,
) -> dict[str, Any]:  # fmt: skip
    """One step."""
    return advance(organization, ladder, before, Act(act, **facts), about or {}, at)


def shown(found: dict[str, Any]) -> tuple[str, int, int, list[str]]:
    """State, round, level and people of a step."""
    return found["state"], found["round"], found["level"], found["people"]


def test_silence_goes_through_all_levels_as_often_as_the_ladder_says() -> None:
    """Three rounds; the level without people is passed over each time, and recorded each time."""
    found = step(None, "start", severity="P2")
    seen = [shown(found)]
    while found["state"] == "asking":
        found = step(found, "no-answer", told=tuple(found["people"]))
        seen.append(shown(found))

    asked = [
        ("asking", n, level, [who]) for n in (1, 2, 3) for level, who in ((1, "wu"), (3, "tsai"))
    ]
    assert seen == [*asked, ("exhausted", 3, 3, ["wang"])]
    assert found["told"] == ["wu", "tsai"]


def test_a_level_without_people_is_passed_over_at_once_and_recorded() -> None:
    """Nobody waits for somebody who is not there, and the record says why."""
    found = step(step(None, "start"), "no-answer")

    assert found["level"] == 3
    assert found["skipped"] == [{"level": 2, "round": 1, "reason": "nobody is meant"}]
    assert found["at"] == "2026-03-02T01:00:00Z"


def test_taking_it_waits_for_a_sign_and_silence_asks_the_same_level_again() -> None:
    """Whoever took it must show within the time; after silence the level that was reached resumes."""
    asked = step(step(None, "start"), "no-answer")
    taken = step(asked, "acknowledged", by="tsai")
    again = step(taken, "still-on-it", by="tsai")

    assert (taken["state"], taken["by"], again["state"]) == (
        "acknowledged", "tsai", "acknowledged",
    )  # fmt: skip
    assert shown(step(again, "no-answer")) == ("asking", 1, 3, ["tsai"])
    assert shown(step(again, "handed-back", by="tsai")) == ("asking", 1, 3, ["tsai"])


def test_without_a_time_to_show_again_taking_it_is_the_end() -> None:
    """A ladder that asks for no sign afterwards is over when somebody has taken it."""
    asked = step(None, "start", ladder="plain", about={"assignees": ["wu"]})

    assert step(asked, "acknowledged", by="wu")["state"] == "handled"


def test_people_are_those_of_the_moment() -> None:
    """The rota hands over between two rounds: the new person is asked, not the one of the start."""
    found = step(None, "start", at=NOW)
    for _ in range(2):
        found = step(found, "no-answer", at=NOW + timedelta(days=1))

    assert shown(found) == ("asking", 2, 1, ["liu"])


def test_levels_are_those_of_the_start() -> None:
    """An edit of the ladder does not hit one that runs."""
    edited = copy.deepcopy(ORGANIZATION)
    edited["ladders"]["ops"]["levels"] = [{"to": {"role": "manager"}, "wait": {"hours": 9}}]
    found = step(step(None, "start"), "no-answer", organization=edited)

    assert shown(found) == ("asking", 1, 3, ["tsai"])
    assert shown(step(None, "start", organization=edited)) == ("asking", 1, 1, ["wang"])


def test_a_group_that_is_gone_since_the_start_is_a_level_without_people() -> None:
    """Frozen levels may name what the organization has lost; the ladder goes on."""
    less = copy.deepcopy(ORGANIZATION)
    del less["groups"]["nobody"]
    found = step(step(None, "start"), "no-answer", organization=less)

    assert found["level"] == 3
    assert 'no group "nobody"' in found["skipped"][0]["reason"]


def test_an_absent_person_is_told_by_the_deputy() -> None:
    """Who is away is not called; who stands in is."""
    away = {
        **ORGANIZATION,
        "absences": [
            {"person": "wu", "from": "2026-03-02", "until": "2026-03-03", "delegate": "liu"}
        ],
    }
    found = step(None, "start", organization=away)

    assert found["people"] == ["liu"]
    assert "wu is absent" in found["reason"]


def test_a_graver_trigger_asks_the_same_level_again_and_knows_no_quiet_hours() -> None:
    """P1 is urgent; a trigger that is not graver is counted and changes nothing else."""
    found = step(step(None, "start", severity="P3"), "no-answer")
    raised = step(found, "raised", severity="P1")
    counted = step(raised, "raised", severity="P2")

    assert (found["urgent"], raised["urgent"], counted["urgent"]) == (False, True, True)
    assert (raised["level"], raised["severity"], raised["triggers"]) == (3, "P1", 2)
    assert (counted["severity"], counted["triggers"]) == ("P1", 3)


def test_a_trigger_may_name_the_level_that_it_wants_at_least() -> None:
    """A clock at 100 % asks the second level; one that has come further already stays there."""
    found = step(None, "start", severity="P3", level=3)

    assert found["level"] == 3
    assert step(found, "raised", level=1)["level"] == 3
    assert step(step(None, "start"), "raised", level=3)["level"] == 3
    assert step(step(None, "start"), "raised", level=99)["level"] == 3


def test_whoever_has_taken_it_is_left_alone_by_a_trigger_that_is_not_graver() -> None:
    """A counted trigger takes nothing away; a graver one asks again, since it is another matter."""
    taken = step(step(None, "start", severity="P2"), "acknowledged", by="wu")

    assert step(taken, "raised", severity="P2")["state"] == "acknowledged"
    assert step(taken, "raised", severity="P1")["state"] == "asking"


def test_the_end_names_somebody_even_where_the_ladder_names_nobody() -> None:
    """An empty role at the end: fallback and lead of the case's group, then managers of those told."""
    started = step(None, "start", ladder="plain", about={"assignees": ["wu"]})
    about = {"assignees": ["wu"], "group": "operations"}

    assert step(started, "no-answer", about=about)["people"] == ["wang"]
    assert step(started, "no-answer", told=("wu",))["people"] == ["tsai"]
    nobody = step(started, "no-answer")
    assert (nobody["state"], nobody["people"]) == ("exhausted", [])
    assert nobody["reason"]


def test_a_ladder_whose_levels_are_all_empty_ends_at_once() -> None:
    """Nobody to ask is no reason to wait."""
    found = step(None, "start", ladder="plain", about={"group": "operations"})

    assert shown(found) == ("exhausted", 1, 1, ["wang"])
    assert len(found["skipped"]) == 1


def test_only_those_who_were_told_are_known_as_told() -> None:
    """A notice that quiet hours hold back has told nobody: who never heard of it gets no all-clear."""
    asked = step(step(None, "start"), "no-answer", told=())
    stopped = step(asked, "stopped", told=("tsai",))

    assert (stopped["state"], stopped["told"]) == ("stopped", ["tsai"])


def test_what_is_not_there_is_said() -> None:
    """An unknown ladder and an unknown act are errors with the name."""
    with pytest.raises(NotInOrganization, match="oops"):
        step(None, "start", ladder="oops")
    with pytest.raises(LadderInvalid, match="dance"):
        step(step(None, "start"), "dance")
    with pytest.raises(LadderInvalid, match="none that this function gave"):
        step({"state": "asking"}, "no-answer")
    with pytest.raises(LadderInvalid, match="started"):
        step(step(None, "start"), "start")


@pytest.mark.parametrize(
    ("one", "other", "is_higher"),
    [("P1", "P2", True), ("P2", "P2", False), ("P3", "P1", False), ("P4", None, True),
     (None, "P4", False), ("critical", "P2", True), ("high", "critical", False),
     ("odd", "P4", False), ("P4", "odd", True), ("sev 1", None, False)],
)  # fmt: skip
def test_which_severity_is_higher(one: str | None, other: str | None, is_higher: bool) -> None:
    """P1 is above P2; a word that says nothing is above nothing."""
    assert higher(one, other) is is_higher


WHO: list[Any] = [
    {"person": "wu"}, {"group": "nobody"}, {"role": "lead"}, {"onCall": "ops"}, "assignees",
    {"managerOf": "assignees"},
]  # fmt: skip
LADDERS = st.fixed_dictionaries(
    {
        "levels": st.lists(
            st.fixed_dictionaries({"to": st.sampled_from(WHO), "wait": st.just({"minutes": 1})}),
            min_size=1, max_size=4,
        ),
        "repeat": st.fixed_dictionaries({"times": st.integers(0, 3)}),
        "finally": st.just({"to": {"role": "manager"}}),
    },
    optional={"acknowledge": st.just({"within": {"minutes": 3}})},
)  # fmt: skip
HAPPENS = st.lists(
    st.builds(
        Act,
        name=st.sampled_from([each for each in ACTS if each != "start"]),
        by=st.sampled_from(["wu", "tsai"]),
        severity=st.sampled_from([None, "P1", "P2", "P3", "P4"]),
        level=st.sampled_from([None, 1, 2, 3, 9]),
        told=st.sampled_from([(), ("wu",), ("wu", "liu")]),
    ),
    max_size=30,
)


def run(ladder: dict[str, Any], acts: list[Act], about: Any) -> list[dict[str, Any]]:
    """All steps of a ladder."""
    organization = {**ORGANIZATION, "ladders": {"l": ladder}}
    found = [advance(organization, "l", None, Act("start", severity="P3"), about, NOW)]
    for number, act in enumerate(acts):
        at = NOW + timedelta(hours=number)
        found.append(advance(organization, "l", found[-1], act, about, at))
    return found


@settings(deadline=None, max_examples=150)
@given(LADDERS, HAPPENS, st.sampled_from([{}, {"assignees": ["wu"]}, {"assignees": ["gone"]}]))
def test_whatever_happens_a_ladder_keeps_its_word(
    ladder: dict[str, Any], acts: list[Act], about: Any
) -> None:
    """It asks only people who are there, never forgets, never lowers, and what is over stays over."""
    steps = run(ladder, acts, about)

    for before, after in pairwise(steps):
        assert after["frozen"] == steps[0]["frozen"]
        assert set(before["told"]) <= set(after["told"])
        assert (rank(after["severity"]) or 9) <= (rank(before["severity"]) or 9)
        assert after["triggers"] >= before["triggers"]
        if before["state"] in OVER:
            assert after["state"] == before["state"]
        if after["state"] == "asking":
            assert after["people"]
            assert 1 <= after["level"] <= len(ladder["levels"])
            assert 1 <= after["round"] <= rounds(ladder)
        if after["state"] == "exhausted":
            assert after["people"] == ["wang"]
        if before["state"] == "acknowledged" and after["state"] == "asking":
            # Resumed where it was, or later where that level has lost its people.
            assert (after["round"], after["level"]) >= (before["round"], before["level"])


@settings(deadline=None, max_examples=100)
@given(LADDERS, st.integers(0, 15), st.integers(0, 3))
def test_pauses_by_people_never_change_the_order_of_silence(
    ladder: dict[str, Any], when: int, times: int
) -> None:
    """Taken and handed back any number of times: the same levels follow as without it."""
    about = {"assignees": ["wu"]}
    silence = [Act("no-answer")] * 30
    taken = [Act("acknowledged", by="wu"), Act("handed-back", by="wu")] * times
    if "acknowledge" not in ladder:
        taken = []

    def places(acts: list[Act]) -> list[tuple[str, int, int]]:
        steps = [each for each in run(ladder, acts, about) if each["state"] != "acknowledged"]
        found = [(each["state"], each["round"], each["level"]) for each in steps]
        return [one for one, other in zip(found, [None, *found], strict=False) if one != other]

    assert places([*silence[:when], *taken, *silence]) == places(silence)


@settings(deadline=None, max_examples=100)
@given(LADDERS)
def test_silence_asks_each_level_with_people_once_a_round(ladder: dict[str, Any]) -> None:
    """As many notices as levels with people times rounds, then the end."""
    steps = run(ladder, [Act("no-answer")] * 30, {"assignees": ["wu"]})

    asked = [(each["round"], each["level"]) for each in steps if each["state"] == "asking"]
    filled = [
        number
        for number, each in enumerate(ladder["levels"], 1)
        if each["to"] != {"group": "nobody"}
    ]
    assert asked == [(n, level) for n in range(1, rounds(ladder) + 1) for level in filled]
    assert steps[-1]["state"] == "exhausted"
