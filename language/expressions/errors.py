"""The one error that leaves the package, and the two that stay inside."""

from __future__ import annotations

from typing import Any, Literal

Kind = Literal["syntax", "not-in-subset", "runtime", "budget"]


class ExpressionError(Exception):
    """An expression that cannot be read, is refused, failed, or asked for too much.

    `offset` counts characters of the source from 0; it is None where no place is known. `cost` is what
    the evaluation took before it failed, in steps.
    """

    def __init__(self, message: str, offset: int | None = None, kind: Kind = "runtime") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.kind: Kind = kind
        self.outputs: list[Any] = []
        self.cost = 0

    def __str__(self) -> str:
        return self.message


class Raised(Exception):
    """An error value on its way to the nearest `catch`; never leaves the package."""

    def __init__(self, value: Any, offset: int | None = None) -> None:
        super().__init__(value)
        self.value = value
        self.offset = offset


class Broken(Exception):
    """A `break` on its way to its label; never leaves the package."""

    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label


def refused(name: str, offset: int | None) -> ExpressionError:
    """The refusal of something that jq has and this subset leaves out."""
    return ExpressionError(f"not in this subset: {name}", offset, "not-in-subset")
