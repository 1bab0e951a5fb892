"""What is checked before a case starts: its definition, its input, its key."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from cases.bundles.store import BundleStore
from cases.errors import DefinitionNotFound, InputInvalid, Problem
from language.bundle import Bundle
from language.expressions import ExpressionError, evaluate_one, parse
from service.forms import check

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that may be started: everything about it was checked. `id` is `<definition>:<key>`."""

    definition: str
    version: str
    key: str
    id: str
    bundle: Bundle


async def prepare(
    bundles: BundleStore, definition: str, version: str | None, value: Any, key: str | None
) -> Prepared:
    """Find the bundle, check the input against its schema, work out the key. Starts nothing.

    Without a key the definition's own rule makes one from the input, and without a rule it is
    random: every start is then a case of its own.

    Raises:
        DefinitionNotFound: no such definition is published, or none of its versions fits.
        InputInvalid: the input or the key does not fit; with JSON pointers.
    """
    bundle = await bundles.newest(definition, version)
    if bundle is None:
        raise DefinitionNotFound(definition, version, await bundles.names())
    schema = bundle.plan.input.schema
    if schema is not None:
        problems = check(schema, value)
        if problems:
            raise InputInvalid([Problem(each.pointer, each.message) for each in problems])
    made = _checked(key if key is not None else _made(bundle, value))
    return Prepared(bundle.name, bundle.version, made, f"{bundle.name}:{made}", bundle)


def _made(bundle: Bundle, value: Any) -> Any:
    rule = bundle.plan.rules.start.key
    if rule is None:
        return uuid.uuid4().hex
    try:
        return evaluate_one(parse(rule.source), value, {})
    except ExpressionError as error:
        raise InputInvalid(
            [
                Problem(
                    "", f"gives no key: metadata.start.key says {error}; give a key with the start"
                )
            ]
        ) from error


def _checked(key: Any) -> str:
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise InputInvalid(
            [Problem("", "gives no key: metadata.start.key must make a text or a whole number")]
        )
    text = str(key)
    if not text.strip() or not text.isprintable() or len(text) > LONGEST_KEY:
        raise InputInvalid(
            [Problem("", f"has no usable key: it is 1 to {LONGEST_KEY} printable characters")]
        )
    return text
