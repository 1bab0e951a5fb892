"""One finding per cause: what only follows from another mistake is not said beside it."""

from __future__ import annotations

from collections.abc import Iterable

from language.codes import Severity
from language.findings import Finding

_OF_SHAPE = "CW1"
_FOLLOWS_ERRORS = frozenset({"CW211"})
"""Nothing can be called unused as long as what uses it may be misspelled."""
_FOLLOWS_SHAPE = frozenset({"CW203"})
"""A task may look unreached because the key that leads to it is wrong."""


def without_consequences(findings: Iterable[Finding], file: str) -> tuple[Finding, ...]:
    """The findings without those that errors in the definition's own file explain.

    Args:
        findings: Of the definition and the files beside it.
        file: The definition's own file.
    """
    every = tuple(findings)
    errors = [each for each in every if each.file == file and each.severity is Severity.ERROR]
    if not errors:
        return every
    dropped = _FOLLOWS_ERRORS
    if any(each.code.startswith(_OF_SHAPE) for each in errors):
        dropped |= _FOLLOWS_SHAPE
    return tuple(each for each in every if each.code not in dropped)
