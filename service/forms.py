"""Checking data against a JSON Schema, with sentences that a person can act on."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from service.errors import listed, shown

KEPT = 500
"""Validators kept; the schemas of a definition are checked again and again."""

_validators: OrderedDict[str, Draft202012Validator] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit: JSON pointer of the value, and a sentence."""

    pointer: str
    message: str


def check(schema: Any, value: Any) -> tuple[Problem, ...]:
    """What does not fit the schema, in order of place; nothing when all fits."""
    validator = _validator(schema)
    if validator.is_valid(value):
        return ()
    found = [problem for error in validator.iter_errors(value) for problem in _problems(error)]
    unique = list(dict.fromkeys(found))
    return tuple(sorted(unique, key=lambda each: (each.pointer, each.message)))


def _validator(schema: Any) -> Draft202012Validator:
    key = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    validator = _validators.get(key)
    if validator is None:
        validator = Draft202012Validator(schema)
        _validators[key] = validator
        while len(_validators) > KEPT:
            _validators.popitem(last=False)
    else:
        _validators.move_to_end(key)
    return validator


def _problems(error: ValidationError) -> Iterator[Problem]:
    pointer = "".join(f"/{_escaped(part)}" for part in error.absolute_path)
    wanted: Any = error.validator_value
    found: Any = error.instance
    if error.validator in ("anyOf", "oneOf") and error.context:
        # The alternative that fails deepest in the data is the one that was meant.
        deepest = max(error.context, key=lambda each: len(each.absolute_path))
        if len(deepest.absolute_path) > len(error.absolute_path):
            yield from _problems(deepest)
            return
    match error.validator:
        case "required":
            missing = [name for name in wanted if name not in found]
            for name in missing:
                yield Problem(pointer, f"{name} is missing")
        case "additionalProperties" | "unevaluatedProperties":
            known = _known(error.schema)
            extra = [name for name in found if name not in known]
            for name in extra:
                yield Problem(pointer, f"{name} is not known here; known: {listed(known)}")
        case "enum":
            yield Problem(pointer, f"{shown(found)} is not one of {listed(map(str, wanted))}")
        case "const":
            yield Problem(pointer, f"must be {shown(wanted)}, not {shown(found)}")
        case "type":
            kinds = wanted if isinstance(wanted, list) else [wanted]
            yield Problem(pointer, f"must be {' or '.join(kinds)}, not {shown(found)}")
        case "minLength" if wanted == 1:
            yield Problem(pointer, "must not be empty")
        case "minLength" | "maxLength":
            bound = "at least" if error.validator == "minLength" else "at most"
            yield Problem(pointer, f"must have {bound} {wanted} characters")
        case "minItems" | "maxItems":
            bound = "at least" if error.validator == "minItems" else "at most"
            yield Problem(pointer, f"must have {bound} {wanted} entries")
        case "minProperties":
            yield Problem(pointer, f"must have at least {wanted} entries")
        case "minimum" | "exclusiveMinimum":
            bound = "at least" if error.validator == "minimum" else "more than"
            yield Problem(pointer, f"must be {bound} {wanted}, not {shown(found)}")
        case "maximum" | "exclusiveMaximum":
            bound = "at most" if error.validator == "maximum" else "less than"
            yield Problem(pointer, f"must be {bound} {wanted}, not {shown(found)}")
        case "pattern":
            yield Problem(pointer, f"{shown(found)} does not have the form {wanted}")
        case _:
            yield Problem(pointer, f"{shown(found)} does not fit {error.validator}")


def _known(schema: Any) -> list[str]:
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    return sorted(properties)


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
