"""Requests for operations of an OpenAPI document, from what the plan keeps of an operation.

Parameters are written as OpenAPI 3.1 says (4.8.12.3, style values); those of version 2.0 were
translated when the plan was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

_RESERVED = ":/?[]@!$'()*,;"
_IN_COOKIES = "!#$&'()*+-./:<=>?@[]^_`{|}~"
_SEPARATORS = {
    "form": ",", "simple": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C",
    "tabDelimited": "%09",
}  # fmt: skip
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class ParametersInvalid(Exception):
    """Parameters that an operation does not take; `problems` are sentences without full stop."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def request_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `call: http` for those of `call: openapi` with a resolved operation.

    Raises:
        ParametersInvalid: something is missing, or cannot be written where it belongs.
    """
    made = fill(arguments["operation"], arguments.get("parameters") or {})
    endpoint: dict[str, Any] = {"uri": made.pop("uri")}
    if arguments.get("authentication"):
        endpoint["authentication"] = arguments["authentication"]
    rest = {name: arguments[name] for name in ("output", "redirect") if name in arguments}
    return {**made, "endpoint": endpoint, **rest}


def fill(operation: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The request of an operation: {method, uri, headers, body}.

    Raises:
        ParametersInvalid: something is missing, or cannot be written where it belongs.
    """
    problems: list[str] = []
    path = str(operation["path"])
    query: list[str] = []
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for parameter in operation["parameters"]:
        name = parameter["name"]
        value = given.get(name)
        if value is None:
            if parameter.get("required"):
                problems.append(f'the parameter "{name}" is missing')
            continue
        match parameter["in"]:
            case "path":
                written = _in_path(parameter, value)
                if written.strip(".") == "":
                    problems.append(
                        f'the parameter "{name}" is a part of the path, not "{written}"'
                    )
                path = path.replace(f"{{{name}}}", written)
            case "query":
                query += _in_query(parameter, value)
            case "header":
                headers[name] = _simple(parameter, value, safe=None)
            case _:
                cookies.append(_in_cookie(parameter, value))
    body, kind = _body(operation.get("body"), operation["parameters"], given, problems)
    if problems:
        raise ParametersInvalid(problems)
    if operation.get("accept"):
        headers.setdefault("Accept", operation["accept"])
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    made: dict[str, Any] = {"method": operation["method"], "uri": _uri(operation, path, query)}
    if body is not None:
        headers["Content-Type"] = kind
        made["body"] = body
    if headers:
        made["headers"] = headers
    return made


def _uri(operation: Mapping[str, Any], path: str, query: Sequence[str]) -> str:
    # A path may bring a query of its own.
    separator = "&" if "?" in path else "?"
    return f"{operation['server']}{path}" + (separator + "&".join(query) if query else "")


def _body(
    body: Mapping[str, Any] | None,
    parameters: Sequence[Mapping[str, Any]],
    given: Mapping[str, Any],
    problems: list[str],
) -> tuple[Any, str]:
    """The body as a whole under its name, or from its fields one by one."""
    if body is None:
        return None, ""
    kind = str(body["content"])
    taken = [each["name"] for each in parameters]
    for name in body["names"]:
        if name not in taken and given.get(name) is not None:
            return _written_body(given[name], kind), kind
    fields = {
        name: given[name]
        for name in body["fields"]
        if name not in taken and given.get(name) is not None
    }
    missing = [name for name in body.get("needed", ()) if name not in fields]
    problems += [f'the parameter "{name}" is missing' for name in missing]
    if fields:
        return _written_body(fields, kind), kind
    if body["required"] and not missing:
        problems.append(f'the parameter "{(body["names"] or ["body"])[0]}" is missing')
    return None, kind


def _written_body(value: Any, kind: str) -> Any:
    bare = kind.partition(";")[0].strip().lower()
    if bare == "application/json" or bare.endswith("+json"):
        # A text alone is JSON too, with its quotes.
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value
    if bare in _FORMS or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


# --- styles -------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _encoded(value: Any, safe: str | None) -> str:
    text = _text(value)
    return text if safe is None else quote(text, safe=safe)


def _items(value: Any, safe: str | None) -> list[str]:
    return [_encoded(each, safe) for each in value if each is not None]


def _pairs(value: Mapping[str, Any], safe: str | None) -> list[tuple[str, str]]:
    return [
        (_encoded(name, safe), _encoded(each, safe))
        for name, each in value.items()
        if each is not None
    ]


def _simple(parameter: Mapping[str, Any], value: Any, safe: str | None) -> str:
    if parameter.get("json"):
        return _encoded(json.dumps(value, ensure_ascii=False, separators=(",", ":")), safe)
    separator = _SEPARATORS.get(str(parameter.get("style")), ",")
    if safe is None:
        separator = {"%20": " ", "%7C": "|", "%09": "\t"}.get(separator, separator)
    if isinstance(value, list):
        return separator.join(_items(value, safe))
    if isinstance(value, Mapping):
        joint = "=" if parameter.get("explode") else ","
        return ",".join(f"{name}{joint}{each}" for name, each in _pairs(value, safe))
    return _encoded(value, safe)


def _in_path(parameter: Mapping[str, Any], value: Any) -> str:
    explode, name = bool(parameter.get("explode")), quote(str(parameter["name"]), safe="")
    match parameter.get("style"):
        case "label":
            if isinstance(value, list):
                return "." + ("." if explode else ",").join(_items(value, ""))
            if isinstance(value, Mapping):
                pairs = _pairs(value, "")
                if explode:
                    return "".join(f".{key}={each}" for key, each in pairs)
                return "." + ",".join(f"{key},{each}" for key, each in pairs)
            return "." + _encoded(value, "")
        case "matrix":
            if isinstance(value, list):
                if explode:
                    return "".join(f";{name}={each}" for each in _items(value, ""))
                return f";{name}=" + ",".join(_items(value, ""))
            if isinstance(value, Mapping):
                pairs = _pairs(value, "")
                if explode:
                    return "".join(f";{key}={each}" for key, each in pairs)
                return f";{name}=" + ",".join(f"{key},{each}" for key, each in pairs)
            return f";{name}={_encoded(value, '')}"
        case _:
            return _simple(parameter, value, "")


def _in_query(parameter: Mapping[str, Any], value: Any) -> list[str]:
    safe = _RESERVED if parameter.get("allowReserved") else ""
    name = quote(str(parameter["name"]), safe="")
    explode = bool(parameter.get("explode"))
    if parameter.get("json"):
        return [f"{name}={_simple(parameter, value, safe)}"]
    if isinstance(value, list):
        items = _items(value, safe)
        if explode:
            return [f"{name}={each}" for each in items]
        separator = _SEPARATORS.get(str(parameter.get("style")), ",")
        return [f"{name}={separator.join(items)}"] if items else []
    if isinstance(value, Mapping):
        pairs = _pairs(value, safe)
        if parameter.get("style") == "deepObject":
            return [f"{name}%5B{key}%5D={each}" for key, each in pairs]
        if explode:
            return [f"{key}={each}" for key, each in pairs]
        return [f"{name}=" + ",".join(f"{key},{each}" for key, each in pairs)]
    return [f"{name}={_encoded(value, safe)}"]


def _in_cookie(parameter: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, list) and parameter.get("explode"):
        name = parameter["name"]
        return "; ".join(f"{name}={each}" for each in _items(value, _IN_COOKIES))
    if isinstance(value, Mapping) and parameter.get("explode"):
        return "; ".join(f"{name}={each}" for name, each in _pairs(value, _IN_COOKIES))
    return f"{parameter['name']}={_simple(parameter, value, _IN_COOKIES)}"
