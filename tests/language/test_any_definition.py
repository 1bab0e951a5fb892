"""Whatever stands in a file: a plan or findings, never an internal error."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from language.compile import compile_definition
from language.files import read_organization
from language.findings import has_errors
from language.plan_codec import plan_from_json, plan_to_json
from language.rehearsals_file import check_rehearsal

DEFINITIONS = Path(__file__).parents[2] / "definitions"
PROCESSES = sorted(DEFINITIONS.glob("*/process.yaml"))
STRANGE = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "${ .x }",
    "${",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"a": {"b": 1}},
]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """All (container, key) below a value."""
    found: list[tuple[Any, Any]] = []
    keys = (
        value.keys()
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else ()
    )
    for key in keys:
        found.append((value, key))
        found += _places(value[key])
    return found


def _damaged(value: Any, dice: random.Random) -> Any:
    """The same with some values replaced, keys renamed or removed."""
    copy = json.loads(json.dumps(value))
    for _ in range(dice.randint(1, 3)):
        places = _places(copy)
        container, key = dice.choice(places)
        match dice.randint(0, 3):
            case 0:
                del container[key]
            case 1 if isinstance(container, dict):
                container[key + dice.choice("xs")] = container.pop(key)
            case _:
                container[key] = dice.choice(STRANGE)
    return copy


def _read(file: Path) -> Any:
    loader = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
    return yaml.load(file.read_text(encoding="utf-8"), Loader=loader)


@pytest.mark.parametrize("file", PROCESSES, ids=lambda file: file.parent.name)
def test_damaged_definitions_give_findings_inside_of_the_file(file: Path):
    """An author's half-finished file is where most validations happen."""
    organization, _ = read_organization(DEFINITIONS / "organization")
    whole = _read(file)
    for seed in range(60):
        text = json.dumps(_damaged(whole, random.Random(seed)), ensure_ascii=False, indent=1)
        plan, findings = compile_definition(text, "p.yaml", organization=organization, known=["x"])
        lines = text.splitlines()

        assert (plan is None) == has_errors(findings), seed
        for each in findings:
            assert 1 <= each.line <= len(lines), (seed, each)
            assert 1 <= each.column <= len(lines[each.line - 1]) + 1, (seed, each)
        if plan is not None:
            assert plan == plan_from_json(json.loads(json.dumps(plan_to_json(plan)))), seed


@pytest.mark.parametrize("file", PROCESSES, ids=lambda file: file.parent.name)
def test_cut_definitions_give_findings(file: Path):
    """A file that is being typed ends anywhere."""
    text = file.read_text(encoding="utf-8")
    for end in range(0, len(text), max(1, len(text) // 30)):
        plan, findings = compile_definition(text[:end], "p.yaml")

        assert (plan is None) == has_errors(findings), end


def test_damaged_rehearsals_give_findings():
    """The same holds for rehearsals."""
    file = next(iter(sorted(DEFINITIONS.glob("*/rehearsals/*.yaml"))))
    whole = _read(file)
    for seed in range(60):
        text = json.dumps(_damaged(whole, random.Random(seed)), ensure_ascii=False)
        rehearsal, findings = check_rehearsal(text, "r.yaml")

        assert (rehearsal is None) == bool(findings), seed


HEAD = "document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0' }\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "do: [ {} ]\n", "CW107"),
        ("document: '${ .d }'\ndo: [ { a: { set: { x: 1 } } } ]\n", "CW108"),
        (HEAD + "input: '${ .d }'\ndo: [ { a: { set: { x: 1 } } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { call: http, with: '${ .w }' } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { run: '${ .w }' } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { listen: { to: { one: '${ .w }' } } } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { listen: { to: { any: [ '${ .w }' ] } } } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { listen: { to: { all: [ { with: '${ .w }' } ] } } } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { emit: { event: '${ .w }' } } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { set: { x: 1 }, output: { as: [ 1 ] } } } ]\n", "CW107"),
    ],
)  # fmt: skip
def test_the_structure_of_a_definition_is_no_expression(text: str, code: str):
    """Keys and lists of the language itself are known before a case starts: a plan is made of them."""
    plan, findings = compile_definition(text, "p.yaml")

    assert plan is None
    assert code in [each.code for each in findings]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD.replace("name: p", "name: '${ .n }'") + "do: [ { a: { set: { x: 1 } } } ]\n", "CW108"),
        (HEAD + "do: [ { a: { call: http, with: { method: get, endpoint: 'https://x.example', query: { n: 1 } } } } ]\n", "CW107"),
        (HEAD + "do: [ { a: { call: http, with: { method: get, endpoint: 'https://x.example', headers: { n: 1 } } } } ]\n", "CW107"),
        (HEAD + "do: [ { a: { listen: { to: { one: { with: { type: 1 } } } } } } ]\n", "CW107"),
        (HEAD + "do: [ { a: { for: { in: [ 1 ] }, do: [ { b: { set: { x: 1 } } } ] } } ]\n", "CW107"),
        (HEAD + "do: [ { a: { if: true, set: { x: 1 } } } ]\n", "CW107"),
        (HEAD + "input: { schema: { resource: { name: x } } }\ndo: [ { a: { set: { x: 1 } } } ]\n", "CW106"),
    ],
)  # fmt: skip
def test_what_the_standard_wants_as_text_is_text(text: str, code: str):
    """What its schema refuses is found here too, so that a file runs elsewhere as well."""
    plan, findings = compile_definition(text, "p.yaml")

    assert plan is None
    assert code in [each.code for each in findings]


def test_an_expression_gives_a_query_what_it_likes():
    """Only what is written down is held to be a text: a number that is computed is sent as one."""
    call = "{ method: get, endpoint: 'https://x.example', query: { n: '${ 1 }' } }"
    plan, findings = compile_definition(
        HEAD + f"do: [ {{ a: {{ call: http, with: {call} }} }} ]\n", "p.yaml"
    )

    assert plan is not None, findings
