"""A mail goes out once per key, whatever breaks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.sending import AUTOMATIC_PER_DAY
from integrations.errors import Refused, Unavailable
from integrations.mail.interface import MaybeAccepted
from tests.activities.stage import ProcessDied, Stage, headers_of

TO_BOB = {"to": "bob@example.net", "subject": "Hello", "text": "Hello Bob"}
REPLY = {"text": "We are on it"}


def test_the_same_key_sends_once(stage: Stage) -> None:
    """A second run of an action gives the first result and sends nothing."""
    first = stage.act("mail.send", TO_BOB)
    again = stage.act("mail.send", TO_BOB, attempt=2)
    assert again == first
    assert "repeated" not in first
    assert [mail.to for mail in stage.mail.sent] == [("bob@example.net",)]
    stage.act("mail.send", TO_BOB, key="run-1:/do/0/act#2")
    assert len({mail.message_id for mail in stage.mail.sent}) == len(stage.mail.sent) == 2


def test_a_process_that_dies_after_the_server_took_the_mail_repeats_it_under_the_same_name(
    stage: Stage,
) -> None:
    """The second attempt has the same Message-ID, and its result says that it is a repetition."""
    stage.mail.fails = [ProcessDied()]
    stage.mail.delivers_before_failing = True
    with pytest.raises(ProcessDied):
        stage.act("mail.send", TO_BOB)
    second = stage.act("mail.send", TO_BOB, attempt=2)
    assert second["repeated"] is True
    assert [mail.message_id for mail in stage.mail.sent] == [second["messageId"]] * 2
    assert stage.act("mail.send", TO_BOB, attempt=3) == second
    assert len(stage.mail.sent) == 2


def test_an_uncertain_mail_can_be_held_for_an_operator(stage: Stage) -> None:
    """With `uncertain: hold` nothing goes out twice before an operator says so."""
    held = {**TO_BOB, "uncertain": "hold"}
    stage.mail.fails = [MaybeAccepted("mail", "broke off")]
    stage.mail.delivers_before_failing = True
    with pytest.raises(ApplicationError, match="broke off") as broken:
        stage.act("mail.send", held)
    assert not broken.value.non_retryable
    for attempt in (2, 3):
        with pytest.raises(ApplicationError, match="may have gone out") as refused:
            stage.act("mail.send", held, attempt=attempt)
        assert refused.value.non_retryable
    assert len(stage.mail.sent) == 1

    # The operator retries: the action is begun anew, with its first attempt.
    result = stage.act("mail.send", held, attempt=1)
    assert result["repeated"] is True
    assert [mail.message_id for mail in stage.mail.sent] == [result["messageId"]] * 2


def test_a_new_run_of_a_held_mail_is_held_until_an_operator_was_asked(stage: Stage) -> None:
    """A first attempt that finds a begun mail is no operator's retry by itself."""
    held = {**TO_BOB, "uncertain": "hold"}
    stage.mail.fails = [ProcessDied()]
    with pytest.raises(ProcessDied):
        stage.act("mail.send", held)
    with pytest.raises(ApplicationError, match="may have gone out"):
        stage.act("mail.send", held)
    assert stage.mail.sent == []


@pytest.mark.parametrize(
    "error", [Unavailable("mail", "no connection"), Refused("mail", "552 too large")]
)
def test_a_mail_that_certainly_did_not_go_out_is_forgotten(stage: Stage, error: Exception) -> None:
    """The next attempt is a first one: nothing is repeated, and nothing is held."""
    held = {**TO_BOB, "uncertain": "hold"}
    stage.mail.fails = [error]
    with pytest.raises(ApplicationError):
        stage.act("mail.send", held)
    result = stage.act("mail.send", held, attempt=2)
    assert "repeated" not in result
    assert len(stage.mail.sent) == 1


def test_what_may_have_gone_out_stays_known_when_later_attempts_certainly_fail(
    stage: Stage,
) -> None:
    """An attempt that sent nothing does not undo the doubt of an earlier one."""
    stage.mail.fails = [
        MaybeAccepted("mail", "broke off"),
        Unavailable("mail", "no connection"),
    ]
    for attempt in (1, 2):
        with pytest.raises(ApplicationError):
            stage.act("mail.send", TO_BOB, attempt=attempt)
    assert stage.act("mail.send", TO_BOB, attempt=3)["repeated"] is True


def test_refused_addresses_are_told_and_the_others_get_the_mail(stage: Stage) -> None:
    """One bad address of several is part of the result."""
    stage.mail.refuses = {"gone@example.net"}
    result = stage.act("mail.send", {**TO_BOB, "cc": "gone@example.net"})
    assert result["accepted"] == ["bob@example.net"]
    assert [each["address"] for each in result["refused"]] == ["gone@example.net"]


def test_two_machines_that_answer_each_other_are_stopped(stage: Stage) -> None:
    """One address gets so many automatic answers a day; further ones are left out and say why."""
    for number in range(AUTOMATIC_PER_DAY):
        sent = stage.act(
            "mail.reply", REPLY, key=f"run-{number}:/do/0/act#1", case={"id": f"desk:{number}"}
        )
        assert "skipped" not in sent
    left_out = stage.act("mail.reply", REPLY, key="run-last:/do/0/act#1", case={"id": "desk:last"})
    assert "answering each other" in left_out["skipped"]
    assert left_out["messageId"] is None
    assert len(stage.mail.sent) == AUTOMATIC_PER_DAY

    by_a_person = stage.act("mail.reply", {**REPLY, "author": "amy"}, key="person:/do/0/act#1")
    assert by_a_person["messageId"]
    stage.later(days=1, minutes=1)
    assert stage.act("mail.reply", REPLY, key="tomorrow:/do/0/act#1")["messageId"]


def test_the_first_answers_are_not_blocked_by_their_own_retries(stage: Stage) -> None:
    """A repetition of a counted mail goes out even when the count has been reached."""
    for number in range(AUTOMATIC_PER_DAY - 1):
        stage.act(
            "mail.reply", REPLY, key=f"run-{number}:/do/0/act#1", case={"id": f"desk:{number}"}
        )
    stage.mail.fails = [MaybeAccepted("mail", "broke off")]
    with pytest.raises(ApplicationError):
        stage.act("mail.reply", REPLY, key="last:/do/0/act#1", case={"id": "desk:last"})
    assert (
        stage.act("mail.reply", REPLY, key="last:/do/0/act#1", case={"id": "desk:last"}, attempt=2)[
            "repeated"
        ]
        is True
    )


@pytest.mark.parametrize(
    ("name", "arguments", "marked"),
    [
        ("mail.reply", REPLY, "auto-replied"),
        ("mail.send", TO_BOB, "auto-generated"),
        ("notify", {"to": "owner", "text": "Look"}, "auto-generated"),
        ("mail.reply", {**REPLY, "author": "amy"}, None),
        ("mail.send", {**TO_BOB, "author": {"id": "amy"}}, None),
    ],
)
def test_what_no_person_wrote_is_marked_as_automatic(
    stage: Stage, name: str, arguments: Any, marked: str | None
) -> None:
    """Headers of RFC 3834 stand in mails without an author, and in no others."""
    stage.act(name, arguments)
    headers = headers_of(stage.mail.sent[0])
    assert headers.get("Auto-Submitted") == marked
    assert headers.get("X-Auto-Response-Suppress") == ("All" if marked else None)


def test_the_error_of_a_busy_server_carries_its_wait(stage: Stage) -> None:
    """The server's own wait becomes the delay of the next attempt."""
    wait = timedelta(minutes=1)
    stage.mail.fails = [Unavailable("mail", "later", retry_after=wait)]
    with pytest.raises(ApplicationError) as error:
        stage.act("mail.send", TO_BOB)
    assert error.value.next_retry_delay == wait


def test_a_case_answers_an_address_by_itself_once_an_hour(stage: Stage) -> None:
    """The second automatic answer would answer a machine; an hour later it may be news."""

    def answer(n: int, case: str = "desk:1") -> Any:
        return stage.act(
            "mail.reply",
            {
                "to": ["loop@machine.example"],
                "text": "We have it.",
                "inReplyTo": "<m@machine.example>",
            },
            key=f"answer-{n}",
            case={"id": case, "subject": "VPN"},
        )

    first, second, other = answer(1), answer(2), answer(3, "desk:2")
    stage.later(hours=2)
    later = answer(4)

    assert first["accepted"] == ["loop@machine.example"]
    assert "within the last hour" in second["skipped"]
    assert other["accepted"] == ["loop@machine.example"]
    assert later["accepted"] == ["loop@machine.example"]
