"""What messages read of the case, by types: fields that are not there, and values that are no text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from language.draft import Draft
from language.expressions import ExpressionError, parse
from language.expressions.typing import UNKNOWN, Type, of_schema
from language.expressions.typing import check as check_types
from language.expressions.typing.types import ARRAY, NULL, OBJECT
from language.findings import Finding
from language.lint.case_types import case_type
from language.message_scan import place_in

_PRINTED = re.compile(r"\{\{-?\s*case((?:\.[A-Za-z_]\w*)*)\s*-?\}\}")


def check(draft: Draft) -> None:
    """Follow each path of each message through the type of `$case`."""
    if not draft.messages:
        return
    schema = draft.part("input", "schema").get("document")
    given = (
        UNKNOWN if schema is None or draft.part("input").get("from") else of_schema(schema.value)
    )
    case = case_type(draft, given)
    said = {(each.file, each.line) for each in draft.report.findings}
    for message in draft.messages.values():
        for path, (file, line, column) in message.lines.items():
            if path != "*" and (file, line) not in said:
                for code, text, hint in _problems(path, case):
                    draft.report.findings.append(
                        Finding(code, file, line, column, text, hint, len(path) + len("case."))
                    )
        for language, text in message.texts.items():
            for found in _PRINTED.finditer(text):
                line, column = place_in(text, found.start())
                if (message.files[language], line) not in said and _is_no_text(found[1], case):
                    draft.report.findings.append(
                        Finding(
                            "CW307",
                            message.files[language],
                            line,
                            column,
                            f'"case{found[1]}" is no text: people would see its keys and brackets',
                            "Name one of its fields.",
                            len(found.group()),
                        )
                    )


def _problems(path: str, case: Type) -> Iterator[tuple[str, str, str]]:
    try:
        checked = check_types(parse(f"$case.{path}"), UNKNOWN, {"case": case})
    except ExpressionError:
        return
    for remark in checked.remarks[:1]:
        code = {"field": "CW209", "unlisted": "CW310"}.get(remark.kind, "CW311")
        yield code, f'"case.{path}": {remark.message}', remark.hint


def _is_no_text(path: str, case: Type) -> bool:
    if not path:
        return True
    try:
        kinds = check_types(parse(f"$case{path}"), UNKNOWN, {"case": case}).type.kinds & ~NULL
    except ExpressionError:
        return False
    return bool(kinds) and not kinds & ~(OBJECT | ARRAY)
