"""When people may be told, and by which channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.delivery import channels, opens
from service.errors import NotInOrganization, WindowInvalid

ORGANIZATION: dict[str, Any] = {
    "people": {"chen": {"calendar": "taipei"}, "ada": {"groups": ["desk"]}, "kim": {}},
    "groups": {"desk": {"calendar": "berlin"}},
    "calendars": {
        "taipei": {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}},
        "berlin": {"timezone": "Europe/Berlin", "week": {"mon-fri": ["08:00-16:00"]}},
    },
}


def opening(at: str, window: Any, person: str = "chen", **more: Any) -> str:
    """When a notice may reach a person."""
    arguments = {"window": window, **more.pop("arguments", {})}
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return opens(ORGANIZATION, arguments, more, {"id": person}, moment).isoformat()


@pytest.mark.parametrize(
    ("at", "window", "person", "opened"),
    [
        # A calendar: Monday evening, lunch, Friday evening.
        ("2026-03-02T20:00+08:00", "taipei", "chen", "2026-03-03T01:00:00+00:00"),
        ("2026-03-02T12:30+08:00", "taipei", "chen", "2026-03-02T05:00:00+00:00"),
        ("2026-03-06T18:00+08:00", "taipei", "chen", "2026-03-09T01:00:00+00:00"),
        # Hours of the day, on the clock of the person: of the own calendar, of a group's, of UTC.
        ("2026-03-02T23:00+00:00", {"from": "08:00", "until": "20:00"}, "chen", "2026-03-03T00:00:00+00:00"),
        ("2026-03-02T20:00+00:00", {"from": "08:00", "until": "20:00"}, "ada", "2026-03-03T07:00:00+00:00"),
        ("2026-03-02T21:00+00:00", {"from": "08:00", "until": "20:00"}, "kim", "2026-03-03T08:00:00+00:00"),
        ("2026-03-02T05:00+00:00", {"from": "08:00", "until": "24:00"}, "kim", "2026-03-02T08:00:00+00:00"),
        # Over midnight, for those who work at night.
        ("2026-03-02T12:00+00:00", {"from": "22:00", "until": "06:00"}, "kim", "2026-03-02T22:00:00+00:00"),
    ],
)  # fmt: skip
def test_outside_of_its_window_a_notice_waits_for_the_opening(
    at: str, window: Any, person: str, opened: str
) -> None:
    """Nobody is told at midnight what can wait for the morning."""
    assert opening(at, window, person) == opened


@pytest.mark.parametrize(
    ("at", "window", "more"),
    [
        ("2026-03-02T10:00+08:00", "taipei", {}),
        ("2026-03-02T20:00+08:00", None, {}),
        ("2026-03-02T20:00+08:00", "taipei", {"arguments": {"urgent": True}}),
        ("2026-03-02T20:00+08:00", "taipei", {"priority": "P1"}),
        ("2026-03-02T23:00+00:00", {"from": "22:00", "until": "06:00"}, {"person": "kim"}),
        ("2026-03-02T08:00+08:00", {"from": "08:00", "until": "20:00"}, {}),
    ],
)
def test_what_is_urgent_or_inside_the_window_goes_at_once(at: str, window: Any, more: Any) -> None:
    """P1 knows no quiet hours, nor does what says that it is urgent."""
    assert opening(at, window, **more) == datetime.fromisoformat(at).astimezone(UTC).isoformat()


def test_the_end_of_a_window_is_outside() -> None:
    """Half-open, as everywhere: at 20:00 the day is over."""
    window = {"from": "08:00", "until": "20:00"}

    assert opening("2026-03-02T20:00+00:00", window, "kim") == "2026-03-03T08:00:00+00:00"


def test_a_window_that_cannot_be_read_is_said() -> None:
    """An unknown calendar and a time that is none are errors with their words."""
    with pytest.raises(NotInOrganization, match="taipeh"):
        opening("2026-03-02T20:00+00:00", "taipeh")
    with pytest.raises(WindowInvalid, match="8 o'clock"):
        opening("2026-03-02T20:00+00:00", {"from": "8 o'clock", "until": "20:00"})


@given(
    hours=st.integers(0, 24 * 400),
    begin=st.integers(0, 23),
    end=st.integers(0, 23),
    person=st.sampled_from(["chen", "ada", "kim"]),
)
def test_a_window_opens_within_a_day_and_is_open_then(
    hours: int, begin: int, end: int, person: str
) -> None:
    """Whatever the hours and the night of a clock change: never earlier than now, and open then."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    arguments = {"window": {"from": f"{begin:02}:00", "until": f"{end:02}:00"}}

    opened = opens(ORGANIZATION, arguments, {}, {"id": person}, at)

    assert at <= opened <= at + timedelta(hours=25)
    assert opens(ORGANIZATION, arguments, {}, {"id": person}, opened) == opened


@pytest.mark.parametrize(
    ("given_", "own", "tried"),
    [
        (None, ["chat", "mail"], ("chat", "mail")),
        ("preferred", [], ("mail",)),
        ("paging", ["chat"], ("paging", "mail")),
        (["paging", "preferred"], ["chat", "mail"], ("paging", "chat", "mail")),
    ],
)
def test_channels_are_tried_in_turn_and_mail_at_last(
    given_: Any, own: list[str], tried: tuple[str, ...]
) -> None:
    """What the notice says, the person's own preference, and mail where all else fails."""
    assert channels(given_, {"id": "chen", "channels": own}) == tried
