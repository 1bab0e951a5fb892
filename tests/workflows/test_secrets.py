"""Expressions that name `$secrets` are not evaluated in the case: they travel to the activity."""

from __future__ import annotations

import json

import pytest

from language.plan import Call
from tests.workflows.in_world import run_in_world
from tests.workflows.scenarios import SCENARIOS, call
from tests.workflows.test_actions import run_tasks
from workflows.effects import Action

[SECRET] = [each for each in SCENARIOS if each.name == "secret"]


def test_what_names_a_secret_is_left_out_of_the_arguments() -> None:
    """All else is evaluated as always; variables of the address are filled in."""
    [arguments] = run_in_world(SECRET).arguments

    assert arguments == {
        "method": "get",
        "endpoint": "https://kb.example.org/7",
        "headers": {"X-Key": "***", "X-Who": "amy"},
        "query": {"page": "***"},
    }


def test_it_travels_with_what_it_reads() -> None:
    """`.` and the variables that it names, and no others."""
    systems, _ = run_tasks(SECRET.tasks, SECRET.input, {})
    [action] = systems.actions

    assert action.deferred == {
        "value": SECRET.input,
        "variables": {"input": SECRET.input},
        "places": [
            {"at": ["headers", "X-Key"], "source": '"k " + $secrets.key', "line": 0},
            {
                "at": ["query", "page"],
                "source": "$input.page + ($secrets.first | length)",
                "line": 0,
            },
        ],
    }
    assert json.loads(json.dumps(action.request("d")))["deferred"]["places"]


def test_a_request_without_secrets_is_what_it_was_before() -> None:
    """Recorded histories hold requests without the field."""
    action = Action("http", "k", {}, {}, "/do/0", "")

    assert "deferred" not in action.request("d")


@pytest.mark.parametrize("place", ["endpoint", "uri", "authority"])
def test_an_address_may_be_a_secret(place: str) -> None:
    """Then nothing is filled into it."""
    secret = "${ $secrets.address }"
    policy = {"oauth2": {"authority": "https://login.example/{realm}", "grant": "password"}}
    endpoint: object = {
        "endpoint": secret,
        "uri": {"uri": secret},
        "authority": {"uri": "https://x.example/{id}", "authentication": policy},
    }[place]
    ask: Call = call(
        "ask", "http", "/do/0", secrets=True, arguments={"method": "get", "endpoint": endpoint}
    )

    systems, run = run_tasks((ask,), {"id": 7, "realm": "a/b"}, {})

    assert run.state.ended is not None
    assert run.state.ended["as"] == "completed", run.state.ended
    called = systems.asked[0]["endpoint"]
    match place:
        case "endpoint":
            assert called == "***"
        case "uri":
            assert called == {"uri": "***"}
        case _:
            assert called["uri"] == "https://x.example/7"
            authority = called["authentication"]["oauth2"]["authority"]
            assert authority == "https://login.example/a%2Fb"


def test_what_else_does_not_fit_is_still_found_in_the_case() -> None:
    """Only arguments that a secret is a part of are left to the activity."""
    ask = call(
        "ask", "http", "/do/0", secrets=True,
        arguments={
            "method": "get", "endpoint": "https://x.example",
            "headers": {"X": "${ $secrets.key }"}, "redirect": "${ .redirect }",
        },
    )  # fmt: skip

    systems, run = run_tasks((ask,), {"redirect": "yes"}, {})

    assert systems.asked == []
    assert run.state.ended is not None
    assert run.state.ended["error"]["type"].endswith("/validation")
