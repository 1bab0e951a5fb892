"""The expression language: jq without input, output, clock and environment, under a budget.

`docs/expressions.md` says what is in, what is out, and where it differs from jq.
"""

from __future__ import annotations

from language.expressions.analysis import Path
from language.expressions.budget import Budget
from language.expressions.errors import ExpressionError
from language.expressions.program import Program, evaluate, evaluate_counted, evaluate_one, parse
from language.expressions.values import truthy

__all__ = [
    "Budget",
    "ExpressionError",
    "Path",
    "Program",
    "evaluate",
    "evaluate_counted",
    "evaluate_one",
    "parse",
    "truthy",
]
