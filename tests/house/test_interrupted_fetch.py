"""A fetch that breaks off anywhere: the mail becomes one case, and its sender hears once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from temporalio.client import Client

from cases.payloads import CONVERTER
from cases.rooms import open_rooms
from intake.mailbox import Mailbox
from intake.ports import Started
from integrations.files.folder.store import FolderFiles
from integrations.mail.mailbox.source import MailFolder
from tests.house.installation import Installation, question, until

pytestmark = pytest.mark.server

BRANCH = "branch@example.org"
"""A mailbox that nobody but this test looks into."""


class _Died(BaseException):
    """What a process that is killed leaves: nothing is cleaned up, nothing goes on."""


class _Door:
    """The installation's own door; its process may die before or after it has opened."""

    def __init__(self, cases: Any, dies: str) -> None:
        self._cases = cases
        self._dies = dies

    async def start(self, *given: Any, **named: Any) -> Started:
        """See `CaseDoor.start`."""
        if self._dies == "before the start":
            raise _Died
        started: Started = await self._cases.start(*given, **named)
        if self._dies == "after the start":
            raise _Died
        return started


class _Box(MailFolder):
    """The mailbox on disk; the process may die in the middle of taking a mail out of it."""

    dies = ""

    async def take(self, id: str) -> None:
        """See `MailSource.take`."""
        if self.dies == "before the mark":
            raise _Died
        await super().take(id)
        if self.dies == "after the mark":
            raise _Died


def _look(house: Installation, dies: str) -> int | None:
    """One look of a process of its own into the mailbox: how many mails it took, None if it died."""

    async def run() -> int | None:
        client = await Client.connect(
            f"127.0.0.1:{house.ports['TEMPORAL']}", data_converter=CONVERTER
        )
        data = house.folder
        async with open_rooms(
            client,
            bundles=data / "bundles",
            records=f"sqlite:///{data / 'records.db'}",
            link_keys=data / "keys" / "links.key",
            base_url=house.url,
        ) as rooms:
            box = _Box(data / "mail", BRANCH, limit_bytes=100_000)
            box.dies = dies
            mailbox = Mailbox(
                BRANCH,
                box,
                cases=_Door(rooms.cases, dies),  # type: ignore[arg-type]
                files=FolderFiles(data / "files"),
                quarantine=rooms.records,
                own_addresses=[BRANCH],
                limit_bytes=100_000,
            )
            try:
                return (await mailbox.take_waiting()).taken
            except _Died:
                return None

    return asyncio.run(run())


def _starts(house: Installation, subject: str) -> list[str]:
    """Definitions of the cases with this subject, of all that were ever begun."""
    found = [each for each in house.cases() if each["subject"] == subject]
    return sorted(each["case"].partition(":")[0] for each in found)


def _tickets(house: Installation, subject: str) -> int:
    with closing(sqlite3.connect(f"file:{house.folder / 'tickets.db'}?mode=ro", uri=True)) as store:
        query = "SELECT count(*) FROM tickets WHERE subject = ?"
        return int(store.execute(query, (subject,)).fetchone()[0])


@pytest.mark.parametrize("named", [True, False], ids=["message-id", "no-message-id"])
def test_one_mail_three_times_through_every_interruption_is_one_case_and_one_answer(
    house: Installation, named: bool
) -> None:
    """Died before and after the start, before and after the mark, with another copy in between."""
    sender = f"olga-{named}@customer.example".lower()
    subject = f"Three times {named}"
    mail = question(sender, subject, "Hello?", f"<thrice-{named}@c.example>" if named else None)

    house.send(mail, sender, BRANCH)
    assert _look(house, "before the start") is None
    assert _starts(house, subject) == []
    assert _look(house, "after the start") is None
    house.send(mail, sender, BRANCH)
    assert _look(house, "before the mark") is None
    # The first answer is out before the next copies are read: those join what has ended by now.
    until("the acknowledgment", lambda: house.mails(sender))
    until("the desk's case", lambda: "service-desk-case" in _starts(house, subject))
    assert _look(house, "after the mark") is None
    house.send(mail, sender, BRANCH)
    assert _look(house, "") == 2
    assert _look(house, "") == 0

    intake = next(
        each["case"]
        for each in house.cases(definition="omnichannel-intake")
        if each["subject"] == subject
    )
    until("the end of intake", lambda: (house.case(intake) or {}).get("ended"))
    assert _starts(house, subject) == ["omnichannel-intake", "service-desk-case"]
    assert _tickets(house, subject) == 1
    assert len(house.mails(sender)) == 1
