"""Work items: one answer, never lost and never doubled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import work_items
from service.errors import Refused
from service.work_items import WorkItem


def item() -> WorkItem:
    """Give an open item with two outcomes."""
    return WorkItem(
        id="work",
        task="work",
        title="Resolve",
        outcomes={"resolved": {"requires": ["reply"]}, "ask": {}},
        groups=("desk",),
        people=("chen", "lin"),
        opened_at="2026-03-02T01:00:00Z",
    )


def test_the_second_claimer_is_told_who_has_it() -> None:
    """Claiming is atomic."""
    claimed = work_items.claim(item(), at="1", by="chen")

    with pytest.raises(Refused, match="already claimed by chen"):
        work_items.claim(claimed, at="2", by="lin")


def test_required_fields_of_an_outcome() -> None:
    """An outcome that needs a reply is refused without one."""
    with pytest.raises(Refused, match="resolved needs reply"):
        work_items.answer(item(), at="1", by="chen", outcome="resolved", values={}, answer_id="a")


def test_the_same_answer_twice_is_one_answer() -> None:
    """A repeated submit gives the first result; other content is refused."""
    done = work_items.answer(item(), at="1", by="chen", outcome="ask", values={}, answer_id="a")

    assert done is work_items.answer(
        done, at="2", by="chen", outcome="ask", values={}, answer_id="a"
    )
    with pytest.raises(Refused, match="other content"):
        work_items.answer(
            done, at="2", by="chen", outcome="resolved", values={"reply": "x"}, answer_id="a"
        )


def test_a_late_answer_is_refused_with_the_reason() -> None:
    """Whoever answers a withdrawn item learns why it was withdrawn."""
    gone = work_items.withdraw(item(), at="1", by=None, reason="the alert is over")

    with pytest.raises(Refused, match="the alert is over"):
        work_items.answer(gone, at="2", by="chen", outcome="ask", values={}, answer_id="a")


def test_reassigning_keeps_the_draft() -> None:
    """Id, due time and draft move with the item."""
    drafted = work_items.save_draft(item(), at="1", by="chen", values={"reply": "so far"})

    moved = work_items.reassign(
        drafted, at="2", by="lin", groups=("network",), people=("wu",), reason="not ours"
    )

    assert moved.draft == {"reply": "so far"}
    assert moved.people == ("wu",)
    assert moved.state == "open"


ACTS = st.tuples(
    st.sampled_from(["claim", "release", "answer", "withdraw", "expire"]),
    st.sampled_from(["chen", "lin"]),
)


@given(st.lists(ACTS, max_size=12))
def test_no_interleaving_loses_or_doubles_an_answer(acts: list[tuple[str, str]]) -> None:
    """Whatever two people do in whatever order, at most one act closes the item, and it stays."""
    state = item()
    closed: WorkItem | None = None
    for number, (act, by) in enumerate(acts):
        try:
            if act == "answer":
                state = work_items.answer(
                    state, at=str(number), by=by, outcome="ask", values={}, answer_id=f"a{number}"
                )
            elif act == "withdraw":
                state = work_items.withdraw(state, at=str(number), by=by, reason="r")
            elif act == "expire":
                state = work_items.expire(state, str(number), "ask")
            else:
                state = getattr(work_items, act)(state, at=str(number), by=by)
        except Refused:
            continue
        assert closed is None, "a closed item was changed"
        if state.state not in work_items.OPEN:
            closed = state
    assert closed is None or closed == state
    assert state == WorkItem.from_json(state.to_json())
