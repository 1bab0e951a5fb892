"""Requests of operations: parameters as OpenAPI says that they are written."""

from __future__ import annotations

from typing import Any

import pytest

from service.openapi import ParametersInvalid, fill, request_arguments

LIST = ["blue", "black", "brown"]
COLOR = {"R": 100, "G": 200, "B": 150}


def parameter(where: str, style: str, *, explode: bool, **more: Any) -> dict[str, Any]:
    """Describe one."""
    return {"name": "color", "in": where, "style": style, "explode": explode, **more}


def operation(*parameters: dict[str, Any], path: str = "/things", **more: Any) -> dict[str, Any]:
    """Describe an operation."""
    return {
        "method": "get", "server": "https://a.example/v1", "path": path,
        "parameters": list(parameters), **more,
    }  # fmt: skip


def uri(given: Any, *parameters: dict[str, Any], path: str = "/things") -> str:
    """The address below the server."""
    made: str = fill(operation(*parameters, path=path), {"color": given})["uri"]
    return made.removeprefix("https://a.example/v1")


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        # OpenAPI 3.1, 4.8.12.4: the examples of the standard.
        ("simple", False, "blue", "blue"), ("simple", False, LIST, "blue,black,brown"),
        ("simple", False, COLOR, "R,100,G,200,B,150"), ("simple", True, COLOR, "R=100,G=200,B=150"),
        ("label", False, "blue", ".blue"), ("label", True, LIST, ".blue.black.brown"),
        ("label", True, COLOR, ".R=100.G=200.B=150"), ("label", False, COLOR, ".R,100,G,200,B,150"),
        ("matrix", False, "blue", ";color=blue"), ("matrix", False, LIST, ";color=blue,black,brown"),
        ("matrix", True, LIST, ";color=blue;color=black;color=brown"),
        ("matrix", True, COLOR, ";R=100;G=200;B=150"),
        ("matrix", False, COLOR, ";color=R,100,G,200,B,150"),
        ("simple", False, "a/b ?#", "a%2Fb%20%3F%23"), ("simple", False, True, "true"),
        ("simple", False, 1.5, "1.5"),
    ],
)  # fmt: skip
def test_parts_of_the_path(style: str, value: Any, written: str, *, explode: bool) -> None:
    """Encoded, so that no value becomes another path."""
    path = uri(value, parameter("path", style, explode=explode), path="/x/{color}/y")
    assert path == f"/x/{written}/y"


@pytest.mark.parametrize("value", ["", ".", "..", [], None])
def test_a_part_of_the_path_is_never_empty_or_a_step_up(value: Any) -> None:
    """The address would be that of something else."""
    with pytest.raises(ParametersInvalid, match="color"):
        uri(value, parameter("path", "simple", explode=False, required=True), path="/x/{color}")


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("form", True, "blue", "color=blue"), ("form", True, LIST, "color=blue&color=black&color=brown"),
        ("form", False, LIST, "color=blue,black,brown"), ("form", True, COLOR, "R=100&G=200&B=150"),
        ("form", False, COLOR, "color=R,100,G,200,B,150"),
        ("spaceDelimited", False, LIST, "color=blue%20black%20brown"),
        ("pipeDelimited", False, LIST, "color=blue%7Cblack%7Cbrown"),
        ("tabDelimited", False, LIST, "color=blue%09black%09brown"),
        ("deepObject", True, COLOR, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
        ("form", True, "a&b=c d", "color=a%26b%3Dc%20d"), ("form", True, False, "color=false"),
        ("form", True, [1, None, 2], "color=1&color=2"),
    ],
)  # fmt: skip
def test_the_query(style: str, value: Any, written: str, *, explode: bool) -> None:
    """Lists and objects in each style."""
    assert uri(value, parameter("query", style, explode=explode)) == f"/things?{written}"


def test_the_query_leaves_out_what_is_not_given() -> None:
    """Null is nothing; an empty list is nothing either."""
    described = parameter("query", "form", explode=True)
    assert uri(None, described) == "/things"
    assert uri([], described) == "/things"
    assert uri("x", described, path="/things?a=1") == "/things?a=1&color=x"


def test_reserved_characters_and_json() -> None:
    """As the parameter allows it, or as its content says."""
    reserved = parameter("query", "form", explode=True, allowReserved=True)
    assert uri("a/b?c&d", reserved) == "/things?color=a/b?c%26d"
    assert uri({"a": 1}, parameter("query", "form", explode=True, json=True)) == (
        "/things?color=%7B%22a%22%3A1%7D"
    )


def test_headers_and_cookies() -> None:
    """Without encoding in headers; a cookie keeps none of its separators."""
    made = fill(
        operation(
            {"name": "X-Ids", "in": "header", "style": "simple", "explode": False},
            {"name": "session", "in": "cookie", "style": "form", "explode": True},
            {"name": "kind", "in": "cookie", "style": "form", "explode": True},
            accept="application/json",
        ),
        {"X-Ids": [1, 2], "session": "a b;c", "kind": ["x", "y"]},
    )
    assert made["headers"] == {
        "X-Ids": "1,2", "Cookie": "session=a%20b%3Bc; kind=x; kind=y", "Accept": "application/json",
    }  # fmt: skip


BODY = {
    "content": "application/json",
    "required": True,
    "names": ["pet", "body"],
    "fields": ["name", "tag"],
}


@pytest.mark.parametrize(
    ("body", "given", "sent"),
    [
        (BODY, {"body": {"name": "Rex"}}, {"name": "Rex"}), (BODY, {"pet": [1]}, [1]),
        (BODY, {"name": "Rex", "tag": None}, {"name": "Rex"}), (BODY, {"body": "Rex"}, '"Rex"'),
        ({**BODY, "content": "application/xml"}, {"body": "<a/>"}, "<a/>"),
        ({**BODY, "content": "multipart/form-data"}, {"name": "Rex"}, {"name": "Rex"}),
    ],
)  # fmt: skip
def test_a_body_is_given_whole_or_by_its_fields(body: Any, given: Any, sent: Any) -> None:
    """With the type that the document says."""
    made = fill(operation(body=body), given)
    assert made["body"] == sent
    assert made["headers"]["Content-Type"] == body["content"]


def test_what_is_missing_is_said_all_at_once() -> None:
    """Parameters and body."""
    described = operation(parameter("query", "form", explode=True, required=True), body=BODY)
    with pytest.raises(ParametersInvalid) as error:
        fill(described, {})
    assert error.value.problems == (
        'the parameter "color" is missing', 'the parameter "pet" is missing',
    )  # fmt: skip
    assert "body" not in fill(operation(body={**BODY, "required": False}), {})


def test_a_call_of_an_operation_is_a_call_of_http() -> None:
    """Login, output and redirect go along."""
    assert request_arguments(
        {
            "operation": operation(),
            "authentication": {"bearer": {"token": "t"}},
            "output": "response",
            "redirect": True,
        }
    ) == {
        "method": "get",
        "endpoint": {"uri": "https://a.example/v1/things", "authentication": {"bearer": {"token": "t"}}},
        "output": "response",
        "redirect": True,
    }  # fmt: skip
