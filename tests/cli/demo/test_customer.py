"""The customer of the story."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from pathlib import Path

from cli.demo.customer import Customer, links, received


def test_mails_are_counted_raw(tmp_path: Path) -> None:
    """Two deliveries of one mail are two: the demo could not see a double otherwise."""
    mail = Customer("Amy", "amy@customer.example").question("help@example.org", "VPN", "It drops.")
    for name in ("1.eml", "2.eml"):
        (tmp_path / name).write_bytes(mail.as_bytes(policy=policy.SMTP))

    found = received(tmp_path)

    assert [each["Message-ID"] for each in found] == [mail["Message-ID"]] * 2


def test_no_folder_is_no_mail(tmp_path: Path) -> None:
    """A customer who got nothing yet has no folder."""
    assert received(tmp_path / "nobody") == []


def test_links_end_where_the_sentence_goes_on() -> None:
    """The link of the mail is found in its text, without the sign that follows it; others are left out."""
    mail = EmailMessage()
    mail.set_content(
        "Tell us: http://127.0.0.1:8080/answer/abc.def\nor see <https://example.org/help>.\n"
    )

    assert links(mail, "http://127.0.0.1:8080") == ["http://127.0.0.1:8080/answer/abc.def"]
