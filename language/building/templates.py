"""Values of a definition in which expressions stand become templates of the plan."""

from __future__ import annotations

from language.plan import Expression, ListTemplate, Literal, MapTemplate, Template
from language.source import Node
from language.templates import inner, is_expression


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
