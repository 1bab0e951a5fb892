"""What editors are told and what validation says: the same files right, the same shapes wrong."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from bench.mutations.corpus import Case, foreign, kind_of, shipped
from bench.mutations.judge import draw
from cli.schema import KINDS, command
from language.editor_schemas import SCHEMAS
from language.findings import has_errors
from language.functions import CATALOG
from language.metadata import METADATA
from language.source import read_source
from language.tasks import TASK_TYPES
from language.tasks.base import TASK_BASE

ROOT = Path(__file__).parents[2]
SHAPE = ("CW105", "CW106", "CW107", "CW108", "CW109", "CW110")
"""Codes of what a schema can see; the others know names and sense."""
LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


@cache
def validator(kind: str) -> Draft7Validator:
    """The schema of a kind of file."""
    return Draft7Validator(SCHEMAS[kind]())


@cache
def cases() -> tuple[Case, ...]:
    """All valid files that there are."""
    return (*shipped(), *foreign())


def texts() -> Iterator[tuple[str, str]]:
    """Every YAML file of them."""
    for case in cases():
        yield from ((f, t) for f, t in case.files.items() if kind_of(f) != "message")


@pytest.mark.parametrize("kind", SCHEMAS)
def test_each_schema_is_one(kind: str):
    """An editor can read it."""
    Draft7Validator.check_schema(SCHEMAS[kind]())


def test_what_validation_accepts_the_schemas_accept():
    """No red line in an editor under a file that is right: shipped, shown, or of others."""
    refused = {
        file: [error.message for error in validator(kind_of(file)).iter_errors(value)]
        for file, text in texts()
        if not validator(kind_of(file)).is_valid(value := read_source(text, file).value)
    }

    assert refused == {}


def test_what_validation_refuses_for_its_shape_the_schemas_refuse():
    """Of damaged files both say the same, whatever the damage was."""
    seen = {"refused": 0, "accepted": 0}
    for drawn in draw(cases(), 11, 0.004):
        kind = kind_of(drawn.file)
        source = read_source(drawn.mutant.text, drawn.file)
        if kind == "message" or source.root is None or source.findings:
            continue
        found = drawn.case.check({**drawn.case.files, drawn.file: drawn.mutant.text}, drawn.file)
        own = [each for each in found if each.file == drawn.file]
        accepts = validator(kind).is_valid(source.value)
        if any(each.code in SHAPE for each in own):
            seen["refused"] += 1
            assert not accepts, (drawn.mutant.kind, drawn.mutant.what, own)
        elif not has_errors(own):
            seen["accepted"] += 1
            assert accepts, (drawn.mutant.kind, drawn.mutant.what)

    assert seen["refused"] > 100
    assert seen["accepted"] > 30


def test_editors_complete_tasks_functions_arguments_and_metadata():
    """Keys are offered with what they mean."""
    schema = SCHEMAS["definition"]()
    offered = schema["definitions"]["task"]["properties"]
    metadata = schema["properties"]["document"]["properties"]["metadata"]["properties"]

    assert set(offered) == {*TASK_TYPES, *TASK_BASE}
    assert all(offered[keyword]["description"] for keyword in TASK_TYPES)
    assert set(metadata) == set(METADATA["properties"])
    assert all(each.get("description") for each in metadata.values())
    named = json.dumps(schema["definitions"]["call-task"]["properties"]["call"])
    for name, function in CATALOG.items():
        assert json.dumps(function.doc) in named
        assert schema["definitions"][f"with-{name}"]["description"] == function.doc


@pytest.mark.parametrize(
    "file",
    sorted((ROOT / "definitions").rglob("*.yaml")),
    ids=lambda file: file.relative_to(ROOT).as_posix(),
)
def test_each_shipped_file_names_its_schema(file: Path):
    """An editor that opens it finds the schema of its kind, which is committed as it is generated."""
    found = LINE.match(file.read_text(encoding="utf-8"))
    name = file.relative_to(ROOT / "definitions").as_posix()

    assert found is not None
    target = Path(os.path.normpath(file.parent / found[1]))
    assert target == ROOT / "docs" / "schemas" / f"{kind_of(name)}.json"
    assert json.loads(target.read_text(encoding="utf-8")) == SCHEMAS[kind_of(name)]()


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_prints_each_schema(kind: str):
    """`caseway schema rehearsal > ...` is how a schema comes to an editor that has no checkout."""
    result = CliRunner().invoke(command, [kind], standalone_mode=False)
    printed: Any = json.loads(result.stdout)

    assert printed == SCHEMAS[kind]()
    assert list(KINDS) == list(SCHEMAS)
