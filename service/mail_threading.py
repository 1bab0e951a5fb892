"""Mail headers: what is automatic (RFC 3834), what belongs to which thread, what we write (C3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

HOPS = "X-Caseway-Hops"
"""Counts how often a message went from one process to another."""

MOST_HOPS = 5

Headers = Mapping[str, Sequence[str]]
"""Header name in lower case -> its values, in order."""

_MESSAGE_ID = re.compile(r"<([^<>\s]+)>")
_TOKEN = re.compile(r"\[#([A-Za-z0-9][A-Za-z0-9._-]{0,63})\]")
_TAG = re.compile(r"\+([A-Za-z0-9][A-Za-z0-9._-]{0,63})@")
_BULK = ("bulk", "list", "junk")


def classify(headers: Headers, own_addresses: Iterable[str]) -> str | None:
    """Why a message counts as automatic, or None for one that a person wrote.

    Automatic mail may be attached to a case, and is never answered.
    """
    submitted = _first(headers, "auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "auto-submitted"
    paths = headers.get("return-path")
    if paths and paths[0].strip() == "<>":
        return "null return path"
    kind = _first(headers, "content-type").lower()
    if kind.startswith("multipart/report"):
        return "report"
    if _first(headers, "precedence").strip().lower() in _BULK:
        return "bulk"
    if any(name.startswith("list-") for name in headers):
        return "mailing list"
    sender = _address(_first(headers, "from"))
    if sender and sender in {each.lower() for each in own_addresses}:
        return "own address"
    hops = _first(headers, HOPS.lower()).strip()
    if hops.isdigit() and int(hops) >= MOST_HOPS:
        return "too many hops"
    return None


def references(headers: Headers) -> tuple[str, ...]:
    """Message-IDs that a message answers, with angle brackets, the newest first."""
    found: dict[str, None] = {}
    for name in ("in-reply-to", "references"):
        for value in headers.get(name, ()):
            ids = _MESSAGE_ID.findall(value)
            found.update(dict.fromkeys(f"<{each}>" for each in reversed(ids)))
    return tuple(found)


def token(subject: str, receivers: Iterable[str]) -> str | None:
    """The ticket that a subject `[#T-1]` or an address `help+T-1@` names, or None."""
    match = _TOKEN.search(subject)
    if match is not None:
        return match.group(1)
    for address in receivers:
        tag = _TAG.search(address)
        if tag is not None:
            return tag.group(1)
    return None


def message_id(key: str, domain: str) -> str:
    """The stable Message-ID of what an idempotency key sends, with angle brackets."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def automatic_headers(*, reply: bool, hops: int = 0) -> dict[str, str]:
    """Headers of a mail that no person wrote: notices, and answers such as an acknowledgment."""
    return {
        "Auto-Submitted": "auto-replied" if reply else "auto-generated",
        "X-Auto-Response-Suppress": "All",
        HOPS: str(hops + 1),
    }


def _first(headers: Headers, name: str) -> str:
    values = headers.get(name)
    return values[0] if values else ""


def _address(text: str) -> str:
    match = re.search(r"[^\s<>\"]+@[^\s<>\"]+", text)
    return match.group(0).strip("<>,;").lower() if match else ""
