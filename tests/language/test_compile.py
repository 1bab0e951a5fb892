"""Definitions become plans, or findings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from language.compile import compile_definition
from language.findings import as_text, has_errors
from language.plan import Call, Do, Expression, Listen, Literal, MapTemplate, Plan, Set, Switch, Try
from language.plan_codec import plan_from_json, plan_to_json
from tests.foreign.elsewhere import Elsewhere
from tests.foreign.samples import documents

FIXTURES = Path(__file__).parents[1] / "fixtures" / "definitions"
FOREIGN = Path(os.environ.get("CASEWAY_FOREIGN", Path(__file__).parents[3] / "shared" / "foreign"))
HEAD = "document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0' }\n"


def plan_of(text: str) -> Plan:
    """The plan of a definition that has no errors."""
    plan, findings = compile_definition(HEAD + text, "p.yaml")
    assert plan is not None, as_text(findings, {})
    return plan


def codes_of(text: str) -> list[str]:
    """Codes of a definition's findings."""
    return [each.code for each in compile_definition(HEAD + text, "p.yaml")[1]]


OK = sorted((FIXTURES / "ok").glob("*.yaml"))
ERR = sorted((FIXTURES / "err").glob("*.yaml"))


@pytest.mark.parametrize("file", OK, ids=lambda file: file.stem)
def test_a_right_definition_has_no_findings_and_a_plan_that_can_be_stored(file: Path):
    """What looks risky and is right stays without a finding."""
    plan, findings = compile_definition(file.read_text(encoding="utf-8"), file.name)

    assert findings == ()
    assert plan is not None
    assert plan == plan_from_json(json.loads(json.dumps(plan_to_json(plan))))


@pytest.mark.parametrize("file", ERR, ids=lambda file: file.stem)
def test_a_wrong_definition_says_what_its_out_file_says(file: Path):
    """Every word that an author reads is reviewed like code. `UPDATE_GOLDEN=1` writes the files."""
    text = file.read_text(encoding="utf-8")
    plan, findings = compile_definition(text, file.name)
    said = as_text(findings, {file.name: text}) + "\n"
    out = file.with_suffix(".out")
    if os.environ.get("UPDATE_GOLDEN"):
        out.write_text(said, encoding="utf-8")

    assert out.read_text(encoding="utf-8") == said
    assert (plan is None) == has_errors(findings)


def test_both_folders_hold_cases():
    """An empty folder would pass silently."""
    assert len(OK) >= 3
    assert len(ERR) >= 8


@pytest.mark.parametrize("folder", ["examples", "java-samples"])
def test_every_foreign_definition_is_right_or_refused_by_its_feature(folder: str):
    """Files that nobody here wrote: accepted, or a finding names what the profile leaves out."""
    if not (FOREIGN / folder).is_dir():
        pytest.skip(f"{FOREIGN / folder} is not there: set CASEWAY_FOREIGN")
    left_out = {"CW113", "CW114", "CW201"}
    wrong = {}
    files = sorted((FOREIGN / folder).rglob("*.yaml"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        plan, findings = compile_definition(
            text, file.name, resources=Elsewhere(documents(yaml.safe_load(text)))
        )
        errors = [each for each in findings if has_errors([each])]
        if plan is None and not (errors and {each.code for each in errors} <= left_out):
            wrong[file.name] = [f"{each.line}: {each.message}" for each in errors]

    assert wrong == {}


# --- expressions and templates ------------------------------------------------------------------


def test_both_spellings_of_natural_expressions_give_the_same_source():
    """The standard writes conditions bare, ours between ${ and }."""
    bare, wrapped = (
        plan_of(f"do: [ {{ a: {{ if: '{text}', set: {{ x: 1 }} }} }} ]\n").tasks[0].condition
        for text in (".x == 1", "${ .x == 1 }")
    )

    assert bare is not None
    assert wrapped is not None
    assert bare.source.strip() == wrapped.source.strip()


def test_only_whole_texts_are_expressions():
    """Data with ${ } in it stays data."""
    task = plan_of("do: [ { a: { set: { x: '${ .y }', z: '$.y', n: 1 } } } ]\n").tasks[0]

    assert isinstance(task, Set)
    assert isinstance(task.value, MapTemplate)
    assert isinstance(task.value.get("x"), Expression)
    assert Literal("$.y") == task.value.get("z")


def test_expressions_know_their_place():
    """A failing expression is shown in the file."""
    task = plan_of("do:\n  - a:\n      set: { x: '${ .y }' }\n").tasks[0]

    assert isinstance(task, Set)
    assert isinstance(task.value, MapTemplate)
    found = task.value.get("x")
    assert isinstance(found, Expression)
    assert (found.line, found.column) == (4, 20)


# --- use ----------------------------------------------------------------------------------------


def test_functions_errors_retries_and_timeouts_are_resolved():
    """The interpreter never looks a name up."""
    plan = plan_of(
        """
use:
  functions: { look: { call: 'http:1.0.0@default' } }
  errors: { gone: { type: https://example.org/gone, status: 410 } }
  retries: { short: { delay: { seconds: 1 }, limit: { attempt: { count: 3 } } } }
  timeouts: { quick: { after: PT5S } }
do:
  - a:
      timeout: quick
      try: [ { b: { call: look, with: { method: get, endpoint: https://example.org } } } ]
      catch: { retry: short, do: [ { c: { raise: { error: gone } } } ] }
"""
    )
    task = plan.tasks[0]

    assert isinstance(task, Try)
    assert Literal("PT5S") == task.timeout
    assert task.catch.retry is not None
    assert task.catch.retry.attempts == 3
    assert Literal({"type": "https://example.org/gone", "status": 410}) == task.catch.tasks[0].error  # type: ignore[attr-defined]
    assert isinstance(task.tasks[0], Call)
    assert plan.functions == {"http": "1.0.0"}


def test_a_function_of_the_file_is_a_block_with_its_arguments_as_input():
    """Two calls of one function have paths of their own, so their actions never share a key."""
    plan = plan_of(
        """
use:
  functions:
    pet: { call: http, with: { method: get, endpoint: 'https://example.org/{id}' } }
do:
  - one: { call: pet, with: { id: 1 } }
  - two: { call: pet, with: { id: 2 } }
"""
    )
    one, two = plan.tasks

    assert isinstance(one, Do)
    assert isinstance(two, Do)
    given, body = one.tasks
    assert isinstance(given, Set)
    assert Literal({"id": 1}) == given.value
    assert (body.name, body.function) == ("one", "http")  # type: ignore[attr-defined]
    assert body.path != two.tasks[1].path


def test_a_function_that_calls_itself_is_refused():
    """Resolving names ends."""
    assert codes_of("use: { functions: { a: { call: b }, b: { call: a } } }\ndo: [ { x: { call: a } } ]\n") == ["CW217", "CW217", "CW217"]  # fmt: skip


def test_a_named_authentication_is_put_where_it_is_used():
    """The activity gets the policy itself, secrets still unevaluated."""
    plan = plan_of(
        """
use:
  secrets: [key]
  authentications: { pet: { bearer: { token: '${ $secrets.key }' } } }
do:
  - a: { call: http, with: { method: get, endpoint: { uri: https://example.org, authentication: { use: pet } } } }
"""
    )
    call = plan.tasks[0]

    assert isinstance(call, Call)
    assert isinstance(call.arguments, MapTemplate)
    endpoint = call.arguments.get("endpoint")
    assert isinstance(endpoint, MapTemplate)
    policy = endpoint.get("authentication")
    assert isinstance(policy, MapTemplate)
    assert "use" not in dict(policy.entries)


# --- paths and rules ----------------------------------------------------------------------------


def test_paths_are_pointers_into_the_file():
    """Errors, keys and histories name tasks by their place in the file."""
    plan = plan_of(
        """
do:
  - a:
      try: [ { b: { set: { x: 1 } } } ]
      catch: { do: [ { c: { set: { x: 2 } } } ] }
  - d: { fork: { branches: [ { e: { set: { x: 3 } } } ] } }
  - g/h: { for: { in: . }, do: [ { i: { set: { x: 4 } } } ] }
"""
    )
    a, d, g = plan.tasks

    assert a.tasks[0].path == "/do/0/a/try/0/b"  # type: ignore[attr-defined]
    assert a.catch.tasks[0].path == "/do/0/a/catch/do/0/c"  # type: ignore[attr-defined]
    assert d.branches[0].path == "/do/1/d/fork/branches/0/e"  # type: ignore[attr-defined]
    assert g.tasks[0].path == "/do/2/g~1h/do/0/i"  # type: ignore[attr-defined]


def test_rules_of_the_case_are_compiled_with_their_tasks():
    """Clocks and reactions are part of the plan, with paths of their own."""
    text = """
document:
  dsl: '1.0.3'
  namespace: n
  name: p
  version: '1.0.0'
  metadata:
    owner: lin
    statuses: { open: { phase: open }, closed: { phase: closed, title: Done } }
    clocks:
      response:
        runsFrom: open
        until: [ closed, { event: message.sent, match: { to: customer } } ]
        target: { hours: 4 }
        at: [ { elapsed: 75%, do: [ { warn: { call: notify, with: { to: owner, text: Soon. } } } ] } ]
    reactions:
      written: { on: { event: message.received }, goTo: finish }
do:
  - finish: { call: status, with: { to: closed } }
"""
    plan, findings = compile_definition(text, "p.yaml")
    assert plan is not None, findings
    clock = plan.rules.clocks[0]

    assert clock.at[0].elapsed_percent == 75.0
    assert clock.at[0].tasks[0].path == "/document/metadata/clocks/response/at/0/do/0/warn"
    assert (clock.until[0].status, clock.until[0].event) == ("closed", None)
    assert clock.until[1].match == {"to": "customer"}
    assert plan.rules.reactions[0].go_to == "finish"
    assert plan.rules.statuses["closed"].title == {"en": "Done"}


def test_listen_keeps_filters_correlations_and_until():
    """Every form of the standard's listen reaches the plan."""
    task = plan_of(
        """
do:
  - a:
      listen:
        to:
          any: [ { with: { type: a }, correlate: { id: { from: .id, expect: '7' } } } ]
          until: { one: { with: { type: b } } }
"""
    ).tasks[0]

    assert isinstance(task, Listen)
    assert (task.mode, task.filters[0].correlate[0][0]) == ("any", "id")
    assert Literal({"type": "b"}) == task.until_filters[0].attributes


def test_a_switch_keeps_the_order_of_its_cases():
    """The first case that holds counts."""
    task = plan_of("do: [ { a: { switch: [ { x: { when: .x, then: end } }, { y: { then: exit } } ] } } ]\n").tasks[0]  # fmt: skip

    assert isinstance(task, Switch)
    assert [(each.name, each.then) for each in task.cases] == [("x", "end"), ("y", "exit")]
    assert task.cases[1].when is None
