"""What a plan keeps of an operation: everything that a call needs, and nothing else.

{method, server, path, parameters: [{name, in, required, style, explode, ...}], body, accept}.
`service.openapi` makes requests of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from language.openapi.document import Document, DocumentUnusable, Found, Part

_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_COLLECTIONS = {
    "csv": ("form", False), "ssv": ("spaceDelimited", False), "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False), "multi": ("form", True),
}  # fmt: skip
_PREFERRED = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain",
)  # fmt: skip
_FIELDS = "application/x-www-form-urlencoded"


def operation_of(document: Document, name: str) -> dict[str, Any]:
    """The operation with this id.

    Raises:
        KeyError: there is none.
        DocumentUnusable: it cannot be called from what the document says.
    """
    found = document.operations[name]
    parameters = _parameters(document, found)
    body = _old_body(document, found, parameters) if document.is_old else _body(document, found)
    operation: dict[str, Any] = {
        "method": found.method,
        "server": (_old_server if document.is_old else _server)(document, found),
        "path": found.path,
        "parameters": [
            each for each in parameters if each["in"] in ("path", "query", "header", "cookie")
        ],
    }
    known = [(each["name"], each["in"]) for each in operation["parameters"]]
    operation["parameters"] += [
        each for each in _keys(document, found) if (each["name"], each["in"]) not in known
    ]
    if body is not None:
        operation["body"] = body
    accept = _accepted(document, found)
    if accept:
        operation["accept"] = accept
    return operation


def parameter_names(operation: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The names that a call may give, and those that it must give."""
    allowed = [each["name"] for each in operation["parameters"]]
    required = [each["name"] for each in operation["parameters"] if each.get("required")]
    body = operation.get("body")
    if body:
        allowed += [*body["names"], *body["fields"]]
    return list(dict.fromkeys(allowed)), list(dict.fromkeys(required))


# --- parameters ---------------------------------------------------------------------------------


def _parameters(document: Document, found: Found) -> list[dict[str, Any]]:
    """Those of the operation go before those of its path."""
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for part in (found.item, found.operation):
        for each in document.entries(document.child(part, "parameters")):
            value = each.value
            if isinstance(value, dict) and "name" in value and "in" in value:
                read = _old_parameter(value) if document.is_old else _parameter(value)
                if document.is_old and value["in"] in ("body", "formData"):
                    read["part"] = each
                known[str(value["name"]), str(value["in"])] = read
    return list(known.values())


def _parameter(value: Mapping[str, Any]) -> dict[str, Any]:
    where = str(value["in"])
    style = str(value.get("style") or _STYLES.get(where, "form"))
    read: dict[str, Any] = {
        "name": str(value["name"]),
        "in": where,
        "required": bool(value.get("required")) or where == "path",
        "style": style,
        "explode": bool(value.get("explode", style == "form")),
    }
    if value.get("allowReserved"):
        read["allowReserved"] = True
    if isinstance(value.get("content"), dict):
        read["json"] = True
    return read


def _old_parameter(value: Mapping[str, Any]) -> dict[str, Any]:
    where = str(value["in"])
    style, explode = _COLLECTIONS.get(str(value.get("collectionFormat")), ("form", False))
    return {
        "name": str(value["name"]),
        "in": where,
        "required": bool(value.get("required")) or where == "path",
        "style": "simple" if where in ("path", "header") and style == "form" else style,
        "explode": explode,
    }


def _keys(document: Document, found: Found) -> list[dict[str, Any]]:
    """Keys of the API, which the document keeps apart; a call gives them like parameters."""
    security = found.operation.value.get("security", document.root.get("security"))
    place = ("securityDefinitions",) if document.is_old else ("components", "securitySchemes")
    schemes = document.top
    for name in place:
        schemes = document.child(schemes, name)
    wanted = [name for each in security or () if isinstance(each, dict) for name in each]
    keys = []
    for name in dict.fromkeys(wanted):
        scheme = document.resolved(document.child(schemes, str(name))).value
        if isinstance(scheme, dict) and scheme.get("type") == "apiKey" and "name" in scheme:
            read = {"name": scheme["name"], "in": scheme.get("in", "header")}
            keys.append({**_parameter(read), "required": False})
    return keys


# --- body ---------------------------------------------------------------------------------------


def _body(document: Document, found: Found) -> dict[str, Any] | None:
    part = document.resolved(document.child(found.operation, "requestBody"))
    if not isinstance(part.value, dict):
        return None
    content = document.child(part, "content")
    kinds = [name for name, _ in document.items(content)]
    kind = _chosen(kinds)
    schema = document.child(document.child(content, kind), "schema")
    named = part.value.get("x-bodyName") or part.value.get("x-body-name")
    names = [str(named), "body"] if named else ["body"]
    return {
        "content": kind,
        "required": bool(part.value.get("required")),
        "names": names,
        "fields": _fields(document, schema),
    }


def _old_body(
    document: Document, found: Found, parameters: list[dict[str, Any]]
) -> dict[str, Any] | None:
    consumes = found.operation.value.get("consumes", document.root.get("consumes")) or ()
    kinds = [str(each) for each in consumes]
    for each in parameters:
        if each["in"] == "body":
            schema = document.child(each.pop("part"), "schema")
            return {
                "content": _chosen(kinds),
                "required": each["required"],
                "names": [each["name"], *(["body"] if each["name"] != "body" else [])],
                "fields": _fields(document, schema),
            }
    fields = [each for each in parameters if each["in"] == "formData"]
    if not fields:
        return None
    has_file = any(each.pop("part").value.get("type") == "file" for each in fields)
    forms = [each for each in kinds if each in ("multipart/form-data", _FIELDS)]
    return {
        "content": "multipart/form-data" if has_file else (forms or [_FIELDS])[0],
        "required": any(each["required"] for each in fields),
        "names": [],
        "fields": [each["name"] for each in fields],
        "needed": [each["name"] for each in fields if each["required"]],
    }


def _chosen(kinds: list[str]) -> str:
    bare = {each.partition(";")[0].strip().lower(): each for each in reversed(kinds)}
    like_json = [each for each in bare if each.endswith("+json")]
    for wanted in (_PREFERRED[0], *like_json, *_PREFERRED[1:]):
        if wanted in bare:
            return bare[wanted]
    return kinds[0] if kinds and kinds[0] != "*/*" else "application/json"


def _fields(document: Document, schema: Part, depth: int = 5) -> list[str]:
    """Names of an object's fields, so that they can be given one by one."""
    schema = document.resolved(schema)
    if not isinstance(schema.value, dict) or not depth:
        return []
    names = [name for name, _ in document.items(document.child(schema, "properties"))]
    parts = document.child(schema, "allOf")
    for each in parts.value if isinstance(parts.value, list) else ():
        names += _fields(document, Part(each, parts.resolver), depth - 1)
    return list(dict.fromkeys(names))


def _accepted(document: Document, found: Found) -> str:
    if document.is_old:
        kinds = found.operation.value.get("produces", document.root.get("produces")) or ()
        return ", ".join(str(each) for each in kinds)
    kinds = []
    for status, response in document.items(document.child(found.operation, "responses")):
        if status.startswith("2") or status == "default":
            content = document.child(document.resolved(response), "content")
            kinds += [name for name, _ in document.items(content)]
    # What we can read goes first.
    kinds.sort(key=lambda each: "json" not in each)
    return ", ".join(dict.fromkeys(kinds))


# --- where --------------------------------------------------------------------------------------


def _server(document: Document, found: Found) -> str:
    """The first server of the operation, of its path, or of the document."""
    for part in (found.operation, found.item, document.top):
        servers = part.value.get("servers") if isinstance(part.value, dict) else None
        if isinstance(servers, list) and servers and isinstance(servers[0], dict):
            return _address(document, _filled(servers[0]))
    return _address(document, "/")


def _filled(server: Mapping[str, Any]) -> str:
    url = str(server.get("url") or "/")
    variables = server.get("variables")
    for name, variable in (variables if isinstance(variables, dict) else {}).items():
        default = variable.get("default") if isinstance(variable, dict) else None
        if default is not None:
            url = url.replace(f"{{{name}}}", str(default))
    if "{" in url:
        raise DocumentUnusable(f"its server {url} has a variable without a default")
    return url


def _old_server(document: Document, found: Found) -> str:
    own = urlsplit(document.address)
    host = document.root.get("host") or own.netloc
    schemes = found.operation.value.get("schemes", document.root.get("schemes")) or ()
    web = [str(each) for each in schemes if str(each) in ("https", "http")]
    scheme = "https" if "https" in web or not (web or own.scheme) else (web or [own.scheme])[0]
    if not host:
        raise DocumentUnusable("it names no host, and does not come from one")
    base = str(document.root.get("basePath") or "")
    return f"{scheme}://{host}/{base.strip('/')}".rstrip("/")


def _address(document: Document, url: str) -> str:
    address = urljoin(document.address, url) if "://" in document.address else url
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise DocumentUnusable(
            f"its server {url} is no whole address, and a file of this folder has none"
        )
    return address.rstrip("/")
