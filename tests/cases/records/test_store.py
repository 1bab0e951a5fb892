"""Outgoing mails, what was put aside, and first answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.errors import KeyReused
from cases.records.store import RecordStore
from service.correspondence import MailRecord
from tests.cases.records.samples import MONDAY, at, using

MAIL = MailRecord(
    message_id="<out@desk.example>",
    case="desk:1",
    to=("noah@customer.example", "amy@desk.example"),
    kind="acknowledgement",
    automatic=True,
    subject="We have it",
    at=MONDAY,
    state="begun",
)
SENT = replace(MAIL, state="sent", result={"messageId": MAIL.message_id, "accepted": list(MAIL.to)})


def test_a_mail_is_known_from_before_it_is_sent(file: Path) -> None:
    """Begun, then sent: one record, that says the newer."""

    async def act(store: RecordStore) -> list[MailRecord | None]:
        seen = [await store.mail(MAIL.message_id)]
        for each in (MAIL, SENT):
            await store.keep_mail(each)
            seen.append(await store.mail(MAIL.message_id))
        return seen

    assert using(file, act) == [None, MAIL, SENT]
    assert using(file, lambda store: store.mail("<other@desk.example>")) is None


def test_only_a_mail_that_was_not_sent_can_be_forgotten(file: Path) -> None:
    """What the server has taken stays for ever, whoever asks to forget it."""

    async def act(store: RecordStore) -> None:
        await store.keep_mail(MAIL)
        await store.forget_mail(MAIL.message_id)
        assert await store.mail(MAIL.message_id) is None
        await store.keep_mail(SENT)
        await store.forget_mail(MAIL.message_id)

    using(file, act)

    assert using(file, lambda store: store.mail(MAIL.message_id)) == SENT
    assert using(file, lambda store: store.count_mails(automatic=True, to=MAIL.to[0])) == 1


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"automatic": True}, 3),
        ({"automatic": False}, 1),
        ({"automatic": True, "to": "NOAH@customer.example"}, 2),
        ({"automatic": True, "to": "amy@desk.example"}, 3),
        ({"automatic": True, "since": MONDAY + timedelta(minutes=1)}, 2),
        ({"automatic": True, "since": MONDAY + timedelta(minutes=1, seconds=1)}, 1),
        ({"automatic": True, "case": "desk:2"}, 1),
        ({"automatic": True, "kind": "notice"}, 1),
        ({"automatic": True, "kind": "notice", "case": "desk:1"}, 0),
    ],
)
def test_mails_are_counted_by_what_limits_them(
    file: Path, asked: dict[str, Any], count: int
) -> None:
    """All that is given must match; a begun mail counts, for it may have gone out."""

    async def act(store: RecordStore) -> int:
        await store.keep_mail(MAIL)
        await store.keep_mail(SENT)
        later = MONDAY + timedelta(minutes=1)
        await store.keep_mail(replace(SENT, message_id="<2@desk.example>", at=later))
        await store.keep_mail(
            replace(
                MAIL, message_id="<3@desk.example>", kind="notice", case="desk:2",
                at=later + timedelta(minutes=1), to=("amy@desk.example",),
            )
        )  # fmt: skip
        await store.keep_mail(replace(MAIL, message_id="<4@desk.example>", automatic=False))
        return await store.count_mails(**asked)

    assert using(file, act) == count


def test_what_is_put_aside_stays_as_it_was_first(file: Path) -> None:
    """The same mail again changes nothing, and its bytes can be found."""
    aside = {
        "id": "mail:1", "source": "mail:help@desk.example", "reason": "bounce",
        "detail": "delivery failed", "message_id": "<b@a.example>", "sender": "a@a.example",
        "subject": "Failure", "case": "desk:1", "file": {"digest": "d", "size": 3},
    }  # fmt: skip

    async def act(store: RecordStore) -> Any:
        await store.quarantine(**aside, at=MONDAY)  # type: ignore[arg-type]
        await store.quarantine(id="mail:1", source="x", reason="other")
        return await store.quarantined("mail:1"), await store.quarantined("mail:2")

    kept, unknown = using(file, act)

    told = {name: value for name, value in aside.items() if name != "message_id"}
    assert kept == {**told, "messageId": "<b@a.example>", "at": at(0)}
    assert unknown is None


def test_what_was_put_aside_can_be_listed(file: Path) -> None:
    """Newest first, page by page, also where several came at one instant."""

    async def act(store: RecordStore) -> list[str]:
        for number, minute in enumerate([0, 1, 1, 1, 2]):
            await store.quarantine(
                id=f"q{number}",
                source="mail",
                reason="bounce",
                at=MONDAY + timedelta(minutes=minute),
            )
        seen, cursor = [], None
        while True:
            page = await store.list_quarantine(cursor, 2)
            seen += [each["id"] for each in page.items]
            cursor = page.cursor
            if cursor is None:
                return seen

    assert using(file, act) == ["q4", "q1", "q2", "q3", "q0"]


def test_the_first_answer_stays(file: Path) -> None:
    """A repeated request is answered as the first time, in its own scope only."""

    async def act(store: RecordStore) -> list[Any]:
        before = await store.first_answer("api:a", "k", "f")
        await store.keep_answer("api:a", "k", "f", {"status": 202, "body": {"case": "desk:1"}})
        await store.keep_answer("api:a", "k", "f", {"status": 500})
        return [
            before,
            await store.first_answer("api:a", "k", "f"),
            await store.first_answer("api:b", "k", "f"),
        ]

    assert using(file, act) == [None, {"status": 202, "body": {"case": "desk:1"}}, None]


def test_a_key_names_one_request(file: Path) -> None:
    """The same key with another request is the caller's mistake, also where both came at once."""

    async def act(store: RecordStore) -> None:
        await asyncio.gather(
            *(store.keep_answer("api:a", "k", f"f{number}", number) for number in range(4))
        )
        asked = (store.first_answer("api:a", "k", f"f{number}") for number in range(4))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(each, KeyReused) for each in answers) == 3
        assert len([each for each in answers if isinstance(each, int)]) == 1

    using(file, act)


def test_many_writes_at_once_all_succeed(file: Path) -> None:
    """A server with many requests at a time waits for its turn instead of failing."""

    async def act(store: RecordStore) -> int:
        await asyncio.gather(
            *(
                store.quarantine(id=f"q{number}", source="mail", reason="bounce")
                for number in range(100)
            )
        )
        return len((await store.list_quarantine(None, 200)).items)

    assert using(file, act) == 100
