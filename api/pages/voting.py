"""What the page of a vote shows besides its question: the subject, and the votes so far."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_VALUE = 2000


@dataclass(frozen=True, slots=True)
class Cast:
    """One vote that was given."""

    by: str
    instead_of: str
    """The member for whom somebody else voted, else empty."""
    vote: str
    comment: str


@dataclass(frozen=True, slots=True)
class Voting:
    """How a round stands, as a voter sees it."""

    version: str
    facts: Sequence[tuple[str, str]]
    files: Sequence[str]
    instead_of: str
    """The absent member in whose place the reader votes, else empty."""
    votes: Sequence[Cast]
    missing: Sequence[str]


def voting_of(
    view: Mapping[str, Any], item: Mapping[str, Any], reader: str, people: Mapping[str, Any]
) -> Voting | None:
    """The round that an item is a vote of; None where it is none. Names come from `people`."""
    approval = item.get("approval")
    if not approval:
        return None
    rounds = view.get("rounds") or ()
    found: Mapping[str, Any] = next((r for r in rounds if r["id"] == approval["round"]), {})

    def name(person: Any) -> str:
        return str((people.get(person) or {}).get("name") or person)

    votes = found.get("votes") or ()
    voted = [each["seat"] for each in votes]
    seat = approval["seat"]
    return Voting(
        version=_shown(found.get("version")),
        facts=[(str(key), _shown(value)) for key, value in (found.get("data") or {}).items()],
        files=[_file(each) for each in found.get("files") or ()],
        instead_of="" if seat == reader else name(seat),
        votes=[
            Cast(
                by=name(each["by"]),
                instead_of="" if each["by"] == each["seat"] else name(each["seat"]),
                vote=each["vote"],
                comment=each.get("comment") or "",
            )
            for each in votes
        ],
        missing=[
            name(each["person"])
            for each in found.get("seats") or ()
            if each["person"] not in voted and each["person"] != seat
        ],
    )


def can_change(view: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether a vote that was given can be given again: its round is open and revocable."""
    name = (item.get("approval") or {}).get("round")
    found = next((each for each in view.get("rounds") or () if each["id"] == name), None)
    return bool(found and found["state"] == "open" and found.get("revocable"))


def standing_vote(view: Mapping[str, Any], item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The vote that the item's seat has given, or None."""
    approval = item.get("approval") or {}
    for each in view.get("rounds") or ():
        if each["id"] == approval.get("round"):
            return next((v for v in each["votes"] if v["seat"] == approval["seat"]), None)
    return None


def _file(file: Any) -> str:
    if isinstance(file, Mapping):
        return str(file.get("name") or file.get("filename") or file.get("digest") or "?")
    return str(file)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + " …"
