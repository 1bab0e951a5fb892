"""The requester's thread: which mail an answer belongs to, and the token in its subject."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from activities.messages.plain import LONGEST_LINE, one_line
from activities.request import Request

LONGEST_THREAD = 20
"""Message-IDs of a References header."""

_ID = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>|(?<![^\s,])([^<>\s,@]+@[^<>\s,@]+)(?![^\s,])")
_TOKEN = re.compile(r"\[#([A-Za-z0-9][A-Za-z0-9._-]{0,63})\]")
_LONGEST_ID = 250


def identifiers(value: Any) -> tuple[str, ...]:
    """Message-IDs with angle brackets, the newest first.

    Args:
        value: One, a list, a message of the intake {messageId, references}, or null; bare
            Message-IDs are taken too.
    """
    if isinstance(value, Mapping):
        value = [value.get("messageId"), *(value.get("references") or ())]
    given = value if isinstance(value, list) else [value]
    found = [
        bracketed or bare
        for each in given
        if isinstance(each, str) and each.isascii() and each.isprintable()
        for bracketed, bare in _ID.findall(each)
    ]
    kept = [f"<{each}>" for each in found if len(each) <= _LONGEST_ID]
    return tuple(dict.fromkeys(kept))[:LONGEST_THREAD]


def last_of_requester(request: Request) -> tuple[str, ...]:
    """The requester's last mail of the matter, as the case remembers it in `data.lastMail`."""
    return identifiers(last_mail(request))


def last_mail(request: Request) -> Any:
    """What the case remembers as the requester's last mail, whether or not a header can carry it."""
    data = request.case.get("data")
    return data.get("lastMail") if isinstance(data, Mapping) else None


def ticket_of(request: Request) -> str | None:
    """Id of the case's ticket."""
    ticket = request.case.get("ticket")
    named = ticket.get("id") if isinstance(ticket, Mapping) else ticket
    return str(named) if named else None


def with_token(subject: str, ticket: str | None) -> str:
    """The subject with the ticket's token, by which an answer without thread headers is known.

    Tokens of other tickets lose their brackets: an answer would find the wrong case by them.
    """
    if ticket is None:
        return one_line(subject)
    token = f"[#{ticket}]"
    line = _TOKEN.sub(lambda found: found[0] if found[0] == token else f"#{found[1]}", subject)
    if token in one_line(line):
        return one_line(line)
    return f"{one_line(line, LONGEST_LINE - len(token) - 1)} {token}".strip()


def is_requester(request: Request, person: Mapping[str, Any]) -> bool:
    """Whether the person is the one whose matter the case is."""
    requester = request.case.get("requester")
    named = [requester]
    if isinstance(requester, Mapping):
        named = [requester.get("id"), requester.get("mail")]
    known = {str(each).lower() for each in named if each}
    return bool(known & {str(each).lower() for each in (person.get("id"), person.get("mail"))})
