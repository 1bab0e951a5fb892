"""`http`: the standard's HTTP call; variables of its address come from the task's input."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from language.plan import Literal, MapTemplate, Template
from workflows.functions.call import FunctionCall
from workflows.interpreter.errors import CaseError
from workflows.interpreter.secrets import hides

_VARIABLE = re.compile(r"\{([^{}]*)\}")


async def run(call: FunctionCall) -> Any:
    """Call the address. A variable without a value is empty, as the standard says.

    Raises:
        CaseError: type `expression`, where a variable is an object or a list.
    """
    endpoint = call.arguments["endpoint"]
    written = _entry(call.task.arguments, "endpoint")
    if isinstance(endpoint, Mapping):
        endpoint = dict(endpoint)
        if not hides(call.deferred, "endpoint", "uri"):
            endpoint["uri"] = _address(call, endpoint["uri"], _entry(written, "uri"))
        if "authentication" in endpoint and call.run.level >= 5:
            endpoint["authentication"] = authority_filled(
                call, endpoint["authentication"], _entry(written, "authentication")
            )
    elif hides(call.deferred, "endpoint"):
        pass
    else:
        endpoint = _address(call, endpoint, written)
    uri = endpoint["uri"] if isinstance(endpoint, Mapping) else endpoint
    return await call.act(
        arguments={**call.arguments, "endpoint": endpoint},
        summary=f"{call.task.name}: {str(call.arguments['method']).upper()} {_shown(uri)}",
    )


def authority_filled(call: FunctionCall, policy: Any, written: Template | None) -> Any:
    """A policy in which the addresses of its authority are filled like any other address."""
    if not isinstance(policy, Mapping):
        return policy
    filled = dict(policy)
    for kind in ("oauth2", "oidc"):
        given, source = filled.get(kind), _entry(written, kind)
        if not isinstance(given, Mapping):
            continue
        inner = dict(given)
        if isinstance(inner.get("authority"), str):
            inner["authority"] = _address(call, inner["authority"], _entry(source, "authority"))
        if isinstance(inner.get("endpoints"), Mapping):
            paths = _entry(source, "endpoints")
            inner["endpoints"] = {
                name: _address(call, path, _entry(paths, name))
                for name, path in inner["endpoints"].items()
            }
        filled[kind] = inner
    return filled


def _shown(uri: str) -> str:
    """The address without what may be secret: login and query."""
    scheme, separator, rest = uri.partition("?")[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def _address(call: FunctionCall, uri: str, written: Template | None) -> str:
    if isinstance(written, Literal):
        steps = _steps(uri)
        uri = _VARIABLE.sub(lambda found: _value(call, found.group(1)), uri)
        if _steps(uri) != steps and call.run.level >= 9:
            raise CaseError.of(
                "expression",
                "a variable of the address is `.` or `..`, which would lead to another path",
                call.task.path,
                status=400,
            )
    # Braces that an expression has brought are data, and no variables.
    return uri.replace("{", "%7B").replace("}", "%7D")


def _steps(uri: str) -> int:
    """How many parts of a path stay where they are, or lead up."""
    return sum(part in (".", "..") for part in uri.partition("?")[0].split("/"))


def _value(call: FunctionCall, name: str) -> str:
    value = call.given.get(name) if isinstance(call.given, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, Mapping | list):
        raise CaseError.of(
            "expression",
            f"{{{name}}} of the address must be text, a number or true or false,"
            f" not {json.dumps(value, ensure_ascii=False)[:80]}",
            call.task.path,
            status=400,
        )
    return quote(value if isinstance(value, str) else json.dumps(value), safe="")


def _entry(template: Template | None, name: str) -> Template | None:
    """What was written under a name."""
    if isinstance(template, MapTemplate):
        return template.get(name)
    if isinstance(template, Literal) and isinstance(template.value, Mapping):
        return Literal(template.value.get(name))
    return None
