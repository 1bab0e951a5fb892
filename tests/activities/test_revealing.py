"""Arguments that name secrets: evaluated in the activity, and hidden in all that it gives back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from language.expressions import parse
from tests.activities.stage import Stage
from tests.activities.test_http import web

SECRET = "s3cret-Word"


def act(
    stage: Stage,
    places: Mapping[str, str],
    arguments: Mapping[str, Any] | None = None,
    value: Any = None,
    **variables: Any,
) -> Any:
    """Call, with expressions at places such as `headers/X-Key`."""
    given: dict[str, Any] = {
        "method": "post",
        "endpoint": "https://kb.example.org/",
        **(arguments or {}),
    }
    left = []
    for place, source in places.items():
        assert parse(source)
        *path, last = place.split("/")
        target = given
        for step in path:
            target = target.setdefault(step, {})
        target[last] = "***"
        left.append({"at": place.split("/"), "source": source, "line": 7})
    deferred = {"value": value, "variables": variables, "places": left}
    return stage.act("http", given, deferred=deferred)


def failure(stage: Stage, places: Mapping[str, str], **more: Any) -> ApplicationError:
    """Give the error of a call; nothing in it or behind it shows the secret."""
    with pytest.raises(ApplicationError) as error:
        act(stage, places, **more)
    shown = error.value
    cause: BaseException | None = shown
    while cause is not None:
        assert SECRET not in f"{cause} {getattr(cause, 'details', '')}"
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return shown


@pytest.fixture
def holding(stage: Stage) -> Stage:
    """Return a stage with secrets."""
    stage.secrets = {
        "CASEWAY_SECRET_KEY": SECRET,
        "CASEWAY_SECRET_LOGIN": json.dumps({"username": "u", "password": SECRET}),
    }
    return stage


def test_a_secret_reaches_the_other_system_and_nobody_else(holding: Stage) -> None:
    """What the system says back of it is hidden, also in a result with headers and address."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        said = {"echo": request.headers["x-key"], "body": request.content.decode()}
        return httpx.Response(200, json=said, headers={"X-Said": request.headers["x-key"]})

    asked: list[httpx.Request] = []
    holding.web = answer
    places = {
        "headers/X-Key": '"k " + $secrets.key',
        "query/k": "$secrets.key",
        "body/word": "$secrets.key",
    }
    result = act(holding, places, {"output": "response"})
    [request] = asked
    assert request.headers["x-key"] == f"k {SECRET}"
    assert request.url.params["k"] == SECRET
    assert json.loads(request.content) == {"word": SECRET}
    assert SECRET not in json.dumps(result)
    assert result["content"]["echo"] == "***"


def test_an_expression_sees_what_it_saw_in_the_case(holding: Stage) -> None:
    """Its `.` and its variables travelled along; what it makes of them is not hidden."""
    asked = web(holding, httpx.Response(200, json={"who": "amy", "page": 4}))
    places = {"body": "{who: .who, page: ($context.page + 1), key: $secrets.key}"}
    result = act(holding, places, value={"who": "amy"}, context={"page": 3})
    assert json.loads(asked[0].content) == {"who": "amy", "page": 4, "key": SECRET}
    assert result == {"who": "amy", "page": 4}


def test_what_is_made_of_a_secret_is_hidden_too(holding: Stage) -> None:
    """Also where nothing of its letters is left."""
    web(holding, httpx.Response(200, json={"said": SECRET[::-1]}))
    places = {"body/reversed": "$secrets.key | explode | reverse | implode"}
    assert act(holding, places) == {"said": "***"}


def test_a_policy_may_be_a_secret_as_a_whole(holding: Stage) -> None:
    """The secret holds the fields of the policy."""
    asked = web(holding, httpx.Response(200))
    endpoint = {"endpoint": {"uri": "https://kb.example.org/"}}
    act(holding, {"endpoint/authentication/basic": '$secrets["login"]'}, endpoint)
    auth = httpx.BasicAuth("u", SECRET)
    assert (
        asked[0].headers["authorization"] == next(auth.auth_flow(asked[0])).headers["authorization"]
    )


def test_a_missing_secret_is_the_standards_authorization_error(stage: Stage) -> None:
    """Status 403, with the name, and how to provide it."""
    asked = web(stage, httpx.Response(200))
    error = failure(stage, {"headers/X-Key": "$secrets.key"})
    assert (error.type, error.non_retryable) == ("NotAuthorized", True)
    assert error.details[0]["status"] == 403
    assert error.details[0]["standard"] == "authorization"
    assert '"key"' in error.details[0]["detail"]
    assert "CASEWAY_SECRET_KEY" in error.details[0]["detail"]
    assert asked == []


@pytest.mark.parametrize(
    ("place", "source", "standard"),
    [
        ("headers/X-Key", "$secrets.key.field", "expression"),
        ("headers/X-Key", "$secrets.key | error", "expression"),
        ("headers/X-Key", "$secrets.login", "validation"),
        ("redirect", "$secrets.key", "validation"),
    ],
)
def test_what_does_not_fit_is_said_without_the_value(
    holding: Stage, place: str, source: str, standard: str
) -> None:
    """An error of jq, and the schema of the arguments, name where and not what."""
    asked = web(holding, httpx.Response(200))
    error = failure(holding, {place: source})
    assert (error.details[0]["status"], error.details[0]["standard"]) == (400, standard)
    assert asked == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(422, text=f"the key {SECRET} is wrong"),
        httpx.Response(200, text="{", headers={"content-type": "application/json"}),
        httpx.ConnectError(f"{SECRET} refused"),
        RuntimeError(f"a bug that quotes {SECRET}"),
    ],
)
def test_no_error_shows_a_secret(holding: Stage, answer: Any) -> None:
    """Not in its text, not in its facts, not in what it came from."""
    web(holding, answer)
    failure(holding, {"headers/X-Key": "$secrets.key", "query/k": "$secrets.key"})


def test_data_cannot_choose_a_secret(holding: Stage) -> None:
    """Only what the definition names is ever read."""
    asked = web(holding, httpx.Response(200))
    act(holding, {"headers/X-Key": "$secrets[.which]"}, value={"which": "key"})
    assert "x-key" not in asked[0].headers
    login = {"uri": "https://kb.example.org/", "authentication": {"basic": {"use": "login"}}}
    with pytest.raises(ApplicationError, match="must stand in the definition"):
        holding.act("http", {"method": "get", "endpoint": login})
