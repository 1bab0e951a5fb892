"""The functions of the language, by name and number of arguments."""

from __future__ import annotations

from language.expressions.builtins.calling import Native, on_values
from language.expressions.builtins.dates import DATES
from language.expressions.builtins.general import GENERAL
from language.expressions.builtins.mathematics import MATHEMATICS
from language.expressions.builtins.ordering import ORDERING
from language.expressions.builtins.patterns import PATTERNS
from language.expressions.builtins.places import PLACES
from language.expressions.builtins.prelude import NOT_IN_SUBSET, PRELUDE
from language.expressions.builtins.streams import STREAMS
from language.expressions.builtins.texts import TEXTS

BUILTINS: dict[tuple[str, int], Native] = {
    **GENERAL, **ORDERING, **TEXTS, **MATHEMATICS, **DATES, **STREAMS, **PLACES, **PATTERNS,
    ("builtins", 0): on_values(lambda meter, value: names()),
}  # fmt: skip

__all__ = ["BUILTINS", "NOT_IN_SUBSET", "PRELUDE", "names"]


def names() -> list[str]:
    """All functions as `name/arguments`, sorted, without the internal ones."""
    return sorted(
        f"{name}/{arity}" for name, arity in (*BUILTINS, *PRELUDE) if not name.startswith("_")
    )
