"""Errors of a running case: RFC 9457 objects with the standard's types.

`CaseError` is the one exception that a definition can catch. Everything else that leaves the
interpreter is a bug and fails the workflow task, never the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "https://open-workflow-specification.org/spec/1.0.0/errors/"

STATUS = {
    "configuration": 400,
    "validation": 400,
    "expression": 400,
    "authentication": 401,
    "authorization": 403,
    "timeout": 408,
    "communication": 500,
    "runtime": 500,
}
"""The standard's types with their default status."""


class CaseError(Exception):
    """An error object of the standard: type, status, title, detail, instance."""

    def __init__(self, error: Mapping[str, Any], *, final: bool = False) -> None:
        super().__init__(f"{error.get('title') or error.get('type')}: {error.get('detail') or ''}")
        self.error: dict[str, Any] = dict(error)
        self.final = final
        """An operator decided that the case fails: nothing holds it again."""
        self.uncatchable = False
        """Whether no `try` may go on after it: it would only go in the same circle."""

    @classmethod
    def of(
        cls, kind: str, detail: str, instance: str, *, status: int | None = None, title: str = ""
    ) -> CaseError:
        """An error of one of the standard's types, by the last part of its URI."""
        return cls(
            {
                "type": PREFIX + kind,
                "status": STATUS[kind] if status is None else status,
                "title": title or kind.capitalize() + " error",
                "detail": detail,
                "instance": instance,
            }
        )


def same_type(left: object, right: object) -> bool:
    """Whether two error types mean the same.

    Several spellings of the standard's URIs are in use (old and new domain, `/dsl/errors/types/`),
    so two URIs under `/errors/` are compared by their last part.
    """
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    if left == right:
        return True
    return (
        "/errors/" in left
        and "/errors/" in right
        and left.rpartition("/")[2] == right.rpartition("/")[2]
        and left.rpartition("/")[2] in STATUS
    )
