"""Looking into a mailbox."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from cases.errors import DefinitionNotFound, InputInvalid, Problem, ServerUnavailable, WorkerSilent
from intake.mailbox import FIRST_PAUSE, Mailbox, Round
from tests.api.doubles import RecordingCases, Started, WrittenDown
from tests.intake.fixtures import OWN, KeptFiles, Waiting, raw_mail

LIMIT = 100_000


class PickyCases(RecordingCases):
    """Fails for the keys in `faults`."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, Exception] = {}

    async def start(self, name: str, input: Any, **arguments: Any) -> Started:
        started = await super().start(name, input, **arguments)
        fault = self.faults.get(str(arguments["key"]))
        if fault is not None:
            raise fault
        return started


class House:
    """A mailbox over doubles, at a time of its own."""

    def __init__(self) -> None:
        self.source = Waiting()
        self.cases = PickyCases()
        self.files = KeptFiles()
        self.quarantine = WrittenDown()
        self.now = datetime(2026, 3, 2, tzinfo=UTC)
        self.beats = 0
        self.mailbox = Mailbox(
            "help",
            self.source,
            cases=self.cases,
            files=self.files,
            quarantine=self.quarantine,
            own_addresses=OWN,
            limit_bytes=LIMIT,
            now=lambda: self.now,
        )

    def look(self) -> Round:
        """Look into the mailbox once."""
        return asyncio.run(self.mailbox.take_waiting())


def test_a_mail_starts_its_case_and_is_taken() -> None:
    """The mail is taken after its case was confirmed, under the key of the mail."""
    house = House()
    house.source.deliver("1", raw_mail("plain"))

    assert house.look() == Round(taken=1)

    [call] = house.cases.named("start")
    assert (call["name"], call["key"]) == ("omnichannel-intake", "CAB+x=1.2@mail.example.org")
    assert call["input"]["channel"] == "mail"
    message = call["input"]["message"]
    assert message["subject"] == "VPN does not connect"
    assert house.files.contents[message["raw"]] == raw_mail("plain")
    assert house.source.taken == ["1"]


def test_the_same_mail_three_times_is_one_case() -> None:
    """Each delivery is taken, and all lead to one key and one request."""
    house = House()
    for place in ("1", "2", "3"):
        house.source.deliver(place, raw_mail("plain"))

    assert house.look() == Round(taken=3)

    assert house.cases.running == {"omnichannel-intake:CAB+x=1.2@mail.example.org"}
    assert len({call["request_id"] for call in house.cases.named("start")}) == 1


def test_attachments_and_long_texts_go_to_the_file_store() -> None:
    """The case's history carries references only."""
    house = House()
    house.source.deliver("1", raw_mail("attachments"))
    mail = EmailMessage()
    mail["From"] = "amy@example.org"
    mail.set_content("x" * 70_000, cte="8bit")
    house.source.deliver("2", bytes(mail))

    house.look()

    first, second = (call["input"]["message"] for call in house.cases.named("start"))
    screenshot = first["attachments"][0]
    assert (screenshot["name"], screenshot["mediaType"]) == ("螢幕.png", "image/png")
    content = house.files.contents[screenshot["file"]]
    assert (len(content), content[:4]) == (screenshot["size"], b"\x89PNG")
    assert len(second["text"]) == 64_000
    assert house.files.contents[second["textFile"]] == b"x" * 70_000


@pytest.mark.parametrize("name", ["bounce", "auto-reply", "own"])
def test_machine_mail_is_taken_with_its_mark(name: str) -> None:
    """The case records it; the mark keeps everybody from answering it."""
    house = House()
    house.source.deliver("1", raw_mail(name))

    assert house.look() == Round(taken=1)
    assert house.cases.named("start")[0]["input"]["message"]["automatic"]


@pytest.mark.parametrize("name", ["no-sender", "not-a-mail"])
def test_an_unreadable_mail_is_put_aside_and_kept(name: str) -> None:
    """It is in the quarantine with its bytes, and nothing is started."""
    house = House()
    house.source.deliver("1", raw_mail(name))

    assert house.look() == Round(refused=1)

    [entry] = house.quarantine.entries.values()
    assert (entry["reason"], entry["source"]) == ("unreadable", "mailbox:help")
    assert house.files.contents[entry["file"]["file"]] == raw_mail(name)
    assert list(house.source.refused) == ["1"]
    assert house.cases.calls == []


def test_an_oversized_mail_is_put_aside_with_what_is_known_of_it() -> None:
    """A person can tell its sender; a program never does."""
    house = House()
    house.source.deliver("1", raw_mail("plain"), truncated=True, size=30_000_000)
    house.source.deliver("2", raw_mail("plain") + b"x" * LIMIT)

    assert house.look() == Round(refused=2)

    for entry in house.quarantine.entries.values():
        assert (entry["reason"], entry["sender"]) == ("oversized", "amy@example.org")
        assert entry["message_id"] == "<CAB+x=1.2@mail.example.org>"
    assert house.cases.calls == []


def test_a_mail_that_the_definition_does_not_take_is_put_aside() -> None:
    """Trying again would not help."""
    house = House()
    house.cases.fails = InputInvalid([Problem("/message/to", "must have at least 1 entries")])
    house.source.deliver("1", raw_mail("plain"))

    assert house.look() == Round(refused=1)
    [entry] = house.quarantine.entries.values()
    assert entry["reason"] == "not-accepted"


def test_one_bad_mail_never_blocks_the_next() -> None:
    """Unreadable, refused by a fault of ours, or good: each for itself."""
    house = House()
    house.cases.faults["r"] = ValueError("a fault of ours")
    house.source.deliver("1", raw_mail("not-a-mail"))
    house.source.deliver("2", b"From: a@example.org\nMessage-ID: <r>\n\nx")
    house.source.deliver("3", raw_mail("plain"))

    assert house.look() == Round(taken=1, refused=1, left=1)

    assert house.source.taken == ["3"]
    assert list(house.source.mails) == ["2"]


def test_a_mail_that_fails_is_tried_again_after_a_growing_pause() -> None:
    """It is never lost, and does not keep the worker busy."""
    house = House()
    house.cases.faults["r"] = ValueError("a fault of ours")
    house.source.deliver("2", b"From: a@example.org\nMessage-ID: <r>\n\nx")

    house.look()
    house.look()
    assert len(house.cases.named("start")) == 1
    house.now += FIRST_PAUSE
    house.look()
    assert len(house.cases.named("start")) == 2
    house.now += FIRST_PAUSE
    house.look()
    assert len(house.cases.named("start")) == 2
    del house.cases.faults["r"]
    house.now += timedelta(minutes=5)
    assert house.look() == Round(taken=1)


@pytest.mark.parametrize(
    "error",
    [
        ServerUnavailable("127.0.0.1:7233"),
        WorkerSilent("omnichannel-intake:x", 5, started=True),
        DefinitionNotFound("omnichannel-intake"),
    ],
)
def test_without_a_confirmed_case_every_mail_waits(error: Exception) -> None:
    """The mailbox is the safe place until somebody confirms."""
    house = House()
    house.cases.fails = error
    house.source.deliver("1", raw_mail("plain"))
    house.source.deliver("2", raw_mail("reply"))

    with pytest.raises(type(error)):
        house.look()
    assert (house.source.taken, list(house.source.mails)) == ([], ["1", "2"])

    house.cases.fails = None
    assert house.look() == Round(taken=2)
