"""`http`: requests as they go out, and what answers mean for a case."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from activities.http import LONGEST_ANSWER, LONGEST_WAIT
from outgoing.rules import NotAllowed
from tests.activities.stage import Stage

URI = "https://kb.example.org/search"
GET = {"method": "get", "endpoint": URI}
SECRET = "s3cret-Word"


def web(stage: Stage, *answers: httpx.Response | Exception) -> list[httpx.Request]:
    """Answer requests in this order, the last one again and again; gives what was asked."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        said = answers[min(len(asked), len(answers)) - 1]
        if isinstance(said, Exception):
            raise said
        return said

    stage.web = answer
    return asked


def failure(stage: Stage, **arguments: Any) -> ApplicationError:
    """Give the error of a call."""
    with pytest.raises(ApplicationError) as error:
        stage.act("http", {**GET, **arguments})
    return error.value


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        (httpx.Response(200, json={"hits": [1]}), {"hits": [1]}),
        (httpx.Response(200, content=b"[]", headers={"content-type": "application/x+json"}), []),
        (httpx.Response(200, text="plain"), "plain"),
        (httpx.Response(200, content="é".encode("latin-1"),
                        headers={"content-type": "text/plain; charset=latin-1"}), "é"),
        (httpx.Response(200, content=b"\xff", headers={"content-type": "text/plain"}), "�"),
        (httpx.Response(204), None),
    ],
)  # fmt: skip
def test_an_answer_is_json_or_text(stage: Stage, answer: httpx.Response, content: Any) -> None:
    """As its media type says; nothing is null."""
    web(stage, answer)
    assert stage.act("http", GET) == content


def test_a_task_can_ask_for_bytes_or_the_whole_answer(stage: Stage) -> None:
    """`raw` is base64, `response` has status and headers, and no secrets of ours or theirs."""
    secrets = {"X-Api-Key": SECRET, "Cookie": SECRET, "X-Kind": "a"}
    theirs = {"set-cookie": SECRET, "x-page": "2"}
    web(stage, httpx.Response(200, json=[1], headers=theirs))
    assert base64.b64decode(stage.act("http", {**GET, "output": "raw"})) == b"[1]"
    login = {"uri": URI, "authentication": {"bearer": {"token": SECRET}}}
    whole = stage.act(
        "http", {"method": "get", "endpoint": login, "headers": secrets, "output": "response"}
    )
    assert (whole["statusCode"], whole["content"]) == (200, [1])
    assert whole["headers"]["x-page"] == "2"
    assert whole["request"]["method"] == "get"
    assert whole["request"]["uri"] == URI
    assert whole["request"]["headers"]["x-kind"] == "a"
    assert SECRET not in json.dumps(whole)


def test_a_request_carries_what_the_task_gives(stage: Stage) -> None:
    """Query is added to the address; nulls are left out; true is true."""
    asked = web(stage, httpx.Response(200))
    stage.act(
        "http",
        {
            "method": "post",
            "endpoint": f"{URI}?a=1",
            "query": {"q": "x y&z", "flag": True, "many": [1, 2], "none": None},
            "headers": {"X-Number": 5, "X-Flag": False, "X-None": None},
            "body": {"text": "你好"},
        },
    )
    [request] = asked
    assert str(request.url.query, "ascii").replace("%20", "+") == (
        "a=1&q=x+y%26z&flag=true&many=1&many=2"
    )
    assert (request.headers["x-number"], request.headers["x-flag"]) == ("5", "false")
    assert "x-none" not in request.headers
    assert json.loads(request.content) == {"text": "你好"}


@pytest.mark.parametrize(
    ("body", "headers", "content"),
    [
        ("as it is", {}, b"as it is"),
        ({"a": "x y"}, {"content-type": "application/x-www-form-urlencoded"}, b"a=x+y"),
        ([1], {"Content-Type": "application/json"}, b"[1]"),
        (0, {}, b"0"),
    ],
)
def test_a_body_is_written_as_its_type_says(
    stage: Stage, body: Any, headers: dict[str, str], content: bytes
) -> None:
    """Text as it is, forms as forms, all else as JSON."""
    asked = web(stage, httpx.Response(200))
    stage.act("http", {"method": "put", "endpoint": URI, "body": body, "headers": headers})
    assert asked[0].content == content


def test_every_attempt_of_a_change_has_the_same_key(stage: Stage) -> None:
    """A server that knows `Idempotency-Key` carries it out once; reads need none."""
    asked = web(stage, httpx.Response(200))
    for method in ("post", "post", "get"):
        stage.act("http", {**GET, "method": method})
    keys = [request.headers.get("idempotency-key") for request in asked]
    assert keys == ["run-1:/do/0/act#1", "run-1:/do/0/act#1", None]


def test_a_key_of_the_definition_goes_before_ours(stage: Stage) -> None:
    """However its name is written, there is one."""
    asked = web(stage, httpx.Response(200))
    stage.act("http", {**GET, "method": "post", "headers": {"idempotency-key": "order 7"}})
    assert asked[0].headers.get_list("idempotency-key") == ["order 7"]


@pytest.mark.parametrize("method", ["connect", "TRACE", "get\r\nX: 1", ""])
def test_methods_that_are_none_are_refused(stage: Stage, method: str) -> None:
    """No tunnel, no echo of what we send, no second line."""
    asked = web(stage, httpx.Response(200))
    assert failure(stage, method=method).type == "Refused"
    assert asked == []


@pytest.mark.parametrize(
    ("content", "kind", "given"),
    [
        (b"%PDF\xff", "application/pdf", base64.b64encode(b"%PDF\xff").decode()),
        (b"<a/>", "application/xml", "<a/>"),
        (b"plain", "", "plain"),
    ],
)
def test_what_is_no_text_comes_as_base64(
    stage: Stage, content: bytes, kind: str, given: str
) -> None:
    """Nothing of a file is lost; what can be read as text is text."""
    web(stage, httpx.Response(200, content=content, headers={"content-type": kind}))
    assert stage.act("http", GET) == given


def test_a_form_may_have_parts(stage: Stage) -> None:
    """multipart/form-data, with a boundary of its own."""
    asked = web(stage, httpx.Response(200))
    stage.act(
        "http",
        {
            **GET, "method": "post", "headers": {"Content-Type": "multipart/form-data"},
            "body": {"a": "x y", "b": [1, "z"], "c": None},
        },
    )  # fmt: skip
    kind = asked[0].headers["content-type"]
    assert kind.startswith("multipart/form-data; boundary=")
    text = asked[0].content.decode()
    assert text.count(kind.partition("=")[2]) == 4
    assert all(f'name="{name}"' in text for name in ("a", "b"))
    assert 'name="c"' not in text


@pytest.mark.parametrize(
    ("status", "kind", "retried"),
    [
        (400, "Refused", False), (401, "NotAuthorized", False), (403, "NotAuthorized", False),
        (404, "NotFound", False), (409, "Conflict", False), (410, "NotFound", False),
        (422, "Refused", False), (408, "Unavailable", True), (429, "RateLimited", True),
        (500, "Unavailable", True), (501, "Refused", False), (503, "Unavailable", True),
        (507, "Unavailable", True), (529, "Unavailable", True), (302, "Refused", False),
        (304, "Refused", False),
    ],
)  # fmt: skip
def test_a_status_says_whether_to_try_again(
    stage: Stage, status: int, kind: str, retried: bool
) -> None:
    """The error has the status, the kind, and what the server said."""
    web(stage, httpx.Response(status, text="because of\n reasons"))
    error = failure(stage)
    assert (error.type, error.non_retryable) == (kind, not retried)
    assert error.details[0] == {
        "system": "http", "status": status,
        "detail": f"GET {URI} answered {status}: because of reasons",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("Mon, 02 Mar 2026 09:02:00 GMT", timedelta(minutes=2)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", timedelta(0)),
        ("99999999999999999999", LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("soon", None), ("-5", None), ("", None), ("²", None),
    ],
)  # fmt: skip
def test_a_servers_wait_is_kept(stage: Stage, given: str, wait: timedelta | None) -> None:
    """Seconds and dates, within reason; what cannot be read is no wait."""
    web(stage, httpx.Response(503, headers=[(b"retry-after", given.encode())]))
    assert failure(stage).next_retry_delay == wait


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), "Unavailable"),
        (httpx.ReadTimeout(""), "Unavailable"),
        (httpx.RemoteProtocolError("broken"), "Unavailable"),
        (httpx.TooManyRedirects("in a circle"), "Refused"),
        (httpx.LocalProtocolError("illegal header"), "Refused"),
        (NotAllowed("10.0.0.1 is private"), "Refused"),
    ],
)
def test_a_broken_connection_is_tried_again(stage: Stage, error: Exception, kind: str) -> None:
    """What our own request did wrong is not."""
    web(stage, error)
    assert failure(stage).type == kind


@pytest.mark.parametrize(
    "arguments",
    [
        {"endpoint": "ftp://x.example/a"}, {"endpoint": "/relative"}, {"endpoint": ""},
        {"endpoint": "https://"}, {"endpoint": "http://[::1"}, {"endpoint": "file:///etc/passwd"},
        {"headers": {"X-A": "ü"}}, {"headers": {"X-A": {"b": 1}}}, {"query": {"a": {"b": 1}}},
        {"endpoint": "https://x.example:99999/"}, {"endpoint": "https://x.example/\x00"},
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_written_is_refused(stage: Stage, arguments: Any) -> None:
    """It is a matter for the process owner, and no retry mends it."""
    asked = web(stage, httpx.Response(200))
    error = failure(stage, **arguments)
    assert (error.type, error.non_retryable) == ("Refused", True)
    assert asked == []


def test_an_answer_that_drips_comes_to_an_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time limit is for the whole call; it is the standard's timeout, and tried again."""

    async def parts() -> Any:
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    monkeypatch.setattr("activities.http.LONGEST_CALL", timedelta(milliseconds=100))
    web(stage, httpx.Response(200, content=parts()))
    error = failure(stage)
    assert (error.type, error.non_retryable) == ("Unavailable", False)
    assert (error.details[0]["status"], error.details[0]["standard"]) == (408, "timeout")


@pytest.mark.parametrize("stated", [True, False])
def test_an_answer_without_end_is_not_read(stage: Stage, stated: bool) -> None:
    """What a case remembers stands in its history: a million bytes are the most."""
    long = b"x" * (LONGEST_ANSWER + 1)

    async def parts() -> Any:
        for start in range(0, len(long), 100_000):
            yield long[start : start + 100_000]

    answer = httpx.Response(200, content=long) if stated else httpx.Response(200, content=parts())
    web(stage, answer)
    error = failure(stage)
    assert error.type == "Refused"
    assert "longer than" in str(error)


@pytest.mark.parametrize("text", ["{", "NaN", "[" * 100_000, '{"a": Infinity}', "9" * 5000])
def test_what_only_says_that_it_is_json_is_refused(stage: Stage, text: str) -> None:
    """A case keeps JSON; neither nonsense nor endless nesting stops the worker."""
    web(stage, httpx.Response(200, text=text, headers={"content-type": "application/json"}))
    assert failure(stage).type == "Refused"


def test_redirects_are_followed_where_the_task_says_so(stage: Stage) -> None:
    """Without `redirect` they are errors; the login stays with the first host."""
    moved = httpx.Response(302, headers={"location": "https://other.example/x"})
    asked = web(stage, moved, httpx.Response(200, text="there"))
    login = {"uri": URI, "authentication": {"basic": {"username": "u", "password": SECRET}}}
    assert stage.act("http", {**GET, "endpoint": login, "redirect": True}) == "there"
    assert [request.url.host for request in asked] == ["kb.example.org", "other.example"]
    assert asked[0].headers["authorization"].startswith("Basic ")
    assert "authorization" not in asked[1].headers
    web(stage, httpx.Response(304))
    assert stage.act("http", {**GET, "redirect": True}) is None
    web(stage, moved)
    assert failure(stage).type == "Refused"


def test_logins_are_sent_and_never_shown(stage: Stage) -> None:
    """No error names a password, a token, or what stands in an address's query."""
    for policy in (
        {"basic": {"username": "u", "password": SECRET}},
        {"bearer": {"token": SECRET}},
        {"digest": {"username": "u", "password": SECRET}},
    ):
        asked = web(stage, httpx.Response(403))
        endpoint = {
            "uri": f"https://u:{SECRET}@kb.example.org/a?token={SECRET}", "authentication": policy,
        }  # fmt: skip
        error = failure(stage, endpoint=endpoint)
        assert "https://kb.example.org/a?..." in str(error)
        assert SECRET not in f"{error} {error.details}"
        assert "digest" in policy or "authorization" in asked[0].headers
    web(stage, httpx.ConnectError("refused"))
    assert SECRET not in str(failure(stage, endpoint=f"https://u:{SECRET}@kb.example.org/"))
    error = failure(stage, headers={"X-Api-Key": f"{SECRET}ü"})
    assert error.type == "Refused"
    assert SECRET not in f"{error} {error.details}"


@pytest.mark.parametrize("policy", [{"oauth2": {"authority": "x"}}, {"basic": {"use": "vault"}}])
def test_a_login_that_is_not_known_is_not_authorized(stage: Stage, policy: Any) -> None:
    """The administrator reads which one, and nothing goes out."""
    asked = web(stage, httpx.Response(200))
    error = failure(stage, endpoint={"uri": URI, "authentication": policy})
    assert error.type == "NotAuthorized"
    assert next(iter(policy)) in str(error)
    assert asked == []
