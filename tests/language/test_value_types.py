"""Types that flow from schemas through the tasks of a definition, and what they find."""

from __future__ import annotations

import pytest

from language.compile import check_definition
from tests.language.beside import Beside

HEAD = """document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0', metadata: { owner: lin } }
input:
  schema:
    document:
      type: object
      required: [requester, count]
      additionalProperties: false
      properties:
        requester: { type: object, properties: { name: { type: string }, email: { type: string } }, additionalProperties: false }
        count: { type: integer }
        urgent: { type: boolean }
        items: { type: array, items: { type: object, properties: { price: { type: number } }, additionalProperties: false } }
"""
LINES = HEAD.count("\n") + 1


def found(tasks: str, head: str = HEAD) -> list[tuple[str, int, str]]:
    """Code, line below `do:` and the marked text of each finding."""
    text = f"{head}do:\n{tasks}"
    lines = text.splitlines()
    return [
        (each.code, each.line - LINES, lines[each.line - 1][each.column - 1 :][: each.length])
        for each in check_definition(text, "p.yaml")[1]
        if each.code != "CW210"
    ]


def test_the_first_task_sees_the_input() -> None:
    """A misspelled field of the input is found where it stands."""
    tasks = "  - a: { set: { to: '${ .requester.emial }' } }\n"

    assert found(tasks) == [("CW209", 1, "emial")]


def test_a_value_that_an_earlier_set_dropped_is_found() -> None:
    """`set` replaces the whole value; the finding names the task that did."""
    tasks = "  - keep: { set: { name: '${ .requester.name }' } }\n  - b: { set: { mail: '${ .requester.email }' } }\n"

    assert found(tasks) == [("CW318", 2, "requester")]
    said = check_definition(f"{HEAD}do:\n{tasks}", "p.yaml")[1][0]
    assert said.message == '"." is here the output of "keep" (set), which has no "requester"'
    assert "A set gives what it lists and nothing else" in said.hint


@pytest.mark.parametrize(
    "tasks",
    [
        "  - a: { set: '${ . + { extra: 1 } }' }\n  - b: { set: { x: '${ .requester.email, .extra | tostring }' } }\n",
        "  - a: { set: { x: 1 } }\n  - b: { set: { y: '${ $workflow.input.requester.email }', z: '${ $case.input.count + 1 }' } }\n",
        "  - a: { if: '${ .urgent }', set: { x: 1 } }\n  - b: { set: { y: '${ .x // .count }' } }\n",
        "  - a: { wait: PT1M }\n  - b: { set: { y: '${ .requester.email }' } }\n",
        "  - a: { call: http, with: { method: get, endpoint: https://example.org } }\n  - b: { set: { y: '${ .anything.at.all }' } }\n",
        "  - a: { try: [ { b: { raise: { error: { type: x, status: 400 } } } } ], catch: { as: e, do: [ { c: { set: { s: '${ $e.status + 1 }', d: '${ $e.details }' } } } ] } }\n",
        "  - a: { for: { each: i, in: .items }, do: [ { b: { set: '${ . + { total: ((.total // 0) + ($i.price // 0)) }  }' } } ] }\n  - c: { set: { t: '${ .total, .count | tostring }' } }\n",
    ],
)
def test_what_may_be_there_is_no_finding(tasks: str) -> None:
    """Nothing is said of values that a path through the flow may give."""
    assert found(tasks) == []


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        # $input is the task's own input, $output its output.
        ("  - a: { input: { from: '${ { n: .count } }' }, set: { x: '${ $input.m }' } }\n", [("CW209", 1, "m")]),
        ("  - a: { set: { x: 1 }, output: { as: '${ { y: .z } }' } }\n", [("CW318", 1, "z")]),
        ("  - a: { set: { x: 1 }, output: { as: '${ { y: .x } }' } }\n  - b: { set: { v: '${ .x }' } }\n", [("CW318", 2, "x")]),
        # $context is what was exported.
        (
            ("  - a: { set: { x: 1 }, export: { as: '${ $context + { kept: .x } }' } }\n"
            "  - b: { set: { y: '${ $context.kept + 1 }', z: '${ $context.lost }' } }\n"),
            [("CW209", 2, "lost")],
        ),
        # The items of a for.
        ("  - a: { for: { each: i, in: .items }, do: [ { b: { set: { x: '${ $i.prize }' } } } ] }\n", [("CW209", 1, "prize")]),
        ("  - a: { for: { each: i, in: .items }, do: [ { b: { set: { x: '${ $index + \"\" }' } } } ] }\n", [("CW311", 1, '$index + ""')]),
        # The error of a catch.
        (
            "  - a: { try: [ { b: { wait: PT1M } } ], catch: { as: e, do: [ { c: { set: { s: '${ $e.status + $e.title }' } } } ] } }\n",
            [("CW311", 1, "$e.status + $e.title")],
        ),
        # A schema of a task's output.
        (
            ("  - a:\n      call: http\n      with: { method: get, endpoint: https://example.org }\n"
            "      output: { schema: { document: { type: object, properties: { state: { enum: [open, closed] } }, additionalProperties: false } } }\n"
            "  - b: { switch: [ { c: { when: '${ .state == \"opne\" }', then: end } }, { d: { when: '${ .stat }', then: end } } ] }\n"),
            [("CW316", 5, '.state == "opne"'), ("CW209", 5, "stat")],
        ),
        # Conditions.
        ("  - a: { switch: [ { c: { when: '${ .count }', then: end } }, { d: { then: end } } ] }\n", [("CW317", 1, ".count")]),
        ("  - a: { if: '${ .count < \"3\" }', wait: PT1M }\n", [("CW312", 1, '.count < "3"')]),
        ("  - a: { set: { u: '${ .urgent // true }' } }\n", [("CW314", 1, ".urgent // true")]),
        ("  - a: { set: { u: '${ .due-date }' } }\n", [("CW315", 1, ".due-date")]),
        ("  - a: { set: { u: '${ .requester.last-name.x }' } }\n", [("CW315", 1, ".last-name")]),
        # Branches, and the list that they give.
        (
            ("  - a: { fork: { branches: [ { b: { set: { x: 1 } } }, { c: { set: { x: '${ .cuont }' } } } ] } }\n"
            "  - d: { set: { y: '${ .[0].z }' } }\n"),
            [("CW209", 1, "cuont"), ("CW209", 2, "z")],
        ),
        # A jump back brings what the later task gives.
        (
            ("  - a: { set: { n: '${ (.n // .count) + 1 }' } }\n  - b: { wait: PT1M }\n"
            "  - c: { switch: [ { again: { when: '${ .n < 3 }', then: a } }, { d: { then: continue } } ] }\n"
            "  - e: { set: { x: '${ .m }' } }\n"),
            [("CW209", 1, "n"), ("CW318", 4, "m")],
        ),
    ],
)  # fmt: skip
def test_types_follow_the_flow(tasks: str, expected: list[tuple[str, int, str]]) -> None:
    """Each place of the standard sees the value that the standard gives it."""
    if "again" in tasks:
        # In the first round the input has no "n", in later ones it has: no claim there.
        expected = expected[1:]
    assert found(tasks) == expected


def test_results_and_forms_are_typed() -> None:
    """`$case.results` has what functions and forms give, status what the definition declares."""
    head = (
        "document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0', metadata: { owner: lin, "
        "statuses: { open: { phase: open }, closed: { phase: closed } } } }\n"
    )
    tasks = """  - ask:
      call: work-item
      with:
        title: Triage
        form: { type: object, properties: { impact: { type: integer } }, additionalProperties: false }
        assign: { person: lin }
        due: { hours: 1 }
        onDue: fail
        outcomes: { done: {} }
  - a: { call: case.update, with: { data: { x: '${ "" + $case.results.ask.answer.impact }' } } }
  - b: { if: '${ $case.status == "close" }', call: status, with: { to: closed } }
  - c: { call: case.update, with: { data: { x: '${ $case.results.ask as $r | $r.answer.impcat }' } } }
"""
    text = f"{head}do:\n{tasks}"
    codes = [(each.code, each.line) for each in check_definition(text, "p.yaml")[1]]

    assert codes == [("CW311", 12), ("CW316", 13), ("CW209", 14)]


def test_one_cause_is_one_finding() -> None:
    """Where another check knows more about a read, the types add nothing."""
    head = "document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0', metadata: { owner: lin } }\n"
    tasks = "  - a: { call: case.update, with: { data: { x: '${ $case.reslts.ask }' } } }\n"

    assert [each.code for each in check_definition(f"{head}do:\n{tasks}", "p.yaml")[1]] == ["CW208"]


def test_a_schema_of_another_file_is_read_as_well() -> None:
    """`schema.resource` names a document; its fields are known like those of a schema in place."""
    schema = "{ type: object, properties: { mail: { type: string } }, additionalProperties: false }"
    text = """document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0', metadata: { owner: lin } }
input: { schema: { resource: { endpoint: request.yaml } } }
do:
  - a: { set: { to: '${ .mial }' } }
"""
    findings = check_definition(text, "p.yaml", resources=Beside({"request.yaml": schema}))[1]

    assert [(each.code, each.line, each.hint) for each in findings] == [
        ("CW209", 4, "Did you mean mail?")
    ]
