"""Sentences that several findings share: lists of allowed words, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 10


def quoted(words: Iterable[str]) -> str:
    """`"a", "b" and 12 more`: up to ten of them."""
    every = list(words)
    shown = ", ".join(f'"{each}"' for each in every[:_SHOWN])
    rest = len(every) - _SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    known = list(known)
    lowered = {each.lower(): each for each in reversed(known)}
    if word.lower() in lowered:
        return lowered[word.lower()]
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return close[0] if close else None


def suggestion(word: str, known: Iterable[str], *, allowed: str = "Allowed") -> str:
    """`Did you mean "x"? Allowed: ...`, as far as there is something to say."""
    every = list(known)
    close = closest(word, every)
    said = [f'Did you mean "{close}"?'] if close else []
    if every:
        said.append(f"{allowed}: {quoted(every)}.")
    return " ".join(said)
