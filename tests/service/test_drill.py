"""What a drill does instead of writing anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from activities.build import UNNAMED_ACTIONS
from language.functions import CATALOG
from service.drill import addressed, drill_list, instead, is_done, is_drill, marked, would

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
WRITING = [name for name, each in CATALOG.items() if each.kind == "acts"]
WINDOW = {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T12:00:00Z"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "ticket.create": {"subject": "VPN", "requester": "amy"},
    "ticket.update": {"ticket": "T-1", "set": {"status": "open"}},
    "ticket.close": {"ticket": {"id": "T-1"}},
    "calendar.book": {"assets": ["router"], "window": WINDOW, "title": "Upgrade"},
    "calendar.release": {"booking": "B-1"},
    "case.send": {"case": "desk:1", "event": "x"},
    "register.add": {"title": "Shorter waits"},
    "register.update": {"entry": "improvement-1", "status": "doing"},
    "http": {"method": "post", "endpoint": "https://shop.example.org/orders"},
}


@pytest.mark.parametrize("name", WRITING)
def test_every_function_that_acts_tells_people_or_is_not_done(name: str) -> None:
    """A new one that nobody thought of writes nothing; its result is of its form."""
    arguments = ARGUMENTS.get(name, {})
    if name in ("notify", "mail.send", "mail.reply"):
        assert is_done(name, arguments)
        return

    assert not is_done(name, arguments)
    result = instead(name, arguments, "key", MONDAY)
    if result is None:
        assert name in ("http", "openapi")
    else:
        Draft202012Validator(CATALOG[name].result).validate(result)
    assert name in would(name, arguments)


@pytest.mark.parametrize("name", UNNAMED_ACTIONS)
def test_actions_without_a_name_tell_people_or_are_not_done(name: str) -> None:
    """Announcements go to the drill list; nothing is published, invited or scheduled."""
    assert is_done(name, {}) == name.endswith(".announce")
    if not is_done(name, {}):
        assert instead(name, {}, "key", MONDAY) is not None


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("http", {"endpoint": "https://a.example"}), ("http", {"method": "HEAD", "endpoint": "x"}),
        ("ticket.find", {}), ("case.find", {}), ("conflict.check", {}),
        ("report.kpi", {}),
        ("case.send", {"case": "desk:drill~1", "event": "x"}),
    ],
)  # fmt: skip
def test_looking_is_done_and_so_is_what_stays_in_the_drill(
    name: str, arguments: dict[str, Any]
) -> None:
    """Otherwise a drill would show little."""
    assert is_done(name, arguments)


def test_a_drill_is_known_by_its_id() -> None:
    """Parts of one have its id within theirs."""
    assert is_drill("desk:drill~1")
    assert is_drill("fault:desk:drill~1/fix#2")
    assert not is_drill("desk:1")


ORGANIZATION = {
    "people": {
        "amy": {"mail": "Amy@Example.org"}, "ben": {"mail": "ben@example.org"}, "eve": {"name": "Eve"},
    },
    "drill": {"to": [{"person": "amy"}, {"person": "eve"}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (["ben@example.org"], ("Amy@Example.org",)),
        (["amy@example.org", "ben@example.org"], ("Amy@Example.org",)),
        ([], ("Amy@Example.org",)),
    ],
)
def test_only_the_list_is_written_to(wanted: list[str], got: tuple[str, ...]) -> None:
    """Those of it whom it is for, or else all of it; without a list nobody."""
    known = drill_list(ORGANIZATION, MONDAY)

    assert addressed(known, wanted) == got
    assert addressed(drill_list({}, MONDAY), wanted) == ()


def test_a_mail_says_what_it_is_and_for_whom_it_was() -> None:
    """In both languages, before everything else."""
    text = marked("Hello", ["amy@example.org", "ben@example.org"], ["Amy@Example.org"])

    assert text.startswith("This is a drill. 這是演練。\n")
    assert "ben@example.org" in text
    assert "amy@example.org" not in text
    assert text.endswith("\n\nHello")
