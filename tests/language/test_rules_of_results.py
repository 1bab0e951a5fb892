"""Results that are read before they are there, or that may be missing: what is said, and what is not."""

from __future__ import annotations

import pytest

from language.compile import check_definition

HEAD = """
document: { dsl: '1.0.3', namespace: n, name: x, version: '1.0.0', metadata: { owner: support-manager, statuses: { a: { phase: open } } } }
do:
"""
RATE = "- rate: { call: case.start, with: { definition: d, key: k } }\n"
READ = "- read: { call: mail.send, with: { to: lin@example.org, subject: '${ $case.results.rate.case }', text: t } }\n"


def codes(tasks: str) -> list[str]:
    """Codes of the findings about results."""
    _, findings = check_definition(HEAD + tasks, "process.yaml")
    return [each.code for each in findings if each.code in ("CW228", "CW229", "CW230")]


def test_what_runs_later_has_no_result_yet():
    """The reader comes first and nothing leads back."""
    assert codes(READ + RATE) == ["CW229"]
    assert codes(RATE + READ) == []


def test_a_way_back_makes_a_later_result_possible():
    """In a loop the later task may have run the last time around; it may also not have run yet."""
    back = "- again: { switch: [ { yes: { when: '${ $case.runs.read < 3 }', then: read } }, { no: { then: end } } ] }\n"

    assert codes(READ + RATE + back) == ["CW230"]


def test_what_repeats_its_tasks_sees_what_it_left_before():
    """A loop and a retry come back to tasks that stand before."""
    inner = "".join(f"      {line}\n" for line in (READ + RATE).splitlines())

    assert codes("- each:\n    for: { in: '${ [1, 2] }' }\n    do:\n" + inner) == ["CW230"]


def test_branches_side_by_side_claim_nothing():
    """Which branch is first is not known before it happens."""
    fork = "- both:\n    fork:\n      branches:\n        " + RATE.replace("\n", "\n        ") + READ

    assert codes(fork) == []


@pytest.mark.parametrize(
    "rate",
    [
        "- rate: { if: '${ $case.priority == null }', call: case.start, with: { definition: d, key: k } }\n",
        "- may: { switch: [ { yes: { when: '${ $case.priority == null }', then: rate } }, { no: { then: read } } ] }\n"
        + RATE,
    ],
    ids=["a task with if", "a way around it"],
)
def test_a_required_argument_wants_a_result_on_every_way(rate: str):
    """What is skipped or gone around leaves null; a default or a condition says that it was thought of."""
    assert codes(rate + READ) == ["CW230"]
    assert codes(rate + READ.replace("rate.case }", 'rate.case // "none" }')) == []


def test_a_reaction_that_moves_the_flow_is_a_way_as_well():
    """`goTo` comes to a task past everything before it."""
    head = HEAD.replace(
        "statuses:", "reactions: { over: { on: { event: alert.resolved }, goTo: read } }, statuses:"
    )
    _, findings = check_definition(head + RATE + READ, "process.yaml")

    assert [each.code for each in findings] == ["CW230"]


def test_two_results_of_one_name_matter_where_they_are_read():
    """The same name in another list is no mistake as long as nobody asks for the result."""
    nested = "- later:\n    do:\n      " + RATE

    assert codes(RATE + nested + READ) == ["CW228"]
    assert codes(RATE + nested) == []
