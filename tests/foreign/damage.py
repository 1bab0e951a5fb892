"""Foreign definitions damaged at any place, held against the standard's schema: what it refuses we find."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from language.compile import check_definition
from tests.foreign.corpora import standard
from tests.foreign.reading import walk
from tests.foreign.samples import Sample

Json = Any
VALUES: Sequence[Json] = (
    None, True, 0, 1, -1, 1.5, "", "x", "${ .x }", [], {}, [1], {"x": 1}, "PT1S", {"seconds": 1},
    {"seconds": "1"},
)  # fmt: skip
KEYS = ("extra", "if", "then", "timeout", "input", "metadata", "with", "do", "output")


def damaged(samples: Sequence[Sample], seed: int, count: int) -> Iterator[tuple[str, Json, Json]]:
    """So many definitions: what was done to one, it before, and it after; the same for the same seed."""
    # Behind a feature that the profile leaves out nothing is looked at.
    whole = [each for each in samples if each.plan is not None and not each.broken]
    dice = random.Random(seed)
    while whole and count > 0:
        sample = dice.choice(whole)
        document = copy.deepcopy(sample.document)
        done = _damage(document, dice)
        if done is not None:
            count -= 1
            yield f"{sample.name}: {done}", sample.document, document


def _damage(document: Json, dice: random.Random) -> str | None:
    """Delete, rename, replace or add something at one place; None where that is not possible there."""
    place, value = dice.choice([pair for pair in walk(document) if pair[0]])
    container = document
    for part in place[:-1]:
        container = container[part]
    key = place[-1]
    if key not in container and not isinstance(container, list):
        # A key that is no text in YAML, such as a port.
        return None
    where = "/".join(map(str, place))
    match dice.choice(("delete", "rename", "replace", "add")):
        case "delete":
            del container[key]
            return f"without {where}"
        case "rename" if isinstance(container, dict):
            container[f"{key}x"] = container.pop(key)
            return f"{where} as {key}x"
        case "replace":
            container[key] = dice.choice(VALUES)
            return f"{where} is {json.dumps(container[key])}"
        case "add" if isinstance(value, dict):
            added = dice.choice(KEYS)
            value[added] = dice.choice(VALUES)
            return f"{where}/{added} is {json.dumps(value[added])}"
    return None


def missed(damaged_ones: Iterator[tuple[str, Json, Json]]) -> tuple[int, list[str]]:
    """How many of them the standard's schema refuses, and those in which we find nothing new."""
    validator = standard()
    refused, unfound = 0, []
    for done, before, after in damaged_ones:
        said = found(after)
        if validator is not None and not validator.is_valid(after):
            refused += 1
            if said <= found(before):
                unfound.append(done)
    return refused, unfound


def found(document: Json) -> set[tuple[str, str]]:
    """Codes and sentences of our findings; also proves that there is no internal error."""
    findings = check_definition(json.dumps(document), "damaged.yaml")[1]
    return {(each.code, each.message) for each in findings}
