"""HTTP in rehearsals: stubs answer as the real system would, errors included."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from workflows.effects import ActionFailed
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.web import answer_of, fits

URI = "https://kb.example.org/search"


def ask(systems: Systems, **arguments: Any) -> Any:
    """Call the systems of a rehearsal."""
    return systems._answer_http({"method": "get", "endpoint": URI, **arguments})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, "Refused"), (400, "Refused"), (401, "NotAuthorized"), (403, "NotAuthorized"),
        (404, "NotFound"), (409, "Conflict"), (429, "RateLimited"), (500, "Unavailable"),
        (503, "Unavailable"), (501, "Refused"),
    ],
)  # fmt: skip
def test_a_status_is_the_error_of_a_live_call(status: int, kind: str) -> None:
    """The same kind, the same sentence, the same status."""
    systems = Systems({"http": [{"request": {}, "response": {"status": status, "body": {"a": 1}}}]})
    with pytest.raises(ActionFailed) as error:
        ask(systems, endpoint=f"{URI}?key=hidden")
    assert (error.value.kind, error.value.status) == (kind, status)
    assert error.value.detail == f'GET {URI}?... answered {status}: {{"a": 1}}'


def test_with_redirect_a_status_of_three_hundred_is_none() -> None:
    """As the standard says."""
    assert answer_of({"status": 304, "body": "x"}, "get", URI, {"redirect": True}) == "x"


def test_an_answer_comes_as_the_call_wants_it() -> None:
    """Content, raw as base64, or the whole response with headers in lower case."""
    response = {"status": 201, "body": {"id": 7}, "headers": {"Location": "/7"}}
    assert answer_of(response, "post", URI, {}) == {"id": 7}
    raw = answer_of(response, "post", URI, {"output": "raw"})
    assert base64.b64decode(raw) == b'{"id": 7}'
    whole = answer_of(response, "post", URI, {"output": "response", "headers": {"X-A": "1"}})
    assert whole == {
        "request": {"method": "post", "uri": URI, "headers": {"x-a": "1"}},
        "statusCode": 201,
        "headers": {"location": "/7"},
        "content": {"id": 7},
    }


def test_stubs_for_one_request_answer_in_order_and_the_last_repeats() -> None:
    """A failure is over once it was counted out."""
    request = {"method": "get", "uri": URI}
    systems = Systems(
        {
            "http": [
                {"request": request, "fails": "Unavailable", "times": 2},
                {"request": request, "response": {"body": 1}},
                {"request": request, "response": {"body": 2}},
            ]
        }
    )
    got: list[Any] = []
    for _ in range(5):
        try:
            got.append(ask(systems))
        except ActionFailed as error:
            got.append(error.kind)
    assert got == ["Unavailable", "Unavailable", 1, 2, 2]
    assert systems.never_used() == []


def test_a_stub_for_one_address_goes_before_one_for_all_as_often_as_it_is_asked() -> None:
    """A pattern further down is for the others."""
    systems = Systems(
        {
            "http": [
                {"request": {"uri": URI}, "response": {"body": "one"}},
                {"request": {"uri": "*"}, "response": {"body": "all"}},
            ]
        }
    )
    assert [ask(systems), ask(systems), ask(systems, endpoint="https://x.example")] == [
        "one", "one", "all",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "fit"),
    [
        ({}, True), ({"method": "POST"}, True), ({"method": "get"}, False),
        ({"uri": "https://kb.example.org/*"}, True), ({"uri": "https://kb.example.org"}, False),
        ({"query": {"q": "vpn"}}, True), ({"query": {"q": "mail"}}, False),
        ({"headers": {"x-kind": "a"}}, True), ({"headers": {"X-Other": "a"}}, False),
        ({"body": {"a": {"b": 1}}}, True), ({"body": {"a": {"b": 2}}}, False), ({"body": 3}, False),
    ],
)  # fmt: skip
def test_a_stub_fits_what_it_names(request_: dict[str, Any], *, fit: bool) -> None:
    """What it does not name may be anything."""
    arguments = {
        "query": {"q": "vpn", "page": 1},
        "headers": {"X-Kind": "a"},
        "body": {"a": {"b": 1, "c": 2}},
    }
    assert fits(request_, "post", URI, arguments) is fit
