"""Bytes of a mail to text, whatever the sender claims about them. Never fails."""

from __future__ import annotations

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

# What senders call by the left name is in practice written in the right one, which contains it.
_WIDER = {"big5": "cp950", "gb2312": "gb18030", "gbk": "gb18030", "ascii": "utf-8"}
_NOT_FOR_MAIL = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FOLDING = re.compile(r"\r?\n[ \t]*")


def decode(content: bytes, charset: str | None) -> str:
    """Text of `content`: in the declared charset or its superset, else UTF-8, else with marks."""
    declared = _known(charset)
    for name in (declared, _WIDER.get(declared or ""), "utf-8"):
        if name:
            try:
                return clean(content.decode(name))
            except UnicodeError:
                continue
    return clean(content.decode(_WIDER.get(declared or "", declared or "utf-8"), "replace"))


def decode_header_text(raw: str, charset: str | None = None) -> str:
    """A header as people read it: unfolded, encoded words decoded, raw bytes in it recovered.

    Args:
        raw: The header's value as `Message.raw_items` gives it, raw bytes as surrogates.
        charset: What the mail declares for its body, tried for raw bytes that are not UTF-8.
    """
    unfolded = _FOLDING.sub(" ", raw)
    try:
        chunks = decode_header(unfolded)
    except (HeaderParseError, ValueError):
        return _recover(unfolded, charset).strip()
    words = []
    for content, name in chunks:
        if isinstance(content, str):
            words.append(_recover(content, charset))
        elif name is None:
            words.append(decode(content, charset))
        else:
            words.append(decode(content, name))
    return "".join(words).strip()


def clean(text: str) -> str:
    """Text that every store takes: line ends as \\n, no control characters, no lone surrogates."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", unified).encode("utf-8", "replace").decode("utf-8")


def _recover(text: str, charset: str | None) -> str:
    try:
        return decode(text.encode("ascii", "surrogateescape"), charset)
    except UnicodeEncodeError:
        return clean(text)


def _known(charset: str | None) -> str | None:
    """The codec's name, or None for an unknown one and for codecs that no mail is written in."""
    try:
        name = codecs.lookup((charset or "").strip()).name
        b"".decode(name)
    except (LookupError, ValueError):
        return None
    return None if name in _NOT_FOR_MAIL else name
