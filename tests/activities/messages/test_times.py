"""Times as people read them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activities.messages.times import is_instant, readable, zone_of
from tests.activities.stage import ORGANIZATION

TAIPEI = ZoneInfo("Asia/Taipei")


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("2026-11-27T05:00:00Z", "en", "Fri 27 Nov 2026 13:00 (Asia/Taipei)"),
        ("2026-11-27T05:00:59.123456Z", "en", "Fri 27 Nov 2026 13:00 (Asia/Taipei)"),
        ("2026-11-27T18:30:00+02:00", "en", "Sat 28 Nov 2026 00:30 (Asia/Taipei)"),
        ("2026-11-29T05:00:00Z", "zh-TW", "2026年11月29日（週日）13:00（Asia/Taipei）"),
        ("2026-13-27T05:00:00Z", "en", "2026-13-27T05:00:00Z"),
        ("9999-12-31T23:00:00Z", "en", "9999-12-31T23:00:00Z"),
        ("tomorrow", "en", "tomorrow"),
    ],
)
def test_a_point_in_time_is_shown_on_the_readers_clock(
    text: str, language: str, shown: str
) -> None:
    """With the day of the week and the zone; what is no time stays as it is."""
    assert readable(text, TAIPEI, language) == shown


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-27T05:00:00Z", True), ("2026-11-27T05:00Z", True),
        ("2026-11-27T05:00:00+08:00", True), ("2026-11-27", False),
        ("2026-11-27T05:00:00", False), ("at 2026-11-27T05:00:00Z", False),
        ("2026-11-27T05:00:00Z\n", False), ("२026-11-27T05:00:00Z", False), ("", False),
    ],
)  # fmt: skip
def test_only_whole_points_in_time_are_rewritten(text: str, instant: bool) -> None:
    """Text that merely holds one is somebody's text."""
    assert is_instant(text) is instant


@pytest.mark.parametrize(
    ("person", "calendar", "zone"),
    [
        ("eve", "office", "Europe/Vienna"), ("dan", "office", "Europe/Vienna"),
        ("amy", "branch", "Asia/Taipei"), ("stranger", "branch", "Europe/Vienna"),
        (None, "office", "Asia/Taipei"), (None, None, "UTC"), ("stranger", "moon", "UTC"),
    ],
)  # fmt: skip
def test_a_readers_clock_is_that_of_their_calendar(person: Any, calendar: Any, zone: str) -> None:
    """Their own, their group's, the definition's; else UTC."""
    assert zone_of(ORGANIZATION, person, calendar).key == zone


def test_an_organization_without_data_has_utc() -> None:
    """Nor does a calendar with an unknown zone keep anybody from being told."""
    assert zone_of({}, "amy", "office").key == "UTC"
    assert zone_of({"calendars": {"x": {"timezone": "Mars/Base"}}}, None, "x").key == "UTC"
