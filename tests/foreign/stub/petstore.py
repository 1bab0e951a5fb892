"""The pet store of the Swagger project, versions 2 and 3, with their documents."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import httpx

from tests.foreign.stub.echo import sent

STATUSES = ("available", "pending", "sold")
_BASE = re.compile(r"^/(?P<base>v2|api/v3|v3)(?P<rest>/.*)$")
KNOWN = range(1, 1001)
"""Pets, orders that are there; any other number is not found."""


class Operation(NamedTuple):
    """One operation of the API: its parameters are (name, where, type, required)."""

    id: str
    method: str
    path: str
    parameters: tuple[tuple[str, str, str, bool], ...] = ()
    has_body: bool = False


_PET_ID = ("petId", "path", "integer", True)
_USERNAME = ("username", "path", "string", True)
OPERATIONS = (
    Operation("addPet", "post", "/pet", (), has_body=True),
    Operation("updatePet", "put", "/pet", (), has_body=True),
    Operation("findPetsByStatus", "get", "/pet/findByStatus", (("status", "query", "array", True),)),
    Operation("findPetsByTags", "get", "/pet/findByTags", (("tags", "query", "array", True),)),
    Operation("getPetById", "get", "/pet/{petId}", (_PET_ID,)),
    Operation("deletePet", "delete", "/pet/{petId}", (_PET_ID, ("api_key", "header", "string", False))),
    Operation("getInventory", "get", "/store/inventory"),
    Operation("placeOrder", "post", "/store/order", (), has_body=True),
    Operation("getOrderById", "get", "/store/order/{orderId}", (("orderId", "path", "integer", True),)),
    Operation("deleteOrder", "delete", "/store/order/{orderId}", (("orderId", "path", "integer", True),)),
    Operation("createUser", "post", "/user", (), has_body=True),
    Operation("loginUser", "get", "/user/login", (("username", "query", "string", True), ("password", "query", "string", True))),
    Operation("logoutUser", "get", "/user/logout"),
    Operation("getUserByName", "get", "/user/{username}", (_USERNAME,)),
    Operation("updateUser", "put", "/user/{username}", (_USERNAME,), has_body=True),
    Operation("deleteUser", "delete", "/user/{username}", (_USERNAME,)),
)  # fmt: skip


def answer(request: httpx.Request) -> httpx.Response | None:
    """Its answer, or None where another API is asked."""
    found = _BASE.match(request.url.path)
    if found is None:
        return None
    rest = found["rest"].rstrip("/")
    match rest.split("/")[1:]:
        case ["swagger.json"]:
            return httpx.Response(200, json=swagger(request.url, f"/{found['base']}"))
        case ["openapi.json"]:
            return httpx.Response(200, json=openapi(f"/{found['base']}"))
        case ["pet", *more]:
            return _pet(request, more)
        case ["store", *more]:
            return _store(request, more)
        case ["user", *more]:
            return _user(request, more)
    return None if "petstore" not in request.url.host else _missing()


def _missing(what: str = "unknown path") -> httpx.Response:
    return httpx.Response(404, json={"code": 1, "type": "error", "message": f"{what} not found"})


def pet(number: int, status: str = "available") -> dict[str, Any]:
    """A pet of the store."""
    return {
        "id": number,
        "category": {"id": 1, "name": "dogs"},
        "name": f"Rex {number}",
        "photoUrls": ["https://pets.example/1.png"],
        "tags": [{"id": 1, "name": "good"}],
        "status": status,
    }


def _pet(request: httpx.Request, more: list[str]) -> httpx.Response:
    match request.method, more:
        case "GET", ["findByStatus"]:
            wanted = ",".join(request.url.params.get_list("status")).split(",")
            pets = [pet(n, s) for n, s in enumerate(STATUSES, 1) if s in wanted]
            return httpx.Response(200, json=pets)
        case "GET", ["findByTags"]:
            return httpx.Response(200, json=[pet(1)])
        case (("POST" | "PUT"), []):
            return httpx.Response(200, json=sent(request) or pet(1))
        case "GET", [number]:
            return httpx.Response(200, json=pet(int(number))) if _known(number) else _missing("Pet")
        case (("POST" | "PUT" | "DELETE"), [number, *_]):
            if not _known(number):
                return _missing("Pet")
            body = sent(request)
            return httpx.Response(
                200, json=pet(int(number)) | (body if isinstance(body, dict) else {})
            )
    return _missing()


def _known(number: str) -> bool:
    return number.isascii() and number.isdigit() and int(number) in KNOWN


def _store(request: httpx.Request, more: list[str]) -> httpx.Response:
    order = {"id": 1, "petId": 1, "quantity": 1, "status": "placed", "complete": True}
    match request.method, more:
        case "GET", ["inventory"]:
            return httpx.Response(200, json=dict.fromkeys(STATUSES, 1))
        case "POST", ["order"]:
            return httpx.Response(200, json=sent(request) or order)
        case "GET", ["order", number] if _known(number):
            return httpx.Response(200, json=order | {"id": int(number)})
        case "DELETE", ["order", number] if _known(number):
            return httpx.Response(200, json={"code": 200, "message": number})
    return _missing("Order")


def _user(request: httpx.Request, more: list[str]) -> httpx.Response:
    match request.method, more:
        case "GET", ["login" | "logout"]:
            return httpx.Response(200, json={"code": 200, "message": "ok"})
        case "GET", [name]:
            return httpx.Response(200, json={"id": 1, "username": name, "email": "a@b.example"})
    return httpx.Response(200, json={"code": 200, "message": "ok"})


def swagger(url: httpx.URL, base: str) -> dict[str, Any]:
    """The document in the form of Swagger 2.0."""
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        parameters: list[dict[str, Any]] = [
            {"name": name, "in": where, "required": required, "type": kind,
             **({"items": {"type": "string"}, "collectionFormat": "multi"} if kind == "array" else {})}
            for name, where, kind, required in each.parameters
        ]  # fmt: skip
        if each.has_body:
            parameters.append({"name": "body", "in": "body", "required": True, "schema": {"type": "object"}})  # fmt: skip
        paths.setdefault(each.path, {})[each.method] = {
            "operationId": each.id,
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "parameters": parameters,
            "responses": {"200": {"description": "done"}},
        }
    return {
        "swagger": "2.0",
        "info": {"title": "Petstore", "version": "1.0.7"},
        "host": url.netloc.decode(),
        "basePath": base,
        "schemes": [url.scheme],
        "paths": paths,
    }


def openapi(base: str) -> dict[str, Any]:
    """The document in the form of OpenAPI 3.0."""
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        operation: dict[str, Any] = {
            "operationId": each.id,
            "parameters": [
                {"name": name, "in": where, "required": required,
                 "schema": {"type": kind, **({"items": {"type": "string"}} if kind == "array" else {})}}
                for name, where, kind, required in each.parameters
            ],
            "responses": {"200": {"description": "done"}},
        }  # fmt: skip
        if each.has_body:
            content = {"application/json": {"schema": {"type": "object"}}}
            operation["requestBody"] = {"required": True, "content": content}
        paths.setdefault(each.path, {})[each.method] = operation
    return {
        "openapi": "3.0.4",
        "info": {"title": "Petstore", "version": "1.0.27"},
        "servers": [{"url": base}],
        "paths": paths,
    }
