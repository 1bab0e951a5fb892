"""JSON Schemas for editors, made from the descriptors that validation uses.

An editor completes keys and words and shows what they mean; `caseway validate` says more, since it
also knows names. The schemas are draft-07, which every editor understands. They are narrower than
the standard's own: they know our functions with their arguments, and leave out what the profile
leaves out, so a definition that they accept is one of the standard's as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from language.checks.document import ROOT
from language.functions import CATALOG, Function
from language.functions.schemas import record
from language.json_schema import KEYWORDS
from language.metadata import METADATA
from language.organization import CALENDAR, SECTIONS
from language.rehearsals_file import ACTS, BY_PEOPLE, REHEARSAL
from language.shape import FORMATS
from language.shared_schemas import with_shared_parts
from language.tables import table_schema
from language.tasks import TASK_TYPES
from language.tasks.base import TASK_BASE, TASK_LIST
from language.tree import TaskType

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
EXPRESSION: Schema = {
    "type": "string",
    "pattern": r"^\s*\$\{[\s\S]*\}\s*$",
    "description": "an expression: ${ ... }",
}
_KEPT = frozenset(
    {
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "pattern",
        "minimum", "maximum", "minLength", "minItems", "minProperties", "maxProperties", "anyOf",
        "oneOf", "description", "default",
    }
)  # fmt: skip


def definition_schema() -> Schema:
    """The schema of `process.yaml`."""
    return _Maker(expressions=True).definition()


def rehearsal_schema() -> Schema:
    """The schema of a file in `rehearsals/`."""
    schema = _Maker(expressions=False).convert(REHEARSAL)
    script = schema["properties"]["script"]
    script["items"]["allOf"] = [
        {"anyOf": [{"required": [act]} for act in ACTS]},
        {
            "if": {"anyOf": [{"required": [act]} for act in BY_PEOPLE]},
            "then": {"required": ["by"]},
        },
    ]
    return _file("A rehearsal", schema)


def organization_schema() -> Schema:
    """The schema of a file of the organization: people, groups, a calendar, a table and so on."""
    properties = {**SECTIONS, "calendar": CALENDAR, "table": table_schema()}
    schema = record(properties, minProperties=1)
    return _file("Data of the organization", _Maker(expressions=False).convert(schema))


def form_schema() -> Schema:
    """The schema of a form: a JSON Schema of an object with fields."""
    return _file(
        "A form",
        {
            "allOf": [{"$ref": DRAFT}],
            "type": "object",
            "required": ["type", "properties"],
            "properties": {
                "type": {"const": "object"},
                "properties": {
                    "type": "object",
                    "minProperties": 1,
                    "description": "the fields of the form, by name",
                },
            },
            "propertyNames": {"anyOf": [{"enum": list(KEYWORDS)}, {"pattern": "^x-"}]},
        },
    )


def texts_schema() -> Schema:
    """The schema of a form's texts in another language: field -> text."""
    value = {
        "anyOf": [{"type": "string", "minLength": 1}, {"type": "object"}],
        "description": "how the field is called in this language",
    }
    return _file("Texts of a form", {"type": "object", "additionalProperties": value})


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "definition": definition_schema,
    "rehearsal": rehearsal_schema,
    "organization": organization_schema,
    "form": form_schema,
    "texts": texts_schema,
}
"""Kind of file -> what makes its schema."""


def _file(title: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": title, **with_shared_parts(schema)}


class _Maker:
    """Turns schemas of ours into plain ones, and task lists into references."""

    def __init__(self, *, expressions: bool) -> None:
        self._expressions = expressions

    def definition(self) -> Schema:
        root = self._plain(ROOT)
        for name in ("document", "use"):
            # What a file is called and declares is no value of a case.
            root["properties"][name] = self._plain(ROOT["properties"][name])
        root["properties"]["document"]["properties"]["metadata"] = {
            "description": "who owns the process, and the rules of its cases",
            "type": "object",
            "if": {"anyOf": [{"required": [name]} for name in METADATA["properties"]]},
            "then": {"$ref": "#/definitions/metadata"},
            # Keys are offered although the object is open for files of others.
            "properties": {
                name: {"description": each["description"]} if "description" in each else {}
                for name, each in METADATA["properties"].items()
            },
        }
        root["properties"]["use"]["properties"]["functions"] = {
            "type": "object",
            "description": "functions of this file; their names win over those of the catalog",
            "additionalProperties": {"$ref": "#/definitions/ownFunction"},
        }
        definitions: Schema = {
            "expression": EXPRESSION,
            "taskList": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": {"$ref": "#/definitions/task"},
                },
            },
            "task": self._task(arguments_needed=True),
            "ownFunction": self._task(arguments_needed=False),
            "metadata": self._plain(METADATA),
            **{f"{name}-task": self._of_type(each) for name, each in TASK_TYPES.items()},
            **{f"with-{name}": self._arguments(each) for name, each in CATALOG.items()},
        }
        return _file("A definition", {**root, "definitions": definitions})

    def _arguments(self, function: Function) -> Schema:
        schema = self.convert(function.arguments)
        return {"description": function.doc, **schema}

    def _task(self, *, arguments_needed: bool) -> Schema:
        """A task: one keyword, and what belongs to it."""
        offered: Schema = {
            name: {"description": each.get("description", "")} for name, each in TASK_BASE.items()
        }
        for keyword, each in TASK_TYPES.items():
            offered[keyword] = {"description": each.summary}
        return {
            "type": "object",
            "properties": offered,
            "allOf": [
                *(
                    {
                        "if": {"required": [keyword], **_without_for(keyword)},
                        "then": {"$ref": f"#/definitions/{keyword}-task"},
                    }
                    for keyword in TASK_TYPES
                ),
                *(
                    self._call(name, each, arguments_needed=arguments_needed)
                    for name, each in CATALOG.items()
                ),
            ],
            "oneOf": [{"required": [keyword], **_without_for(keyword)} for keyword in TASK_TYPES],
        }

    def _of_type(self, each: TaskType) -> Schema:
        schema = self._plain(record({**TASK_BASE, **each.properties}, each.required))
        if each.keyword == "call":
            schema["properties"]["call"] = {
                "description": each.summary,
                "anyOf": [
                    {
                        "oneOf": [
                            {"const": name, "description": function.doc}
                            for name, function in sorted(CATALOG.items())
                        ]
                    },
                    {"type": "string", "minLength": 1, "not": EXPRESSION},
                ],
            }
        else:
            schema["description"] = each.summary
        return schema

    def _call(self, name: str, function: Function, *, arguments_needed: bool) -> Schema:
        """The arguments of one function, wherever it is called by its name."""
        pattern = f"^{name.replace('.', '[.]')}(:[^@]+)?(@default)?$"
        then: Schema = {"properties": {"with": {"$ref": f"#/definitions/with-{name}"}}}
        if arguments_needed and function.arguments.get("required"):
            then["required"] = ["with"]
        called = {"type": "string", "pattern": pattern}
        return {"if": {"required": ["call"], "properties": {"call": called}}, "then": then}

    # --- schemas ----------------------------------------------------------------------------------

    def convert(self, schema: Mapping[str, Any]) -> Schema:
        """The same without annotations of ours, with `${ }` where it may stand."""
        schema = {**schema, **schema.get("x-written", {})}
        plain = self._plain(schema)
        if not self._expressions or schema.get("x-literal") or not plain or _takes_any_text(plain):
            return plain
        described = {"description": plain.pop("description")} if "description" in plain else {}
        return {**described, "anyOf": [plain, {"$ref": "#/definitions/expression"}]}

    def _plain(self, schema: Mapping[str, Any]) -> Schema:
        if _is_task_list(schema):
            return {"$ref": "#/definitions/taskList"} if self._expressions else {"type": "array"}
        plain = {key: value for key, value in schema.items() if key in _KEPT}
        if "description" not in plain and "x-says" in schema:
            plain["description"] = schema["x-says"]
        if schema.get("format") in FORMATS:
            plain["pattern"] = FORMATS[schema["format"]][0].pattern.replace(r"\Z", "$")
        if "properties" in plain:
            plain["properties"] = {
                name: self.convert(each) for name, each in plain["properties"].items()
            }
        for key in ("additionalProperties", "items"):
            if isinstance(plain.get(key), Mapping):
                plain[key] = self.convert(plain[key])
        for key in ("anyOf", "oneOf"):
            if key in plain:
                plain[key] = [self._plain(each) for each in plain[key]]
        return plain


def _is_task_list(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("x-says") == TASK_LIST["x-says"])


def _takes_any_text(schema: Mapping[str, Any]) -> bool:
    """Whether an expression, being a text, fits anyway."""
    if "anyOf" in schema and "type" not in schema:
        return any(_takes_any_text(each) for each in schema["anyOf"])
    if any(key in schema for key in ("enum", "const", "pattern", "$ref", "anyOf")):
        return False
    kinds: Any = schema.get("type", "string")
    return "string" in ([kinds] if isinstance(kinds, str) else kinds)


def _without_for(keyword: str) -> Schema:
    """`do` is also a key of `for`."""
    return {"not": {"required": ["for"]}} if keyword == "do" else {}
