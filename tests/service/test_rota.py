"""Who is on call, when hand-overs are, and where nobody is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import NotInOrganization, RotaInvalid
from service.people import resolve
from service.rota import gaps, on_call
from service.standing import standing

BERLIN = ZoneInfo("Europe/Berlin")
DAILY: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "layers": [
        {"people": ["ada", "bob"], "rotate": "daily", "handover": "02:30", "starts": "2026-03-27"}
    ],
}


def at(text: str) -> datetime:
    """An instant; text without an offset is local time of Berlin."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)).astimezone(UTC)


def test_a_hand_over_that_the_clock_jumps_over_still_happens() -> None:
    """On the night of 2026-03-29 there is no 02:30: who is next is on call all the same."""
    assert [on_call("r", DAILY, at(f"2026-03-{day}T12:00")) for day in (27, 28, 29, 30)] == [
        "ada",
        "bob",
        "ada",
        "bob",
    ]


def test_nobody_is_handed_back_to_when_the_clock_shows_an_hour_twice() -> None:
    """On 2026-10-25 the clock shows 02:30 twice; the first one hands over, the second changes nothing."""
    people = [
        on_call("r", DAILY, at("2026-10-25T00:00Z") + timedelta(minutes=10 * step))
        for step in range(18)
    ]

    assert sum(one != other for one, other in pairwise(people)) == 1


def test_a_weekly_hand_over_keeps_its_local_time_through_clock_changes() -> None:
    """Monday 09:00 is 08:00 UTC in winter and 07:00 UTC in summer."""
    rota = {
        "timezone": "Europe/Berlin",
        "layers": [
            {"people": ["ada", "bob"], "rotate": "weekly", "handover": "Mon 09:00",
             "starts": "2026-03-23"}
        ],
    }  # fmt: skip

    assert on_call("r", rota, at("2026-03-30T06:59Z")) == "ada"
    assert on_call("r", rota, at("2026-03-30T07:00Z")) == "bob"


@pytest.mark.parametrize(
    ("moment", "person"),
    [
        ("2026-01-15T08:59", None),
        ("2026-02-01T08:59", None),
        ("2026-02-01T09:00", "ada"),
        ("2026-03-01T08:59", "ada"),
        ("2026-03-01T09:00", "bob"),
        ("2027-02-01T09:00", "ada"),
    ],
)
def test_a_month_hands_over_on_its_day(moment: str, person: str | None) -> None:
    """A layer that starts in the middle of a month begins with the next hand-over day."""
    layer = {
        "people": ["ada", "bob"], "rotate": "monthly", "handover": "1 09:00", "starts": "2026-01-10",
    }  # fmt: skip
    assert on_call("r", {"timezone": "Europe/Berlin", "layers": [layer]}, at(moment)) == person


ORGANIZATION: dict[str, Any] = {
    "people": {"ada": {"mail": "ada@example.org"}, "bob": {}, "kim": {"roles": ["lead"]}},
    "roles": {"lead": {}},
    "calendars": {"office": {"timezone": "Europe/Berlin", "week": {"mon-fri": ["09:00-17:00"]}}},
    "rota": {
        "desk": {
            "timezone": "Europe/Berlin",
            "layers": [
                {"people": ["ada"], "rotate": "weekly", "handover": "Mon 09:00",
                 "starts": "2026-03-02", "hours": "office"}
            ],
            "fallback": "lead",
        },
    },
}  # fmt: skip


def test_hours_of_a_layer_leave_gaps_that_are_found_to_the_minute() -> None:
    """A layer for office hours covers nothing at night and on weekends."""
    rota = ORGANIZATION["rota"]["desk"]

    found = gaps("desk", rota, at("2026-03-06T12:00"), at("2026-03-09T12:00"),
                 ORGANIZATION["calendars"])  # fmt: skip

    assert [(each.begin, each.until) for each in found] == [
        (at("2026-03-06T17:00"), at("2026-03-09T09:00"))
    ]


def test_an_override_closes_a_gap() -> None:
    """Who takes the weekend over by an override covers it."""
    rota = {
        **ORGANIZATION["rota"]["desk"],
        "overrides": [{"from": "2026-03-06T17:00", "until": "2026-03-09T09:00", "person": "bob"}],
    }

    begin, until = at("2026-03-06T12:00"), at("2026-03-09T12:00")
    assert gaps("desk", rota, begin, until, ORGANIZATION["calendars"]) == ()


def test_a_gap_leads_to_the_fallback_role() -> None:
    """Where nobody is on call the holders of the fallback role are meant, and only then."""
    night, noon = at("2026-03-04T23:00"), at("2026-03-04T12:00")

    assert resolve(ORGANIZATION, {"onCall": "desk"}, {}, night).ids == ("kim",)
    assert resolve(ORGANIZATION, {"onCall": "desk"}, {}, noon).ids == ("ada",)
    assert standing(ORGANIZATION, "kim", night)["onCall"] == ["desk"]
    assert standing(ORGANIZATION, "kim", noon)["onCall"] == []


def test_a_layer_can_end() -> None:
    """`until` is the first day without it; the next layer takes over there."""
    rota = {
        "timezone": "Europe/Berlin",
        "layers": [
            {"people": ["ada"], "rotate": "weekly", "handover": "Mon 00:00",
             "starts": "2026-03-02", "until": "2026-03-16"},
            {"people": ["bob"], "rotate": "weekly", "handover": "Mon 00:00",
             "starts": "2026-03-02"},
        ],
    }  # fmt: skip

    assert on_call("r", rota, at("2026-03-15T23:59")) == "ada"
    assert on_call("r", rota, at("2026-03-16T00:00")) == "bob"


@pytest.mark.parametrize(
    ("rotate", "handover"),
    [("weekly", "09:00"), ("weekly", "Mon 9"), ("daily", "Mon 09:00"), ("monthly", "31 09:00"),
     ("weekly", "Mon 25:00"), ("yearly", "09:00"), ("daily", "")],
)  # fmt: skip
def test_what_cannot_be_read_is_said(rotate: str, handover: str) -> None:
    """A hand-over of another form than its rotation needs is no hand-over at midnight."""
    layer = {"people": ["ada"], "rotate": rotate, "handover": handover, "starts": "2026-01-01"}

    with pytest.raises(RotaInvalid):
        on_call("r", {"timezone": "UTC", "layers": [layer]}, at("2026-03-04T12:00"))


def test_hours_are_those_of_a_calendar_that_is_there() -> None:
    """A layer whose calendar is gone says so instead of covering nothing."""
    with pytest.raises(NotInOrganization):
        on_call("desk", ORGANIZATION["rota"]["desk"], at("2026-03-04T12:00"), {})


@settings(deadline=None, max_examples=60)
@given(
    rotate=st.sampled_from(["daily", "weekly", "monthly"]),
    zone=st.sampled_from(["Europe/Berlin", "Asia/Taipei", "America/Sao_Paulo", "Pacific/Apia"]),
    hour=st.integers(0, 23),
    hours=st.integers(0, 24 * 500),
    size=st.integers(1, 4),
)
def test_the_turn_goes_round_and_never_back(
    rotate: str, zone: str, hour: int, hours: int, size: int
) -> None:
    """Hour by hour through two years: the same person, or the next one of the layer."""
    people = [f"p{number}" for number in range(size)]
    handover = {"daily": "", "weekly": "Wed ", "monthly": "15 "}[rotate] + f"{hour:02}:30"
    layer = {"people": people, "rotate": rotate, "handover": handover, "starts": "2025-11-01"}
    rota = {"timezone": zone, "layers": [layer]}
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)

    turns = [
        people.index(str(on_call("r", rota, begin + timedelta(minutes=30 * step))))
        for step in range(96)
    ]

    steps = {(after - before) % size for before, after in pairwise(turns)}
    assert steps <= {0, 1 % size}
