"""Mutants that are no mistake: what the grammar lets an author leave out, repeat or reorder.

A rehearsal that expects one thing less, a form without a longest length, two tasks the other way
round: the result is a file that somebody may have meant. They are counted apart, so that neither
the score nor its reader is fooled. Decided is by the schemas for editors, which know shapes and no
rule, and only where no name is lost that something else refers to.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from jsonschema import Draft7Validator

from bench.mutations.corpus import kind_of
from language.editor_schemas import SCHEMAS
from language.source import read_source

if TYPE_CHECKING:
    from bench.mutations.judge import Drawn

_CAN_BE_MEANT = (
    "delete key", "delete item", "duplicate item", "swap item", "empty value", "retype value",
)  # fmt: skip
_DECLARING = frozenset(
    {
        "statuses", "clocks", "reactions", "schedules", "outcomes", "properties", "$defs", "functions",
        "errors", "retries", "timeouts", "authentications", "catalogs", "people", "groups", "roles",
        "rota", "ladders", "windows", "assets", "channels", "inputs", "outputs", "set", "data",
        "correlate",
    }
)  # fmt: skip
"""Keys below which names are declared."""
_SECTIONS = frozenset(
    {"people", "groups", "roles", "rota", "ladders", "windows", "assets", "channels"}
)  # fmt: skip
_TASK_LISTS = frozenset({"do", "try", "branches", "before", "after", "switch"})


def is_another_valid_file(drawn: Drawn) -> bool:
    """Whether a mutant leaves out, repeats or reorders what may be, and nothing refers to it."""
    mutant, kind = drawn.mutant, kind_of(drawn.file)
    told = f"{mutant.kind} {mutant.place}"
    if mutant.group != "checked" or kind == "message" or told not in _CAN_BE_MEANT:
        return False
    if mutant.kind == "retype" and not mutant.may_be_meant:
        return False
    if any(_stands_elsewhere(name, drawn) for name in _declared(drawn)):
        return False
    source = read_source(mutant.text, drawn.file)
    return (
        not source.findings and source.root is not None and _validator(kind).is_valid(source.value)
    )


@cache
def _validator(kind: str) -> Draft7Validator:
    return Draft7Validator(SCHEMAS[kind]())


def _declared(drawn: Drawn) -> list[str]:
    """Names that the damaged place declares, and those below it."""
    mutant = drawn.mutant
    if mutant.kind in ("swap", "duplicate"):
        return []
    way = mutant.what.split("/")
    if kind_of(drawn.file) == "organization" and way[0] in _SECTIONS:
        # Who belongs to a group is no declaration; whom a section lists is.
        return [*mutant.names[:1]] if len(way) == 2 else [*mutant.words] if len(way) == 1 else []
    above = [each for each in way[:-1] if each != "*"][-1:]
    is_task = way[-2:-1] == ["*"] and bool(_TASK_LISTS & set(above))
    is_list_of_tasks = way[-1:] == ["*"] and bool(_TASK_LISTS & set(above))
    found = list(mutant.names[:1]) if is_task or is_list_of_tasks or _DECLARING & set(above) else []
    return [*found, *mutant.words] if way[-1] in _DECLARING else found


def _stands_elsewhere(name: str, drawn: Drawn) -> bool:
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    texts = {**drawn.case.files, drawn.file: drawn.mutant.text}
    return any(word.search(text) for text in texts.values())
