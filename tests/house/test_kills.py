"""`kill -9` at random moments: every case goes on, and nothing happens twice.

The embedded mailbox and ticket store remove no doubles for us, so their raw content is counted.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import smtplib
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from cli.temporal.chain import Program
from tests.house.installation import SIGNS, Installation, question, until

pytestmark = [pytest.mark.server, pytest.mark.timeout(720)]

CUSTOMERS = 8
KILLS = 8
SEED = int(os.environ.get("CASEWAY_TEST_SEED", "20261124"))

SLOW, QUICK = (
    "within: { businessDays: 3 }, remindAfter: { businessDays: 1 }",
    "within: { seconds: 20 }, remindAfter: { minutes: 9 }",
)
"""How long a customer may take to confirm: as shipped, and here."""


class Killer(threading.Thread):
    """Kills processes a number of times, after pauses that leave them time for some of their work."""

    def __init__(self, house: Installation, programs: Sequence[str], chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._house = house
        self._programs = programs
        self._chance = chance
        self.killed = 0

    def run(self) -> None:
        while self.killed < KILLS:
            time.sleep(self._chance.uniform(1, 12))
            if self._house.kill(self._chance.choice(self._programs)):
                self.killed += 1


class Customer:
    """Writes one mail, twice delivered, and confirms by the link in the answer, or never."""

    def __init__(self, house: Installation, number: int) -> None:
        self.house = house
        self.address = f"customer-{number}@customer.example"
        self.subject = f"Question {number}"
        self.key = f"question-{number}@customer.example"
        self.confirms = number % 2 == 0
        self.done = False

    def write(self) -> None:
        """Deliver the mail twice."""
        mail = question(self.address, self.subject, "It does not work.", f"<{self.key}>")
        for _ in range(2):
            until("a mailbox that takes the mail", lambda: self._delivered(mail))

    def _delivered(self, mail: EmailMessage) -> bool:
        """As a mail server does: where nobody answers, it tries again."""
        try:
            self.house.send(mail, self.address)
        except (OSError, smtplib.SMTPException):
            return False
        return True

    @property
    def case(self) -> str | None:
        """Id of the service desk's case, once there is one."""
        view = self.house.case(f"omnichannel-intake:{self.key}")
        ticket = ((view or {}).get("case", {}).get("results", {}).get("openTicket") or {}).get("id")
        return f"service-desk-case:{ticket}" if ticket else None

    def step(self) -> None:
        """Do what is to be done now by the service desk and by the customer; refusals are tried again."""
        case = self.case
        if case is None:
            return
        view = self.house.case(case)
        if view is None:
            return
        if view.get("ended"):
            self.done = True
            return
        assert not view.get("held"), view["held"]
        # Where nobody answers just now, the next round asks again.
        with contextlib.suppress(OSError, http.client.HTTPException):
            for item in view["items"]:
                if item["state"] in ("open", "claimed"):
                    self._answer(case, item["id"], item["task"], item.get("person") or "chen")

    def _answer(self, case: str, item: str, task: str, person: str) -> None:
        path = f"/cases/{case.replace(':', '%3A')}/work-items/{item.replace('/', '%2F')}/answer"
        body = {
            "triage": ("triaged", {"impact": "minor", "urgency": "low", "category": "other"}),
            "work": ("resolved", {"reply": "It works again."}),
        }.get(task)
        if body is not None:
            self.house.request(
                "POST", path, {"by": person, "outcome": body[0], "values": body[1]},
                headers={"Idempotency-Key": f"{case}-{item}"},
            )  # fmt: skip
        elif self.confirms:
            for mail in self.house.mails(self.address):
                text = mail.get_body(("plain",))
                for link in re.findall(
                    rf"{self.house.url}/l/\S+", text.get_content() if text else ""
                ):
                    self.house.request(
                        "POST", link, b"outcome=confirmed", token=None,
                        headers={"Content-Type": "application/x-www-form-urlencoded"},
                    )  # fmt: skip


@pytest.mark.parametrize(
    "programs", [("worker",), ("worker", "api", "mailbox", "temporal")], ids=["worker", "anything"]
)
def test_cases_survive_processes_that_are_killed_again_and_again(
    temporal_program: Program, tmp_path: Path, repository: Path, programs: Sequence[str]
) -> None:
    """Each mail is one case, one ticket, one closed case; a second copy of a mail is noted as one."""
    definitions = tmp_path / "definitions"
    shutil.copytree(repository / "definitions", definitions)
    table = definitions / "organization" / "tables" / "confirmation.yaml"
    assert SLOW in table.read_text()
    table.write_text(table.read_text().replace(SLOW, QUICK))
    house = Installation(tmp_path / "data", definitions)
    house.start()
    chance = random.Random(SEED)
    customers = [Customer(house, number) for number in range(CUSTOMERS)]
    try:
        killer = Killer(house, programs, chance)
        killer.start()
        for customer in customers:
            customer.write()

        # Side by side: while no worker runs, each of them waits for an answer.
        with ThreadPoolExecutor(CUSTOMERS) as people:

            def all_done() -> bool:
                waiting = [customer for customer in customers if not customer.done]
                list(people.map(Customer.step, waiting))
                return not waiting

            try:
                until("the end of all cases", all_done, 400)
            except AssertionError as error:
                raise AssertionError(f"{error}: {_standing(house, customers)}") from None
        killer.join(120)
        assert killer.killed == KILLS
        # The last kill may have met the API or Temporal.
        until("an API that answers", lambda: house.case(str(customers[0].case)), 90)
        _check(house, customers)
    finally:
        house.stop()


def _standing(house: Installation, customers: list[Customer]) -> str:
    """Where the cases stand that did not end, for the reader of a failure."""
    stuck = [customer for customer in customers if not customer.done]
    views = {
        customer.address: house.case(customer.case or f"omnichannel-intake:{customer.key}")
        for customer in stuck
    }
    logs = {name: house.log(name)[-1500:] for name in SIGNS}
    return json.dumps({"views": views, "logs": logs}, indent=1)


def _check(house: Installation, customers: list[Customer]) -> None:
    with closing(sqlite3.connect(f"file:{house.folder / 'tickets.db'}?mode=ro", uri=True)) as store:
        tickets = Counter(row[0] for row in store.execute("SELECT subject FROM tickets"))
    assert tickets == Counter(customer.subject for customer in customers)
    cases = Counter(each["subject"] for each in house.cases(definition="service-desk-case"))
    assert cases == Counter(customer.subject for customer in customers)
    for customer in customers:
        deliveries = Counter(mail["Message-ID"] for mail in house.mails(customer.address))
        subjects = Counter(
            {mail["Message-ID"]: mail["Subject"] for mail in house.mails(customer.address)}.values()
        )
        # Different mails, different subjects: no purpose has two Message-IDs.
        assert set(subjects.values()) == {1}, (customer.address, subjects)
        for message_id, count in deliveries.items():
            assert count == 1 or is_noted(house, message_id), (message_id, count)


def is_noted(house: Installation, message_id: str) -> bool:
    """Whether the result of the action says that the mail may have gone out before."""
    with closing(sqlite3.connect(f"file:{house.folder / 'records.db'}?mode=ro", uri=True)) as store:
        row = store.execute(
            "SELECT result FROM mails WHERE message_id = ?", (message_id,)
        ).fetchone()
    return row is not None and "repeated" in str(row[0])
