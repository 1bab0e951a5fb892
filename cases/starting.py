"""What is checked before a case starts: its definition, its input, its key."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from cases.bundles.store import BundleStore
from cases.errors import DefinitionNotFound, InputInvalid, Problem
from language.bundle import Bundle
from language.expressions import ExpressionError, evaluate_one, parse
from service.drill import KEY
from service.forms import check

LONGEST_ID = 255
"""Of a workflow, on PostgreSQL; a longer one is never started there."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that may be started: everything about it was checked. `id` is `<definition>:<key>`."""

    definition: str
    version: str
    key: str
    id: str
    bundle: Bundle

    @property
    def once(self) -> bool:
        """Whether there is one case with this key for ever: a closed one is not followed by another."""
        return self.bundle.plan.rules.start.when_closed in ("refuse", "join")


async def prepare(
    bundles: BundleStore,
    definition: str,
    version: str | None,
    value: Any,
    key: str | None,
    *,
    drill: bool = False,
) -> Prepared:
    """Find the bundle, check the input against its schema, work out the key. Starts nothing.

    Without a key the definition's own rule makes one from the input, and without a rule it is
    random: every start is then a case of its own. The key of a drill is set apart from all real ones.

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
    made = _checked(bundle, key if key is not None else _made(bundle, value), drill=drill)
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


def _checked(bundle: Bundle, key: Any, *, drill: bool) -> str:
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise InputInvalid(
            [Problem("", "gives no key: metadata.start.key must make a text or a whole number")]
        )
    if str(key).startswith(KEY) and not drill:
        raise InputInvalid([Problem("", f"has a key that begins with {KEY}: start it as a drill")])
    text = str(key) if not drill or str(key).startswith(KEY) else f"{KEY}{key}"
    longest = LONGEST_ID - len(bundle.name) - len(":")
    if not text.strip() or not text.isprintable() or len(text) > longest:
        raise InputInvalid(
            [Problem("", f"has no usable key: it is 1 to {longest} printable characters")]
        )
    return text
