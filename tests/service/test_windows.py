"""Windows against a slow and obvious minute-by-minute reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.calendars import DAYS, calendar_from
from service.errors import Refused, WindowInvalid
from service.instants import read_instant
from service.reads import windows_maintenance
from service.recurring import hours_of
from service.windows import (
    Interval,
    Window,
    above,
    below,
    family,
    maintenance_at,
    next_time,
    overlap,
    uncovered,
    window_from,
)

ZONES = ("Asia/Taipei", "Europe/Berlin", "America/New_York", "UTC")
STARTS = [
    datetime(2026, 3, 28, 12, tzinfo=UTC),
    datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2026, 3, 7, 23, tzinfo=UTC),
    datetime(2026, 11, 1, 1, tzinfo=UTC),
    datetime(2026, 6, 6, tzinfo=UTC),
]
"""Around every change of the clocks, and far from any."""
MINUTE = timedelta(minutes=1)
times_of_day = st.integers(0, 24 * 60 - 1)


@st.composite
def recurring(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, int]]]:
    """What `every` may say, and the same as (weekday, first minute, last minute + 1 or next day)."""
    texts, meant = [], []
    for _ in range(draw(st.integers(1, 3))):
        day = draw(st.integers(0, 6))
        begin, end = draw(times_of_day), draw(times_of_day)
        if begin == end:
            continue
        texts.append(f"{DAYS[day].title()} {clock(begin)}-{clock(end)}")
        meant.append((day, begin, end))
    if not texts:
        return "Sun 01:00-05:00", [(6, 60, 300)]
    return ", ".join(texts), meant


def clock(minute: int) -> str:
    """Write a minute of the day."""
    return f"{minute // 60:02}:{minute % 60:02}"


def is_inside(meant: Iterable[tuple[int, int, int]], local: datetime) -> bool:
    """Whether the wall shows a time that belongs to it."""
    minute, day = local.hour * 60 + local.minute, local.weekday()
    for weekday, begin, end in meant:
        if begin < end:
            if day == weekday and begin <= minute < end:
                return True
        elif (day == weekday and minute >= begin) or (day == (weekday + 1) % 7 and minute < end):
            return True
    return False


def minutes_of(start: datetime, minutes: int) -> list[datetime]:
    """Give every minute from then on."""
    return [start + timedelta(minutes=number) for number in range(minutes)]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES), every=recurring(), start=st.sampled_from(STARTS),
    shift=st.integers(0, 600), length=st.integers(1, 2600),
)  # fmt: skip
def test_times_are_the_minutes_that_the_wall_shows(
    zone: str, every: tuple[str, Any], start: datetime, shift: int, length: int
) -> None:
    """Every minute of a stretch lies in a time of the window where its wall clock says so."""
    text, meant = every
    window = window_from("w", {"kind": "freeze", "every": text, "timezone": zone})
    begin = start + timedelta(minutes=shift)

    found = list(window.times(begin, begin + timedelta(minutes=length)))

    for at in minutes_of(begin, length):
        wall = is_inside(meant, at.astimezone(ZoneInfo(zone)))
        assert wall == any(low <= at < high for low, high in found), at


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES), every=recurring(), start=st.sampled_from(STARTS),
    shift=st.integers(0, 600), length=st.integers(1, 1500),
)  # fmt: skip
def test_an_interval_is_covered_where_all_its_minutes_are(
    zone: str, every: tuple[str, Any], start: datetime, shift: int, length: int
) -> None:
    """What is not covered begins at the first minute outside, and ends before the next inside."""
    text, meant = every
    window = window_from("w", {"kind": "maintenance", "every": text, "timezone": zone})
    begin = start + timedelta(minutes=shift)
    wanted = begin, begin + timedelta(minutes=length)

    gap = uncovered(wanted, window.times(*wanted))

    outside = [
        at
        for at in minutes_of(begin, length)
        if not is_inside(meant, at.astimezone(ZoneInfo(zone)))
    ]
    assert (gap is None) == (not outside)
    if gap is not None:
        assert gap[0] == outside[0]
        assert all(each in outside for each in minutes_of(gap[0], (gap[1] - gap[0]) // MINUTE))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 50), st.integers(1, 20), st.integers(0, 50), st.integers(1, 20)
)  # fmt: skip
def test_half_open_intervals_overlap_where_they_share_a_minute(
    first: int, long: int, second: int, short: int
) -> None:
    """One that begins when the other ends is no conflict."""
    base = STARTS[-1]
    one = base + first * MINUTE, base + (first + long) * MINUTE
    other = base + second * MINUTE, base + (second + short) * MINUTE

    shared = set(minutes_of(one[0], long)) & set(minutes_of(other[0], short))

    assert bool(shared) == overlap(one, other)


@settings(max_examples=100, deadline=None)
@given(every=recurring())
def test_hours_are_those_of_a_calendar(every: tuple[str, Any]) -> None:
    """What is read is in order, never twice, and a calendar takes it."""
    week = hours_of(every[0])

    assert calendar_from("w", {"timezone": "UTC", "week": week})
    assert set(week) <= set(DAYS)


@pytest.mark.parametrize(
    ("every", "week"),
    [
        ("Sun 01:00-05:00", {"sun": ["01:00-05:00"]}),
        ("Mon, Wed 22:00-24:00", {"mon": ["22:00-24:00"], "wed": ["22:00-24:00"]}),
        ("Sat 22:00-04:00", {"sat": ["22:00-24:00"], "sun": ["00:00-04:00"]}),
        ("Sun 22:00-00:00", {"sun": ["22:00-24:00"]}),
        ("daily 00:00-01:00", {key: ["00:00-01:00"] for key in DAYS}),
        ("fri-mon 10:00-11:00", {key: ["10:00-11:00"] for key in ("mon", "fri", "sat", "sun")}),
        ("Sunday 01:00-03:00, Sun 02:00-05:00", {"sun": ["01:00-05:00"]}),
    ],
)
def test_every_reads_as_people_write_it(every: str, week: Mapping[str, Any]) -> None:
    """Days, ranges, nights over midnight, several days."""
    assert week == hours_of(every)


@pytest.mark.parametrize(
    ("every", "said"),
    [
        ("Sun", "does not say which hours"),
        ("01:00-05:00", "is no day"),
        ("Son 01:00-05:00", "'Son' of"),
        ("Sun 1-5", "is not hours such as"),
        ("Sun 25:00-26:00", "is not hours such as"),
        ("Sun 05:00-05:00", "a whole day is 00:00-24:00"),
        ("", "is not like"),
        ("Sun 01:00 - 05:00", "is not like"),
    ],
)
def test_what_cannot_be_read_says_how_to_write_it(every: str, said: str) -> None:
    """A slip in a window is named, with what is allowed."""
    with pytest.raises(WindowInvalid, match=said):
        window_from("w", {"kind": "freeze", "every": every})


def window(**data: Any) -> Window:
    """Read a window."""
    return window_from("w", {"kind": "freeze", "assets": "all", **data})


def at(text: str) -> datetime:
    """Read a time."""
    return read_instant(text)


def test_dates_begin_at_the_midnight_of_the_zone() -> None:
    """A date is half-open and local: of the window's zone, else of the one that asks."""
    dates = {"from": "2026-12-24", "until": "2027-01-03"}
    named = window(**dates, timezone="Asia/Taipei")
    asked = window_from("w", dates, ZoneInfo("America/New_York"))

    assert (at("2026-12-23T16:00Z"), at("2027-01-02T16:00Z")) == (named.begins, named.ends)
    assert at("2026-12-24T05:00Z") == asked.begins


def test_a_recurring_window_may_have_a_season() -> None:
    """With from and until it recurs only between them."""
    summer = window(every="Sun 01:00-05:00", timezone="UTC", **{"from": "2026-06-07T02:00", "until": "2026-06-14"})  # fmt: skip

    assert [(at("2026-06-07T02:00Z"), at("2026-06-07T05:00Z"))] == list(
        summer.times(at("2026-05-01T00:00Z"), at("2026-07-01T00:00Z"))
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "it needs from and until, or every"),
        ({"from": "2026-01-01"}, "it needs from and until, or every"),
        ({"from": "2026-01-02", "until": "2026-01-02"}, "until is not after from"),
        ({"from": "tomorrow", "until": "2026-01-02"}, "'tomorrow' is not a date or time"),
        ({"every": "Sun 01:00-05:00", "timezone": "Mars/Base"}, "is not a time zone"),
    ],
)
def test_impossible_windows_are_refused(data: Mapping[str, Any], said: str) -> None:
    """The message says what is missing."""
    with pytest.raises(WindowInvalid, match=said):
        window(**data)


ASSETS = {
    "network": {},
    "router": {"parent": "network"},
    "port": {"parent": "router"},
    "database": {"parent": "network"},
    "egg": {"parent": "hen"},
    "hen": {"parent": "egg"},
}


def test_assets_have_what_they_hang_on_and_what_hangs_on_them() -> None:
    """At every depth; a circle in the data ends where it began."""
    assert above(ASSETS, "port") == ("router", "network")
    assert below(ASSETS, "network") == ("router", "port", "database")
    assert (above(ASSETS, "egg"), below(ASSETS, "egg")) == (("hen",), ("hen",))
    assert family(ASSETS, ["router"]) == dict.fromkeys(("router", "network", "port"), "router")


def test_a_window_holds_for_what_hangs_on_its_asset_and_is_touched_from_above() -> None:
    """Work on the network touches a frozen router; a sibling is not touched."""
    frozen = window(assets=["router"], every="Sun 01:00-05:00")

    assert [each for each in ASSETS if frozen.holds_for(each, ASSETS)] == ["router", "port"]
    assert [each for each in ASSETS if frozen.touches(each, ASSETS)] == [
        "network", "router", "port",
    ]  # fmt: skip


NIGHT = {"kind": "maintenance", "every": "Sun 01:00-05:00", "timezone": "UTC", "assets": ["router"]}
SUNDAY = "2026-03-08T0{}:00Z"


def organization(**windows: Any) -> dict[str, Any]:
    """Give an organization with these windows."""
    return {"assets": ASSETS, "windows": windows}


@pytest.mark.parametrize(
    ("assets", "hour", "inside"),
    [
        (["router"], 1, True), (["port"], 4, True), (["router"], 5, False), (["router"], 0, False),
        (["network"], 2, False), (["nobody-knows"], 2, False), ([], 2, False),
        (["database", "port"], 2, True),
    ],
)  # fmt: skip
def test_maintenance_holds_from_the_first_to_before_the_last_instant(
    assets: list[str], hour: int, inside: bool
) -> None:
    """Half-open, for the asset and what hangs on it; unknown names are in no window of others."""
    found = maintenance_at(organization(night=NIGHT), assets, at(SUNDAY.format(hour)))

    assert inside == found["inside"]
    assert found["until"] == ("2026-03-08T05:00:00Z" if inside else None)


def test_windows_that_follow_each_other_end_with_the_last() -> None:
    """An alert is not taken up between two windows that leave no gap."""
    more = {**NIGHT, "every": "Sun 05:00-06:00", "assets": "all", "title": {"en": "More", "zh-TW": "加長"}}  # fmt: skip
    late = {**NIGHT, "every": "Sun 06:01-07:00"}

    found = maintenance_at(
        organization(night=NIGHT, more=more, late=late), ["port"], at(SUNDAY.format(2))
    )
    unknown = maintenance_at(organization(more=more), [], at(SUNDAY.format(5)))

    assert (found["window"], found["until"]) == ("night", "2026-03-08T06:00:00Z")
    assert (unknown["inside"], unknown["title"]) == (True, "More / 加長")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z"])
def test_a_time_at_the_end_of_all_time_is_refused(text: str) -> None:
    """Not counted, where there is no day before or after it."""
    with pytest.raises(Refused, match="year"):
        windows_maintenance(organization(night=NIGHT), {"assets": ["port"], "at": text})


def test_an_endless_window_ends_somewhere() -> None:
    """A window that is open all week is no loop."""
    always = {**NIGHT, "every": "daily 00:00-24:00", "assets": "all"}

    found = maintenance_at(organization(always=always), ["port"], at(SUNDAY.format(2)))

    assert found["inside"]


def test_the_next_time_is_one_with_room() -> None:
    """Whoever is told where else to go is not sent to a time that is too short."""
    short = window(every="Mon 01:00-02:00", timezone="UTC")
    wide = window(every="Thu 01:00-05:00", timezone="UTC")

    def found(hours: int) -> Interval | None:
        begin = at(SUNDAY.format(2))
        following = next_time((short, wide), (begin, begin + timedelta(hours=hours)))
        return None if following is None else following[1]

    assert found(1) == (at("2026-03-09T01:00Z"), at("2026-03-09T02:00Z"))
    assert found(2) == (at("2026-03-12T01:00Z"), at("2026-03-12T05:00Z"))
    assert found(9) == (at("2026-03-09T01:00Z"), at("2026-03-09T02:00Z"))
    assert next_time((), (at(SUNDAY.format(2)), at(SUNDAY.format(3)))) is None


def test_the_night_in_which_the_clock_is_put_back_has_an_hour_more() -> None:
    """02:00 to 03:00 comes twice in Berlin on 25 October; a window over it is five hours long."""
    night = window(every="Sun 01:00-05:00", timezone="Europe/Berlin")
    day = date(2026, 10, 25)
    begin = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=6)

    ((low, high),) = night.times(begin, begin + timedelta(days=1))

    assert high - low == timedelta(hours=5)
