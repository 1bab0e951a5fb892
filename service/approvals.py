"""Approvals: a round of votes as a value, and when it is decided (C6).

A round has a frozen roster of seats and closes once. It is decided as soon as the votes that are
still missing cannot change the result. Who may vote is asked of `service.eligibility`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from service.errors import Refused, listed

VOTES = ("approve", "reject")
DECISIONS = {"approve": "approved", "reject": "rejected"}
"""What `onDue` says, and what the round is then."""

_CAMEL = {
    "opened_at": "openedAt",
    "due_at": "dueAt",
    "closed_at": "closedAt",
    "on_behalf_of": "onBehalfOf",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place in a round: a person who was meant when it opened, with one vote."""

    person: str
    counts: bool = True
    """False for one who can only veto."""
    veto: bool = False

    def to_json(self) -> dict[str, Any]:
        """The seat as JSON."""
        return {"person": self.person, "counts": self.counts, "veto": self.veto}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A vote for one seat. `on_behalf_of` is the seat's person where somebody else voted."""

    id: str
    seat: str
    by: str
    vote: str
    at: str
    on_behalf_of: str | None = None
    comment: str | None = None
    via: str | None = None
    override: bool = False
    """Whether an overseer wrote it down, with a reason."""

    def to_json(self) -> dict[str, Any]:
        """The vote as the records and the result of an approval have it."""
        data: dict[str, Any] = {
            "seat": self.seat,
            "by": self.by,
            "onBehalfOf": self.on_behalf_of,
            "vote": self.vote,
            "comment": self.comment,
            "at": self.at,
            "via": self.via,
        }
        if self.override:
            data["override"] = True
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of an approval. Times are ISO 8601 texts in UTC."""

    id: str
    task: str
    title: str
    version: Any = None
    """Of the subject: what is voted on."""
    description: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Any, ...] = ()
    seats: tuple[Seat, ...] = ()
    rule: Any = "all"
    """`any`, `all`, `responded-any`, {count} or {percent}."""
    delegates: str = "once"
    """`once`, `each-seat` or `none`: whether deputies vote, and one who is a member as well."""
    revocable: bool = False
    comments: str = "on-reject"
    """`on-reject`, `always` or `never`: when a vote needs one."""
    exclude: tuple[Any, ...] = ()
    """Who must not vote, not even in place of a member: a Who that is fixed."""
    opened_at: str = ""
    due_at: str | None = None
    votes: tuple[Vote, ...] = ()
    """One of each seat at most: the one that counts."""
    earlier: tuple[Vote, ...] = ()
    """Those that were changed."""
    state: str = "open"
    """open, closed or withdrawn."""
    decision: str | None = None
    """approved, rejected or superseded."""
    reason: str | None = None
    closed_at: str | None = None

    @property
    def roster(self) -> tuple[str, ...]:
        """The people of all seats, in order."""
        return tuple(seat.person for seat in self.seats)

    @property
    def missing(self) -> tuple[str, ...]:
        """The people of the seats that have no vote."""
        voted = [vote.seat for vote in self.votes]
        return tuple(person for person in self.roster if person not in voted)

    def vote_of(self, seat: str) -> Vote | None:
        """The vote of a seat that counts, or None."""
        return next((vote for vote in self.votes if vote.seat == seat), None)

    def to_json(self) -> dict[str, Any]:
        """The round as JSON, names in camelCase."""
        data: dict[str, Any] = {}
        for attribute, name in _NAMES:
            value = getattr(self, attribute)
            if attribute in ("votes", "earlier"):
                data[name] = [{"id": vote.id, **vote.to_json()} for vote in value]
            elif attribute == "seats":
                data[name] = [seat.to_json() for seat in value]
            else:
                data[name] = list(value) if isinstance(value, tuple) else value
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Round:
        """The round that `to_json` wrote."""
        values: dict[str, Any] = {}
        for attribute, name in _NAMES:
            if name not in data:
                continue
            value = data[name]
            if attribute in ("votes", "earlier"):
                values[attribute] = tuple(_vote(each) for each in value)
            elif attribute == "seats":
                values[attribute] = tuple(Seat(**each) for each in value)
            else:
                values[attribute] = tuple(value) if isinstance(value, list) else value
        return cls(**values)


_NAMES = tuple((each.name, _CAMEL.get(each.name, each.name)) for each in fields(Round))
"""Of each field its name here and its name in JSON."""


def _vote(data: Mapping[str, Any]) -> Vote:
    named = {_SNAKE.get(name, name): value for name, value in data.items()}
    return Vote(**named)


_SNAKE = {name: attribute for attribute, name in _CAMEL.items()}


# --- who has a seat --------------------------------------------------------------------------------


def seats(roster: Sequence[str], veto: Sequence[str] = ()) -> tuple[Seat, ...]:
    """The seats of a roster, one per person; who can veto and is not in it has a seat for that only."""
    people = list(dict.fromkeys(roster))
    found = [Seat(person=each, veto=each in veto) for each in people]
    only = [each for each in dict.fromkeys(veto) if each not in people]
    return (*found, *(Seat(person=each, counts=False, veto=True) for each in only))


def needed(rule: Any, voters: int) -> int | None:
    """How many approvals a rule asks for; None where everybody has to respond first."""
    match rule:
        case "any":
            return 1
        case "all":
            return max(1, voters)
        case {"count": count}:
            return max(1, int(count))
        case {"percent": percent}:
            return max(1, -(-voters * int(percent) // 100))
        case _:
            return None


# --- when it is decided ------------------------------------------------------------------------------


def outcome(voting: Round) -> tuple[str, str] | None:
    """The decision that the votes have led to, and why; None while a missing vote can change it.

    A veto that may still come keeps a round from being approved, not from being rejected.
    """
    votes = {vote.seat: vote.vote for vote in voting.votes}
    if any(seat.veto and votes.get(seat.person) == "reject" for seat in voting.seats):
        return "rejected", "veto"
    voters = [seat.person for seat in voting.seats if seat.counts]
    approved = sum(1 for each in voters if votes.get(each) == "approve")
    missing = sum(1 for each in voters if each not in votes)
    veto_may_come = any(seat.veto and seat.person not in votes for seat in voting.seats)
    wanted = needed(voting.rule, len(voters))
    if wanted is None:
        # Everybody has to respond: until then time may still decide otherwise.
        if missing:
            return None
        if not approved:
            return "rejected", f"none of {len(voters)} approved"
        return None if veto_may_come else ("approved", f"{approved} of {len(voters)} approved")
    if approved + missing < wanted:
        said = f"{len(voters) - approved - missing} of {len(voters)} rejected"
        if not voting.votes:
            said = f"{len(voters)} can vote"
        return "rejected", f"{said}, and {wanted} would have to approve"
    if approved < wanted or veto_may_come:
        return None
    return "approved", f"{approved} of {len(voters)} approved, {wanted} needed"


# --- what happens to a round -------------------------------------------------------------------------


def opened(voting: Round) -> Round:
    """The round as it begins: closed at once where its roster cannot meet its rule."""
    return _decided(voting, voting.opened_at)


def cast(
    voting: Round,
    *,
    seat: str,
    by: str,
    vote: str,
    at: str,
    vote_id: str,
    on_behalf_of: str | None = None,
    comment: str | None = None,
    via: str | None = None,
    override: bool = False,
) -> Round:
    """Give a vote. The same vote again, by its id and content, changes nothing.

    Raises:
        Refused: the round is over, the seat has its vote, the person has voted for another seat,
            a comment is missing or not wanted, or there is no such seat or vote.
    """
    said = comment.strip() or None if comment is not None else None
    for known in (*voting.votes, *voting.earlier):
        if known.id == vote_id:
            if (known.seat, known.by, known.vote, known.comment) == (seat, by, vote, said):
                return voting
            raise Refused(f"“{voting.title}” has taken this vote before, with other content")
    must_be_open(voting)
    if vote not in VOTES:
        raise Refused(f"there is no vote {vote!r} on “{voting.title}”; possible: {listed(VOTES)}")
    if seat not in voting.roster:
        raise Refused(f"{seat} has no seat in the vote on “{voting.title}”")
    _comment_must_fit(voting, vote, said)
    given = Vote(
        id=vote_id, seat=seat, by=by, vote=vote, at=at, on_behalf_of=on_behalf_of,
        comment=said, via=via, override=override,
    )  # fmt: skip
    before = voting.vote_of(seat)
    if before is not None:
        if not voting.revocable:
            whose = by if before.by == by else f"{before.by}"
            raise Refused(
                f"“{voting.title}”: {whose} has voted {before.vote} for the seat of {seat} already"
                f" at {before.at}, and votes of this round are not changed"
            )
        if by not in (before.by, seat) and not override:
            raise Refused(
                f"“{voting.title}”: {before.by} has voted for the seat of {seat}; "
                f"{by} cannot change that"
            )
        if (before.by, before.vote, before.comment) == (by, vote, said):
            return voting
    elif not override:
        _may_take(voting, seat, by)
    kept = [given if each.seat == seat else each for each in voting.votes]
    if before is None:
        return _decided(replace(voting, votes=(*voting.votes, given)), at)
    changed = replace(voting, votes=tuple(kept), earlier=(*voting.earlier, before))
    return _decided(changed, at)


def expire(voting: Round, at: str, vote: str) -> Round:
    """Close the round as `onDue` says, `approve` or `reject`, because its time is over.

    Raises:
        Refused: it is over already.
    """
    must_be_open(voting)
    return _closed(voting, at, DECISIONS[vote], "due")


def supersede(voting: Round, at: str, event: str) -> Round:
    """Close the round because an event made its subject one of the past.

    Raises:
        Refused: it is over already.
    """
    must_be_open(voting)
    return _closed(voting, at, "superseded", f"{event} came")


def withdraw(voting: Round, at: str, reason: str) -> Round:
    """Take the round back without a decision: nobody needs it any more.

    Raises:
        Refused: it is over already.
    """
    must_be_open(voting)
    return replace(voting, state="withdrawn", reason=reason, closed_at=at)


def must_be_open(voting: Round) -> None:
    """Check that votes still count.

    Raises:
        Refused: with how and when the round ended.
    """
    if voting.state == "open":
        return
    reason = "its time was over" if voting.reason == "due" else voting.reason
    if voting.state == "closed":
        raise Refused(
            f"the vote on “{voting.title}” is over: {voting.decision} at {voting.closed_at} ({reason})"
        )
    raise Refused(f"the vote on “{voting.title}” was withdrawn at {voting.closed_at}: {reason}")


def result(voting: Round, event: Any = None) -> dict[str, Any]:
    """What an approval gives to its definition."""
    return {
        "decision": voting.decision,
        "reason": voting.reason,
        "votes": [vote.to_json() for vote in voting.votes],
        "round": voting.id,
        "version": voting.version,
        "roster": list(voting.roster),
        "event": event,
    }


def no_voters(voting: Round, reason: str) -> dict[str, Any]:
    """What an approval gives where nobody can vote; nothing is approved by nobody."""
    return {**result(voting), "decision": "no-voters", "reason": reason}


def _may_take(voting: Round, seat: str, by: str) -> None:
    if by != seat and voting.delegates == "none":
        raise Refused(
            f"“{voting.title}”: nobody votes in place of {seat}; this round has no deputies"
        )
    other = next((each for each in voting.votes if each.by == by and not each.override), None)
    if other is not None and voting.delegates != "each-seat":
        raise Refused(
            f"“{voting.title}”: {by} has voted for the seat of {other.seat}, "
            "and one person has one vote"
        )


def _comment_must_fit(voting: Round, vote: str, comment: str | None) -> None:
    if comment is not None and voting.comments == "never":
        raise Refused(f"the vote on “{voting.title}” takes no comments")
    wanted = voting.comments == "always" or (voting.comments == "on-reject" and vote == "reject")
    if wanted and comment is None:
        raise Refused(f"{vote} needs a comment")


def _decided(voting: Round, at: str) -> Round:
    found = outcome(voting)
    return voting if found is None else _closed(voting, at, *found)


def _closed(voting: Round, at: str, decision: str, reason: str) -> Round:
    return replace(voting, state="closed", decision=decision, reason=reason, closed_at=at)
