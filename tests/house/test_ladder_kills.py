"""`kill -9` of the worker during every wait of a ladder: the same notices, none twice.

What reached people is counted in the raw mailbox, which removes no doubles for us.
"""

from __future__ import annotations

import contextlib
import http.client
import shutil
import threading
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest

from cli.temporal.chain import Program
from tests.house.installation import Installation, until
from tests.house.test_kills import is_noted

pytestmark = [pytest.mark.server, pytest.mark.timeout(480)]

PEOPLE = ("chen", "daniel", "lin", "tsai", "wang")
LADDER = """
ladders:
  quick:
    acknowledge: { within: { seconds: 6 } }
    levels:
      - { to: { person: daniel }, wait: { seconds: 5 } }
      - { to: [ { person: lin }, { person: tsai } ], wait: { seconds: 5 } }
    repeat: { times: 1 }
    finally: { to: { role: support-manager } }
"""
PROCESS = """
document:
  dsl: '1.0.3'
  namespace: tests
  name: needs-help
  version: '1.0.0'
  metadata: { owner: support-manager, calendar: always, start: { record: { subject: The line is down } } }
do:
  - help:
      call: work-item
      with:
        title: Please help
        assign: { person: chen }
        due: { seconds: 1 }
        onDue: { escalate: quick }
        outcomes: { helped: { label: { en: Helped, zh-TW: 已協助 } } }
output: { as: '${ $case.results.help.by }' }
"""
CASE = "needs-help:1"
LADDERS_CASE = f"escalation-ladder:{CASE}/quick"
NOTICES = {
    "chen": 2,  # asked, and told that lin has it now
    "daniel": 2,  # two rounds
    "lin": 6,  # three times at the second level, "you have taken it", the item given and taken away
    "tsai": 3,  # the second level, again after lin's silence, and in the second round
    "wang": 2,  # nobody took it; and the item
}


def deliveries(house: Installation) -> dict[str, list[EmailMessage]]:
    """What reached each person, copies included."""
    return {name: house.mails(f"{name}@example.org") for name in PEOPLE}


class Killer(threading.Thread):
    """Kills the worker whenever somebody was told something, in the wait that follows."""

    def __init__(self, house: Installation) -> None:
        super().__init__(daemon=True)
        self._house = house
        self.done = threading.Event()
        self.kills = 0

    def run(self) -> None:
        seen = 0
        while not self.done.wait(0.1):
            count = sum(map(len, deliveries(self._house).values()))
            if count > seen:
                self.done.wait(1)
                seen = sum(map(len, deliveries(self._house).values()))
                self.kills += self._house.kill("worker")


def answer(house: Installation, case: str, item: str, by: str, outcome: str) -> bool:
    """Answer an open work item; False where that is not possible just now."""
    view = house.case(case)
    states = {each["id"]: each["state"] for each in (view or {}).get("items", ())}
    if states.get(item) not in ("open", "claimed"):
        return False
    path = f"/cases/{case.replace(':', '%3A').replace('/', '%2F')}/work-items/{item.replace('#', '%23')}/answer"
    with contextlib.suppress(OSError, http.client.HTTPException):
        status, _ = house.request(
            "POST",
            path,
            {"by": by, "outcome": outcome},
            headers={"Idempotency-Key": f"{case}-{item}"},
        )
        return status < 300
    return False


def test_a_ladder_tells_the_same_people_once_whenever_the_worker_dies(
    temporal_program: Program, tmp_path: Path, repository: Path
) -> None:
    """The worker is killed after each notice, so in every wait; nobody is told twice, nobody missed."""
    definitions = tmp_path / "definitions"
    shutil.copytree(repository / "definitions", definitions)
    (definitions / "organization" / "ladders.yaml").write_text(
        (definitions / "organization" / "ladders.yaml").read_text()
        + LADDER.replace("\nladders:\n", "\n")
    )
    (definitions / "needs-help").mkdir()
    (definitions / "needs-help" / "process.yaml").write_text(PROCESS)
    house = Installation(tmp_path / "data", definitions)
    house.start()
    killer = Killer(house)
    killer.start()
    answers = [
        (LADDERS_CASE, "ask#2", "lin", "acknowledged"),
        (LADDERS_CASE, "last", "wang", "taken"),
        (CASE, "help", "wang", "helped"),
    ]

    def over() -> bool:
        if answers and answer(house, *answers[0]):
            answers.pop(0)
        view = None if answers else house.case(CASE)
        return bool(view and view.get("ended"))

    try:
        status, body = house.request(
            "POST", "/cases", {"definition": "needs-help", "input": {}, "key": "1"}
        )
        assert status in (200, 201, 202), body
        until("the end of the case", over, 240)
        until("the end of its ladder", lambda: (house.case(LADDERS_CASE) or {}).get("ended"), 60)

        killer.done.set()
        killer.join(30)
        told = deliveries(house)
        assert killer.kills >= 7
        assert {
            name: len({mail["Message-ID"] for mail in mails}) for name, mails in told.items()
        } == NOTICES
        for mails in told.values():
            for message_id, count in Counter(mail["Message-ID"] for mail in mails).items():
                # A second copy only where the worker died between the server's yes and our record.
                assert count == 1 or is_noted(house, message_id), message_id
    finally:
        killer.done.set()
        house.stop()
