"""What a rehearsal expects is compared with what happened, and says where it differs."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from language.plan import Call, Case, CaseRules, Expression, Plan, Switch
from tests.workflows.scenarios import ORGANIZATION, STATUSES, call, comment, template
from workflows.rehearsal.coverage import missed, places
from workflows.rehearsal.expectations import compare
from workflows.rehearsal.runner import Result, rehearse
from workflows.rehearsal.world import Published

OUTCOME = {"as": "completed", "status": "closed", "at": "2026-03-02T09:00:00Z", "error": None}


@pytest.mark.parametrize(
    ("expect", "problems"),
    [
        ({"output": {"a": 1}}, []),
        ({"output": {"a": 2}}, ["output.a is 1, not 2"]),
        ({"output": {"a": True}}, ["output.a is 1, not true"]),
        ({"output": {"c": 1}}, ["output.c is missing"]),
        ({"output": {"b": {"deep": [1, 2]}}}, []),
        ({"output": {"b": {"deep": [1]}}}, ["output.b.deep is [1, 2], not [1]"]),
        ({"output": {"b": {"deep": [1, 3]}}}, ["output.b.deep[1] is 2, not 3"]),
        ({"output": {"list": [{"a": 1}, {}]}}, []),
        ({"output": {"list": [{"a": 2}, {}]}}, ["output.list[0].a is 1, not 2"]),
        (
            {"output": None},
            [
                'output is {"a": 1, "b": {"deep": [1, 2], "more": 0}, "list": [{"a": 1, "b": 2}, {}]}, not null'
            ],
        ),
        ({"data": {"case": "T-1"}}, []),
        ({"data": {"case": "T-2"}}, ['data.case is "T-1", not "T-2"']),
    ],
)
def test_output_and_data(expect: Any, problems: list[str]) -> None:
    """Of objects the named keys count, at any depth; everything else must be equal, as JSON."""
    output = {"a": 1, "b": {"deep": [1, 2], "more": 0}, "list": [{"a": 1, "b": 2}, {}]}
    outcome = {**OUTCOME, "output": output}

    assert compare(expect, [], outcome, {}, UTC, {"case": "T-1", "other": 2}) == problems


def rehearsed(tasks: tuple[Any, ...], expect: Any, **more: Any) -> tuple[Plan, Result]:
    """Rehearse a case of these tasks."""
    rules = CaseRules(statuses=STATUSES, on_error="hold")
    plan = Plan("tests", "one", "1.0.0", tasks, rules=rules)
    result = rehearse(
        "one",
        {"rehearsal": "one", "at": "2026-03-02T09:00:00Z", "expect": expect, **more},
        {"one": Published(plan, "digest")},
        ORGANIZATION,
    )
    return plan, result


def http(name: str, at: str) -> Call:
    """Build a call that leaves the machine."""
    arguments = {"method": "get", "endpoint": "https://kb.example.org/search"}
    return call(name, "http", at, arguments=arguments)


def test_an_http_call_without_a_stub_fails_the_rehearsal() -> None:
    """Also where the definition catches or holds the error and everything else is as expected."""
    expect = {"ends": {"as": "held"}, "timeline": [{"holds": "search"}]}

    _, result = rehearsed((http("search", "/do/0"),), expect)

    assert result.problems == ["no stub answers the HTTP call get https://kb.example.org/search"]


def test_coverage_names_what_no_rehearsal_passes() -> None:
    """Cases of a switch, conditions and tasks; what lies behind a missed one is said once."""
    tasks = (
        Switch(
            name="which",
            path="/do/0/which",
            line=10,
            cases=(Case("left", Expression(".go"), "say"), Case("right", None, "end")),
        ),
        comment("say", "hello", "/do/1", line=12, condition=Expression("true")),
    )

    plan, result = rehearsed(tasks, {"ends": {"as": "completed"}}, input={"go": False})

    assert result.passed
    assert len(places(plan)) == 5
    assert [(each.kind, each.line, each.never) for each in missed(plan, result.covered["one"])] == [
        ("case", 10, "case left of which is never taken"),
        ("task", 12, "task say is never reached"),
        ("condition", 12, "the condition of say always holds"),
    ]


def test_output_is_the_cases_own() -> None:
    """A rehearsal fails where the case gives back something else."""
    tasks = (call("keep", "case.update", "/do/0", arguments={"data": {"n": template(1).value}}),)

    _, result = rehearsed(tasks, {"data": {"n": 2}, "output": {"changed": {}}})

    assert result.problems == ["data.n is 1, not 2"]


def test_a_line_of_the_script_is_quoted_as_it_stands_in_the_file() -> None:
    """Who reads it wrote YAML; a line that never applies, and one before the beginning, are said."""
    waits = {"when": {"opens": "work"}, "after": {"minutes": 5}, "cancel": "no", "by": "lin"}
    early = {"at": "2025-03-02T09:00:00Z", "event": "message.received", "data": {"text": None}}
    _, result = rehearsed(
        (comment("say", "hello", "/do/0"),), {"ends": {"as": "completed"}}, script=[waits, early]
    )

    waiting = "{ when: { opens: work }, after: { minutes: 5 }, cancel: no, by: lin }"
    assert result.problems == [
        "script line 2 is for 2025-03-02T09:00:00Z, before the rehearsal begins",
        f"script line 1 never applied: {waiting}",
    ]


def test_a_case_without_a_status_has_none() -> None:
    """A case whose input is refused never reached one."""
    problems = compare({"ends": {"status": "done"}}, [], {**OUTCOME, "status": None}, {}, UTC)

    assert problems == ["ends.status is none, not done"]
