"""Links between cases: where a merged one has gone, and which link would close a circle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MOST_STEPS = 100
"""How far a chain of links is followed."""

Look = Callable[[str], Mapping[str, Any] | None]
"""Gives {links, ended, mergedInto} of a case, or None where nobody knows it."""


class Chain:
    """Follows links step by step, for whoever has to fetch each case first.

    Ask `wanted` for the next case to look at, tell it by `found`, until `result` is there.
    """

    def __init__(self, case: str, to: str, kind: str) -> None:
        self._case = case
        self._kind = kind
        self._target: str | None = None
        self._ended = False
        self._queue = [to]
        self._seen: list[str] = []
        self.result: dict[str, Any] | None = None

    @property
    def wanted(self) -> str | None:
        """The case to be looked at next; None when the result is there."""
        return None if self.result is not None else self._queue[0]

    def found(self, known: Mapping[str, Any] | None) -> None:
        """Take what is known of the case that was wanted."""
        case = self._queue.pop(0)
        self._seen.append(case)
        if case == self._case:
            self.result = {"reason": f"that would be a circle: {' -> '.join(self._seen)}"}
            return
        if self._target is None:
            if known is None:
                self.result = {"reason": f"there is no case {case}"}
                return
            merged = known.get("mergedInto")
            if merged:
                self._follow([str(merged)])
            else:
                self._target, self._ended = case, bool(known["ended"])
        if self._target is not None and known is not None and self._kind != "related":
            links = known.get("links") or ()
            self._follow([str(each["case"]) for each in links if each.get("kind") == self._kind])
        if self.result is None and not self._queue:
            self.result = {"case": self._target, "ended": self._ended}

    def _follow(self, cases: list[str]) -> None:
        self._queue += [each for each in cases if each not in self._seen]
        if len(self._seen) >= MOST_STEPS:
            self.result = {"reason": f"its links go on for more than {MOST_STEPS} cases"}


def trace_links(look: Look, case: str, to: str, kind: str) -> dict[str, Any]:
    """Where a link of this kind from `case` to `to` leads: {case, ended}, or {reason} against it."""
    chain = Chain(case, to, kind)
    while (wanted := chain.wanted) is not None:
        chain.found(look(wanted))
    assert chain.result is not None
    return chain.result
