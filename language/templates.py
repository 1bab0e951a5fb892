"""Values of a definition in which expressions may stand: how they are recognized and compiled.

Strict mode of the standard: a text is an expression when all of it stands between `${` and `}`.
Where the standard wants an expression by nature (`if`, `when`, `from`, `as`, ...), it may also
stand bare. Nothing else is ever evaluated, and no result of an evaluation is evaluated again.
"""

from __future__ import annotations

import re

from language.plan import Expression, ListTemplate, Literal, MapTemplate, Template
from language.source import Node

_WHOLE = re.compile(r"\s*\$\{(.*)\}\s*\Z", re.DOTALL)
_PART = re.compile(r"\$\{.*?\}", re.DOTALL)


def is_expression(text: str) -> bool:
    """Whether a text is one expression."""
    return bool(_WHOLE.match(text))


def has_expression_inside(text: str) -> bool:
    """Whether a text that is no expression looks as if a part of it was meant as one."""
    return not is_expression(text) and bool(_PART.search(text))


def inner(text: str, *, natural: bool) -> tuple[str, int] | None:
    """The jq source in a text and the offset at which it starts; None when it is no expression."""
    found = _WHOLE.match(text)
    if found:
        return found.group(1), found.start(1)
    return (text, 0) if natural else None


def expression(node: Node) -> Expression:
    """The expression of a field that is one by nature, in either spelling."""
    text = node.text if node.text is not None else _as_source(node)
    source, offset = inner(text, natural=True) or (text, 0)
    line, column = node.place_of(offset)
    return Expression(source, line, column)


def template(node: Node, *, natural: bool = False) -> Template:
    """A value compiled as far as it can be; parts without expressions become one literal.

    Args:
        node: The value.
        natural: Whether a text on the first level is an expression by nature.
    """
    if node.entries is not None:
        entries = tuple((key.name, template(value)) for key, value in node.entries)
        if all(isinstance(each, Literal) for _, each in entries):
            return Literal(node.value)
        return MapTemplate(entries)
    if node.items is not None:
        items = tuple(template(each) for each in node.items)
        if all(isinstance(each, Literal) for each in items):
            return Literal(node.value)
        return ListTemplate(items)
    if node.text is None:
        return Literal(node.scalar)
    if natural or is_expression(node.text):
        return expression(node)
    return Literal(node.text)


def _as_source(node: Node) -> str:
    """`if: true` and `when: 1` are valid jq as they stand."""
    match node.scalar:
        case True:
            return "true"
        case False:
            return "false"
        case None:
            return "null"
        case other:
            return str(other)
