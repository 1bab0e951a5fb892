"""The `@name` formats: a value to text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from language.expressions.budget import Meter
from language.expressions.errors import Raised
from language.expressions.numbers import is_nan, number_text
from language.expressions.serialize import to_json
from language.expressions.values import described, is_number

_HTML = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&apos;", '"': "&quot;"})
_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def text(value: Any, meter: Meter) -> str:
    """Texts as they are, everything else as JSON."""
    if value.__class__ is str:
        return value
    return to_json(value, meter)


def _json(value: Any, meter: Meter) -> str:
    return to_json(value, meter)


def _charged(value: Any, meter: Meter) -> str:
    written = text(value, meter)
    meter.charge(len(written) >> 3)
    return written


def _html(value: Any, meter: Meter) -> str:
    return _charged(value, meter).translate(_HTML)


def _uri(value: Any, meter: Meter) -> str:
    return quote_from_bytes(_charged(value, meter).encode("utf-8", "replace"), safe="~")


def _urid(value: Any, meter: Meter) -> str:
    written = _charged(value, meter)
    at = written.find("%")
    while at >= 0:
        digits = written[at + 1 : at + 3]
        if len(digits) != 2 or any(char not in "0123456789abcdefABCDEF" for char in digits):
            raise Raised(f"{described(written)} is not a valid uri encoding")
        at = written.find("%", at + 1)
    try:
        return unquote_to_bytes(written).decode("utf-8")
    except UnicodeDecodeError:
        raise Raised(f"{described(written)} is not a valid uri encoding") from None


def _row(value: Any, what: str) -> list[Any]:
    if value.__class__ is not list:
        raise Raised(f"{described(value)} cannot be {what}-formatted, only array")
    return value


def _cell(value: Any, meter: Meter, write: Callable[[str], str]) -> str:
    meter.charge(1)
    if value is None:
        return ""
    if value.__class__ is bool:
        return "true" if value else "false"
    if is_number(value):
        return "" if is_nan(value) else number_text(value)
    if value.__class__ is str:
        meter.charge(len(value) >> 4)
        return write(value)
    raise Raised(f"{described(value)} is not valid in a csv row")


def _csv(value: Any, meter: Meter) -> str:
    def write(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    return ",".join([_cell(item, meter, write) for item in _row(value, "csv")])


def _tsv(value: Any, meter: Meter) -> str:
    def write(cell: str) -> str:
        return cell.translate(_TSV)

    return "\t".join([_cell(item, meter, write) for item in _row(value, "tsv")])


def _sh(value: Any, meter: Meter) -> str:
    items = value if value.__class__ is list else [value]
    written = []
    for item in items:
        if item.__class__ is str:
            meter.charge(1 + (len(item) >> 4))
            quoted = item.replace("'", "'\\''").replace("\0", "\\0")
            written.append(f"'{quoted}'")
        elif item.__class__ in (list, dict):
            raise Raised(f"{described(item)} can not be escaped for shell")
        else:
            meter.charge(1)
            written.append(to_json(item))
    return " ".join(written)


def _base64(value: Any, meter: Meter) -> str:
    return base64.b64encode(_charged(value, meter).encode("utf-8", "replace")).decode("ascii")


def _base64d(value: Any, meter: Meter) -> str:
    written = _charged(value, meter)
    kept = written.partition("=")[0]
    if any(not (char.isascii() and (char.isalnum() or char in "+/")) for char in kept):
        raise Raised(f"{described(written)} is not valid base64 data")
    if len(kept) % 4 == 1:
        raise Raised(f"{described(written)} trailing base64 byte found")
    return decoded(base64.b64decode(kept + "=" * (-len(kept) % 4)))


def decoded(data: bytes) -> str:
    """The text of bytes in UTF-8; what is none is replaced as jq does, a cut end by one mark."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    pieces: list[str] = []
    at, size = 0, len(data)
    while at < size:
        lead = data[at]
        length = 1 if lead < 0x80 else 2 if 0xC2 <= lead < 0xE0 else 3 if lead >= 0xE0 else 0
        if lead >= 0xF0:
            length = 4 if lead < 0xF5 else 0
        if length == 0:
            length = 1
            pieces.append("\ufffd")
        elif at + length > size:
            length = size - at
            pieces.append("\ufffd")
        else:
            good = 1
            while good < length and data[at + good] & 0xC0 == 0x80:
                good += 1
            try:
                pieces.append(data[at : at + length].decode("utf-8"))
            except UnicodeDecodeError:
                pieces.append("\ufffd")
                length = good
        at += length
    return "".join(pieces)


def _base32(value: Any, meter: Meter) -> str:
    return base64.b32encode(_charged(value, meter).encode("utf-8", "replace")).decode("ascii")


def _base32d(value: Any, meter: Meter) -> str:
    written = _charged(value, meter)
    try:
        kept = written.rstrip("=")
        return decoded(base64.b32decode(kept + "=" * (-len(kept) % 8)))
    except (binascii.Error, ValueError):
        raise Raised(f"{described(written)} is not valid base32 data") from None


FORMATS: dict[str, Callable[[Any, Meter], str]] = {
    "text": text, "json": _json, "html": _html, "uri": _uri, "urid": _urid, "csv": _csv,
    "tsv": _tsv, "sh": _sh, "base64": _base64, "base64d": _base64d, "base32": _base32,
    "base32d": _base32d,
}  # fmt: skip
