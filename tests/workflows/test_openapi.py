"""`call: openapi` in a case: what is checked there, what the activity gets, and how it is rehearsed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from cli.rehearse import command
from language.plan import Call, Literal, MapTemplate
from tests.workflows.scenarios import call, template
from tests.workflows.test_actions import run_tasks

OPERATION = {
    "method": "get",
    "server": "https://pets.example/v1",
    "path": "/pets/{petId}",
    "parameters": [
        {"name": "petId", "in": "path", "required": True, "style": "simple", "explode": False},
        {"name": "X-Key", "in": "header", "required": False, "style": "simple", "explode": False},
    ],
}


def asking(parameters: Any, **more: Any) -> Call:
    """Build a call of the operation, as a plan has it."""
    made = call("ask", "openapi", "/do/0", **more)
    arguments = {"operationId": "getPet", "parameters": parameters}
    found = template(arguments)
    assert isinstance(found, MapTemplate)
    entries = (
        ("document", Literal({"endpoint": "pets.yaml"})), *found.entries,
        ("operation", Literal(OPERATION)),
    )  # fmt: skip
    object.__setattr__(made, "arguments", MapTemplate(entries))
    return made


def test_the_activity_gets_operation_and_parameters_and_no_document() -> None:
    """And a reader of the history sees which address is called."""
    systems, _ = run_tasks((asking({"petId": "${ .id }"}),), {"id": "a/b"}, {})

    [asked] = systems.asked
    assert asked == {
        "function": "openapi",
        "operationId": "getPet",
        "parameters": {"petId": "a/b"},
        "operation": OPERATION,
    }
    assert systems.summaries == ["ask: GET https://pets.example/v1/pets/a%2Fb"]


def test_a_parameter_that_is_missing_is_an_error_of_type_validation() -> None:
    """Where an expression has no value; nothing is called."""
    systems, run = run_tasks((asking({"petId": "${ .id }"}),), {}, {})

    assert systems.asked == []
    assert run.state.ended is not None
    error = run.state.ended["error"]
    assert error["type"].endswith("/validation")
    assert error["status"] == 400
    assert '"petId" is missing' in error["detail"]


def test_a_secret_among_the_parameters_is_left_to_the_activity() -> None:
    """The address is not filled here, since a part of it may be secret."""
    task = asking({"petId": "${ .id }", "X-Key": "${ $secrets.key }"}, secrets=True)

    systems, _ = run_tasks((task,), {"id": 7}, {})

    assert systems.asked[0]["parameters"] == {"petId": 7, "X-Key": "***"}
    assert systems.summaries == ["ask: GET https://pets.example/v1/pets/{petId}"]


def test_stubs_of_http_answer_operations(tmp_path: Path) -> None:
    """By method and address, with the error of a status where it is one."""
    folder = tmp_path / "look-up"
    (folder / "rehearsals").mkdir(parents=True)
    (folder / "pets.json").write_text(
        json.dumps(
            {
                "openapi": "3.1.0",
                "servers": [{"url": "https://pets.example/v1"}],
                "paths": {
                    "/pets/{id}": {
                        "get": {
                            "operationId": "getPet",
                            "parameters": [{"name": "id", "in": "path", "required": True}],
                        }
                    }
                },
            }
        )
    )
    (folder / "process.yaml").write_text(
        """document: { dsl: '1.0.3', namespace: tests, name: look-up, version: '1.0.0' }
use: { secrets: [key] }
do:
  - attempt:
      try:
        - ask:
            call: openapi
            with:
              document: { endpoint: pets.json }
              operationId: getPet
              parameters: { id: '${ .id }' }
              authentication: { bearer: { token: '${ $secrets.key }' } }
      catch:
        errors: { with: { status: 404 } }
        do: [ { none: { set: { name: none } } } ]
"""
    )
    for number, stub, name in ((7, "body: { name: Rex }", "Rex"), (8, "status: 404", "none")):
        (folder / "rehearsals" / f"{number}.yaml").write_text(
            f"""rehearsal: Pet {number}
kind: normal
at: '2026-03-02T09:00+08:00'
input: {{ id: {number} }}
stubs:
  http: [ {{ request: {{ method: get, uri: https://pets.example/v1/pets/{number} }}, response: {{ {stub} }} }} ]
expect: {{ ends: {{ as: completed }}, output: {{ name: {name} }} }}
"""
        )

    result = CliRunner().invoke(command, [str(folder)], standalone_mode=False)

    assert result.return_value == 0, result.output
