"""Calls of operations: what a plan keeps of them, and what is found where they do not fit."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from language.compile import check_definition, compile_definition
from language.findings import as_text
from language.openapi.document import Document, DocumentUnusable
from language.openapi.operation import operation_of, parameter_names
from language.plan import Call, Literal, MapTemplate
from language.plan_codec import pack_plan, unpack_plan
from tests.language.beside import Beside
from tests.language.test_compile import HEAD

PETS = """
openapi: 3.1.0
info: { title: Pets, version: 1.0.0 }
servers:
  - url: https://{region}.pets.example/v3/
    variables: { region: { default: eu, enum: [eu, us] } }
security: [ { key: [] } ]
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Api-Key } }
  parameters:
    limit: { name: limit, in: query, schema: { type: integer } }
  schemas:
    Named: { type: object, properties: { name: { type: string } } }
    Pet: { allOf: [ { $ref: '#/components/schemas/Named' }, { properties: { tag: {} } } ] }
paths:
  /pets:
    parameters: [ { $ref: '#/components/parameters/limit' } ]
    get:
      operationId: listPets
      parameters:
        - { name: tags, in: query, style: pipeDelimited }
        - { name: limit, in: query, required: true, schema: { type: integer } }
      responses: { 200: { description: ok, content: { text/plain: {}, application/json: {} } } }
    post:
      operationId: addPet
      requestBody: { required: true, content: { application/xml: {}, application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
      responses: { '201': { description: made } }
  /pets/{petId}:
    servers: [ { url: /other } ]
    get:
      operationId: getPet
      parameters: [ { name: petId, in: path, required: true } ]
      responses: {}
  /shared: { $ref: 'parts/shared.yaml#/item' }
"""
SHARED = """
item:
  get:
    operationId: shared
    servers: [ { url: https://shared.example } ]
    parameters: [ { $ref: '#/where' } ]
where: { name: where, in: header }
"""
OLD = {
    "swagger": "2.0",
    "host": "old.example",
    "basePath": "/v2",
    "schemes": ["http", "https"],
    "consumes": ["application/xml", "application/json"],
    "produces": ["application/json"],
    "securityDefinitions": {"key": {"type": "apiKey", "in": "query", "name": "api_key"}},
    "paths": {
        "/find": {
            "get": {
                "operationId": "find",
                "security": [{"key": []}],
                "parameters": [
                    {"name": "status", "in": "query", "type": "array", "collectionFormat": "multi"},
                    {"name": "ids", "in": "query", "type": "array", "collectionFormat": "ssv"},
                ],
            }
        },
        "/add": {
            "post": {
                "operationId": "add",
                "parameters": [{"name": "pet", "in": "body", "required": True, "schema": {}}],
            }
        },
        "/upload/{id}": {
            "post": {
                "operationId": "upload",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "type": "string"},
                    {"name": "note", "in": "formData", "required": True, "type": "string"},
                    {"name": "file", "in": "formData", "type": "file"},
                ],
            }
        },
    },
}
FILES = {
    "pets.yaml": PETS,
    "parts/shared.yaml": SHARED,
    "old.json": json.dumps(OLD),
    "https://docs.example/pets.yaml": PETS,
    "https://docs.example/parts/shared.yaml": SHARED,
    "broken.yaml": "a: [",
    "other.yaml": "a: 1",
    "first.json": '{"swagger": "1.2"}',
}


def task(
    operation: str, parameters: str = "{}", document: str = "pets.yaml", more: str = ""
) -> str:
    """Write a definition with one call."""
    return (
        f"{HEAD}do:\n  - a: {{ call: openapi, with: {{ document: {{ endpoint: '{document}' }},"
        f" operationId: {operation}, parameters: {parameters}{more} }} }}\n"
    )


def said(text: str, *, online: bool = True) -> list[tuple[str, str, str]]:
    """Code, sentence and hint of what is found."""
    _, findings = check_definition(text, "process.yaml", resources=Beside(FILES, online=online))
    return [(each.code, each.message, each.hint) for each in findings]


def operation(name: str, document: str = "pets.yaml", parameters: str = "${ . }") -> dict[str, Any]:
    """What the plan keeps."""
    plan, findings = compile_definition(
        task(name, f"'{parameters}'", document), "process.yaml", resources=Beside(FILES)
    )
    assert plan is not None, as_text(findings, {})
    assert plan == unpack_plan(pack_plan(plan))
    call = plan.tasks[0]
    assert isinstance(call, Call)
    assert isinstance(call.arguments, MapTemplate)
    kept = call.arguments.get("operation")
    assert isinstance(kept, Literal)
    found: dict[str, Any] = kept.value
    return found


def test_a_plan_keeps_what_a_call_needs() -> None:
    """Parameters of path and operation, the first server with its defaults, the key of the API."""
    assert operation("listPets") == {
        "method": "get",
        "server": "https://eu.pets.example/v3",
        "path": "/pets",
        "parameters": [
            {"name": "limit", "in": "query", "required": True, "style": "form", "explode": True},
            {"name": "tags", "in": "query", "required": False, "style": "pipeDelimited", "explode": False},
            {"name": "X-Api-Key", "in": "header", "required": False, "style": "simple", "explode": False},
        ],
        "accept": "application/json, text/plain",
    }  # fmt: skip


def test_a_body_is_json_where_it_can_be() -> None:
    """Its fields can be given one by one, those of its parts included."""
    assert operation("addPet")["body"] == {
        "content": "application/json", "required": True, "names": ["body"], "fields": ["name", "tag"],
    }  # fmt: skip


def test_a_document_may_refer_to_others() -> None:
    """Files beside it, and references within those."""
    assert operation("shared")["parameters"][0]["name"] == "where"
    assert (
        operation("shared", "https://docs.example/pets.yaml")["server"] == "https://shared.example"
    )


def test_a_relative_server_belongs_to_where_the_document_lies() -> None:
    """A file has no such place."""
    assert (
        operation("getPet", "https://docs.example/pets.yaml")["server"]
        == "https://docs.example/other"
    )
    [(code, message, _)] = said(task("getPet", "{ petId: 7 }"))
    assert code == "CW505"
    assert "/other" in message


def test_version_two_is_translated() -> None:
    """Host, base path, collections, body and forms mean what version 3 says in other words."""
    found = operation("find", "old.json")
    assert found["server"] == "https://old.example/v2"
    styles = {each["name"]: (each["style"], each["explode"]) for each in found["parameters"]}
    assert styles == {
        "status": ("form", True), "ids": ("spaceDelimited", False), "api_key": ("form", True),
    }  # fmt: skip
    body = operation("add", "old.json")["body"]
    assert (body["content"], body["names"], body["required"]) == (
        "application/json",
        ["pet", "body"],
        True,
    )
    form = operation("upload", "old.json")
    assert [each["name"] for each in form["parameters"]] == ["id"]
    assert form["body"] == {
        "content": "multipart/form-data", "required": True, "names": [], "fields": ["note", "file"],
        "needed": ["note"],
    }  # fmt: skip


def test_what_the_document_does_not_say_is_found() -> None:
    """With what was probably meant, at the place where it stands."""
    assert said(task("listPets", "{ limit: 3 }")) == []
    [(code, message, hint)] = said(task("listPet", "{ limit: 3 }"))
    assert (code, message) == ("CW506", 'the OpenAPI document has no operation "listPet"')
    assert hint.startswith('Did you mean "listPets"?')
    [second, first] = said(task("listPets", "{ limits: 3 }"))
    assert first[1] == '"listPets" has no parameter "limits"'
    assert first[2].startswith('Did you mean "limit"?')
    assert second[1] == '"listPets" needs the parameter "limit"'
    assert {first[0], second[0]} == {"CW507"}
    [(code, message, hint)] = said(task("addPet"))
    assert (code, message) == ("CW507", '"addPet" needs a body')
    assert hint == "Write it under parameters as body, or its fields: name, tag."
    for parameters in ("{ body: { name: Rex } }", "{ name: Rex }", "'${ .pet }'"):
        assert said(task("addPet", parameters)) == []
    assert (
        said(task("upload", "{ id: 1 }", "old.json"))[0][1] == '"upload" needs the parameter "note"'
    )


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("nowhere.yaml", "cannot be read: no file"), ("broken.yaml", "neither JSON nor YAML in line"),
        ("other.yaml", "names no version"), ("first.json", "version 1.2"),
        ("https://docs.example/gone.yaml", "404"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_used_is_found(document: str, says: str) -> None:
    """And why."""
    [(code, message, _)] = said(task("listPets", "{}", document))
    assert code == "CW505"
    assert says in message


def test_an_address_is_read_when_the_definition_is_published() -> None:
    """`validate` uses no network and says so; without the document there is no plan."""
    text = task("listPets", "{ limit: 3 }", "https://docs.example/pets.yaml")
    assert [each[0] for each in said(text, online=False)] == ["CW219"]
    plan, findings = compile_definition(text, "p.yaml", resources=Beside(FILES, online=False))
    assert plan is None
    assert [each.code for each in findings] == ["CW218"]


def test_what_must_be_known_before_a_case_starts_is_no_expression() -> None:
    """Neither document nor operation comes from data."""
    assert [each[0] for each in said(task("'${ .which }'"))] == ["CW108"]
    assert [each[0] for each in said(task("listPets", "{ limit: 1 }", "${ .where }"))] == ["CW108"]


def test_nobody_writes_an_operation_himself() -> None:
    """The plan's own field is not one of the standard's."""
    found = said(
        task("listPets", "{ limit: 1 }", more=", operation: { server: https://evil.example }")
    )
    assert [each[0] for each in found] == ["CW105"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("openapi: 3.0.0\npaths: { /a: { $ref: '#/nowhere' } }", "leads nowhere"),
        ("openapi: 3.0.0\npaths: { /a: { $ref: '#/paths/~1a' } }", "circle"),
        ("openapi: 3.0.0\npaths: { /a: { $ref: 'gone.yaml#/a' } }", "gone.yaml"),
        ("openapi: 3.0.0\npaths: { /a: { get: { operationId: a, servers: [ { url: 'https://{x}.example' } ] } } }", "variable"),
        ("swagger: '2.0'\npaths: { /a: { get: { operationId: a } } }", "no host"),
    ],
)  # fmt: skip
def test_a_document_that_leads_nowhere_says_so(text: str, why: str) -> None:
    """References, servers and hosts."""

    def read(address: str) -> str:
        raise DocumentUnusable(f"there is no {address}")

    with pytest.raises(DocumentUnusable, match=why):
        operation_of(Document(text, "a.yaml", read), "a")


def test_yaml_of_others_is_read_as_they_mean_it() -> None:
    """Anchors, dates and numbers as keys are theirs to use."""
    document = Document(
        "openapi: 3.0.0\nx: &p [ { name: day, in: query, example: 2026-03-02 } ]\n"
        "servers: [ { url: https://a.example } ]\n"
        "paths: { /a: { get: { operationId: a, parameters: *p, responses: { 200: {} } } } }",
        "a.yaml",
        lambda _: "",
    )
    assert parameter_names(operation_of(document, "a")) == (["day"], [])
    assert yaml.safe_load("a: 2026-03-02")["a"].year == 2026


def test_validating_other_definitions_loads_none_of_it() -> None:
    """Reading OpenAPI documents costs time that others need not spend."""
    code = (
        "import sys; from language.compile import check_definition;"
        f"check_definition({HEAD + 'do: [ {{ a: {{ set: {{ b: 1 }} }} }} ]'!r}, 'p.yaml');"
        "print([m for m in sys.modules if m.startswith(('referencing', 'language.openapi'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
