"""How an expression is recognized among the values of a definition.

Strict mode of the standard: a text is an expression when all of it stands between `${` and `}`.
Where the standard wants an expression by nature (`if`, `when`, `from`, `as`, ...), it may also
stand bare. Nothing else is ever evaluated, and no result of an evaluation is evaluated again.
"""

from __future__ import annotations

import re

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
