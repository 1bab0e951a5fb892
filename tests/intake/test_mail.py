"""Raw mails to messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.mail import TEXT_LIMIT_BYTES, Address, Unreadable, first_bytes, read_mail
from tests.intake.fixtures import FOLDER, OWN, raw_mail


def test_a_plain_mail_is_read_in_all_parts() -> None:
    """The input of the case holds what the definition's schema names."""
    mail = read_mail(raw_mail("plain"), OWN)

    assert mail.to_json(attachments=[], raw="f" * 64) == {
        "messageId": "<CAB+x=1.2@mail.example.org>",
        "from": {"mail": "amy@example.org", "name": "Lee, Amy"},
        "to": [
            {"mail": "help@example.com", "name": "Help"},
            {"mail": "it@example.com", "name": ""},
        ],
        "cc": [{"mail": "bob@example.org", "name": "Bob"}],
        "subject": "VPN does not connect",
        "text": 'Hello,\n\nsince this morning the VPN says "timeout".\n\nAmy',
        "date": "2026-03-02T01:00:00Z",
        "references": [],
        "inReplyTo": None,
        "automatic": None,
        "token": None,
        "attachments": [],
        "raw": "f" * 64,
    }


def test_a_reply_names_the_thread_it_belongs_to() -> None:
    """Thread headers lead the mail to its case."""
    mail = read_mail(raw_mail("reply"), OWN)

    assert mail.in_reply_to == "<caseway.1@example.com>"
    assert set(mail.references) == {"<CAB+x=1.2@mail.example.org>", "<caseway.1@example.com>"}


def test_html_is_read_as_its_text() -> None:
    """Markup, styles and scripts are nothing for an engineer."""
    mail = read_mail(raw_mail("html-only"), OWN)

    assert mail.text == "Hello & welcome,\n\n- one\n\n- two\n\nlast\nline"


@pytest.mark.parametrize(
    ("name", "sender", "subject", "text"),
    [
        (
            "zh-tw-utf8",
            Address("ming@example.tw", "王小明, 業務"),
            "VPN 無法連線:請協助",
            "您好,VPN 今天早上開始無法連線。",
        ),
        (
            "zh-tw-big5",
            Address("ming@example.tw", "王小明"),
            "印表機故障",
            "三樓印表機卡紙,顯示錯誤碼 50。裏面",
        ),
        ("zh-tw-raw-headers", Address("ming@example.tw", ""), "印表機", "故障"),
    ],
)
def test_chinese_mails_are_read_in_whatever_they_are_written_in(
    name: str, sender: Address, subject: str, text: str
) -> None:
    """Big5 with Microsoft's additions and raw bytes in headers are daily bread in Taiwan."""
    mail = read_mail(raw_mail(name), OWN)

    assert (mail.sender, mail.subject, mail.text) == (sender, subject, text)


def test_the_plain_form_is_preferred_and_files_are_attachments() -> None:
    """A file's name cannot name a folder, and a text file is no part of the mail's text."""
    mail = read_mail(raw_mail("attachments"), OWN)

    assert mail.text == "See the screenshot."
    named = [(each.name, each.media_type) for each in mail.attachments]
    assert named == [
        ("螢幕.png", "image/png"),
        ("passwd", "text/plain"),
        ("attachment-3", "message/rfc822"),
    ]
    assert mail.attachments[0].content.startswith(b"\x89PNG")
    assert b"Inner text." in mail.attachments[2].content


@pytest.mark.parametrize("name", ["bounce", "auto-reply", "own"])
def test_what_a_machine_wrote_is_marked(name: str) -> None:
    """Nothing of it is ever answered (RFC 3834)."""
    assert read_mail(raw_mail(name), OWN).automatic is not None


def test_a_null_envelope_sender_marks_a_bounce_without_other_signs() -> None:
    """Some bounces tell it to the server only."""
    assert read_mail(raw_mail("plain").split(b"\r\n", 1)[1], OWN, "").automatic is not None
    assert read_mail(raw_mail("plain"), OWN, "amy@example.org").automatic is None


def test_a_bounce_keeps_its_report() -> None:
    """The case can see which address failed, and for which message."""
    mail = read_mail(raw_mail("bounce"), OWN)

    assert mail.text.startswith("I'm sorry")
    kinds = [each.media_type for each in mail.attachments]
    assert kinds == ["message/delivery-status", "text/rfc822-headers"]
    assert b"nobody@example.org" in mail.attachments[0].content


def test_broken_mime_is_read_as_far_as_people_could() -> None:
    """A mail program's fault is no reason to lose the customer's words."""
    mail = read_mail(raw_mail("broken-mime"), OWN)

    assert mail.text == "People can still read this."
    assert mail.message_id == "<brokenidwithoutbrackets>"
    assert "caf" in mail.subject


@pytest.mark.parametrize("name", ["no-sender", "not-a-mail"])
def test_what_nobody_could_answer_is_unreadable(name: str) -> None:
    """The reason is a sentence for the person who looks at it."""
    with pytest.raises(Unreadable) as error:
        read_mail(raw_mail(name), OWN)

    assert error.value.reason.startswith("it ")


def test_the_key_is_the_message_id_where_it_fits_into_an_address() -> None:
    """Others get a digest, equal for equal ids."""
    assert read_mail(raw_mail("plain"), OWN).key == "CAB+x=1.2@mail.example.org"
    key = read_mail(raw_mail("reply"), OWN).key
    assert key.startswith("id-")
    assert "/" not in key


def test_without_a_message_id_the_content_is_the_key() -> None:
    """The way it came may differ on each delivery, what was written may not."""
    raw = raw_mail("no-message-id")
    again = raw.replace(b"Received: from one", b"Received: from two\r\nX-Spam: no")
    mail = read_mail(raw, OWN)

    assert mail.message_id is None
    assert mail.key == read_mail(again, OWN).key
    assert mail.key == read_mail(raw.replace(b"\r\n", b"\n"), OWN).key
    assert mail.key != read_mail(raw.replace(b"Body.", b"Other."), OWN).key
    assert mail.key != read_mail(raw.replace(b"Printed", b"Paper"), OWN).key
    message = mail.to_json(attachments=[], raw="")
    assert message["messageId"] == f"<{mail.key}@no-message-id.invalid>"


def test_a_long_text_is_cut_between_characters() -> None:
    """Histories stay small; the whole text lies in the file store."""
    raw = b"From: a@example.org\n\n" + "好".encode() * 40_000
    mail = read_mail(raw, OWN)

    assert len(mail.text) == 40_000
    message = mail.to_json(attachments=[], raw="", text_file="t" * 64)
    assert message["text"] == "好" * (TEXT_LIMIT_BYTES // 3)
    assert message["textFile"] == "t" * 64


@given(st.text(), st.integers(0, 50))
def test_the_first_bytes_of_a_text_are_text(text: str, limit: int) -> None:
    """No cut leaves half a character."""
    cut = first_bytes(text, limit)

    assert text.startswith(cut)
    assert len(cut.encode()) <= limit


def test_mails_nested_without_end_are_refused() -> None:
    """A mail bomb costs its sender more than us."""
    levels = 200
    lines = [b"From: a@example.org"]
    for n in range(levels):
        lines += [b'Content-Type: multipart/mixed; boundary="b%d"' % n, b"", b"--b%d" % n]
    with pytest.raises(Unreadable):
        read_mail(b"\r\n".join(lines), OWN)


MAILS = st.sampled_from(sorted(path.read_bytes() for path in FOLDER.glob("*.eml")))
JUNK = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"\r\n\r\n", b"=?utf-8?B?", b"?=", b"<![", b"--outer", b"charset=idna", b"\xff\xfe",
            b"Content-Type: multipart/alternative; boundary=inner\r\n", b'filename*0*="', b"%ZZ",
            b"Content-Transfer-Encoding: uuencode\r\n", b"charset*=x'y'z;", b"\xed\xa0\xbd",
            b"From: (((((@", b"Date: 99 Foo 99999999 99:99", b"Content-Type: message/rfc822\r\n",
        ]
    ),
)  # fmt: skip


@given(MAILS, st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 60), JUNK), max_size=5))
def test_damaged_mails_raise_nothing_but_unreadable(
    raw: bytes, damages: list[tuple[int, int, bytes]]
) -> None:
    """One bad mail never stops the next one, and what was read can be stored anywhere."""
    for place, length, junk in damages:
        raw = raw[:place] + junk + raw[place + length :]
    _read_or_refuse(raw)


@given(st.binary(max_size=300))
def test_any_bytes_raise_nothing_but_unreadable(raw: bytes) -> None:
    """Whatever is delivered over SMTP is only bytes."""
    _read_or_refuse(b"From: a@example.org\r\n" + raw)
    _read_or_refuse(raw)


def _read_or_refuse(raw: bytes) -> None:
    try:
        mail = read_mail(raw, OWN)
    except Unreadable:
        return
    assert 0 < len(mail.key) <= 200
    assert "/" not in mail.key
    for text in (mail.subject, mail.text, mail.sender.name, *(a.name for a in mail.attachments)):
        assert "\x00" not in text
        text.encode("utf-8")
