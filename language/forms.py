"""Forms: JSON Schema files for what people fill in, with their texts in other languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from language.draft import FormFile
from language.findings import Finding
from language.report import Report
from language.source import Node, Source, read_source
from language.words import suggestion

_KEYWORDS = (
    "$schema", "$id", "title", "description", "type", "properties", "required",
    "additionalProperties", "items", "enum", "const", "default", "examples", "format", "pattern",
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "$ref", "$defs",
    "readOnly", "contentMediaType", "contentEncoding", "prefixItems", "contains", "propertyNames",
    "patternProperties", "unevaluatedProperties", "dependentSchemas", "deprecated", "$comment",
)  # fmt: skip
_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")


def read_forms(files: Mapping[str, tuple[str, str]]) -> dict[str, FormFile]:
    """Forms by name, each with its texts by language.

    Args:
        files: `name` or `name.language` -> (text, file).
    """
    sources = {name: read_source(*files[name]) for name in sorted(files)}
    forms = {}
    for name, source in sources.items():
        if "." not in name:
            texts = {
                other.split(".", 1)[1]: each
                for other, each in sources.items()
                if other.startswith(name + ".")
            }
            forms[name] = FormFile(source, texts)
    return forms


def check_forms(forms: Mapping[str, FormFile]) -> list[Finding]:
    """What is wrong with form files."""
    found: list[Finding] = []
    for form in forms.values():
        report = Report(form.source.file)
        if form.source.root is not None:
            _check_form(form.source.root, report)
        found += [*form.source.findings, *report.findings]
        for texts in form.texts.values():
            found += [*texts.findings, *_check_texts(texts, form.source.root)]
    return found


def _check_form(root: Node, report: Report) -> None:
    if root.entries is None:
        report.say("CW308", root, "a form is a JSON Schema: keys and values")
        return
    kind = root.get("type")
    if kind is None or kind.text != "object":
        report.say(
            "CW308", kind or root, "a form has `type: object`", "Its fields stand under properties."
        )
    if root.get("properties") is None:
        report.say("CW308", root, "the form has no fields", "They stand under properties.")
    for schema in _schemas(root):
        _check_schema(schema, report)


def _schemas(node: Node) -> Iterator[Node]:
    """The schema and the schemas inside it."""
    yield node
    for key in ("properties", "$defs", "patternProperties"):
        for _, each in (node.get(key) or Node(1, 1, 1)).entries or ():
            yield from _schemas(each)
    for key in ("items", "additionalProperties", "not", "if", "then", "else"):
        inner = node.get(key)
        if inner is not None and inner.entries is not None:
            yield from _schemas(inner)
    for key in ("anyOf", "oneOf", "allOf"):
        for each in (node.get(key) or Node(1, 1, 1)).items or ():
            yield from _schemas(each)


def _check_schema(schema: Node, report: Report) -> None:
    if schema.entries is None:
        if schema.kind != "boolean":
            report.say("CW308", schema, "a field is described by keys such as title: and type:")
        return
    for key, _ in schema.entries:
        if key.name not in _KEYWORDS and not key.name.startswith("x-"):
            report.say(
                "CW308",
                key,
                f'"{key.name}" is not a keyword of JSON Schema',
                suggestion(key.name, _KEYWORDS, allowed="Known"),
            )
    kind = schema.get("type")
    for each in (kind.items or (kind,)) if kind else ():
        if each.text not in _TYPES:
            report.say(
                "CW308",
                each,
                f'"{each.scalar}" is not a type of JSON',
                suggestion(str(each.scalar), _TYPES),
            )
    required, properties = schema.get("required"), schema.get("properties")
    for each in (required.items if required else None) or ():
        if properties is not None and each.text not in properties.names():
            report.say(
                "CW308",
                each,
                f'"{each.text}" is required, and there is no such field',
                suggestion(str(each.text), properties.names(), allowed="Fields"),
            )


def _check_texts(texts: Source, form: Node | None) -> list[Finding]:
    report = Report(texts.file)
    properties = form.get("properties") if form else None
    if texts.root is None or properties is None or texts.root.entries is None:
        return []
    known = (*properties.names(), "title", "description")
    for key, _ in texts.root.entries:
        if key.name not in known and key.name.split(".")[0] not in known:
            report.say(
                "CW204",
                key,
                f'the form has no field "{key.name}"',
                suggestion(key.name, properties.names(), allowed="Fields"),
            )
    return report.findings
