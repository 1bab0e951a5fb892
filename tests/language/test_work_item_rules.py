"""Rules of work items: names, times and people that cannot be meant, and right ones let be."""

from __future__ import annotations

from typing import Any

import pytest

from language.compile import check_definition
from language.organization import merge_files

_HEAD = """
document:
  dsl: '1.0.3'
  namespace: tests
  name: ask
  version: '1.0.0'
  metadata:
    owner: head
    statuses: { open: { phase: open }, closed: { phase: closed } }
"""
_ITEM = """do:
  - look:
      call: work-item
      with:
        title: Look
        assign: { group: desk }
        due: { hours: 4 }
        onDue: keep
        outcomes: { solved: {}, refused: {} }
"""
ORGANIZATION, _ = merge_files(
    [
        (
            "people: { lin: { name: Lin, groups: [desk] }, wu: { name: Wu, groups: [desk, net] } }",
            "people.yaml",
            "people",
        ),
        ("groups: { desk: { lead: lin }, net: { lead: wu } }", "groups.yaml", "groups"),
        ("roles: { head: { people: [wu] } }", "roles.yaml", "roles"),
    ]
)


def said(text: str, **more: Any) -> list[tuple[str, str, str]]:
    """Give code, message and hint of all findings."""
    _, findings = check_definition(_HEAD.lstrip() + text, "process.yaml", **more)
    return [(each.code, each.message, each.hint or "") for each in findings]


def changed(old: str, new: str) -> list[tuple[str, str, str]]:
    """Give what is said of the item with one thing changed."""
    assert old in _ITEM
    return said(_ITEM.replace(old, new), organization=ORGANIZATION)


def after(condition: str, more: str = "") -> list[tuple[str, str, str]]:
    """Give what is said of an expression that is asked after the item."""
    text = f"{_ITEM}{more}  - then:\n      if: '${{ {condition} }}'\n      call: status\n      with: {{ to: closed }}\n"
    return said(text, organization=ORGANIZATION)


def test_the_item_itself_is_right() -> None:
    """Nothing is said of what is meant."""
    assert changed("keep", "keep") == []


@pytest.mark.parametrize("outcome", ["solved", "refused", "no-assignee"])
def test_an_outcome_may_be_compared_with_what_it_can_be(outcome: str) -> None:
    """Those of the item, and that nobody was there."""
    assert after(f'$case.results.look.outcome == "{outcome}"') == []


@pytest.mark.parametrize(
    ("outcome", "meant"),
    [("solvd", "solved"), ("no-asignee", "no-assignee"), ("Refused", "refused")],
)
def test_a_misspelled_outcome_gets_the_one_that_was_meant(outcome: str, meant: str) -> None:
    """A branch that is never taken is found before a case waits for it."""
    [(code, message, hint)] = after(f'$case.results.look.outcome == "{outcome}"')

    assert (code, outcome in message, hint) == ("CW316", True, f"Did you mean {meant}?")


def test_withdrawn_is_an_outcome_only_where_something_withdraws() -> None:
    """Elsewhere it can never come."""
    withdraws = "  - gone: { call: work-item.withdraw, with: { task: look, reason: over } }\n"

    assert after('$case.results.look.outcome == "withdrawn"', withdraws) == []
    assert [each[0] for each in after('$case.results.look.outcome == "withdrawn"')] == ["CW316"]


def test_the_task_of_a_withdrawal_is_a_work_item() -> None:
    """A misspelled one would take nothing back, without a word."""
    more = "  - gone: { call: work-item.withdraw, with: { task: lok, reason: over } }\n"

    [(code, message, hint)] = said(_ITEM + more, organization=ORGANIZATION)
    assert (code, message) == ("CW204", 'there is no work item "lok"')
    assert 'Did you mean "look"' in hint


def test_a_priority_that_nothing_writes_is_found() -> None:
    """Where all that writes it is known, so are its values."""
    rate = "  - rate: { call: case.update, with: { priority: P1 } }\n"
    computed = "  - rate: { call: case.update, with: { priority: '${ $case.input.p }' } }\n"

    assert after('$case.priority == "P1"', rate) == []
    [(code, _, hint)] = after('$case.priority == "p1"', rate)
    assert (code, hint) == ("CW316", "Did you mean P1?")
    assert after('$case.priority == "p1"', computed) == []
    assert after('$case.priority == "p1"') == []


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("desk", "Write { group: desk }."),
        ("head", "Write { role: head }."),
        ("lin", "Write { person: lin }."),
        ("dsk", "Did you mean { group: desk }?"),
        ("requestor", 'Did you mean "requester"?'),
        ("[desk]", "Write { group: desk }."),
    ],
)
def test_a_plain_name_gets_its_key(written: str, hint: str) -> None:
    """What habits of other systems write is told in the form that is right."""
    [(code, _, found)] = changed("{ group: desk }", written)

    assert (code, found) == ("CW108", hint)


@pytest.mark.parametrize(
    ("who", "is_found"),
    [
        ("{ group: desk, exclude: [ { group: desk } ] }", True),
        ("{ group: desk, exclude: [ { person: lin }, { role: head } ] }", True),
        ("{ person: wu, exclude: [ { group: net } ] }", True),
        ("{ role: head, exclude: [ { person: wu } ] }", True),
        ("{ group: desk, exclude: [ { person: lin } ] }", False),
        ("{ group: desk, exclude: [ requester, owner ] }", False),
        ("{ group: desk, exclude: [ { group: desk } ], ifNone: { role: head } }", False),
        ("{ group: desk, exclude: [ { person: '${ $case.results.look.by }' } ] }", False),
    ],
)
def test_a_who_that_leaves_nobody(who: str, is_found: bool) -> None:
    """By the organization of today; what is only known later is let be."""
    found = [code for code, _, _ in changed("{ group: desk }", who) if code == "CW237"]

    assert bool(found) is is_found


@pytest.mark.parametrize(
    ("due", "more", "codes"),
    [
        ("{ hours: 0 }", "keep", ["CW415"]),
        ("PT0S", "keep", ["CW415"]),
        ("{ hours: -4 }", "keep", ["CW108"]),
        ("'-PT4H'", "keep", ["CW108"]),
        ("PT0.5S", "keep", []),
        ("{ hours: 4 }", "fail\n        remind: { after: { hours: 4 } }", ["CW416"]),
        ("{ hours: 4 }", "fail\n        remind: { after: PT3H59M }", []),
        ("{ hours: 4 }", "keep\n        remind: { after: { hours: 9 } }", []),
        ("{ hours: 4 }", "{ reassign: { person: wu } }\n        remind: { every: { hours: 9 } }", []),
        ("{ businessDays: 1, calendar: a }", "fail\n        remind: { after: { days: 9 } }", []),
        ("{ hours: 4 }", "keep\n        remind: [ { every: { minutes: 0 } } ]", ["CW415"]),
        ("{ hours: 1 }", "[ { after: { hours: 2 }, answer: solved } ]\n        remind: { after: { hours: 2 } }", []),
        ("{ hours: 1 }", "[ { after: { hours: 2 }, answer: solved } ]\n        remind: { after: { hours: 3 } }", ["CW416"]),
        ("{ hours: 1 }", "[ { after: { hours: 2 }, answer: solved }, { after: { hours: 1 }, reassign: owner } ]", ["CW417"]),
        ("{ hours: 1 }", "[ { after: { hours: -2 }, answer: solved } ]", ["CW108"]),
        ("{ at: '${ $case.input.by }' }", "fail\n        remind: { after: { days: 9 } }", []),
    ],
)  # fmt: skip
def test_times_of_an_item(due: str, more: str, codes: list[str]) -> None:
    """Times that leave no time, and what comes when all is over; what may be meant is let be."""
    text = _ITEM.replace("{ hours: 4 }", due).replace("onDue: keep", f"onDue: {more}")

    assert [
        code for code, _, _ in said(text, organization=ORGANIZATION) if code != "CW205"
    ] == codes


def test_what_another_definition_gives_is_known() -> None:
    """The output that a definition declares types the result of the task that runs it."""
    text = """do:
  - fix: { run: { workflow: { namespace: tests, name: repair, version: '1.0.0' } } }
  - tell:
      if: '${ $case.results.fix.outcom == "fixed" }'
      call: status
      with: { to: closed }
"""
    schema = {
        "type": "object",
        "properties": {"outcome": {"enum": ["fixed", "given-up"]}},
        "additionalProperties": False,
    }

    [(code, message, hint)] = said(text, outputs={"repair": schema})
    assert (code, "outcom" in message, "outcome" in hint) == ("CW209", True, True)
    right = text.replace("outcom ", "outcome ")
    assert said(right, outputs={"repair": schema}) == []
    wrong = right.replace('"fixed"', '"fixd"')
    assert [each[0] for each in said(wrong, outputs={"repair": schema})] == ["CW316"]


def test_an_event_that_is_published_is_known() -> None:
    """What follows an emit reads what was written, and what is filled in."""
    text = """do:
  - tell: { emit: { event: { with: { type: order.placed, data: { pet: dog } } } } }
  - keep: { call: case.update, with: { data: { id: '${ .id }', pet: '${ .data.%s }' } } }
"""
    codes = [each[0] for each in said(text % "pte") if each[0] != "CW304"]

    assert codes == ["CW209"] or codes == ["CW310"]
    assert [each for each in said(text % "pet") if each[0] != "CW304"] == []


def test_an_event_may_answer_with_an_outcome_of_its_own() -> None:
    """No person can choose it, and it can be compared with; one that looks misspelled is none."""
    answered = _ITEM.replace(
        "onDue: keep", "onDue: keep\n        answeredBy: [ { event: gone, outcome: fault-ended } ]"
    )
    asked = "  - then:\n      if: '${ $case.results.look.outcome == \"%s\" }'\n      call: status\n      with: { to: closed }\n"

    assert said(answered + asked % "fault-ended", organization=ORGANIZATION) == []
    [(code, _, hint)] = said(answered + asked % "fault-endet", organization=ORGANIZATION)
    assert (code, "fault-ended" in hint) == ("CW316", True)
    [(code, message, hint)] = said(answered.replace("fault-ended", "solvd"), organization=ORGANIZATION)  # fmt: skip
    assert (code, message) == ("CW204", 'there is no outcome "solvd"')
    assert "solved" in hint
