"""Work items: one answer, never lost and never doubled, and only from those it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from service import work_items
from service.eligibility import Actor
from service.errors import Refused
from service.standing import standing
from service.work_items import Receivers, WorkItem

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)

ORGANIZATION: Mapping[str, Any] = {
    "people": {
        "chen": {"mail": "chen@example.org", "groups": ["desk"], "manager": "lin"},
        "emma": {"mail": "emma@example.org", "groups": ["desk"], "manager": "lin"},
        "lin": {"mail": "lin@example.org", "groups": ["leads"], "roles": ["approver"]},
        "wu": {"mail": "wu@example.org", "groups": ["network"]},
    },
    "groups": {"desk": {"lead": "lin"}, "network": {}, "leads": {}},
    "absences": [{"person": "chen", "from": "2026-03-03", "until": "2026-03-05", "delegate": "wu"}],
}


def who(name: str, **more: Any) -> Actor:
    """Give an actor with the standing of the organization above, at noon."""
    return Actor(by=name, standing=standing(ORGANIZATION, name, NOON), **more)


def item(**more: Any) -> WorkItem:
    """Give an open item for the desk with two outcomes."""
    return WorkItem(
        id="work",
        task="work",
        title="Resolve",
        outcomes={"resolved": {"requires": ["reply"]}, "ask": {}},
        meant=({"group": "desk"},),
        groups=("desk",),
        people=("chen", "emma"),
        opened_at="2026-03-02T01:00:00Z",
        **more,
    )


def ask(of: WorkItem, actor: Actor, **more: Any) -> WorkItem:
    """Answer with the outcome that needs nothing."""
    given: dict[str, Any] = {"outcome": "ask", "values": {}, "answer_id": "a", **more}
    return work_items.answer(of, actor, "2026-03-03T12:00:00Z", **given)


def test_the_second_claimer_is_told_who_has_it() -> None:
    """Claiming is atomic, and claiming one's own again changes nothing."""
    claimed = work_items.claim(item(), who("chen"), "1")

    with pytest.raises(Refused, match="“Resolve” is already claimed by chen"):
        work_items.claim(claimed, who("emma"), "2")
    assert work_items.claim(claimed, who("chen"), "2") is claimed


def test_others_than_the_group_are_refused() -> None:
    """Who is not of the group may neither claim nor answer nor save a draft."""
    stranger = who("tsai")

    for act in (
        lambda: work_items.claim(item(), stranger, "1"),
        lambda: ask(item(), stranger),
        lambda: work_items.save_draft(item(), stranger, "1", {}),
    ):
        with pytest.raises(Refused, match="is for the group desk, not for tsai"):
            act()


def test_who_has_joined_the_group_may_answer_and_who_has_left_may_not() -> None:
    """The standing of now counts, not the pool of then."""
    assert ask(replace(item(), people=("chen", "lin")), who("emma")).by == "emma"
    with pytest.raises(Refused, match="not for wu"):
        ask(
            replace(item(), people=("wu", "emma")),
            Actor(by="wu", standing={"person": "wu", "groups": ["network"]}),
        )


def test_without_a_standing_the_pool_of_then_counts() -> None:
    """An act of a plain Temporal client is judged by the ids that the item holds."""
    assert ask(item(), Actor(by="chen")).by == "chen"
    with pytest.raises(Refused, match="not for lin"):
        ask(item(), Actor(by="lin"))


def test_a_standing_of_somebody_else_is_worth_nothing() -> None:
    """One cannot act with the groups of another person."""
    with pytest.raises(Refused, match="not for tsai"):
        ask(item(), Actor(by="tsai", standing=standing(ORGANIZATION, "emma", NOON)))


def test_a_deputy_answers_for_the_absent() -> None:
    """Who stands in is recorded with whom they stood in for, who stays accountable."""
    done = ask(item(), who("wu"))

    assert (done.by, done.on_behalf_of, done.person) == ("wu", "chen", "chen")
    assert done.history[-1]["onBehalfOf"] == "chen"


def test_a_deputy_answers_what_the_absent_had_claimed() -> None:
    """The deputy of the claimer may answer, another member of the group may not."""
    claimed = work_items.claim(item(), who("chen"), "1")

    assert ask(claimed, who("wu")).on_behalf_of == "chen"
    with pytest.raises(Refused, match="already claimed by chen"):
        ask(claimed, who("emma"))


def test_nobody_acts_for_somebody_who_is_there() -> None:
    """On behalf of needs an absence with this deputy."""
    with pytest.raises(Refused, match="wu does not stand in for emma now"):
        ask(item(), who("wu", seat="emma"))


def test_an_overseer_steps_in_with_a_reason() -> None:
    """Without a reason the lead is told how; with one it stands in the history."""
    claimed = work_items.claim(item(), who("chen"), "1")

    with pytest.raises(Refused, match="claimed by chen; lin may step in with a reason"):
        ask(claimed, who("lin", oversees=True))
    done = ask(claimed, who("lin", oversees=True, reason="chen is ill"))

    assert (done.history[-1]["override"], done.history[-1]["reason"]) == (True, "chen is ill")


def test_a_reason_alone_opens_nothing() -> None:
    """Only an overseer may step in."""
    with pytest.raises(Refused, match="not for wu"):
        ask(replace(item(), people=("emma",)), Actor(by="wu", reason="please"))


def test_the_excluded_are_refused_whatever_they_are() -> None:
    """Four eyes: neither membership nor a reason helps, nor does a deputy's seat."""
    twice = item(exclude=({"person": "chen"},))

    with pytest.raises(Refused, match="must be done by somebody else than chen"):
        ask(twice, who("chen", oversees=True, reason="urgent"))
    with pytest.raises(Refused, match="not for wu"):
        ask(twice, who("wu"))


def test_an_outcome_for_some_is_refused_to_others() -> None:
    """Approving is for the role; the lead's reason does not replace it."""
    paid = replace(item(), outcomes={"approve": {"by": [{"role": "approver"}]}, "ask": {}})

    with pytest.raises(
        Refused, match="“approve” of “Resolve” may be chosen only by the role approver, not by emma"
    ):
        ask(paid, who("emma", oversees=True, reason="urgent"), outcome="approve")
    approved = ask(paid, who("lin", oversees=True, reason="urgent"), outcome="approve")
    assert approved.outcome == "approve"


@pytest.mark.parametrize("by", ["amy@customer.example", "AMY@customer.example", "amy"])
def test_a_requester_from_outside_answers_under_id_or_address(by: str) -> None:
    """The person whom a link names is the requester, known to the organization or not."""
    requester = {"id": "amy", "mail": "Amy@customer.example", "name": "Amy"}
    asked = replace(item(), meant=({"person": requester},), groups=(), people=("amy",))

    assert ask(asked, who(by)).by == by
    with pytest.raises(Refused, match="is for amy, not for bob@"):
        ask(asked, who("bob@customer.example"))


def test_required_fields_of_an_outcome() -> None:
    """An outcome that needs a reply is refused without one, and blanks are none."""
    for values in ({}, {"reply": ""}, {"reply": " \n"}, {"reply": []}):
        with pytest.raises(Refused, match="resolved needs reply"):
            ask(item(), who("chen"), outcome="resolved", values=values)
    assert ask(item(), who("chen"), outcome="resolved", values={"reply": "好"}).answer


def test_an_unknown_outcome_names_the_known_ones() -> None:
    """Somebody who misspells learns what is possible."""
    with pytest.raises(Refused, match="possible: resolved, ask"):
        ask(item(), who("chen"), outcome="reslved")


def test_the_same_answer_twice_is_one_answer() -> None:
    """A repeated submit gives the first result; other content is refused."""
    done = ask(item(), who("chen"))

    assert done is ask(done, who("chen"))
    with pytest.raises(Refused, match="with other content"):
        ask(done, who("chen"), outcome="resolved", values={"reply": "x"})


def test_late_answers_are_refused_with_the_reason() -> None:
    """Whoever comes late learns what has become of the item."""
    gone = work_items.withdraw(item(), "T1", "the alert is over")
    over = work_items.expire(item(), "T2", "ask", None, "nobody answered in time")
    done = ask(item(), who("chen"), answer_id="first")

    for closed, says in (
        (gone, "“Resolve” was withdrawn at T1: the alert is over"),
        (over, "“Resolve” was closed at T2: nobody answered in time"),
        (done, "“Resolve” was already answered by chen at 2026-03-03T12:00:00Z"),
    ):
        with pytest.raises(Refused, match=says):
            ask(closed, who("emma"))


def test_reassigning_keeps_id_due_time_and_draft() -> None:
    """Only who it is for changes; the history says from whom to whom and why."""
    network = Receivers(meant=({"group": "network"},), groups=("network",), people=("wu",))
    drafted = work_items.save_draft(item(due_at="2026-03-04T01:00:00Z"), who("chen"), "1", {"r": 1})
    claimed = work_items.claim(drafted, who("chen"), "2")

    moved = work_items.reassign(claimed, network, "3", by="chen", reason="not ours")

    assert (moved.id, moved.due_at, moved.draft) == ("work", "2026-03-04T01:00:00Z", {"r": 1})
    assert (moved.state, moved.person, moved.people) == ("open", None, ("wu",))
    line = moved.history[-1]
    assert (line["from"], line["to"], line["reason"]) == ("chen", "wu", "not ours")
    with pytest.raises(Refused, match="is for the group network, not for emma"):
        ask(moved, who("emma"))


def test_reassigning_needs_a_reason_a_receiver_and_the_right() -> None:
    """Each lack is said in a sentence."""
    to = Receivers(meant=({"person": "wu"},), groups=(), people=("wu",))

    with pytest.raises(Refused, match="only with a reason"):
        work_items.may_reassign(item(), who("chen"), to)
    with pytest.raises(Refused, match="not for tsai"):
        work_items.may_reassign(item(), who("tsai", reason="r"), to)
    with pytest.raises(Refused, match="must not be done by wu"):
        work_items.may_reassign(item(exclude=({"person": "wu"},)), who("emma", reason="r"), to)
    # By group as well, where the door knows where the one who gets it stands.
    known = replace(to, standing=standing(ORGANIZATION, "wu", NOON))
    barred = item(exclude=({"group": "network"},))
    with pytest.raises(Refused, match="must not be done by wu"):
        work_items.may_reassign(barred, who("emma", reason="r"), known)
    with pytest.raises(Refused, match="there is nobody to give it to"):
        work_items.reassign(item(), replace(to, people=()), "1", by="chen", reason="r")


def test_drafts_in_a_row_are_one_line() -> None:
    """Typing does not fill the history."""
    state = item()
    for number in range(5):
        state = work_items.save_draft(state, who("chen"), str(number), {"n": number})

    assert [each["act"] for each in state.history] == ["draft"]
    assert state.draft == {"n": 4}


def test_late_is_after_the_due_time_and_not_at_it() -> None:
    """An answer in the instant in which it is due is in time."""
    in_time = ask(item(due_at="2026-03-03T12:00:00Z"), who("chen"))
    late = ask(item(due_at="2026-03-03T11:59:59.999Z"), who("chen"))

    assert (in_time.late, late.late) == (False, True)


def test_delegating_leaves_who_has_it_accountable() -> None:
    """The other one answers on behalf of the owner, who stays the one who has it."""
    lent = work_items.delegate(work_items.claim(item(), who("emma"), "1"), who("emma"), "2", "wu")

    assert (lent.state, lent.person, lent.delegate) == ("claimed", "emma", "wu")
    done = ask(lent, who("wu"))
    assert (done.by, done.on_behalf_of, done.person) == ("wu", "emma", "emma")
    assert (done.history[-1]["by"], done.history[-1]["onBehalfOf"]) == ("wu", "emma")


def test_delegating_from_the_pool_claims_it() -> None:
    """Who delegates what nobody has is accountable for it from then on."""
    lent = work_items.delegate(item(), who("emma"), "1", "wu")

    assert (lent.person, lent.delegate) == ("emma", "wu")
    with pytest.raises(Refused, match="already claimed by emma, and wu does it"):
        ask(lent, who("tsai"))


def test_who_delegated_may_still_answer_or_take_it_back() -> None:
    """Accountable is who can act: nothing has to be asked for."""
    lent = work_items.delegate(item(), who("emma"), "1", "wu")

    assert ask(lent, who("emma")).on_behalf_of is None
    back = work_items.delegate(lent, who("emma"), "2", "emma")
    assert (back.person, back.delegate, back.history[-1]["was"]) == ("emma", None, "wu")
    # wu stands in for chen, who is of the desk, but not for emma, who has claimed it.
    with pytest.raises(Refused, match="already claimed by emma"):
        ask(back, who("wu"))


def test_a_delegate_gives_it_back_and_passes_it_to_nobody() -> None:
    """Only who is accountable decides who does it."""
    lent = work_items.delegate(item(), who("emma"), "1", "wu")
    to = Receivers(meant=({"person": "lin"},), groups=(), people=("lin",))

    for act in (
        lambda: work_items.delegate(lent, who("wu"), "2", "lin"),
        lambda: work_items.may_reassign(lent, who("wu", reason="r"), to),
    ):
        with pytest.raises(Refused, match="delegated to wu by emma, who stays accountable"):
            act()
    back = work_items.release(lent, who("wu"), "2")
    assert (back.state, back.person, back.delegate) == ("claimed", "emma", None)
    assert work_items.claim(lent, who("wu"), "2") is lent


def test_nobody_excluded_gets_it_by_delegating() -> None:
    """Four eyes hold here as well, by group too."""
    twice = item(exclude=({"group": "network"},))

    with pytest.raises(Refused, match="must not be done by wu"):
        work_items.delegate(twice, who("emma"), "1", "wu", standing(ORGANIZATION, "wu", NOON))


def test_an_overseer_delegates_what_somebody_has() -> None:
    """The lead lets wu do what emma has; emma stays accountable."""
    claimed = work_items.claim(item(), who("emma"), "1")

    lent = work_items.delegate(claimed, who("lin", oversees=True, reason="busy"), "2", "wu")

    assert (lent.person, lent.delegate) == ("emma", "wu")
    assert lent.history[-1]["override"] is True


def test_releasing_and_reassigning_end_a_delegation() -> None:
    """Who gets the item next begins anew."""
    lent = work_items.delegate(item(), who("emma"), "1", "wu")
    to = Receivers(meant=({"person": "lin"},), groups=(), people=("lin",))

    assert work_items.release(lent, who("emma"), "2").delegate is None
    assert work_items.reassign(lent, to, "2", by="emma", reason="r").delegate is None


def test_an_item_is_the_same_after_json() -> None:
    """What a snapshot holds is the whole item; one of an earlier version has no delegate."""
    lent = work_items.delegate(item(clock="ola", turns=({"step": "s"},)), who("emma"), "1", "wu")

    assert WorkItem.from_json(lent.to_json()) == lent
    older = {name: value for name, value in item().to_json().items() if name != "delegate"}
    assert WorkItem.from_json(older) == item()


def test_what_only_time_gives_cannot_be_chosen() -> None:
    """An automatic outcome is refused like one that is not there, and time can still give it."""
    asked = replace(item(), outcomes={"taken": {}, "no-answer": {"automatic": True}})

    with pytest.raises(Refused, match="possible: taken"):
        work_items.answer(
            asked,
            who("chen"),
            "2026-03-02T02:00:00Z",
            outcome="no-answer",
            values={},
            answer_id="1",
        )
    late = work_items.expire(asked, "2026-03-02T02:00:00Z", "no-answer", None, "nobody answered")
    assert late.outcome == "no-answer"
