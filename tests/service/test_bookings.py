"""What a plan collides with, and who may go on all the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.bookings import all_described, booking_of, check_override, conflicts, wanted_from
from service.errors import NotInOrganization, Refused
from service.instants import write_instant
from service.standing import standing

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ORGANIZATION: dict[str, Any] = {
    "people": {
        "wang": {"name": "Wang", "roles": ["support-manager"]},
        "wu": {"name": "Wu", "calendar": "taipei"},
        "lin": {"name": "Lin"},
        "tsai": {"name": "Tsai"},
    },
    "roles": {"support-manager": {}, "support-lead": {"people": ["lin"]}},
    "calendars": {"taipei": {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-18:00"]}}},
    "assets": {
        "network": {},
        "router": {"parent": "network"},
        "port": {"parent": "router"},
        "database": {"parent": "network"},
        "printer": {},
    },
    "windows": {
        "year-end": {
            "kind": "freeze", "from": "2026-03-05", "until": "2026-03-07", "assets": "all",
            "override": "support-manager", "title": {"en": "Year end", "zh-TW": "年終"},
        },
        "sunday": {"kind": "maintenance", "every": "Sun 01:00-05:00", "assets": ["router"]},
    },
    "absences": [{"person": "wu", "from": "2026-03-04", "until": "2026-03-05"}],
}  # fmt: skip


def found(
    begin: str,
    end: str,
    *assets: str,
    people: list[Any] | None = None,
    bookings: list[Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Give the conflicts of a plan of the case `change:1`."""
    window = {"from": begin, "to": end}
    wanted = wanted_from(
        "change:1", {"assets": list(assets), "people": people or [], "window": window}
    )
    return conflicts(ORGANIZATION, wanted, bookings or [])


def booking(
    case: str, begin: str, end: str, *assets: str, people: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Give a booking of a case."""
    return {
        "id": f"b-{case}", "case": case, "title": f"Work of {case}", "assets": list(assets),
        "people": list(people), "from": begin, "to": end,
    }  # fmt: skip


def kinds(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Give what is collided with."""
    return [(each["kind"], each["with"]) for each in found]


OTHER = booking("change:2", "2026-03-02T10:00:00Z", "2026-03-02T12:00:00Z", "database")


@pytest.mark.parametrize(
    ("begin", "end", "asset", "hit"),
    [
        ("2026-03-02T09:00Z", "2026-03-02T10:00Z", "database", False),
        ("2026-03-02T12:00Z", "2026-03-02T13:00Z", "database", False),
        ("2026-03-02T11:59Z", "2026-03-02T13:00Z", "database", True),
        ("2026-03-02T09:00Z", "2026-03-02T13:00Z", "network", True),
        ("2026-03-02T10:30Z", "2026-03-02T10:31Z", "database", True),
        ("2026-03-02T10:00Z", "2026-03-02T12:00Z", "printer", False),
    ],
)
def test_bookings_collide_half_open_and_over_parents(
    begin: str, end: str, asset: str, hit: bool
) -> None:
    """The same asset, what it hangs on and what hangs on it; to begin where one ends is fine."""
    assert kinds(found(begin, end, asset, bookings=[OTHER])) == (
        [("booking", "change:2")] if hit else []
    )


def test_a_booking_of_a_parent_or_child_collides_but_not_a_sibling() -> None:
    """Whoever works on the network works on all of it."""
    day = ("2026-03-02T10:00Z", "2026-03-02T12:00Z")
    above = booking("change:2", *day, "network")
    below = booking("change:3", *day, "port")
    beside = booking("change:4", *day, "router")

    assert [each["with"] for each in found(*day, "database", bookings=[above, below, beside])] == [
        "change:2"
    ]


def test_own_bookings_are_no_conflict() -> None:
    """A case that looks again right before its start does not find itself."""
    mine = {**OTHER, "case": "change:1"}

    assert found("2026-03-02T10:00Z", "2026-03-02T12:00Z", "database", bookings=[mine]) == []


def test_a_freeze_names_who_may_lift_it() -> None:
    """It is found with its times, its title in all languages, and the role that may override."""
    (freeze,) = found("2026-03-04T20:00Z", "2026-03-05T01:00Z", "printer")

    assert freeze == {
        "kind": "freeze", "with": "year-end", "from": "2026-03-05T00:00:00Z",
        "to": "2026-03-07T00:00:00Z", "title": "Year end / 年終", "asset": "all", "person": None,
        "override": "support-manager",
    }  # fmt: skip
    assert found("2026-03-04T20:00Z", "2026-03-05T00:00Z", "printer") == []


@pytest.mark.parametrize(
    ("begin", "end", "asset", "outside"),
    [
        ("2026-03-08T01:00Z", "2026-03-08T05:00Z", "router", False),
        ("2026-03-08T01:00Z", "2026-03-08T05:01Z", "router", True),
        ("2026-03-08T00:59Z", "2026-03-08T02:00Z", "router", True),
        ("2026-03-08T02:00Z", "2026-03-08T03:00Z", "port", False),
        ("2026-03-09T02:00Z", "2026-03-09T03:00Z", "port", True),
        ("2026-03-09T02:00Z", "2026-03-09T03:00Z", "database", False),
    ],
)
def test_assets_with_hours_are_worked_on_in_them(
    begin: str, end: str, asset: str, outside: bool
) -> None:
    """Whole, and also what hangs on them; where no hours are given all are fine."""
    hit = found(begin, end, asset)

    assert kinds(hit) == ([("outside-window", "sunday")] if outside else [])
    if outside:
        assert hit[0]["from"] in (
            "2026-03-08T01:00:00Z", "2026-03-15T01:00:00Z",
        )  # fmt: skip


def test_people_are_booked_once_and_not_while_they_are_away() -> None:
    """Another booking of theirs, and absences by the days where they work."""
    other = booking(
        "change:2", "2026-03-02T10:00Z", "2026-03-02T12:00Z", "printer", people=("wu", "lin")
    )

    busy = found("2026-03-02T11:00Z", "2026-03-02T13:00Z", "database", people=["wu", None, {"id": "tsai"}], bookings=[other])  # fmt: skip
    # 4 March in Taipei begins at 16:00 UTC of the day before.
    before = found("2026-03-03T15:00Z", "2026-03-03T16:00Z", "database", people=["wu"])
    away = found("2026-03-03T15:00Z", "2026-03-03T16:01Z", "database", people=["wu"])

    assert [(each["kind"], each["with"], each["person"]) for each in busy] == [
        ("person", "change:2", "wu")
    ]
    assert before == []
    assert [(each["with"], each["from"], each["to"]) for each in away] == [
        ("absence", "2026-03-03T16:00:00Z", "2026-03-04T16:00:00Z")
    ]


minutes = st.integers(0, 600)


@settings(max_examples=100, deadline=None)
@given(
    plans=st.lists(
        st.tuples(
            minutes, st.integers(1, 120), st.sampled_from(["network", "router", "port", "database"])
        ),
        max_size=4,
    ),
    begin=minutes, length=st.integers(1, 120),
    asset=st.sampled_from(["network", "router", "port", "database", "printer"]),
)  # fmt: skip
def test_free_means_that_no_minute_is_taken(
    plans: list[tuple[int, int, str]], begin: int, length: int, asset: str
) -> None:
    """Against a reference that asks of every minute whether anything related is booked in it."""
    related = {
        "network": {"network", "router", "port", "database"},
        "router": {"network", "router", "port"},
        "port": {"network", "router", "port"},
        "database": {"network", "database"},
        "printer": {"printer"},
    }
    organization = {"assets": ORGANIZATION["assets"]}
    bookings = [
        booking(f"change:{number + 2}", text(start), text(start + long), named)
        for number, (start, long, named) in enumerate(plans)
    ]
    window = {"from": text(begin), "to": text(begin + length)}
    wanted = wanted_from("change:1", {"assets": [asset], "window": window})

    hit = {each["with"] for each in conflicts(organization, wanted, bookings)}

    taken = {
        f"change:{number + 2}"
        for minute in range(begin, begin + length)
        for number, (start, long, named) in enumerate(plans)
        if start <= minute < start + long and named in related[asset]
    }
    assert taken == hit


def text(minute: int) -> str:
    """Write a minute of Monday."""
    return write_instant(MONDAY + timedelta(minutes=minute))


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({"from": "2026-03-02T10:00Z", "to": "2026-03-02T10:00Z"}, "before it begins"),
        ({"from": "2026-03-02T10:00Z", "to": "2026-03-01T10:00Z"}, "before it begins"),
        ({"from": "soon", "to": "2026-03-01T10:00Z"}, "from of the window is 'soon'"),
        ({"from": "2026-03-02T10:00Z", "to": "9999-01-01T00:00Z"}, "longer than 366 days"),
        ({"from": "2026-03-02T10:00Z"}, "to of the window is None"),
        ({"from": "9999-12-31T00:00Z", "to": "9999-12-31T23:59Z"}, "years 1900 to 2999"),
        ({"from": "0001-01-01T00:00Z", "to": "0001-01-02T00:00Z"}, "years 1900 to 2999"),
        ({"from": "0001-01-01T00:00+14:00", "to": "0001-01-02T00:00Z"}, "from of the window"),
    ],
)
def test_impossible_plans_are_refused(window: Mapping[str, Any], said: str) -> None:
    """Instead of booking for ever, or backwards."""
    with pytest.raises(Refused, match=said):
        wanted_from("change:1", {"assets": ["router"], "window": window})


def test_unknown_assets_are_named() -> None:
    """A misspelled asset must not look free."""
    with pytest.raises(NotInOrganization, match='Did you mean "router"'):
        found("2026-03-02T10:00Z", "2026-03-02T11:00Z", "ruoter")


def test_what_is_booked_is_what_was_planned() -> None:
    """A booking has its times in UTC, people by id, each asset once."""
    wanted = wanted_from(
        "change:1",
        {
            "assets": ["router", "router"], "people": [{"person": "wu"}, "wu"],
            "window": {"from": "2026-03-02T10:00+08:00", "to": "2026-03-02T11:00+08:00"},
        },
    )  # fmt: skip

    assert booking_of(wanted, "b", "Upgrade") == {
        "id": "b", "case": "change:1", "title": "Upgrade", "assets": ["router"], "people": ["wu"],
        "from": "2026-03-02T02:00:00Z", "to": "2026-03-02T03:00:00Z",
        "conflicts": [],
    }  # fmt: skip


FREEZE = found("2026-03-05T10:00Z", "2026-03-05T11:00Z", "printer")
BOTH = found("2026-03-02T10:00Z", "2026-03-02T11:00Z", "database", bookings=[OTHER])


@pytest.mark.parametrize(
    ("hit", "person", "reason", "role", "said"),
    [
        (FREEZE, "wang", "", None, "needs a reason"),
        (FREEZE, "wang", "  ", None, "needs a reason"),
        (FREEZE, "lin", "now", "support-lead", "only support-manager may override"),
        (BOTH, "wang", "now", None, "no role is named"),
        (BOTH, "tsai", "now", "support-lead", "only support-lead may override that, which tsai"),
        ([{**FREEZE[0], "override": None}], "wang", "now", "support-manager", "nobody can lift it"),
    ],
)
def test_overrides_need_the_role_and_a_reason(
    hit: list[dict[str, Any]], person: str, reason: str, role: str | None, said: str
) -> None:
    """A freeze is lifted by the role that it names, whatever the definition says."""
    with pytest.raises(Refused, match=said):
        check_override(hit, standing(ORGANIZATION, person, MONDAY), reason, role)


def test_who_has_the_role_overrides() -> None:
    """The manager lifts the freeze; the lead another booking; a person may be named as well."""
    manager = standing(ORGANIZATION, "wang", MONDAY)
    lead = standing(ORGANIZATION, "lin", MONDAY)

    check_override(FREEZE, manager, "the bank asks for it", None)
    check_override(BOTH, lead, "agreed with the other team", "support-lead")
    check_override(BOTH, lead, "agreed", "lin")


def test_a_deputy_overrides_for_an_absent_manager() -> None:
    """Who stands in for a person decides for that person."""
    absent = {**ORGANIZATION, "absences": [{"person": "wang", "from": "2026-03-01", "until": "2026-03-09", "delegate": "tsai"}]}  # fmt: skip

    check_override(FREEZE, standing(absent, "tsai", MONDAY), "agreed by telephone", None)


def test_conflicts_read_as_a_sentence() -> None:
    """An error names what is in the way, with times."""
    hit = found("2026-03-05T10:00Z", "2026-03-05T11:00Z", "router", people=["wu"], bookings=[
        booking("change:2", "2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z", "router", people=("wu",))
    ])  # fmt: skip

    said = all_described(hit)

    for each in (
        "everything is frozen by year-end (2026-03-05T00:00:00Z to 2026-03-07T00:00:00Z)",
        "router is booked by change:2, Work of change:2",
        "it is outside the maintenance windows of router; the next one is 2026-03-08T01:00:00Z",
        "wu is booked by change:2",
    ):
        assert each in said


def test_a_misspelled_person_is_not_free() -> None:
    """Whom nobody knows cannot be booked; somebody from outside is named by an address."""
    (hit,) = found("2026-03-02T10:00Z", "2026-03-02T11:00Z", "database", people=["wuu", "amy@supplier.example"])  # fmt: skip

    assert (hit["kind"], hit["with"], hit["person"]) == ("person", "unknown", "wuu")
    assert all_described([hit]) == "the organization has no person wuu"
