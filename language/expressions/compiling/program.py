"""Syntax tree to closures that give values."""

from __future__ import annotations

from language.expressions import tree
from language.expressions.code import Code, Scope
from language.expressions.compiling import (
    binding,
    calling,
    composing,
    dispatch,
    operating,
    reading,
    values,
)

for _module in (values, reading, operating, composing, binding, calling):
    dispatch.COMPILERS.update(_module.COMPILERS)


def compile_program(node: tree.Node, variables: tuple[str, ...]) -> Code:
    """Code for a whole expression; its environment holds the variables in the given order."""
    return dispatch.compile_node(node, Scope().bind(*variables))
