"""`notify` and `work-item.announce`: who is told what, in which language, with which link."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from cases.links import LinkClaims
from integrations.errors import Refused, Unavailable
from integrations.mail.interface import MaybeAccepted, OutgoingMail
from tests.activities.stage import NOAH, Stage

LOOK = {"text": "Please look"}
ITEM = {
    "id": "confirm",
    "title": "Is it solved?",
    "description": "Restarted",
    "dueAt": "2026-11-27T05:00:00Z",
}
TO_REQUESTER = {"groups": [], "people": ["Noah@Customer.example"]}


def link_in(mail: OutgoingMail) -> str:
    """Give the token of the only link in a mail."""
    [token] = re.findall(r"http://desk\.example/l/(\S+)", mail.text)
    return str(token)


def test_everybody_who_is_meant_is_told(stage: Stage) -> None:
    """A person without an address is skipped, and the others are told."""
    result = stage.act("notify", {"to": {"group": "desk"}, **LOOK})
    states = {each["person"]: each["state"] for each in result["deliveries"]}
    assert states == {"amy": "sent", "chen": "sent", "dan": "skipped"}
    assert [mail.to for mail in stage.mail.sent] == [("amy@example.org",), ("chen@example.org",)]
    assert {mail.subject for mail in stage.mail.sent} == {"VPN is down"}


def test_a_refused_address_keeps_nobody_else_from_being_told(stage: Stage) -> None:
    """Whose address is refused is failed, with the server's reason."""
    stage.mail.refuses = {"amy@example.org"}
    result = stage.act("notify", {"to": {"group": "desk"}, **LOOK})
    failed, sent, _ = result["deliveries"]
    assert (failed["person"], failed["state"]) == ("amy", "failed")
    assert "no such mailbox" in failed["reason"]
    assert (sent["person"], sent["state"]) == ("chen", "sent")


def test_an_attempt_goes_on_where_the_last_one_broke(stage: Stage) -> None:
    """Who was told before the server went away is not told again."""
    everybody = {"to": {"group": "desk"}, **LOOK}
    stage.mail.fails = [Refused("mail", "no"), Unavailable("mail", "gone")]
    with pytest.raises(ApplicationError, match="gone"):
        stage.act("notify", everybody)
    stage.act("notify", everybody, attempt=2)
    stage.act("notify", everybody, attempt=3)
    assert [mail.to for mail in stage.mail.sent] == [("amy@example.org",), ("chen@example.org",)]


def test_a_notice_that_may_have_gone_out_is_repeated_and_says_so(stage: Stage) -> None:
    """Only the delivery in doubt says `repeated`, under the Message-ID it had."""
    stage.mail.fails = [MaybeAccepted("mail", "broke off")]
    stage.mail.delivers_before_failing = True
    with pytest.raises(ApplicationError):
        stage.act("notify", {"to": {"group": "desk"}, **LOOK})
    result = stage.act("notify", {"to": {"group": "desk"}, **LOOK}, attempt=2)
    assert [each.get("repeated") for each in result["deliveries"]] == [True, None, None]
    ids = [mail.message_id for mail in stage.mail.sent]
    assert ids[0] == ids[1] == result["deliveries"][0]["id"]


def test_a_notice_with_a_key_goes_out_once_per_case(stage: Stage) -> None:
    """Two tasks with the same key tell a person once; another case tells again."""
    warned = {"to": "owner", "key": "warned", **LOOK}
    stage.act("notify", warned, key="run-1:/do/0/a#1")
    stage.act("notify", warned, key="run-1:/do/1/b#1")
    assert len(stage.mail.sent) == 1
    stage.act("notify", warned, key="run-2:/do/0/a#1", case={"id": "desk:2"})
    stage.act("notify", {"to": "owner", **LOOK}, key="run-1:/do/2/c#1")
    assert len(stage.mail.sent) == 3


def test_everybody_reads_in_their_own_language(stage: Stage) -> None:
    """One notice to a group is several mails in several languages."""
    stage.act(
        "notify",
        {"to": {"group": "desk"}, "message": "solved", "values": {"name": "all"}},
        facts={"subject": "VPN", "data": {"solution": "x"}},
    )
    assert [mail.subject for mail in stage.mail.sent] == ["Solved: VPN", "已解決：VPN"]


@pytest.mark.parametrize("kind", ["opened", "reassigned", "reminder"])
def test_members_of_a_group_each_get_a_link_of_their_own(stage: Stage, kind: str) -> None:
    """By the link the person is known who answers."""
    to = {"groups": ["desk"], "people": []}
    stage.act("work-item.announce", {"item": ITEM, "kind": kind, "to": to})
    claims = [stage.links.read(link_in(mail)) for mail in stage.mail.sent]
    assert claims == [
        LinkClaims("desk:1", "confirm", "amy"),
        LinkClaims("desk:1", "confirm", "chen"),
    ]
    english, chinese = stage.mail.sent
    assert "Fri 27 Nov 2026 13:00 (Asia/Taipei)" in english.text
    assert "2026年11月27日（週五）13:00（Asia/Taipei）" in chinese.text
    for mail in stage.mail.sent:
        assert "Is it solved?" in mail.subject
        assert "Restarted" in mail.text
        assert "T05:00" not in mail.text
        assert mail.in_reply_to is None


def test_people_of_an_item_are_told_and_not_their_whole_group(stage: Stage) -> None:
    """An item that has people is theirs; a reminder with `who` goes to those alone."""
    arguments = {"item": ITEM, "to": {"groups": ["desk"], "people": ["chen"]}}
    stage.act("work-item.announce", {**arguments, "kind": "opened"})
    stage.act(
        "work-item.announce", {**arguments, "kind": "reminder", "who": {"person": "eve"}}, key="k2"
    )
    assert [mail.to for mail in stage.mail.sent] == [("chen@example.org",), ("eve@example.org",)]


@pytest.mark.parametrize(("kind", "count"), [("opened", 1), ("delegated", 1), ("reminder", 0)])
def test_files_go_along_when_somebody_gets_an_item(stage: Stage, kind: str, count: int) -> None:
    """Who is asked gets them; who is reminded has them already."""
    digest = asyncio.run(stage.files.put(b"picture"))
    item = {**ITEM, "files": [{"name": "a.png", "mediaType": "image/png", "file": digest}]}
    to = {"groups": [], "people": ["amy"]}
    stage.act("work-item.announce", {"item": item, "kind": kind, "to": to})
    assert len(stage.mail.sent[0].attachments) == count


def test_a_lost_file_keeps_nobody_from_being_asked(stage: Stage) -> None:
    """The mail goes without it, and the result says why."""
    to = {"groups": [], "people": ["amy"]}
    for number, files in enumerate(([{"file": "0" * 64}], [{"name": "x"}])):
        told = {"item": {**ITEM, "files": files}, "kind": "opened", "to": to}
        result = stage.act("work-item.announce", told, key=f"k{number}")
        assert [each["state"] for each in result["deliveries"]] == ["sent"]
        assert result["withoutFiles"]
    assert len(stage.mail.sent) == 2


def test_who_does_it_for_somebody_reads_for_whom(stage: Stage) -> None:
    """And who is accountable reads who does it."""
    item = {**ITEM, "person": "chen", "delegate": "amy"}
    for kind, person in (("delegated", "amy"), ("lent", "chen")):
        to = {"groups": [], "people": [person]}
        stage.act("work-item.announce", {"item": item, "kind": kind, "to": to}, key=kind)
    english, chinese = stage.mail.sent
    assert "陳怡君 asks you to do this, and stays accountable for it" in english.text
    assert "現由 Amy 代您處理，仍由您負責" in chinese.text


@pytest.mark.parametrize(
    ("language", "greeting", "due"),
    [
        ("en", "Hello Noah,", "goes on at Fri 27 Nov 2026 13:00 (Asia/Taipei)"),
        ("zh-TW", "Noah 您好：", "2026年11月27日（週五）13:00（Asia/Taipei）"),
    ],
)
@pytest.mark.parametrize("kind", ["opened", "reminder"])
def test_the_requester_is_asked_in_the_thread_of_the_matter(
    stage: Stage, language: str, greeting: str, due: str, kind: str
) -> None:
    """In their language, as an answer to their last mail, with the ticket's token in the subject."""
    stage.act(
        "work-item.announce",
        {"item": ITEM, "kind": kind, "to": TO_REQUESTER},
        case={"requester": {**NOAH, "language": language}},
    )
    [mail] = stage.mail.sent
    assert mail.to == ("Noah@Customer.example",)
    assert greeting in mail.text
    assert (due in mail.text) == (kind == "opened" or language == "zh-TW")
    assert "T05:00" not in mail.text
    assert mail.subject.endswith("[#T-1]")
    assert ("VPN is down" in mail.subject) == (kind == "opened")
    assert (mail.in_reply_to, mail.references) == (
        "<q1@customer.example>", ("<q1@customer.example>",),
    )  # fmt: skip
    assert stage.links.read(link_in(mail)).person == "Noah@Customer.example"
    assert ("Auto-Submitted", "auto-generated") in mail.headers


def test_a_requester_of_our_own_is_asked_as_one(stage: Stage) -> None:
    """A colleague whose matter it is gets the polite text, and keeps their own language."""
    stage.act(
        "work-item.announce",
        {"item": ITEM, "kind": "opened", "to": {"groups": [], "people": ["chen"]}},
        case={"requester": {"id": "chen", "mail": "CHEN@example.org"}},
    )
    assert "請點此回覆" in stage.mail.sent[0].text


def test_a_reminder_of_the_definition_has_the_link_too(stage: Stage) -> None:
    """A message file of the bundle sees the person's own link."""
    stage.act(
        "work-item.announce",
        {"item": ITEM, "kind": "reminder", "to": TO_REQUESTER, "message": "asks"},
    )
    [mail] = stage.mail.sent
    assert mail.subject == "Please answer [#T-1]"
    assert stage.links.read(link_in(mail)).item == "confirm"


def test_who_lost_an_item_hears_it_without_a_link(stage: Stage) -> None:
    """There is nothing left to answer."""
    for loser in ("amy", "chen"):
        stage.act(
            "work-item.announce",
            {
                "item": ITEM,
                "kind": "withdrawn",
                "to": {"groups": [], "people": ["eve"]},
                "who": {"person": loser},
            },
            key=loser,
        )
    english, chinese = stage.mail.sent
    assert english.subject == "No longer yours: Is it solved?"
    assert chinese.subject == "已轉交他人：Is it solved?"
    for mail in stage.mail.sent:
        assert "http" not in mail.text
        assert "T-1" in mail.text


def test_an_announcement_without_words_is_an_error(stage: Stage) -> None:
    """An unknown kind says what is missing instead of an empty mail."""
    with pytest.raises(ApplicationError, match='no message "sung"') as error:
        stage.act("work-item.announce", {"item": ITEM, "kind": "sung", "to": TO_REQUESTER})
    assert error.value.type == "Refused"


@pytest.mark.parametrize(
    "case",
    [
        {"requester": None}, {"requester": {}}, {"requester": "noah@customer.example"},
        {"requester": {"name": "Noah"}}, {"subject": None}, {"ticket": None}, {"ticket": "T-1"},
        {"ticket": {}}, {"data": None}, {"data": {"lastMail": {"a": 1}}}, {"data": {"lastMail": 5}},
    ],
)  # fmt: skip
@pytest.mark.parametrize("item", [ITEM, {"id": "x", "title": "T", "description": None}])
def test_a_case_that_knows_little_still_asks(stage: Stage, case: Any, item: Any) -> None:
    """No empty field of a case keeps its people from being told."""
    to = {"groups": [], "people": ["amy", "noah@customer.example"]}
    result = stage.act("work-item.announce", {"item": item, "kind": "opened", "to": to}, case=case)
    assert [each["state"] for each in result["deliveries"]] == ["sent", "sent"]
    assert stage.act("notify", {"to": "requester", **LOOK}, case=case, key="k2") is not None


def test_answers_of_the_requester_to_a_notice_find_the_case(stage: Stage) -> None:
    """A notice to the requester is in the thread and has the token; one to colleagues has neither."""
    stage.act("notify", {"to": ["requester", "owner"], **LOOK})
    customer, colleague = stage.mail.sent
    assert customer.subject == "VPN is down [#T-1]"
    assert customer.in_reply_to == "<q1@customer.example>"
    assert colleague.subject == "VPN is down"
    assert colleague.in_reply_to is None


NIGHT = datetime(2026, 11, 24, 20, tzinfo=UTC)
"""Four in the morning in Taipei, evening in Vienna."""


def test_quiet_hours_hold_a_notice_back_for_each_person(stage: Stage) -> None:
    """Where the person is it is night: held until the window opens; by day others are told at once."""
    stage.at = NIGHT
    window = {"from": "08:00", "until": "22:00"}
    to = [{"person": "chen"}, {"person": "eve"}]
    chen, eve = stage.act("notify", {"to": to, "window": window, **LOOK})["deliveries"]

    assert (chen["state"], chen["at"]) == ("held", "2026-11-25T00:00:00Z")
    assert eve["state"] == "sent"
    assert [mail.to for mail in stage.mail.sent] == [("eve@example.org",)]


def test_urgent_notices_and_cases_of_p1_know_no_quiet_hours(stage: Stage) -> None:
    """Who sleeps is woken by what cannot wait."""
    stage.at = NIGHT
    quiet = {"to": {"person": "chen"}, "window": "office", **LOOK}
    held = stage.act("notify", quiet)
    urgent = stage.act("notify", {**quiet, "urgent": True}, key="run-1:/do/1/b#1")
    grave = stage.act("notify", quiet, key="run-1:/do/2/c#1", case={"priority": "P1"})

    assert [each["deliveries"][0]["state"] for each in (held, urgent, grave)] == [
        "held", "sent", "sent",
    ]  # fmt: skip


def test_what_was_told_before_the_window_closed_is_not_told_again(stage: Stage) -> None:
    """An attempt in the evening reached a person; the held notice of the next one is the same notice."""
    key = "run-1:/do/0/a#1"
    stage.act("notify", {"to": {"person": "chen"}, **LOOK}, key=key)
    again = {"to": [{"person": "chen"}], "urgent": True, "once": key, **LOOK}
    result = stage.act("notify", again, key=f"{key}:later1")

    assert result["deliveries"][0]["state"] == "sent"
    assert len(stage.mail.sent) == 1


def test_quiet_hours_hold_back_who_is_asked_to_work(stage: Stage) -> None:
    """The item is there and its time runs; only the mail waits."""
    stage.at = NIGHT
    announcement = {
        "item": ITEM, "kind": "opened", "to": {"groups": [], "people": ["chen"]}, "window": "office",
    }  # fmt: skip
    result = stage.act("work-item.announce", announcement)

    assert result["deliveries"][0]["state"] == "held"
    assert stage.mail.sent == []


def test_the_next_channel_is_tried_where_one_is_not_there(stage: Stage) -> None:
    """Whoever prefers a channel that this installation lacks is told by mail, and it is said."""
    told = stage.act("notify", {"to": {"person": "chen"}, "channel": ["paging", "chat"], **LOOK})
    missed = stage.act("notify", {"to": {"person": "dan"}, "channel": "chat", **LOOK})

    (chen,), (dan,) = told["deliveries"], missed["deliveries"]
    assert (chen["state"], chen["channel"]) == ("sent", "mail")
    assert [each["channel"] for each in chen["tried"]] == ["paging", "chat"]
    assert (dan["state"], dan["channel"], dan["tried"][0]["channel"]) == ("skipped", "mail", "chat")


def test_a_window_that_is_not_there_is_an_error_that_names_it(stage: Stage) -> None:
    """Nobody is told at midnight because a calendar was misspelled."""
    with pytest.raises(ApplicationError, match="offiec"):
        stage.act("notify", {"to": {"person": "chen"}, "window": "offiec", **LOOK})
