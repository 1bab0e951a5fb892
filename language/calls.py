"""What `call:` names: a function of the catalog, one of the file's own, or something left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from language.functions import Function
from language.source import Node

NOT_IN_PROFILE = ("asyncapi", "grpc", "a2a", "mcp")
NOT_IN_VERSION = ("openapi",)
_CATALOGED = re.compile(r"(?P<name>[^:@]+)(?::(?P<version>[^@]+))?(?:@(?P<catalog>.+))?\Z")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Resolved(NamedTuple):
    """Exactly one of function, body and problem is set."""

    function: Function | None = None
    body: Node | None = None
    """A task of `use.functions` that is more than another name."""
    body_name: str = ""
    problem: tuple[str, str] | None = None
    """Code and sentence of the finding."""
    wanted: str = ""
    """The name that is not known."""


def resolve(name: str, own: Mapping[str, Node], catalog: Mapping[str, Function]) -> Resolved:
    """Find what a call names; names of the file itself win."""
    seen: list[str] = []
    while name in own:
        if name in seen:
            return _problem("CW201", f'"{name}" of use.functions calls itself')
        seen.append(name)
        body = own[name]
        called = body.get("call")
        if called is None or called.text is None or len(body.entries or ()) > 1:
            return Resolved(body=body, body_name=name)
        name = called.text
    if name in NOT_IN_PROFILE:
        return _problem("CW113", f'"call: {name}" is not in this profile')
    if name in NOT_IN_VERSION:
        return _problem("CW114", f'"call: {name}" is not in this version')
    if _ADDRESS.match(name):
        return _problem("CW114", "functions by address are not in this version")
    return _from_catalog(name, catalog)


def _from_catalog(name: str, catalog: Mapping[str, Function]) -> Resolved:
    found = _CATALOGED.match(name)
    if not found:
        return _problem("CW201", f'"{name}" is not the name of a function', name)
    short, version, where = found["name"], found["version"], found["catalog"]
    if where not in (None, "default"):
        return _problem("CW114", f'the catalog "{where}" is not in this version')
    function = catalog.get(short)
    if function is None:
        return _problem("CW201", f'there is no function "{short}"', short)
    if version is not None and version != function.version:
        return _problem(
            "CW201",
            f'there is no version {version} of "{short}", only {function.version}',
        )
    return Resolved(function=function)


def _problem(code: str, sentence: str, wanted: str = "") -> Resolved:
    return Resolved(problem=(code, sentence), wanted=wanted)
