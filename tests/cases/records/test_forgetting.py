"""Retention and the right to be forgotten: what goes, and what must stay."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from cases.records.erasing import Erased
from cases.records.retention import Forgotten
from cases.records.store import RecordStore
from service.correspondence import MailRecord
from tests.cases.records.samples import (
    MONDAY,
    at,
    closed,
    dump,
    item,
    line,
    told,
    using,
    writing_all,
)

TABLES = (
    "cases", "items", "candidates", "audit", "messages", "tickets", "mails", "recipients",
    "quarantine", "requests",
)  # fmt: skip


def mail(case: str, to: str, minutes: int = 1) -> MailRecord:
    """Give the record of a mail that was sent."""
    return MailRecord(
        message_id=f"<{case}-{minutes}@desk.example>",
        case=case,
        to=(to,),
        kind="correspondence",
        automatic=False,
        subject="Your VPN, Noah",
        at=MONDAY + timedelta(minutes=minutes),
        state="sent",
        result={"accepted": [to]},
    )


def full(case: str, **facts: Any) -> dict[str, Any]:
    """Give a closed case with something in every table."""
    return closed(
        case,
        ticket=f"T-{case}",
        items=[item(state="done", people=["amy"], answer={"note": "called noah@customer.example"})],
        audit=[line(1, by="amy", data={"from": "noah@customer.example"})],
        messages=[{"messageId": f"<{case}@a.example>", "direction": "in", "at": at(0)}],
        **facts,
    )


def raw(file: Path) -> str:
    """Give everything that stands in the records, as one text."""
    with closing(sqlite3.connect(file)) as store:
        return "\n".join(
            repr(row) for table in TABLES for row in store.execute(f"SELECT * FROM {table}")
        )


def test_closed_cases_are_forgotten_after_their_time(file: Path) -> None:
    """With all that belongs to them; open cases stay, however old, and so do younger closed ones."""

    async def act(store: RecordStore) -> Forgotten:
        await store.write(full("desk:old", minutes=60))
        await store.write(full("desk:young", minutes=61))
        await store.write(told("desk:open", items=[item()], ticket="T-open"))
        for case in ("desk:old", "desk:young", "desk:open", "never:recorded"):
            await store.keep_mail(mail(case, "noah@customer.example"))
        await store.quarantine(id="q1", source="mail", reason="bounce", at=MONDAY)
        await store.quarantine(
            id="q2", source="mail", reason="bounce", at=MONDAY + timedelta(hours=2)
        )
        await store.keep_answer("api:a", "k", "f", {})
        return await store.forget(timedelta(days=1))

    # The clock stands a day and a bit after the older case closed.
    gone = using(file, act, lambda: MONDAY + timedelta(days=1, minutes=60, seconds=1))

    assert gone == Forgotten(cases=1, mails=2, quarantined=1, answers=0)
    left = dump(file)
    assert [each["case_id"] for each in left["cases"]] == ["desk:open", "desk:young"]
    assert "desk:old" not in raw(file)
    assert "never:recorded" not in raw(file)
    assert [each["ticket"] for each in left["tickets"]] == ["T-desk:young", "T-open"]
    assert using(file, lambda store: store.mail("<desk:open-1@desk.example>")) is not None


def test_what_leads_to_a_case_stays_as_long_as_one_with_its_id(file: Path) -> None:
    """An id that is used again keeps its tickets and messages when its first case is forgotten."""
    using(file, writing_all(full("desk:1"), told("desk:1", run="run-2", startedAt=at(90))))

    gone = using(
        file, lambda store: store.forget(timedelta(0)), lambda: MONDAY + timedelta(minutes=80)
    )

    assert gone.cases == 1
    left = dump(file)
    assert [each["run"] for each in left["cases"]] == ["run-2"]
    assert (len(left["tickets"]), len(left["messages"]), len(left["items"])) == (1, 1, 0)


def test_old_answers_are_forgotten(file: Path) -> None:
    """An idempotency key is remembered for the retention and no longer."""
    using(file, lambda store: store.keep_answer("api:a", "k", "f", {}), lambda: MONDAY)

    later = MONDAY + timedelta(days=2)
    gone = using(file, lambda store: store.forget(timedelta(days=1)), lambda: later)

    assert gone.answers == 1
    assert using(file, lambda store: store.first_answer("api:a", "k", "other")) is None


def test_a_customer_is_erased_from_closed_cases(file: Path) -> None:
    """No word of the person is left anywhere, and figures can still be made."""

    async def act(store: RecordStore) -> Erased:
        await store.write(full("desk:1", customer={"name": "Noah Ltd"}))
        await store.write(
            closed(
                "desk:2",
                requester={"mail": "eva@x.example"},
                audit=[line(1, text="see NOAH@customer.example.")],
            )
        )
        await store.keep_mail(mail("desk:1", "noah@customer.example"))
        await store.keep_mail(mail("desk:2", "noah@customer.example"))
        await store.quarantine(
            id="q", source="mail", reason="bounce", sender="noah@customer.example", subject="Hi"
        )
        return await store.erase(["Noah@Customer.example"])

    gone = using(file, act)

    assert gone == Erased(cases=2, quarantined=1, running=())
    assert "noah" not in raw(file).lower()
    assert "vpn" not in "\n".join(x for x in raw(file).lower().splitlines() if "desk:1" in x)
    one, two = dump(file)["cases"]
    assert (one["status"], one["closed_at"], one["ticket"]) == (
        "received",
        MONDAY + timedelta(hours=1),
        "T-desk:1",
    )
    assert one["closing"] == {"as": "completed", "at": at(60)}
    assert (two["sender"], two["subject"]) == ("eva@x.example", "VPN is down")
    assert [each["text"] for each in dump(file)["audit"]][1] == "see erased."
    # That a mail went out is still known: it will not go out again.
    assert using(file, lambda store: store.mail("<desk:1-1@desk.example>")) is not None


def test_nothing_of_the_erased_is_left_in_the_files(file: Path) -> None:
    """Neither freed pages nor the write-ahead log hold what was removed, while others go on."""

    async def act(store: RecordStore) -> bytes:
        for number in range(30):
            await store.write(full(f"desk:{number}", subject=f"Noah's VPN {number}"))
        assert b"Noah's VPN" in content()
        await store.erase(["noah@customer.example"])
        return content()

    def content() -> bytes:
        return b"".join(each.read_bytes() for each in file.parent.iterdir())

    left = using(file, act).lower()

    assert b"noah" not in left
    assert b"desk:29" in left


def test_one_of_ours_is_erased_by_id(file: Path) -> None:
    """Only the person: names that merely begin alike stay, and so does what was decided."""
    using(
        file,
        writing_all(
            closed(
                owner="amy",
                items=[
                    item(
                        state="done", people=["amy", "amyl"], person="amy", outcome="done", by="amy"
                    )
                ],
                audit=[line(1, by="amy", text="amy gave it to amyl, amy@x.example wrote")],
            )
        ),
    )

    gone = using(file, lambda store: store.erase(["amy"]))

    assert (gone.cases, gone.running) == (1, ())
    kept = dump(file)
    assert kept["cases"][0]["owner"] == "erased"
    document = kept["items"][0]["document"]
    assert (document["by"], document["people"], document["outcome"]) == (
        "erased",
        ["erased", "amyl"],
        "done",
    )
    assert kept["audit"][0]["text"] == "erased gave it to amyl, amy@x.example wrote"
    assert [each["who"] for each in kept["candidates"]] == ["g.desk", "u.amyl"]


def test_running_cases_are_named_and_not_touched(file: Path) -> None:
    """The case itself would write the person down again: it has to be closed first."""
    using(file, writing_all(told(items=[item()], audit=[line(1)]), told("desk:2", requester=None)))
    before = dump(file)

    gone = using(file, lambda store: store.erase(["noah@customer.example"]))

    assert gone == Erased(cases=0, quarantined=0, running=("desk:1",))
    assert dump(file) == before


def test_a_case_that_can_be_reopened_is_not_over(file: Path) -> None:
    """It is neither forgotten nor emptied before its time has passed, and both afterwards."""
    waiting = full("desk:1")
    waiting["closed"] = {"as": "completed", "at": at(60), "until": at(120)}
    using(file, writing_all(waiting))
    before = dump(file)
    names = ["noah@customer.example"]

    def asked_at(minutes: int) -> tuple[Erased, Forgotten]:
        now = MONDAY + timedelta(minutes=minutes)
        erased = using(file, lambda store: store.erase(names), lambda: now)
        return erased, using(file, lambda store: store.forget(timedelta(0)), lambda: now)

    erased, forgotten = asked_at(119)
    assert (erased.cases, erased.running, forgotten.cases) == (0, ("desk:1",), 0)
    assert dump(file) == before
    erased, forgotten = asked_at(121)
    assert (erased.cases, erased.running, forgotten.cases) == (1, (), 1)


def test_letters_of_all_scripts_are_erased(file: Path) -> None:
    """A name that JSON writes with escapes is found as well."""
    using(file, writing_all(closed(requester=None, audit=[line(1, data={"who": "陳小明"})])))

    gone = using(file, lambda store: store.erase(["陳小明"]))

    assert gone.cases == 1
    assert dump(file)["audit"][0]["detail"] == {"data": {"who": "erased"}}


def test_erasing_nobody_changes_nothing(file: Path) -> None:
    """An empty name is not everybody."""
    using(file, writing_all(full("desk:1")))
    before = raw(file)

    assert using(file, lambda store: store.erase(["", "  "])) == Erased(0, 0, ())
    assert raw(file) == before


def test_forgetting_and_writing_go_together(file: Path) -> None:
    """A case that writes while others are forgotten is kept."""

    async def act(store: RecordStore) -> None:
        await asyncio.gather(
            store.forget(timedelta(0)), *(store.write(told(f"desk:{n}")) for n in range(10))
        )

    using(file, act)

    assert len(dump(file)["cases"]) == 10
