"""Activities of a drill: mails to the drill list, and nothing written anywhere."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.activities.stage import ORGANIZATION, Stage

DRILL = {"id": "desk:drill~1"}


@pytest.fixture
def listed(stage: Stage) -> Stage:
    """Put one person on the drill list."""
    stage.bundles.put_organization({**ORGANIZATION, "drill": {"to": [{"person": "eve"}]}})
    return stage


def subjects(stage: Stage) -> list[tuple[str, tuple[str, ...]]]:
    """Subjects and receivers of what went out."""
    return [(mail.subject, mail.recipients) for mail in stage.mail.sent]


def test_notices_go_to_the_drill_list(listed: Stage) -> None:
    """Marked, with whom they were meant for; whom they were meant for hears nothing."""
    result = listed.act("notify", {"to": [{"person": "amy"}, {"person": "eve"}], "text": "x"}, case=DRILL)  # fmt: skip

    assert [each["state"] for each in result["deliveries"]] == ["skipped", "sent"]
    assert subjects(listed) == [("[Drill / 演練] VPN is down", ("eve@example.org",))] * 2
    assert "amy@example.org" in listed.mail.sent[0].text
    assert "It would have gone" not in listed.mail.sent[1].text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mail.send", {"to": "bob@example.net", "cc": "zoe@example.net", "subject": "x", "text": "x"}),
        ("mail.reply", {"text": "x"}),
        ("work-item.announce", {"item": {"id": "look", "title": "Look", "description": None, "dueAt": None}, "kind": "opened", "to": {"people": ["amy"]}}),
    ],
)  # fmt: skip
def test_no_mail_reaches_anybody_else(listed: Stage, name: str, arguments: Any) -> None:
    """Neither customers nor staff."""
    listed.act(name, arguments, case=DRILL)

    (mail,) = listed.mail.sent
    assert mail.recipients == ("eve@example.org",)
    assert mail.subject.startswith("[Drill / 演練] ")
    assert mail.text.startswith("This is a drill.")


def test_without_a_list_nobody_is_told(stage: Stage) -> None:
    """And the result says so."""
    result = stage.act("notify", {"to": {"person": "amy"}, "text": "x"}, case=DRILL)
    sent = stage.act("mail.reply", {"text": "x"}, case=DRILL)

    assert stage.mail.sent == []
    assert result["deliveries"][0]["state"] == "skipped"
    assert "nobody is on the drill list" in sent["skipped"]


def test_nothing_is_written_to_other_systems(listed: Stage) -> None:
    """No ticket, no call, no event, no booking; the results are of their form."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"seen": True})

    listed.web = answer
    window = {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T12:00:00Z"}
    ticket = listed.act("ticket.create", {"subject": "VPN", "requester": "amy"}, case=DRILL)
    listed.act("ticket.comment", {"ticket": ticket, "text": "x", "visibility": "public"}, case=DRILL)  # fmt: skip
    posted = listed.act("http", {"method": "post", "endpoint": "https://a.example"}, case=DRILL)
    listed.act("events.publish", {"event": {"id": "1", "type": "x"}}, case=DRILL)
    listed.act("case.send", {"case": "desk:2", "event": "x"}, case=DRILL)
    listed.act("case.send", {"case": "desk:drill~2", "event": "x"}, case=DRILL)
    booking = {"assets": ["router"], "window": window, "title": "x", "booking": "b", "number": 1, "run": "r"}  # fmt: skip
    listed.act("calendar.book", booking, case=DRILL)

    assert (ticket["system"], posted, asked) == ("drill", None, [])
    assert listed.routers.told == []
    assert [case for case, _ in listed.door.events] == ["desk:drill~2"]
    free = listed.act("conflict.check", {"assets": ["router"], "window": window}, case={"id": "desk:3"})  # fmt: skip
    assert free["free"]
    read = listed.act("http", {"method": "get", "endpoint": "https://a.example"}, case=DRILL)
    assert read == {"seen": True}
