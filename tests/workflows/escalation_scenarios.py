"""Cases that escalate, with the shipped definition of ladders, for every runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from language.compile import compile_definition
from language.files import compile_folder, read_organization
from language.findings import as_text
from language.plan import Plan

DEFINITIONS = Path(__file__).parents[2] / "definitions"
ORGANIZATION: Mapping[str, Any] = {
    "people": {
        "chen": {"name": "Chen", "mail": "chen@example.org", "groups": ["desk"]},
        "lin": {"name": "Lin", "mail": "lin@example.org", "groups": ["leads"]},
        "wang": {"name": "Wang", "mail": "wang@example.org", "roles": ["manager"]},
    },
    "groups": {"desk": {"lead": "lin"}, "leads": {}, "nobody": {}},
    "roles": {"manager": {}},
    "calendars": {"always": {"timezone": "UTC", "week": {"mon-sun": ["00:00-24:00"]}}},
    "ladders": {
        "quick": {
            "acknowledge": {"within": {"seconds": 5}},
            "levels": [
                {"to": {"group": "desk"}, "wait": {"seconds": 4}},
                {"to": {"group": "nobody"}, "wait": {"hours": 2}},
                {"to": {"group": "leads"}, "wait": {"seconds": 4}},
            ],
            "finally": {"to": {"role": "manager"}},
        },
        "patient": {
            "acknowledge": {"within": {"hours": 1}},
            "levels": [{"to": {"group": "desk"}, "wait": {"hours": 1}}],
            "finally": {"to": {"role": "manager"}},
        },
        "slow": {
            "levels": [
                {"to": "assignees", "wait": {"hours": 2}},
                {"to": {"group": "leads"}, "wait": {"hours": 2}, "reassign": {"group": "leads"}},
            ],
            "finally": {"to": {"role": "manager"}},
        },
        "handing": {
            "levels": [
                {"to": {"group": "leads"}, "wait": {"hours": 2}, "reassign": {"group": "leads"}},
            ],
            "finally": {"to": {"role": "manager"}},
        },
    },
}  # fmt: skip


def ladder_plan() -> Plan:
    """The shipped definition."""
    organization, _ = read_organization(DEFINITIONS / "organization")
    compiled = compile_folder(DEFINITIONS / "escalation-ladder", organization)
    assert compiled.plan is not None, compiled.findings
    return compiled.plan


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody answers when an item of a case is open; `ladder` means the ladder's case.

    Without an outcome the item is only waited for: then its case has told how far it is.
    """

    item: str
    by: str = ""
    outcome: str | None = None
    ladder: str | None = None


@dataclass(frozen=True, slots=True)
class Escalating:
    """A definition, who answers in which order, and what comes of it."""

    name: str
    text: str
    answers: tuple[Answer, ...] = ()
    output: Any = None
    ladders: Mapping[str, Any] = field(default_factory=dict)
    """Ladder's key -> what it says at its end (a part of its output)."""
    metadata: str = "{ owner: manager }"

    overtaken: bool = False
    """Whether the ladder may be stopped before it has told those whom it asks last."""

    @property
    def plan(self) -> Plan:
        """The plan of the definition."""
        head = (
            f"document: {{ dsl: '1.0.3', namespace: tests, name: {self.name}, version: '1.0.0', "
            f"metadata: {self.metadata} }}\n"
        )
        plan, findings = compile_definition(head + self.text, f"{self.name}.yaml")
        assert plan is not None, as_text(findings, {f"{self.name}.yaml": head + self.text})
        return plan


_ITEM = """
  - ask:
      call: work-item
      with:
        title: Please answer
        assign: { person: chen }
        due: { seconds: 1 }
        onDue: %s
        outcomes: { done: {} }
"""
_SAY = """
output: { as: '${ { state: $case.results.call.state, level: $case.results.call.level, by: $case.results.call.by } }' }
"""

_VOTE = """
  - vote:
      call: approval
      with:
        subject: { title: Upgrade }
        roster: { person: chen }
        rule: any
        due: { seconds: 3 }
        onDue: %s
"""
_DECIDED = "output: { as: '${ $case.results.vote | [.decision, .reason] }' }\n"

SCENARIOS: tuple[Escalating, ...] = (
    Escalating(
        "waits-until-it-is-taken",
        "do:\n  - call: { call: escalate, with: { ladder: patient, wait: true } }"
        + _ITEM % "keep" + _SAY,
        answers=(
            Answer("ask", "chen", "acknowledged", "patient"),
            Answer("stay", ladder="patient"),
            Answer("ask", "chen", "done"),
        ),
        output={"state": "acknowledged", "level": 1, "by": "chen"},
        ladders={"patient": {"state": "stopped", "level": 1, "by": "chen"}},
    ),
    Escalating(
        "waits-in-vain",
        "do:\n  - call: { call: escalate, with: { ladder: quick, wait: true } }"
        + _ITEM % "keep" + _SAY,
        answers=(Answer("last", ladder="quick"), Answer("ask", "chen", "done")),
        output={"state": "exhausted", "level": 3, "by": None},
        # The case has ended, so nobody is needed any more.
        ladders={"quick": {"state": "stopped", "by": None}},
    ),
    Escalating(
        "silence-resumes-where-it-was",
        "do:\n  - call: { call: escalate, with: { ladder: quick } }" + _ITEM % "keep" + _SAY,
        answers=(
            Answer("ask#2", "lin", "acknowledged", "quick"),
            Answer("ask#3", "lin", "acknowledged", "quick"),
            Answer("stay#2", ladder="quick"),
            Answer("ask", "chen", "done"),
        ),
        output={"state": "acknowledged", "level": 3, "by": "lin"},
        ladders={"quick": {"state": "stopped", "level": 3, "by": "lin"}},
    ),
    Escalating(
        "ends-and-stops-its-ladder",
        "do:\n  - call: { call: escalate, with: { ladder: slow, severity: P3 } }"
        + _ITEM % "keep" + _SAY,
        answers=(Answer("ask", ladder="slow"), Answer("ask", "chen", "done")),
        output={"state": "running", "level": 2, "by": None},
        # Nobody has the case when the ladder starts, so its first level is passed over.
        ladders={"slow": {"state": "stopped", "level": 2}},
    ),
    Escalating(
        "a-second-call-raises",
        """
do:
  - call: { call: escalate, with: { ladder: slow, severity: P3 } }
  - same: { call: escalate, with: { ladder: slow, severity: P4 } }
  - graver: { call: escalate, with: { ladder: slow, severity: P1, wait: true } }
"""
        + _ITEM % "keep"
        + """
output: { as: '${ { one: ($case.results.call.case == $case.results.graver.case), state: $case.results.same.state } }' }
""",
        answers=(Answer("ask#2", "lin", "acknowledged", "slow"), Answer("ask", "chen", "done")),
        output={"one": True, "state": "acknowledged"},
        ladders={"slow": {"state": "handled", "level": 2, "by": "lin"}},
    ),
    Escalating(
        "an-overdue-item-goes-up",
        "do:" + _ITEM % "{ escalate: slow }" + "output: { as: '${ $case.results.ask.by }' }\n",
        # chen has the item, so the first level asks chen; lin is asked when chen has given it back.
        answers=(Answer("ask", "chen", "acknowledged", "slow"), Answer("ask", "chen", "done")),
        output="chen",
        ladders={"slow": {"state": "handled", "level": 1, "by": "chen"}},
    ),
    Escalating(
        "an-overdue-item-is-taken-by-another",
        "do:" + _ITEM % "{ escalate: quick }" + "output: { as: '${ $case.results.ask.by }' }\n",
        answers=(
            Answer("ask#2", "lin", "acknowledged", "quick"),
            Answer("stay", "lin", "handled", "quick"),
            Answer("ask", "lin", "done"),
        ),
        output="lin",
        ladders={"quick": {"state": "handled", "level": 3, "by": "lin"}},
    ),
    Escalating(
        "an-overdue-item-ends-with-a-named-person",
        "do:" + _ITEM % "{ escalate: quick }" + "output: { as: '${ $case.results.ask.by }' }\n",
        answers=(Answer("last", "wang", "taken", "quick"), Answer("ask", "wang", "done")),
        output="wang",
        ladders={"quick": {"state": "exhausted", "level": 3, "by": "wang"}},
    ),
    Escalating(
        "a-level-gives-the-item-to-others",
        "do:" + _ITEM % "{ escalate: handing }" + "output: { as: '${ $case.results.ask.by }' }\n",
        answers=(Answer("ask", "lin", "done"),),
        output="lin",
        ladders={"handing": {"state": "stopped", "level": 1, "by": None}},
        overtaken=True,
    ),
    Escalating(
        "is-solved-after-all-were-asked",
        "do:" + _ITEM % "{ escalate: quick }" + "output: { as: '${ $case.results.ask.by }' }\n",
        answers=(Answer("last", ladder="quick"), Answer("ask", "chen", "done")),
        output="chen",
        ladders={"quick": {"state": "stopped", "level": 3, "by": None}},
    ),
    Escalating(
        "is-not-needed-any-more",
        """
do:
  - call: { call: escalate, with: { ladder: slow, until: { phase: resolved } } }
  - solve: { call: status, with: { to: solved } }
  - late: { call: escalate, with: { ladder: slow, until: { phase: resolved }, wait: true } }
output: { as: '${ [$case.results.call.state, $case.results.late.state] }' }
""",
        metadata="{ owner: manager, statuses: { open: { phase: open }, solved: { phase: resolved } } }",
        output=["stopped", "stopped"],
        ladders={"slow": {"state": "stopped"}},
    ),
    Escalating(
        "an-overdue-vote-goes-up",
        "do:" + _VOTE % "{ escalate: slow, then: reject }" + _DECIDED,
        # Nobody has the case: the first level is passed over, and lin sees to it that chen votes.
        answers=(
            Answer("ask", "lin", "acknowledged", "slow"),
            Answer("vote:chen", "chen", "approve"),
        ),
        output=["approved", "1 of 1 approved, 1 needed"],
        ladders={"slow": {"state": "handled", "level": 2, "by": "lin"}},
    ),
    Escalating(
        "nobody-brings-the-votes",
        "do:" + _VOTE % "{ escalate: quick, then: approve }" + _DECIDED,
        output=["approved", "due"],
        # Nobody has taken it: time decides, and nobody is needed any more.
        ladders={"quick": {"state": "stopped", "by": None}},
        overtaken=True,
    ),
)  # fmt: skip
