"""Assignment: who gets a work item, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from service.assignment import assign
from service.errors import NotInOrganization, WhoInvalid
from service.people import resolve
from service.rota import on_call

NOON = datetime(2026, 3, 3, 4, tzinfo=UTC)
ORGANIZATION: dict[str, Any] = {
    "people": {
        "lin": {"groups": ["desk"], "skills": {"network": 1}, "mail": "lin@example.org"},
        "chen": {"groups": ["desk"], "manager": "lin", "skills": {"network": 3}},
        "wang": {"roles": ["manager"]},
    },
    "groups": {"desk": {"lead": "lin", "fallback": "manager"}, "empty": {"lead": "wang"}},
    "roles": {"manager": {}},
    "absences": [{"person": "lin", "from": "2026-03-03", "until": "2026-03-04"}],
}


def given(spec: Any, **more: Any) -> Any:
    """Assign with no load and no case."""
    case = more.get("case", {})
    return assign(ORGANIZATION, spec, case, NOON, more.get("load", {}), more.get("previous"))


def test_the_absent_are_left_out() -> None:
    """With one of two away the other one gets it, and the reason says so."""
    assignment = given({"group": "desk"})

    assert assignment.person == "chen"
    assert "lin is absent" in assignment.reason


def test_an_empty_pool_goes_to_the_lead() -> None:
    """A group without members falls back to its lead."""
    assert given({"group": "empty"}).person == "wang"


def test_nobody_is_an_outcome() -> None:
    """Where nobody is left, that is said instead of picking somebody."""
    assignment = given({"person": "chen", "exclude": [{"person": "chen"}]})

    assert assignment.outcome == "no-assignee"


@pytest.mark.parametrize(
    ("strategy", "chosen"), [("least-open", "wang"), ("round-robin", "wang"), ("previous", "chen")]
)
def test_strategies(strategy: str, chosen: str) -> None:
    """Fewest open items, next in turn, or who had it before."""
    assignment = assign(
        {**ORGANIZATION, "absences": []},
        {"who": [{"person": "chen"}, {"person": "wang"}], "strategy": strategy},
        {},
        NOON,
        {"chen": 3, "wang": 1},
        "chen",
    )

    assert chosen == assignment.person


def test_a_requester_who_is_not_in_the_organization() -> None:
    """A customer resolves to the address the case knows."""
    case = {"requester": {"name": "Amy", "mail": "amy@customer.example"}}

    found = resolve(ORGANIZATION, "requester", case, NOON)

    assert found.ids == ("amy@customer.example",)


def test_unknown_names_are_said_with_a_suggestion() -> None:
    """A misspelled group gets a hint, an unreadable Who a sentence."""
    with pytest.raises(NotInOrganization, match='Did you mean "desk"'):
        given({"group": "deks"})
    with pytest.raises(WhoInvalid):
        given({"colour": "red"})


ROTA = {
    "timezone": "Asia/Taipei",
    "layers": [
        {
            "people": ["wang", "lin"],
            "rotate": "weekly",
            "handover": "Mon 09:00",
            "starts": "2026-01-05",
        }
    ],
    "overrides": [{"from": "2026-03-02T09:00", "until": "2026-03-03T09:00", "person": "chen"}],
}


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-01-04T12:00+08:00", None),
        ("2026-01-05T09:00+08:00", "wang"),
        ("2026-01-12T08:59+08:00", "wang"),
        ("2026-01-12T09:00+08:00", "lin"),
        ("2026-03-02T10:00+08:00", "chen"),
        ("2026-03-03T09:00+08:00", "wang"),
    ],
)
def test_on_call(at: str, person: str | None) -> None:
    """Weeks hand over at their time, an override wins, before the start nobody is on call."""
    assert person == on_call("r", ROTA, datetime.fromisoformat(at))
