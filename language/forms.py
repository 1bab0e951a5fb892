"""Forms: JSON Schema files for what people fill in, with their texts in other languages."""

from __future__ import annotations

from collections.abc import Mapping

from language.draft import EMPTY, FormFile
from language.findings import Finding
from language.json_schema import TYPES, SchemaCheck
from language.report import Report
from language.source import Key, Node, Source, read_source
from language.words import closest, suggestion


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
    properties = root.get("properties")
    kind = root.get("type")
    if kind is None or (kind.text in TYPES and kind.text != "object"):
        report.say(
            "CW308", kind or root, "a form has `type: object`", "Its fields stand under properties."
        )
    misspelled = any(closest(key, ["properties"]) for key in root.names())
    if properties is None and misspelled:
        pass
    elif properties is None or properties.entries == ():
        place = root.key("properties") or root
        report.say("CW308", place, "the form has no fields", "They stand under properties.")
    SchemaCheck(report, "CW308", known_only=True).check(root, "the form")


def _check_texts(texts: Source, form: Node | None) -> list[Finding]:
    report = Report(texts.file)
    properties = form.get("properties") if form else None
    if texts.root is None or properties is None or texts.root.entries is None:
        return []
    fields = _fields(properties)
    known = (*fields, "title", "description")
    for key, value in texts.root.entries:
        if value.text is None and value.entries is None:
            report.say("CW107", value, f'"{key.name}" takes a text, or title and description')
        elif value.text == "":
            report.say("CW108", value, f'"{key.name}": the text is empty')
        if key.name not in known:
            _check_dotted(report, key, fields)
    return report.findings


def _fields(properties: Node) -> dict[str, Node]:
    """All fields by name, those of the form itself before those inside of groups and lists."""
    found: dict[str, Node] = {}
    left = [properties]
    for each in left:
        for key, field in each.entries or ():
            found.setdefault(key.name, field)
            for part in (field, field.get("items") or EMPTY):
                inner = part.get("properties")
                left += [inner] if inner is not None else []
    return found


def _check_dotted(report: Report, key: Key, fields: Mapping[str, Node]) -> None:
    """`field.description` is a field's help, `field.value` what one of its values is called."""
    name, dot, part = key.name.partition(".")
    field = fields.get(name)
    if field is None or not dot:
        report.say(
            "CW204",
            key,
            f'the form has no field "{name}"',
            suggestion(name, fields, allowed="Fields"),
        )
        return
    offered = field.get("enum") or (field.get("items") or EMPTY).get("enum") or EMPTY
    values = [str(each.scalar) for each in offered.items or ()]
    if part not in ("title", "description", *values):
        report.say(
            "CW204",
            key,
            f'the field "{name}" offers no "{part}"',
            suggestion(part, ["description", *values], allowed="Texts"),
        )
