"""What `call:` names: a function of the catalog, one of the file's own, one from elsewhere, or something left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from language.functions import Function
from language.resources import in_catalog, is_address, is_file
from language.source import Node

NOT_IN_PROFILE = ("asyncapi", "grpc", "a2a", "mcp")
_CATALOGED = re.compile(r"(?P<name>[^:@]+)(?::(?P<version>[^@]+))?(?:@(?P<catalog>.+))?\Z")


class Resolved(NamedTuple):
    """Exactly one of function, body, elsewhere and problem is set."""

    function: Function | None = None
    body: Node | None = None
    """A task of `use.functions` that is more than another name."""
    body_name: str = ""
    elsewhere: str = ""
    """File or address of a function, as written or as its catalog makes it."""
    endpoint: Node | None = None
    """The endpoint of the catalog that it comes from, which may need a login."""
    problem: tuple[str, str] | None = None
    """Code and sentence of the finding."""
    wanted: str = ""
    """The name that is not known."""


def resolve(
    name: str,
    own: Mapping[str, Node],
    catalog: Mapping[str, Function],
    catalogs: Mapping[str, Node],
) -> Resolved:
    """Find what a call names; names of the file itself win.

    Args:
        name: What stands behind `call:`.
        own: `use.functions`.
        catalog: The runtime's own catalog, `default`.
        catalogs: `use.catalogs`, by name.
    """
    seen: list[str] = []
    while name in own:
        if name in seen:
            return _problem("CW217", f'"{name}" of use.functions calls itself')
        seen.append(name)
        body = own[name]
        called = body.get("call")
        if called is None or called.text is None or len(body.entries or ()) > 1:
            return Resolved(body=body, body_name=name)
        name = called.text
    if name in NOT_IN_PROFILE:
        return _problem("CW113", f'"call: {name}" is not in this profile')
    if is_address(name) or is_file(name):
        return Resolved(elsewhere=name)
    return _from_catalog(name, catalog, catalogs)


def _from_catalog(
    name: str, catalog: Mapping[str, Function], catalogs: Mapping[str, Node]
) -> Resolved:
    found = _CATALOGED.match(name)
    if not found:
        return _problem("CW201", f'"{name}" is not the name of a function', name)
    short, version, where = found["name"], found["version"], found["catalog"]
    if where in catalogs:
        return _from_other_catalog(short, version, where, catalogs)
    if where not in (None, "default"):
        known = ", ".join(f'"{each}"' for each in ("default", *catalogs))
        return _problem("CW201", f'there is no catalog "{where}", only {known}')
    function = catalog.get(short)
    if function is None:
        return _problem("CW201", f'there is no function "{short}"', short)
    if version is not None and version != function.version:
        return _problem(
            "CW201",
            f'there is no version {version} of "{short}", only {function.version}',
        )
    return Resolved(function=function)


def _from_other_catalog(
    name: str, version: str | None, where: str, catalogs: Mapping[str, Node]
) -> Resolved:
    if version is None:
        return _problem(
            "CW201", f'"{name}@{where}" names no version: a function of a catalog has one'
        )
    endpoint = catalogs[where].get("endpoint")
    uri = endpoint.get("uri") if endpoint is not None and endpoint.entries else endpoint
    root = (uri.text if uri is not None else None) or ""
    return Resolved(elsewhere=in_catalog(root, name, version), endpoint=endpoint)


def _problem(code: str, sentence: str, wanted: str = "") -> Resolved:
    return Resolved(problem=(code, sentence), wanted=wanted)
