"""Texts that were meant as an expression and are none: a brace is missing, or stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from language.draft import Draft
from language.sites import sites_of
from language.source import Node
from language.templates import has_expression_inside, is_expression

_ARGUMENT = re.compile(
    r"\$(case|context|input|output|task|workflow|runtime|secrets)(?=[.\[])|\$\{|\$ (?=[.$(\"])"
)

_OF_MESSAGES = re.compile(r"\{\{ *case[.\[]")
"""How messages name a value of the case, which no text of a definition understands."""

_BY_NATURE = ("if", "when", "exceptWhen", "while", "until", "from", "as", "in")


def check(draft: Draft) -> None:
    """Look at every text of the definition that is not evaluated."""
    evaluated = {id(site.node): None for site in sites_of(draft)}
    for node in _texts(draft.root):
        text = node.text or ""
        if id(node) in evaluated or is_expression(text) or has_expression_inside(text):
            continue
        found = _OF_MESSAGES.search(text) or _ARGUMENT.search(text)
        if found is None and not _ends_alone(text):
            continue
        at = found.start() if found else len(text.rstrip()) - 1
        line, column = node.place_of(at)
        draft.report.say_at(
            "CW320",
            line,
            column,
            f"this text is not evaluated: {_problem(text)}",
            _hint(draft, node),
            len(found.group()) if found else 1,
        )


def _hint(draft: Draft, node: Node) -> str:
    lines = draft.source.text.split("\n")
    line = lines[node.line - 1] if node.line <= len(lines) else ""
    behind = line[node.column - 1 + len(node.raw) :] if "\n" not in node.raw else ""
    if node.raw == node.text and behind.lstrip().startswith("#"):
        return "A # begins a comment and cuts the expression short: put all of it in quotes."
    if _OF_MESSAGES.search(node.text or ""):
        return "Write it as one expression: '${ \"Hello \" + $case.requester.name }'."
    return "An expression stands between ${ and }, with nothing around it."


def _texts(node: Node, above: str = "") -> Iterator[Node]:
    for key, value in node.entries or ():
        # Patterns of schemas have braces of their own, and what is an expression by nature has none.
        if not (above == "schema" and key.name == "document") and key.name not in _BY_NATURE:
            yield from _texts(value, key.name)
    for each in node.items or ():
        yield from _texts(each, above)
    if node.text is not None:
        yield node


def _ends_alone(text: str) -> bool:
    """Whether a brace closes at the end that nothing opened."""
    ending = text.rstrip()
    return ending.endswith("}") and ending.count("}") > ending.count("{")


def _problem(text: str) -> str:
    if _OF_MESSAGES.search(text):
        return "{{ }} is for messages"
    if text.lstrip().startswith("${"):
        return 'its "}" is missing'
    if text.rstrip().endswith("}"):
        return 'its "${" is missing'
    return "it names a value outside of ${ }"
