"""No interleaving of acts loses or doubles an answer, held against a slow and obvious model.

The model knows four people and an item that nobody else may do: who has it, who does it for that
person, whether it is over, and the acts so far as a plain list that it walks through each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service import work_items
from service.eligibility import Actor
from service.errors import Refused
from service.work_items import Receivers, WorkItem

POOL = ("ann", "bob", "cai")
OUTSIDER = "dee"
PEOPLE = (*POOL, OUTSIDER)
people = st.sampled_from(PEOPLE)
outcomes = st.sampled_from(["yes", "no"])
ids = st.integers(0, 3)


@dataclass
class Model:
    """Every act that was taken, in order: who has the item follows from walking through them."""

    acts: list[tuple[str, Any, Any]] = field(default_factory=list)

    def now(self) -> tuple[tuple[str, ...], str | None, str | None, bool]:
        """Who it is for, who has it, who does it for that person, and whether it is over."""
        meant: tuple[str, ...] = POOL
        owner: str | None = None
        delegate: str | None = None
        over = False
        for act, by, to in self.acts:
            match act:
                case "claim":
                    if by != delegate:
                        owner, delegate = by, delegate if by == owner else None
                case "release":
                    if by == delegate:
                        delegate = None
                    else:
                        owner = delegate = None
                case "delegate":
                    owner = owner or by
                    delegate = None if to == owner else to
                case "reassign":
                    meant, owner, delegate = (to,), None, None
                case "answer" | "expire" | "withdraw":
                    over = True
        return meant, owner, delegate, over

    def may(self, by: str) -> bool:
        """Whether somebody may do something with the item."""
        meant, owner, delegate, over = self.now()
        return not over and (by in meant if owner is None else by in (owner, delegate))

    def is_delegate(self, by: str) -> bool:
        """Whether somebody only does it for somebody else."""
        return by == self.now()[2]


class Interleavings(RuleBasedStateMachine):
    """The item beside its model."""

    def __init__(self) -> None:
        super().__init__()
        self.item = WorkItem(
            id="work", task="work", title="Work", outcomes={"yes": {}, "no": {}},
            meant=tuple({"person": each} for each in POOL), people=POOL, opened_at="0",
        )  # fmt: skip
        self.model = Model()
        self.number = 0
        self.sent: dict[int, tuple[str, str]] = {}
        """Id of an answer -> who sent it first and counted, with which outcome."""

    def act(self, name: str, by: Any, to: Any, allowed: bool, carry_out: Any) -> None:
        """Do it to the item, and hold what became of it against what the model allows."""
        self.number += 1
        at = str(self.number)
        if not allowed:
            with pytest.raises(Refused, match=r"\w"):
                carry_out(at)
            return
        self.item = carry_out(at)
        self.model.acts.append((name, by, to))

    @rule(by=people)
    def claim(self, by: str) -> None:
        self.act("claim", by, None, self.model.may(by),
                 lambda at: work_items.claim(self.item, Actor(by=by), at))  # fmt: skip

    @rule(by=people)
    def release(self, by: str) -> None:
        claimed = self.model.now()[1] is not None
        self.act("release", by, None, claimed and self.model.may(by),
                 lambda at: work_items.release(self.item, Actor(by=by), at))  # fmt: skip

    @rule(by=people, to=people)
    def delegate(self, by: str, to: str) -> None:
        allowed = self.model.may(by) and not self.model.is_delegate(by)
        self.act("delegate", by, to, allowed,
                 lambda at: work_items.delegate(self.item, Actor(by=by), at, to))  # fmt: skip

    @rule(by=people, to=people)
    def reassign(self, by: str, to: str) -> None:
        receivers = Receivers(meant=({"person": to},), groups=(), people=(to,))

        def carry_out(at: str) -> WorkItem:
            work_items.may_reassign(self.item, Actor(by=by, reason="r"), receivers)
            return work_items.reassign(self.item, receivers, at, by=by, reason="r")

        allowed = self.model.may(by) and not self.model.is_delegate(by)
        self.act("reassign", by, to, allowed, carry_out)

    @rule(by=people)
    def draft(self, by: str) -> None:
        self.act("draft", by, None, self.model.may(by),
                 lambda at: work_items.save_draft(self.item, Actor(by=by), at, {"by": by}))  # fmt: skip

    @rule(by=people, outcome=outcomes, answer_id=ids)
    def answer(self, by: str, outcome: str, answer_id: int) -> None:
        counted = self.sent.get(answer_id)
        if counted is not None:
            self.answer_again(by, outcome, answer_id, counted[1])
            return
        allowed = self.model.may(by)
        self.act("answer", by, outcome, allowed, self.answering(by, outcome, answer_id))
        if allowed:
            self.sent[answer_id] = (by, outcome)

    def answer_again(self, by: str, outcome: str, answer_id: int, first: str) -> None:
        """The same id again: the same content changes nothing, other content is refused."""
        before = self.item
        if outcome == first:
            assert self.answering(by, outcome, answer_id)("x") is before
        else:
            with pytest.raises(Refused, match="with other content"):
                self.answering(by, outcome, answer_id)("x")

    def answering(self, by: str, outcome: str, answer_id: int) -> Any:
        """The act of answering."""
        return lambda at: work_items.answer(
            self.item, Actor(by=by), at, outcome=outcome, values={}, answer_id=str(answer_id)
        )

    @rule()
    def expire(self) -> None:
        over = self.model.now()[3]
        self.act("expire", None, "no", not over,
                 lambda at: work_items.expire(self.item, at, "no", None, "late"))  # fmt: skip

    @rule()
    def withdraw(self) -> None:
        over = self.model.now()[3]
        self.act("withdraw", None, None, not over,
                 lambda at: work_items.withdraw(self.item, at, "gone"))  # fmt: skip

    @precondition(lambda self: self.item.state in work_items.OPEN)
    @rule()
    def goes_on_from_a_snapshot(self) -> None:
        self.item = WorkItem.from_json(self.item.to_json())

    @invariant()
    def is_what_the_model_says(self) -> None:
        """Who has it, who does it, and at most one end, which the history tells once."""
        _, owner, delegate, over = self.model.now()
        ends = [each for each in self.model.acts if each[0] in ("answer", "expire", "withdraw")]
        told = [each for each in self.item.history if each["act"] in
                ("answered", "expired", "withdrawn")]  # fmt: skip
        assert len(ends) == len(told) == int(over)
        if not over:
            assert (self.item.person, self.item.delegate) == (owner, delegate)
            assert self.item.outcome is None
            return
        act, by, outcome = ends[0]
        assert self.item.state == {"answer": "done", "expire": "expired"}.get(act, "withdrawn")
        assert self.item.outcome == (None if act == "withdraw" else outcome)
        if act == "answer":
            assert self.item.by == by
            assert self.item.on_behalf_of == (owner if by == delegate else None)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
