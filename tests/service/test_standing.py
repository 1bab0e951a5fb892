"""Where people stand, and whether a Who means them: the same as resolving the Who."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.people import resolve
from service.standing import described, fixed, is_meant, standing

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)

PEOPLE: Mapping[str, Any] = {
    "wang": {"mail": "wang@example.org", "roles": ["manager"], "skills": {"network": 1}},
    "lin": {"mail": "lin@example.org", "manager": "wang", "groups": ["desk", "leads"]},
    "chen": {"mail": "chen@example.org", "manager": "lin", "groups": ["desk"],
             "skills": {"network": 3, "database": 1}},
    "陳": {"mail": "陳@example.org", "manager": "lin"},
}  # fmt: skip
ORGANIZATION: Mapping[str, Any] = {
    "people": PEOPLE,
    "groups": {"desk": {"lead": "lin"}, "leads": None},
    "roles": {"manager": {}, "approver": {"people": ["lin", "陳"]}},
    "rota": {
        "night": {
            "timezone": "UTC",
            "layers": [{"people": ["chen", "lin"], "rotate": "daily", "starts": "2026-03-01"}],
        }
    },
    "absences": [{"person": "lin", "from": "2026-03-02", "until": "2026-03-03", "delegate": "陳"}],
}

CASE: Mapping[str, Any] = {
    "requester": {"id": None, "mail": "Amy@customer.example", "name": "Amy"},
    "owner": "chen",
    "assignees": ["lin", "陳"],
    "watchers": [],
}

SIMPLE = st.sampled_from(
    [
        "requester",
        "owner",
        "assignees",
        "watchers",
        {"person": "chen"},
        {"person": "陳"},
        {"group": "desk"},
        {"group": "leads"},
        {"role": "manager"},
        {"role": "approver"},
        {"skill": "network"},
        {"skill": ["network", "database"], "level": 1},
        {"skill": "network", "level": 3},
        {"onCall": "night"},
    ]
)
WHO = st.recursive(
    SIMPLE,
    lambda inner: st.builds(lambda each: {"managerOf": each}, inner),
    max_leaves=2,
)


def _depth(who: Any) -> int:
    return 1 + _depth(who["managerOf"]) if isinstance(who, dict) and "managerOf" in who else 0


@given(
    st.lists(WHO.filter(lambda each: _depth(each) <= 2), min_size=1, max_size=3),
    st.sampled_from([*PEOPLE, "Amy@customer.example", "nobody"]),
)
def test_a_person_is_meant_where_resolving_finds_them(who: list[Any], name: str) -> None:
    """A case that decides by standings agrees with a read of the organization."""
    found = resolve(ORGANIZATION, who, CASE, MONDAY).ids

    assert is_meant(fixed(who, CASE), standing(ORGANIZATION, name, MONDAY)) == (name in found)


def test_a_standing_says_for_whom_one_stands_in() -> None:
    """Only on the days of the absence, and only the deputy that was named."""
    seats = standing(ORGANIZATION, "陳", MONDAY)["standsInFor"]
    later = standing(ORGANIZATION, "陳", datetime(2026, 3, 3, tzinfo=UTC))["standsInFor"]

    assert [each["person"] for each in seats] == ["lin"]
    assert seats[0]["groups"] == ["desk", "leads"]
    assert later == []


def test_what_cannot_be_read_means_nobody() -> None:
    """A Who that makes no sense lets nobody in."""
    stands = standing(ORGANIZATION, "chen", MONDAY)

    for who in (None, "", "everybody", 3, {}, {"planet": "mars"}, {"person": None}, [[]]):
        assert not is_meant(who, stands)


def test_an_empty_name_is_nobody() -> None:
    """A requester without id, address and name is not the person without an address."""
    assert not is_meant({"person": {"id": "", "mail": None}}, {"person": "x", "mail": None})
    assert not is_meant({"person": ""}, {"person": "", "mail": ""})


def test_managers_in_a_circle_end() -> None:
    """Two people who manage each other have a standing."""
    circle = {"people": {"a": {"manager": "b"}, "b": {"manager": "a"}}}

    assert standing(circle, "a", MONDAY)["manages"][0]["person"] == "b"


def test_who_is_meant_is_said_in_words() -> None:
    """Refusals name groups, roles and people as people know them."""
    assert (
        described([{"group": "desk"}, {"managerOf": {"person": {"mail": "amy@example.org"}}}])
        == "the group desk or the manager of amy@example.org"
    )
