"""Approvals in validation: what is missing, what cannot be, and the types of the result."""

from __future__ import annotations

import pytest

from language.compile import check_definition
from language.organization import merge_files

HEAD = """
document: {{ dsl: '1.0.3', namespace: tests, name: change, version: '1.0.0', metadata: {{ owner: board, start: {{ record: {{ requester: lin }} }} }} }}
do:
  - vote:
      call: approval
      with: {{ subject: {{ title: Upgrade }}, roster: {roster}, rule: {rule}, {more} }}
"""
ORGANIZATION, _ = merge_files([
    (
        "people: { lin: { name: Lin, groups: [desk], roles: [board] }, wu: { name: Wu, roles: [board] } }",
        "people.yaml", "people",
    ),
    ("groups: { desk: { lead: lin } }", "groups.yaml", "groups"),
    ("roles: { board: {} }", "roles.yaml", "roles"),
])  # fmt: skip
DUE = "due: { days: 3 }"


def found(roster: str = "owner", rule: str = "any", more: str = DUE, then: str = "") -> list[str]:
    """Give codes and messages of everything that is found."""
    text = HEAD.format(roster=roster, rule=rule, more=more) + then
    _, findings = check_definition(text, "process.yaml", organization=ORGANIZATION)
    return [f"{each.code} {each.message}" for each in findings]


@pytest.mark.parametrize(
    "roster",
    [
        "owner",
        "{ role: board }",
        "{ group: desk, exclude: [] }",
        "{ who: [{ role: board }, requester], exclude: [owner] }",
        "[{ person: lin }, { managerOf: requester }]",
    ],
)
def test_every_form_of_a_roster(roster: str) -> None:
    """One Who, several, with or without those who are left out."""
    assert found(roster) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{ percent: 101 }", "101 is more than 100"),
        ("{ percent: 0 }", "0 is less than 1"),
        ("{ count: 0 }", "0 is less than 1"),
        ("most", "is not any, all, responded-any, { count: 2 } or { percent: 60 }"),
    ],
)
def test_no_rule_that_approves_itself(rule: str, said: str) -> None:
    """A quorum of nothing is an error where it is written."""
    [finding] = found(rule=rule)
    assert finding.startswith("CW108")
    assert said in finding


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("onDue: reject", 'needs "due"'),
        (f"{DUE}, onDue: {{ extend: {{ days: 1 }} }}", 'needs "then"'),
        (f"{DUE}, onDue: {{ escalate: desk }}", 'needs "then"'),
    ],
)
def test_what_is_missing(more: str, said: str) -> None:
    """A vote has an end, and more time or a ladder has one as well."""
    assert any(said in each for each in found(more=more))


@pytest.mark.parametrize(
    ("roster", "most"),
    [("{ group: desk }", 1), ("{ role: board }", 2), ("[owner, { person: wu }]", 2), ("owner", 1)],
)
def test_a_count_that_the_roster_cannot_meet(roster: str, most: int) -> None:
    """As far as the organization says who can vote."""
    assert found(roster, f"{{ count: {most} }}") == []
    [finding] = found(roster, f"{{ count: {most + 1} }}")
    assert finding.startswith("CW232")


def test_where_nobody_can_say_how_many_vote() -> None:
    """Assignees are known only when the case runs."""
    assert found("assignees", "{ count: 9 }") == []


@pytest.mark.parametrize("on_due", ["", ", onDue: reject", ", onDue: approve"])
def test_a_reminder_after_the_end(on_due: str) -> None:
    """Where time decides, nobody is reminded later."""
    [finding] = found(more=f"{DUE}, remind: {{ after: {{ days: 4 }} }}{on_due}")
    assert finding.startswith("CW416")


def test_the_result_has_types() -> None:
    """A misspelled decision never holds, and a vote has no field `person`."""
    then = (
        "  - go: { switch: [ { yes: { when: '$case.results.vote.WHAT', then: end } }, "
        "{ no: { then: end } } ] }\n"
    )
    [finding] = found(then=then.replace("WHAT", 'decision == "aproved"'))
    assert finding.startswith("CW316")
    [finding] = found(then=then.replace("WHAT", 'votes[0].person == "lin"'))
    assert finding.startswith("CW209")
