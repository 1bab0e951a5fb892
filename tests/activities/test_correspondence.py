"""`mail.send` and `mail.reply`: readers, languages, threads, subjects."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from tests.activities.stage import MONDAY, NOAH, SENDER, Stage

TEXT = {"text": "We are on it"}


@pytest.mark.parametrize(
    "answered",
    ["<q7@customer.example>", "q7@customer.example", ["q7@customer.example"],
     {"messageId": "q7@customer.example"}],
)  # fmt: skip
def test_an_answer_stands_in_the_thread_it_names(stage: Stage, answered: Any) -> None:
    """In-Reply-To and References name the mail, given with or without angle brackets."""
    stage.act("mail.reply", {**TEXT, "inReplyTo": answered})
    [mail] = stage.mail.sent
    assert mail.in_reply_to == "<q7@customer.example>"
    assert mail.references == ("<q7@customer.example>",)


def test_an_answer_belongs_to_the_requesters_last_mail(stage: Stage) -> None:
    """Without `inReplyTo` the case's last mail is answered, with the matter's subject and token."""
    stage.act("mail.reply", TEXT)
    [mail] = stage.mail.sent
    assert mail.in_reply_to == "<q1@customer.example>"
    assert mail.subject == "Re: VPN is down [#T-1]"
    assert mail.to == ("Noah@Customer.example",)
    assert mail.sender == SENDER
    assert mail.at == MONDAY


def test_references_are_in_the_order_of_the_thread(stage: Stage) -> None:
    """The newest mail is answered, and References end with it."""
    stage.act("mail.reply", {**TEXT, "inReplyTo": ["<new@c.example>", "<old@c.example>"]})
    [mail] = stage.mail.sent
    assert mail.in_reply_to == "<new@c.example>"
    assert mail.references == ("<old@c.example>", "<new@c.example>")


def test_a_matter_that_came_without_a_mail_is_answered_all_the_same(stage: Stage) -> None:
    """No thread, no headers of one, and no automatic answer to a mail either."""
    stage.act("mail.reply", TEXT, case={"data": {"lastMail": None}})
    [mail] = stage.mail.sent
    assert mail.in_reply_to is None
    assert mail.references == ()
    assert ("Auto-Submitted", "auto-generated") in mail.headers


@pytest.mark.parametrize("named", [{"inReplyTo": "<17>"}, {}], ids=["given", "remembered"])
def test_a_mail_with_a_name_that_no_header_can_carry_is_answered_as_any_other(
    stage: Stage, named: Any
) -> None:
    """It stands in no thread, and the second automatic answer within the hour is left out."""
    case = {"data": {"lastMail": "<17>"}}
    stage.act("mail.reply", {**TEXT, **named}, case=case, key="first")
    second = stage.act("mail.reply", {**TEXT, **named}, case=case, key="second")
    [mail] = stage.mail.sent
    assert mail.references == ()
    assert ("Auto-Submitted", "auto-replied") in mail.headers
    assert "within the last hour" in second["skipped"]


@pytest.mark.parametrize(
    ("arguments", "case", "subject"),
    [
        ({"subject": "News"}, {}, "News [#T-1]"),
        ({"subject": "News [#T-1]"}, {}, "News [#T-1]"),
        ({"subject": "News", "repliesTo": "none"}, {}, "News"),
        ({"subject": "News"}, {"ticket": None}, "News"),
        ({"subject": "News"}, {"ticket": "T-9"}, "News [#T-9]"),
        ({"subject": "News\r\nBcc: eve@example.org"}, {}, "News Bcc: eve@example.org [#T-1]"),
        ({"subject": "a\x00b\x1b[31m"}, {"ticket": None}, "a b [31m"),
        ({"subject": ""}, {}, "[#T-1]"),
    ],
)
def test_the_subject_carries_the_tickets_token(
    stage: Stage, arguments: Any, case: Any, subject: str
) -> None:
    """Once, unless answers are not to find the case; and it is a single line."""
    stage.act("mail.send", {"to": "bob@example.net", **TEXT, **arguments}, case=case)
    assert stage.mail.sent[0].subject == subject


def test_a_subject_without_end_is_cut_before_its_token(stage: Stage) -> None:
    """Neither a customer's endless subject nor its length keeps the answer from going out."""
    stage.act("mail.reply", TEXT, case={"subject": "long " * 10_000})
    subject = stage.mail.sent[0].subject
    assert len(subject) <= 300
    assert subject.endswith("… [#T-1]")


@pytest.mark.parametrize(
    ("to", "addresses"),
    [
        ({"person": "chen"}, ("chen@example.org",)),
        ({"group": "desk"}, ("amy@example.org", "chen@example.org")),
        (["owner", "amy@example.org", "AMY@example.org"], ("amy@example.org",)),
        ("requester", ("Noah@Customer.example",)),
        (["bob@example.net", {"person": "dan"}], ("bob@example.net",)),
    ],
)
def test_people_and_addresses_can_be_meant(
    stage: Stage, to: Any, addresses: tuple[str, ...]
) -> None:
    """Everybody with an address gets the mail once."""
    stage.act("mail.send", {"to": to, "subject": "News", **TEXT})
    assert stage.mail.sent[0].to == addresses


@pytest.mark.parametrize("to", [{"person": "dan"}, "watchers", []])
def test_a_mail_to_nobody_is_left_out(stage: Stage, to: Any) -> None:
    """That nobody has an address is said in the result, and stops no case."""
    result = stage.act("mail.send", {"to": to, "subject": "News", **TEXT})
    assert "nobody" in result["skipped"]
    assert result["messageId"] is None
    assert stage.mail.sent == []


@pytest.mark.parametrize(
    ("requester", "subject", "text"),
    [
        (NOAH, "Solved: VPN is down [#T-1]", "Hello Noah, restart it\n"),
        ({**NOAH, "language": "zh-TW"}, "已解決：VPN is down [#T-1]", "Noah 您好，restart it\n"),
        ({**NOAH, "language": "zh"}, "已解決：VPN is down [#T-1]", "Noah 您好，restart it\n"),
        ({**NOAH, "language": "fr"}, "Solved: VPN is down [#T-1]", "Hello Noah, restart it\n"),
        ({"mail": "noah@c.example"}, "Solved: VPN is down [#T-1]", "Hello Noah, restart it\n"),
        ("chen", "已解決：VPN is down [#T-1]", "Noah 您好，restart it\n"),
    ],
)
def test_a_message_is_in_the_language_of_its_reader(
    stage: Stage, requester: Any, subject: str, text: str
) -> None:
    """Of the requester as the case knows it, of a colleague as the organization does; else English."""
    stage.act(
        "mail.reply",
        {"message": "solved", "values": {"name": "Noah"}},
        case={"requester": requester},
        facts={"subject": "VPN is down", "data": {"solution": "restart it"}},
    )
    [mail] = stage.mail.sent
    assert (mail.subject, mail.text) == (subject, text)


@pytest.mark.parametrize("address", ["noah@customer.example", "chen@example.org"])
def test_a_bare_address_of_a_known_person_has_that_persons_language(
    stage: Stage, address: str
) -> None:
    """An address is looked up, whatever the case of its letters."""
    stage.act(
        "mail.send",
        {"to": address, "subject": "x", "message": "solved", "values": {"name": "N"}},
        case={"requester": {**NOAH, "language": "zh-TW"}},
        facts={"subject": "VPN", "data": {"solution": "x"}},
    )
    assert stage.mail.sent[0].subject == "已解決：VPN [#T-1]"
    assert stage.mail.sent[0].to == (address,)


def test_times_are_on_the_readers_clock(stage: Stage) -> None:
    """A colleague's own calendar counts, else the group's, else the definition's."""
    due = {"subject": "x", "message": "due", "values": {"at": "2026-11-27T05:00:00Z"}}
    for number, to in enumerate(
        [{"person": "eve"}, {"person": "chen"}, {"person": "amy"}, "requester"]
    ):
        stage.act("mail.send", {**due, "to": to}, key=f"run-1:{number}")
    taipei = "Due Fri 27 Nov 2026 13:00 (Asia/Taipei)\n"
    assert [mail.text for mail in stage.mail.sent] == [
        "Due Fri 27 Nov 2026 06:00 (Europe/Vienna)\n",
        taipei,
        taipei,
        taipei,
    ]


def test_files_go_along(stage: Stage) -> None:
    """An attachment has its name and type from the case, and its content from the file store."""
    digest = asyncio.run(stage.files.put(b"log"))
    file = {"name": "vpn.log", "mediaType": "text/plain", "size": 3, "file": digest}
    stage.act("mail.reply", {**TEXT, "attach": [file]})
    [attached] = stage.mail.sent[0].attachments
    assert (attached.name, attached.content_type, attached.content) == (
        "vpn.log", "text/plain", b"log",
    )  # fmt: skip


def test_an_unknown_person_is_an_error_that_no_retry_mends(stage: Stage) -> None:
    """The process owner reads what is not there."""
    with pytest.raises(ApplicationError, match="nobody-there") as error:
        stage.act("mail.send", {"to": {"group": "nobody-there"}, "subject": "x", **TEXT})
    assert (error.value.type, error.value.non_retryable) == ("NotFound", True)
