"""Which function compiles which construct."""

from __future__ import annotations

from collections.abc import Callable

from language.expressions import tree
from language.expressions.code import Code, Scope

Compiler = Callable[..., Code]
"""Makes code of a construct of its class, in a scope."""

COMPILERS: dict[type, Compiler] = {}
"""Filled by `compiling.program`: the compilers call each other through it."""


def compile_node(node: tree.Node, scope: Scope) -> Code:
    """Code for one construct; raises `ExpressionError` for names that are not there."""
    code = COMPILERS[node.__class__](node, scope)
    code.height = max(code.height, node.depth)
    return code
