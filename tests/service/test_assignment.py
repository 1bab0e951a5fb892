"""Assignment: who gets a work item, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from service.assignment import Past, assign
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
    past = Past(more.get("load", {}), more.get("turns", {}), more.get("previous"))
    return assign(more.get("organization", ORGANIZATION), spec, more.get("case", {}), NOON, past)


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
        Past({"chen": 3, "wang": 1}, {"chen": 7, "wang": 4}, "chen"),
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


TEAM: dict[str, Any] = {
    "people": {
        "ann": {"groups": ["team"], "calendar": "taipei", "skills": {"network": 2, "linux": 3}},
        "bob": {"groups": ["team"], "skills": {"network": 5}},
        "cai": {"groups": ["team"], "calendar": "london", "skills": {"network": 3, "linux": 2}},
        "eve": {"calendar": "taipei", "manager": "ann"},
    },
    "groups": {"team": {"calendar": "taipei"}},
    "calendars": {
        "taipei": {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}},
        "london": {"timezone": "Europe/London", "week": {"mon-fri": ["09:00-17:00"]}},
    },
    "rota": {
        "duty": {
            "timezone": "Asia/Taipei",
            "layers": [
                {
                    "people": ["eve"],
                    "rotate": "weekly",
                    "handover": "Mon 09:00",
                    "starts": "2026-01-05",
                }
            ],
        }
    },
}
MORNING = datetime.fromisoformat("2026-03-03T10:00+08:00")
EVENING = datetime.fromisoformat("2026-03-03T20:00+08:00")
"""In Taipei the office is closed, in London it is noon."""
NIGHT = datetime.fromisoformat("2026-03-04T03:00+08:00")


def chosen(spec: Any, at: datetime = MORNING, past: Past | None = None, **more: Any) -> Any:
    """Assign in the team."""
    organization = {**TEAM, **more.pop("organization", {})}
    return assign(organization, spec, more.pop("case", {}), at, past, **more)


def test_a_strategy_chooses_among_those_at_work() -> None:
    """In the evening of one office the other one gets it, whatever the load."""
    spec = {"group": "team", "strategy": "least-open"}
    past = Past(load={"cai": 9})

    assert chosen(spec, MORNING, past).person == "ann"
    evening = chosen(spec, EVENING, past)
    assert (evening.person, "1 of 3 are at work" in evening.reason) == ("cai", True)


def test_at_night_it_waits_for_who_begins_first() -> None:
    """Nobody is at work: those who are back first are asked, and the reason says when."""
    night = chosen({"group": "team", "strategy": "round-robin"}, NIGHT, Past(turns={"ann": 1}))

    assert night.person == "bob"
    assert "nobody is at work before 2026-03-04 01:00 UTC" in night.reason


def test_a_queue_waits_for_people() -> None:
    """Without a strategy the whole group may take it, at whatever hour it came."""
    assert chosen({"group": "team"}, NIGHT).people == ("ann", "bob", "cai")


def test_who_is_named_in_person_is_asked_at_any_hour() -> None:
    """On call, a person, a manager: the working calendar is of no matter."""
    assert chosen({"onCall": "duty"}, NIGHT).person == "eve"
    assert chosen({"person": "ann"}, NIGHT).reason == "ann is the only one"
    assert chosen({"managerOf": {"person": "eve"}, "strategy": "least-open"}, NIGHT).person == "ann"
    assert chosen("requester", NIGHT, case={"requester": "cai"}).person == "cai"


def test_if_none_is_asked_where_nobody_works_before_it_is_due() -> None:
    """At night with two hours to go the one on call gets it; with two days the team does."""
    spec = {"group": "team", "ifNone": {"onCall": "duty"}}
    soon = chosen(spec, NIGHT, until=datetime.fromisoformat("2026-03-04T05:00+08:00"))

    assert (soon.person, soon.who) == ("eve", {"onCall": "duty"})
    assert "nobody of those asked first is at work before it is due" in soon.reason
    later = chosen(spec, NIGHT, until=datetime.fromisoformat("2026-03-06T05:00+08:00"))
    assert later.people == ("ann", "bob", "cai")


def test_absence_counts_on_the_day_on_which_somebody_works_next() -> None:
    """Who is back tomorrow is asked tonight; whose holidays begin tomorrow is not."""
    back = {"absences": [{"person": "ann", "from": "2026-03-03", "until": "2026-03-04"}]}
    gone = {"absences": [{"person": "ann", "from": "2026-03-04", "until": "2026-03-20"}]}
    spec = {"who": [{"group": "team"}], "exclude": [{"person": "bob"}, {"person": "cai"}]}

    assert chosen(spec, EVENING, organization=back).person == "ann"
    assert chosen(spec, EVENING, organization=gone).outcome == "no-assignee"
    assert chosen(spec, MORNING, organization=back).outcome == "no-assignee"


def test_a_deputy_who_is_excluded_or_absent_stands_in_for_nobody() -> None:
    """Four eyes hold for deputies as well, and no work goes to an empty chair."""
    away = {"person": "ann", "from": "2026-03-03", "until": "2026-03-05", "delegate": "bob"}
    too = {"person": "bob", "from": "2026-03-03", "until": "2026-03-05"}
    excluded = chosen(
        {"person": "ann", "exclude": [{"person": "bob"}]}, organization={"absences": [away]}
    )

    assert (excluded.outcome, "must not do it" in excluded.reason) == ("no-assignee", True)
    both = chosen({"person": "ann"}, organization={"absences": [away, too]})
    assert (both.outcome, "so is bob" in both.reason) == ("no-assignee", True)


def test_skills_are_all_required_and_the_best_has_them_most() -> None:
    """Of equals the one with less to do."""
    both = {"skill": ["network", "linux"], "level": 2, "strategy": "skills"}

    assert chosen(both, EVENING).person == "cai"
    assert chosen({"skill": "linux", "level": 9, "strategy": "skills"}).outcome == "no-assignee"
    equals = {"ann": {**TEAM["people"]["ann"], "skills": {"network": 3}, "calendar": "london"}}
    people = {"people": {**TEAM["people"], **equals}}
    spec = {"skill": "network", "level": 3, "strategy": "skills", "exclude": [{"person": "bob"}]}
    assert chosen(spec, EVENING, Past(load={"ann": 2}), organization=people).person == "cai"


def test_turns_go_round() -> None:
    """Whoever had the turn longest ago is next, and who never had one comes first."""
    turns: dict[str, int] = {}
    order = []
    for number in range(1, 7):
        person = chosen(
            {"group": "team", "strategy": "round-robin"}, NIGHT, Past(turns=turns)
        ).person
        turns[person] = number
        order.append(person)

    # At three in the morning the two of Taipei are back first.
    assert order == ["ann", "bob", "ann", "bob", "ann", "bob"]


def test_who_had_it_before_gets_it_again_where_that_person_is_there() -> None:
    """`preferPrevious` goes before the strategy, not before working hours."""
    spec = {"group": "team", "strategy": "least-open", "preferPrevious": True}
    past = Past(load={"bob": 5}, previous="bob")

    assert chosen(spec, MORNING, past).person == "bob"
    assert chosen(spec, EVENING, past).person == "cai"


def test_a_name_that_nobody_has_gets_no_work() -> None:
    """A misspelled owner is nobody: who stands under `ifNone` is asked, and the reason says why."""
    found = given({"person": "chenn", "ifNone": {"person": "chen"}})
    assert (found.person or found.people[0]) == "chen"
    assert "the organization has no person chenn" in found.reason
    assert given({"person": "chenn"}).outcome == "no-assignee"
    assert given({"person": "amy@example.net"}).outcome == "assigned"
