"""What the language knows of a function: its arguments, its result and where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["decides", "waits", "acts", "reads"]
"""decides: inside the case, at once - waits: inside the case, for people, time or another case -
acts: one activity that changes another system - reads: one activity that only looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One entry of the default catalog.

    `arguments` and `result` are JSON Schemas in the subset of `language.shape`. `needs` names the
    fields of `$case` that the function's activity gets besides its arguments. `summary` names the
    argument that tells a reader of a history what this call was about.
    """

    name: str
    kind: Kind
    doc: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    version: str = "1.0.0"
    needs: tuple[str, ...] = ()
    timeout_seconds: int = 30
    summary: str | None = None
    portable: bool = False
    """True when every runtime of the standard knows the call."""

    @property
    def is_action(self) -> bool:
        """Whether one activity of this name carries the call out."""
        return self.kind in ("acts", "reads")
