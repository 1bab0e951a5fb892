"""Mails that are not a plain question: recorded, never answered, never lost."""

from __future__ import annotations

import smtplib
import sqlite3
from contextlib import closing
from email.message import EmailMessage

import pytest

from tests.house.installation import Installation, question, until

pytestmark = pytest.mark.server


def _quarantined(house: Installation, sender: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{house.folder / 'records.db'}?mode=ro", uri=True)) as store:
        return store.execute(
            "SELECT reason, subject FROM quarantine WHERE sender = ?", (sender,)
        ).fetchall()


def _ended_intake(house: Installation, key: str) -> str | None:
    view = house.case(f"omnichannel-intake:{key}")
    return view["status"] if view is not None and view.get("ended") else None


def test_an_unreadable_mail_is_put_aside(house: Installation) -> None:
    """What cannot be read as a mail is kept with its reason, and nobody answers it."""
    house.send(b"this is not a mail\r\n", "broken@customer.example")

    found = until("the mail in quarantine", lambda: _quarantined(house, "broken@customer.example"))

    assert [reason for reason, _ in found] == ["unreadable"]
    assert house.mails("broken@customer.example") == []


def test_a_mail_without_message_id_that_comes_twice_is_one_case(house: Installation) -> None:
    """Its key is a hash of its stable headers and body."""
    mail = question("Noah <noah@customer.example>", "No message id", "Hello?", None)
    for _ in range(2):
        house.send(mail, "noah@customer.example")

    [case] = until(
        "the case of the mail",
        lambda: [
            each
            for each in house.cases(definition="omnichannel-intake")
            if each["subject"] == "No message id" and each["phase"] == "closed"
        ],
    )

    assert case["case"].startswith("omnichannel-intake:mail-")
    assert len(house.mails("noah@customer.example")) == 1


@pytest.mark.parametrize(
    ("name", "headers", "envelope"),
    [
        ("auto-reply", {"Auto-Submitted": "auto-replied"}, None),
        ("list", {"Precedence": "bulk", "List-Id": "<news.customer.example>"}, None),
        ("bounce", {}, ""),
        ("ours", {"From": "help@example.org"}, "help@example.org"),
    ],
)
def test_automatic_mail_is_recorded_and_not_answered(
    house: Installation, name: str, headers: dict[str, str], envelope: str | None
) -> None:
    """An auto-reply, a list's mail, a bounce and a mail from ourselves never get an answer."""
    sender = f"{name}@customer.example"
    mail = question(sender, f"Automatic: {name}", "I am away.", f"<{name}@customer.example>")
    for header, value in headers.items():
        del mail[header]
        mail[header] = value
    before = len(house.mails("help@example.org"))
    house.send(mail, sender if envelope is None else envelope)

    status = until(
        "the end of its intake", lambda: _ended_intake(house, f"{name}@customer.example")
    )

    assert status == "recorded"
    assert house.mails(sender) == []
    # The only new mail in our own mailbox is the one that was sent.
    assert len(house.mails("help@example.org")) <= before + 1


def test_an_oversized_mail_is_refused_at_the_door(house: Installation) -> None:
    """Its sender hears at once that it is too big, and no case is made of it."""
    mail = EmailMessage()
    mail["From"] = "big@customer.example"
    mail["To"] = "help@example.org"
    mail["Subject"] = "Big"
    mail["Message-ID"] = "<big@customer.example>"
    mail.set_content("see attachment")
    mail.add_attachment(b"x" * 26_000_000, maintype="application", subtype="octet-stream")
    with pytest.raises(smtplib.SMTPSenderRefused, match="552"):
        house.send(mail, "big@customer.example")

    assert house.case("omnichannel-intake:big@customer.example") is None
