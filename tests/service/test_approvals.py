"""Rounds of approvals: when they are decided, and which votes count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import approvals
from service.approvals import Round, seats
from service.errors import Refused

AT = "2026-03-02T09:00:00Z"
TEN = tuple(f"p{n}" for n in range(10))


def round_of(*people: str, veto: tuple[str, ...] = (), **more: Any) -> Round:
    """Open a round with these seats."""
    given = {"comments": "never", "opened_at": AT, **more}
    return approvals.opened(
        Round(id="vote", task="vote", title="Upgrade", seats=seats(people, veto), **given)
    )


def vote(
    voting: Round, seat: str, vote: str = "approve", by: str | None = None, **more: Any
) -> Round:
    """Vote for a seat; by its own person unless somebody else is named."""
    by = by or seat
    more.setdefault("vote_id", f"{seat}-{vote}-{by}-{len(voting.votes) + len(voting.earlier)}")
    behalf = None if by == seat else seat
    return approvals.cast(voting, seat=seat, by=by, vote=vote, at=AT, on_behalf_of=behalf, **more)


def counted(voting: Round, votes: dict[str, str]) -> str:
    """Count all votes of a round, slowly and obviously."""
    if any(each.veto and votes[each.person] == "reject" for each in voting.seats):
        return "rejected"
    of_voters = [votes[each.person] for each in voting.seats if each.counts]
    yes = of_voters.count("approve")
    match voting.rule:
        case "any" | "responded-any":
            approved = yes >= 1
        case "all":
            approved = yes == len(of_voters)
        case {"count": count}:
            approved = yes >= count
        case _:
            approved = yes * 100 >= voting.rule["percent"] * len(of_voters)
    return "approved" if approved else "rejected"


RULES = st.one_of(
    st.sampled_from(["any", "all", "responded-any"]),
    st.builds(lambda n: {"count": n}, st.integers(1, 7)),
    st.builds(lambda n: {"percent": n}, st.integers(1, 100)),
)
PEOPLE = ("a", "b", "c", "d", "e", "f")


@st.composite
def elections(draw: st.DrawFn) -> tuple[Round, list[tuple[str, str]]]:
    """A round that has just opened, and a vote of every seat in any order."""
    roster = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True))
    veto = draw(st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True))
    voting = round_of(*roster, veto=tuple(veto), rule=draw(RULES))
    order = draw(st.permutations([each.person for each in voting.seats]))
    return voting, [(each, draw(st.sampled_from(["approve", "reject"]))) for each in order]


@given(elections())
def test_early_decision_is_that_of_the_full_count(
    election: tuple[Round, list[tuple[str, str]]],
) -> None:
    """For every rule, roster, veto and order: whenever a round closes, the votes that are still
    missing could not have changed it, and it has closed when the last vote is there."""
    voting, votes = election
    expected = counted(voting, dict(votes))
    for seat, choice in votes:
        if voting.state != "open":
            break
        voting = vote(voting, seat, choice)

    assert (voting.state, voting.decision) == ("closed", expected)


@given(elections(), st.data())
def test_it_stays_open_while_a_missing_vote_matters(
    election: tuple[Round, list[tuple[str, str]]], data: st.DataObject
) -> None:
    """While a round is open, either its missing votes can still lead to both ends, or somebody who
    has to respond has not."""
    voting, votes = election
    for seat, choice in votes[: data.draw(st.integers(0, len(votes) - 1))]:
        if voting.state == "open":
            voting = vote(voting, seat, choice)
    if voting.state != "open":
        return
    given = {each.seat: each.vote for each in voting.votes}
    ends = {
        counted(voting, {**given, **dict.fromkeys(voting.missing, choice)})
        for choice in ("approve", "reject")
    }

    assert len(ends) == 2 or voting.rule == "responded-any"


def test_ten_approvers_one_refusal() -> None:
    """3.5.5: of ten who must all approve one rejects: decided at once, and nobody votes any more."""
    voting = vote(vote(round_of(*TEN, rule={"percent": 100}), "p0"), "p1", "reject")

    assert (voting.decision, len(voting.missing)) == ("rejected", 8)
    with pytest.raises(Refused, match="the vote on “Upgrade” is over: rejected at 2026-03-02T09"):
        vote(voting, "p2")


def test_nobody_is_asked_after_the_quorum() -> None:
    """Two of three approve: the third vote does not count any more."""
    voting = vote(vote(round_of("a", "b", "c", rule={"count": 2}), "a"), "b")

    assert (voting.decision, voting.reason) == ("approved", "2 of 3 approved, 2 needed")
    with pytest.raises(Refused, match="is over: approved"):
        vote(voting, "c", "reject")


@pytest.mark.parametrize("rule", [{"count": 0}, {"percent": 0}, {"percent": 1}, "any", "all"])
def test_no_rule_approves_itself(rule: Any) -> None:
    """At least one approval is needed, also where a number of nothing came out of an expression."""
    assert round_of("a", "b", rule=rule).state == "open"
    assert approvals.needed(rule, 0) == 1


def test_a_roster_that_cannot_meet_its_rule_closes_at_once() -> None:
    """Three approvals of two people: nobody is asked in vain."""
    voting = round_of("a", "b", rule={"count": 3})

    assert (voting.decision, voting.reason) == (
        "rejected", "2 can vote, and 3 would have to approve",
    )  # fmt: skip


def test_every_seat_votes_once() -> None:
    """The first vote of a seat counts; the refusal says what it was."""
    voting = vote(round_of("a", "b", "c", rule="all"), "a")

    with pytest.raises(
        Refused, match="a has voted approve for the seat of a already at 2026-03-02"
    ):
        vote(voting, "a", "reject")


def test_of_a_revocable_round_the_last_vote_counts() -> None:
    """A vote can be changed while the round is open, and what it was stays known."""
    voting = vote(round_of("a", "b", "c", rule={"count": 2}, revocable=True), "a")
    voting = vote(voting, "a", "reject")
    voting = vote(vote(voting, "b"), "c")

    assert voting.decision == "approved"
    assert [(each.seat, each.vote) for each in voting.votes] == [
        ("a", "reject"), ("b", "approve"), ("c", "approve"),
    ]  # fmt: skip
    assert [(each.seat, each.vote) for each in voting.earlier] == [("a", "approve")]
    with pytest.raises(Refused, match="is over"):
        vote(voting, "a", "approve")


def test_a_deputy_does_not_change_the_vote_of_the_member() -> None:
    """Who has voted changes that vote, or whose seat it is; nobody else."""
    open_round = round_of("a", "b", "c", rule="all", revocable=True)
    by_member = vote(open_round, "a")

    with pytest.raises(Refused, match="a has voted for the seat of a; d cannot change that"):
        vote(by_member, "a", "reject", by="d")
    assert vote(vote(open_round, "a", by="d"), "a", "reject").votes[0].by == "a"


def test_the_same_vote_again_changes_nothing() -> None:
    """By its id, also after the round has closed; the same id with other content is refused."""
    voting = vote(round_of("a", "b", rule="any"), "a", vote_id="v1")

    assert vote(voting, "a", vote_id="v1") == voting
    with pytest.raises(Refused, match="has taken this vote before, with other content"):
        vote(voting, "a", "reject", vote_id="v1")


def test_a_person_with_two_seats_votes_once() -> None:
    """A deputy who is a member has one vote, unless the round gives one to each seat."""
    voting = vote(round_of("a", "b", "c", rule="all"), "b")

    with pytest.raises(Refused, match="b has voted for the seat of b, and one person has one vote"):
        vote(voting, "a", by="b")
    both = vote(vote(round_of("a", "b", "c", rule="all", delegates="each-seat"), "b"), "a", by="b")
    assert [(each.seat, each.by, each.on_behalf_of) for each in both.votes] == [
        ("b", "b", None), ("a", "b", "a"),
    ]  # fmt: skip


def test_a_round_without_deputies() -> None:
    """Then only the members themselves vote."""
    with pytest.raises(Refused, match="nobody votes in place of a"):
        vote(round_of("a", "b", rule="all", delegates="none"), "a", by="d")


def test_a_veto_ends_the_round_and_is_waited_for() -> None:
    """One who can veto is not overruled by a majority that was faster; nor asked when all is lost."""
    voting = round_of("a", "b", "c", veto=("s",), rule={"count": 2})
    agreed = vote(vote(voting, "a"), "b")
    assert agreed.state == "open"

    assert vote(agreed, "s", "reject").reason == "veto"
    assert vote(agreed, "s").decision == "approved"
    assert vote(vote(voting, "a", "reject"), "b", "reject").decision == "rejected"


def test_everybody_responds() -> None:
    """With responded-any one approval is enough, but all are heard; time decides if they are not."""
    voting = vote(round_of("a", "b", rule="responded-any"), "a")
    assert voting.state == "open"

    assert vote(voting, "b", "reject").decision == "approved"
    assert approvals.expire(voting, AT, "reject").decision == "rejected"


@pytest.mark.parametrize(
    ("comments", "choice", "comment", "refusal"),
    [
        ("on-reject", "approve", None, None),
        ("on-reject", "reject", "  ", "reject needs a comment"),
        ("always", "approve", None, "approve needs a comment"),
        ("always", "approve", "fine", None),
        ("never", "reject", None, None),
        ("never", "reject", "no", "takes no comments"),
    ],
)
def test_comments(comments: str, choice: str, comment: str | None, refusal: str | None) -> None:
    """They are asked for as the round says."""
    voting = round_of("a", "b", "c", rule="all", comments=comments)
    if refusal is None:
        assert vote(voting, "a", choice, comment=comment).votes[0].comment == comment
    else:
        with pytest.raises(Refused, match=refusal):
            vote(voting, "a", choice, comment=comment)


def test_what_ends_a_round_from_outside() -> None:
    """Time, an event, or that nobody needs it: each says so to late voters, and only once."""
    voting = vote(round_of("a", "b", rule="all"), "a")

    late = approvals.expire(voting, AT, "reject")
    gone = approvals.supersede(voting, AT, "change.revised")
    back = approvals.withdraw(voting, AT, "the case was cancelled")
    assert (late.decision, late.reason) == ("rejected", "due")
    assert gone.decision == "superseded"
    assert (back.state, back.decision) == ("withdrawn", None)
    for over, said in (
        (late, "its time was over"),
        (gone, "change.revised came"),
        (back, "cancelled"),
    ):
        with pytest.raises(Refused, match=said):
            vote(over, "b")
        with pytest.raises(Refused, match=said):
            approvals.expire(over, AT, "approve")


def test_unknown_seats_and_votes_are_refused() -> None:
    """With what is possible."""
    voting = round_of("a", "b", rule="all")
    with pytest.raises(Refused, match="x has no seat"):
        vote(voting, "x")
    with pytest.raises(Refused, match="possible: approve, reject"):
        vote(voting, "a", "maybe")


@given(elections())
def test_a_round_survives_json(election: tuple[Round, list[tuple[str, str]]]) -> None:
    """What a case remembers is the round, votes included."""
    voting, votes = election
    if voting.state == "open":
        voting = vote(voting, *votes[0])

    assert Round.from_json(voting.to_json()) == voting
