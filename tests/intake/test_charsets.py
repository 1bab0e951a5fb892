"""Bytes to text, whatever the sender claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.charsets import decode, decode_header_text


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("碁銹".encode("cp950"), "big5", "碁銹"),
        ("好".encode("gb18030"), "gb2312", "好"),
        ("é".encode(), "us-ascii", "é"),
        ("é".encode(), None, "é"),
        ("é".encode(), "martian", "é"),
        (b"abc-", "punycode", "abc-"),
        (b"a\r\nb\rc\x00\x07", "utf-8", "a\nb\nc"),
        (b"\xff", "utf-8", "\ufffd"),
        ("é".encode("latin-1"), "iso-8859-1", "é"),
    ],
)
def test_the_declared_charset_is_taken_in_its_wider_sense(
    content: bytes, charset: str | None, text: str
) -> None:
    """Senders name the old standard and write the vendor's one."""
    assert decode(content, charset) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?B?5aW9?= =?utf-8?B?5aW9?=", "好好"),
        ("Re: =?utf-8?Q?caf=C3=A9?=\r\n open", "Re: café open"),
        ("=?utf-8?B?a?=", "=?utf-8?B?a?="),
        ("caf\udcc3\udca9", "café"),
        ("=?nope?Q?x?=", "x"),
    ],
)
def test_headers_read_as_they_were_meant(raw: str, text: str) -> None:
    """Encoded words, folded lines and raw bytes all become text."""
    assert decode_header_text(raw) == text


@given(st.binary(), st.text(max_size=12))
def test_decoding_never_fails(content: bytes, charset: str) -> None:
    """What comes out fits into any store."""
    decode(content, charset).encode("utf-8")


@given(st.text())
def test_any_header_can_be_read(raw: str) -> None:
    """Headers come from anybody."""
    decode_header_text(raw).encode("utf-8")
