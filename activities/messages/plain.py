"""Makes text that others wrote fit for a mail or a ticket; loses nothing that can be read."""

from __future__ import annotations

import re
from typing import Any

LONGEST_LINE = 300
"""Characters of a subject; mail servers refuse headers without end."""

_SURROGATES = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def sound(value: Any) -> Any:
    """The same JSON with halves of characters replaced: no system can store or send those."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("�", value)
    if isinstance(value, dict):
        return {sound(name): sound(each) for name, each in value.items()}
    if isinstance(value, list):
        return [sound(each) for each in value]
    return value


def without_controls(text: str) -> str:
    """Text without control characters; lines and tabs stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Text as a single line of limited length: nothing in it can end a header."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
