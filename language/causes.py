"""One finding per cause: what only follows from another mistake is not said beside it."""

from __future__ import annotations

from collections.abc import Iterable

from language.codes import Severity
from language.findings import Finding

_OF_NAMES = ("CW111", "CW112")
"""Codes of shape that leave what stands below them readable."""
_HIDES_USE = ("CW201", "CW301", "CW302")
"""Errors that keep arguments from being read: what they name looks unused."""


def without_consequences(findings: Iterable[Finding], file: str) -> tuple[Finding, ...]:
    """The findings without those that errors in the definition's own file explain.

    Args:
        findings: Of the definition and the files beside it.
        file: The definition's own file.
    """
    every = tuple(findings)
    errors = [each.code for each in every if each.file == file and each.severity is Severity.ERROR]
    shape = any(code.startswith("CW1") and code not in _OF_NAMES for code in errors)
    dropped: list[str] = []
    if shape or any(code in _HIDES_USE for code in errors):
        dropped.append("CW211")
    if shape:
        # A task may look unreached because the key that leads to it is wrong.
        dropped.append("CW203")
    return tuple(each for each in every if each.code not in dropped)
