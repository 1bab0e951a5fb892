"""Checks of data against a JSON Schema, told in words that a person can act on.

Nothing is ever fetched: a `$ref` reaches only into its own schema. Messages have no full stop,
so that callers can join them.
"""

from __future__ import annotations

import difflib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from service.digests import canonical
from service.errors import listed, shown
from service.form_words import ENGLISH, Words, place, words

MOST_PROBLEMS = 50
"""More problems than this help nobody; the rest is left out."""

_CACHED = 256
_NOTHING_FETCHED: Registry[Any] = Registry()
_validators: OrderedDict[str, Validator] = OrderedDict()
_known: OrderedDict[int, tuple[Any, Validator]] = OrderedDict()
"""By the identity of the schema, which is kept as well, so that no other one can have it."""

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 400
_fitting: OrderedDict[tuple[int, str], Validator] = OrderedDict()
"""Small values that fit a schema (by the identity of its validator, which is kept as well): cases
bring the same few groups, texts and durations all day, and the library takes its time."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (JSON pointer, "" is the whole) and a sentence."""

    pointer: str
    message: str


def check(
    schema: Any,
    value: Any,
    *,
    ours: bool = False,
    language: str | None = None,
    titles: Mapping[str, str] | None = None,
) -> tuple[Problem, ...]:
    """What is wrong with a value, in order of place; empty where it fits.

    With a `language` it is said as to the person who has filled in a form: in that language, by the
    `titles` of the fields in it, and with the whole place of what is inside of lists and groups.

    The schema is JSON Schema 2020-12 unless it names another dialect. A field is called by the
    `title` of its schema, else by its own name. A schema that cannot be used is a problem too;
    that question is saved for one of `ours`, since for a large one it takes a second. Schemas are
    never changed once they were used.
    """
    known = _known.get(id(schema))
    validator = known[1] if known is not None else _validator(schema, ours=ours)
    if isinstance(validator, Problem):
        return (validator,)
    asked = _question(validator, value)
    if asked in _fitting:
        return ()
    problems: list[Problem] = []
    teller = _Teller() if language is None else _Teller(schema, words(language), titles or {})
    try:
        for error in islice(validator.iter_errors(value), MOST_PROBLEMS):
            problems.extend(teller.problems(error))
    except Unresolvable as error:
        return (Problem("", f"the form refers to {error.ref}, which is not part of it"),)
    except RecursionError:
        return (Problem("", "the form or the value is nested without end"),)
    if asked is not None and not problems:
        _fitting[asked] = validator
        while len(_fitting) > _REMEMBERED:
            _fitting.popitem(last=False)
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda problem: problem.pointer))[:MOST_PROBLEMS]


def _question(validator: Validator, value: Any) -> tuple[int, str] | None:
    """What is remembered where a value fits; None for values that are large or no JSON."""
    try:
        text = canonical(value)
    except (TypeError, ValueError, RecursionError):
        return None
    return (id(validator), text) if len(text) <= _LONGEST_REMEMBERED else None


def _escaped(name: str) -> str:
    """A field name as one step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _pointer(steps: Iterable[str | int]) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + _escaped(str(step)) for step in steps)


def _validator(schema: Any, *, ours: bool) -> Validator | Problem:
    key = canonical(schema)
    found = _validators.get(key)
    if found is not None:
        _validators.move_to_end(key)
        return _remembered(schema, found)
    dialect: type[Validator] = (
        validator_for(schema, default=Draft202012Validator)
        if isinstance(schema, Mapping)
        else Draft202012Validator
    )
    if not ours:
        try:
            dialect.check_schema(schema)
        except SchemaError as error:
            where = _pointer(error.absolute_path)
            return Problem(where, f"the form is not a JSON Schema: {error.message}")
    made = dialect(schema, registry=_NOTHING_FETCHED, format_checker=_FORMATS)
    _validators[key] = made
    while len(_validators) > _CACHED:
        _validators.popitem(last=False)
    return _remembered(schema, made)


def _remembered(schema: Any, validator: Validator) -> Validator:
    _known[id(schema)] = (schema, validator)
    while len(_known) > _CACHED:
        _known.popitem(last=False)
    return validator


class _Teller:
    """Tells errors of the library as problems.

    Without a `schema`, as the interpreter does, a value is called by its last step alone.
    """

    def __init__(
        self, schema: Any = None, said: Words = ENGLISH, titles: Mapping[str, str] | None = None
    ) -> None:
        self._schema = schema
        self._said = said
        self._titles = titles

    def problems(self, error: ValidationError) -> list[Problem]:
        """What an error says: one problem, or one for each of several fields."""
        where = _pointer(error.absolute_path)
        if error.validator == "required":
            wanted: Any = error.validator_value
            given: Any = error.instance
            return [
                Problem(step, self._name(error, step, name) + self._said["missing"])
                for name in wanted
                if name not in given
                for step in [f"{where}/{_escaped(name)}"]
            ]
        if error.validator == "additionalProperties" and isinstance(error.schema, Mapping):
            return self._unknown_fields(error, where)
        if error.validator in ("anyOf", "oneOf") and error.context:
            # The alternative that fails deepest in the data is the one that was meant.
            deepest = max(error.context, key=lambda each: len(each.absolute_path))
            if len(deepest.absolute_path) > len(error.absolute_path):
                return self.problems(deepest)
        return [Problem(where, self._name(error, where) + self._sentence(error))]

    def _unknown_fields(self, error: ValidationError, where: str) -> list[Problem]:
        schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
        known = list(schema.get("properties", {}))
        patterns = list(schema.get("patternProperties", {}))
        names: Any = error.instance
        problems = []
        for name in names:
            if name in known or any(re.search(pattern, name) for pattern in patterns):
                continue
            near = difflib.get_close_matches(name, known, n=1)
            hint = self._said["meant"].format(near=near[0]) if near else ""
            allowed = self._said["known"].format(known=listed(known)) if known else ""
            called = self._said["quoted"].format(name=name)
            if self._titles is not None and error.absolute_path:
                called = self._place([*error.absolute_path, name])
            problems.append(
                Problem(
                    f"{where}/{_escaped(name)}", f"{called}{self._said['unknown']}{hint}{allowed}"
                )
            )
        return problems

    def _name(self, error: ValidationError, where: str, missing: str | None = None) -> str:
        if self._titles is not None:
            steps = list(error.absolute_path)
            return self._place(steps if missing is None else [*steps, missing])
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        if missing is not None:
            schema = schema.get("properties", {}).get(missing, {})
        title = schema.get("title") if isinstance(schema, Mapping) else None
        if isinstance(title, str) and title and where:
            return f'"{title}"'
        if not where:
            return self._said["value"]
        return f'"{missing if missing is not None else error.absolute_path[-1]}"'

    def _place(self, steps: list[str | int]) -> str:
        return titled(self._schema, steps, self._said, self._titles or {})

    def _sentence(self, error: ValidationError) -> str:
        limit: Any = error.validator_value
        found: Any = error.instance
        key = str(error.validator)
        facts: dict[str, Any] = {
            "value": shown(found), "limit": limit, "message": error.message,
        }  # fmt: skip
        match error.validator:
            case "type":
                names = [limit] if isinstance(limit, str) else list(limit)
                expected = (self._said.get(name, name) for name in names)
                facts["expected"] = self._said["or"].join(expected)
            case "enum":
                facts["allowed"] = listed(_plain(each) for each in limit)
            case "const":
                facts["limit"] = _plain(limit)
            case "minLength" | "minItems" if limit == 1:
                key = "empty"
            case "maxLength" | "maxItems":
                facts["count"] = len(found)
            case "format":
                facts["expected"] = self._said.get(limit, limit)
            case "minContains" | "maxContains":
                key = "contains"
            case "anyOf" | "oneOf":
                key = "alternatives"
            case None:
                key = "forbidden"
            case _:
                pass
        return self._said.get(key, self._said["other"]).format(**facts)


def titled(schema: Any, steps: Sequence[str | int], said: Words, titles: Mapping[str, str]) -> str:
    """What a person calls a place: each field by its title in the language, else of the schema."""
    called: list[str | None] = []
    for step in steps:
        schema = _below(schema, step)
        title = schema.get("title") if isinstance(schema, Mapping) else None
        own: Any = titles.get(step) if isinstance(step, str) else None
        own = own.get("title") if isinstance(own, Mapping) else own
        called.append(own or (title if isinstance(title, str) else None))
    return place(steps, called, said)


def _below(schema: Any, step: str | int) -> Any:
    """The schema of a field or an entry, where it says so plainly."""
    if not isinstance(schema, Mapping):
        return None
    if isinstance(step, int):
        first = schema.get("prefixItems")
        if isinstance(first, list) and step < len(first):
            return first[step]
        return schema.get("items")
    properties = schema.get("properties")
    return properties.get(step) if isinstance(properties, Mapping) else None


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"]+")


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not _DATE.fullmatch(value):
        return False
    date.fromisoformat(value)
    return True


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not _DATE_TIME.fullmatch(value):
        return False
    datetime.fromisoformat(value.upper())
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or pattern.fullmatch(value) is not None


def _formats() -> FormatChecker:
    # Our own checks: those of the library depend on what else happens to be installed.
    formats = FormatChecker(formats=())
    formats.checks("date", raises=ValueError)(_is_date)
    formats.checks("date-time", raises=ValueError)(_is_date_time)
    formats.checks("time")(_matches(_TIME))
    formats.checks("email")(_matches(_MAIL))
    formats.checks("uri")(_matches(_URI))
    return formats


_FORMATS = _formats()
