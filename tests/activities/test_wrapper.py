"""What is the same for every activity: heartbeats, errors as Temporal carries them, cancellation."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import wrapper
from activities.request import Request
from activities.wrapper import Action, kind_of
from integrations.errors import KINDS, IntegrationError, NotFound, RateLimited, Refused, Unavailable
from integrations.mail.interface import MaybeAccepted
from tests.activities.stage import ORGANIZATION, Stage

BODY = {"key": "k", "arguments": {"a": 1}, "case": {"id": "desk:1"}, "task": "/do/0/a#1"}


class Missing(Exception):
    """An error of a port's implementation."""


class Lost(Missing):
    """A more exact one."""


def run(act: Callable[[Request], Any], kinds: Any = None, body: Any = BODY) -> Any:
    """Carry out an action that does `act`."""
    action = Action(kinds or {})("test", act)
    return asyncio.run(ActivityEnvironment().run(action, body))


def failing(error: Exception) -> Callable[[Request], Any]:
    """Give an action that fails."""

    async def act(request: Request) -> Any:
        raise error

    return act


@pytest.mark.parametrize("kind", KINDS)
def test_errors_of_systems_carry_their_retry_decision(kind: type[IntegrationError]) -> None:
    """Type, status and detail are what the interpreter reads."""
    with pytest.raises(ApplicationError) as error:
        run(failing(kind("mail", "it says no")))
    assert error.value.type == kind.__name__
    assert error.value.non_retryable is not kind.retry
    assert error.value.next_retry_delay is None
    assert error.value.message == "it says no"
    assert error.value.details == (
        {"system": "mail", "detail": "it says no", "status": kind.status},
    )


def test_a_more_exact_error_counts_as_its_kind() -> None:
    """The interpreter knows six kinds only."""
    assert kind_of(MaybeAccepted("mail", "x")) == "Unavailable"
    with pytest.raises(ApplicationError) as error:
        run(failing(RateLimited("http", "slow", retry_after=timedelta(seconds=9), status=430)))
    assert error.value.next_retry_delay == timedelta(seconds=9)
    assert error.value.details[0]["status"] == 430


@pytest.mark.parametrize("error", [Missing("no such thing"), Lost("no such thing")])
def test_errors_of_our_own_rooms_have_a_kind_too(error: Exception) -> None:
    """Also where a class above was named."""
    with pytest.raises(ApplicationError, match="no such thing") as raised:
        run(failing(error), {Missing: NotFound})
    assert raised.value.type == "NotFound"
    with pytest.raises(ApplicationError) as raised:
        run(failing(Lost("x")), {Missing: NotFound, Lost: Unavailable})
    assert raised.value.type == "Unavailable"


def test_a_bug_stays_a_bug() -> None:
    """What nobody expected is no error of a system, and Temporal tries it again."""
    with pytest.raises(ZeroDivisionError):
        run(failing(ZeroDivisionError()))


def test_a_request_is_read_with_its_attempt() -> None:
    """What the interpreter left out is empty."""

    async def act(request: Request) -> Any:
        return [request.key, request.arguments, request.case_id, request.digest, request.attempt]

    assert run(act) == ["k", {"a": 1}, "desk:1", "", 1]
    assert run(act, body={"key": "k", "arguments": None, "case": None}) == ["k", {}, "", "", 1]


def test_half_characters_of_texts_from_outside_are_replaced() -> None:
    """At any depth, and nothing else is changed."""

    async def act(request: Request) -> Any:
        return request.arguments

    given = {"a": ["\ud83d", {"\udc00": "😀 \x00"}], "n": 1.5, "t": True, "none": None}
    assert run(act, body={"key": "k", "arguments": given}) == {
        "a": ["�", {"�": "😀 \x00"}], "n": 1.5, "t": True, "none": None,
    }  # fmt: skip


def test_an_attempt_says_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it runs, and not a moment longer."""
    monkeypatch.setattr(wrapper, "HEARTBEAT_EVERY", timedelta(0))
    beats: list[int] = []
    enough = 5

    async def scene() -> None:
        environment = ActivityEnvironment()
        environment.on_heartbeat = lambda *_: beats.append(1)

        async def act(request: Request) -> Any:
            while len(beats) < enough:
                await asyncio.sleep(0)
            return {}

        await environment.run(Action({})("test", act), BODY)
        count = len(beats)
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(beats) == count
        assert not [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]

    asyncio.run(scene())
    assert len(beats) >= enough


def test_a_cancelled_action_stops_and_its_mail_stays_in_doubt(stage: Stage) -> None:
    """A cancellation is no error of a system; the next run of the same action knows of the mail."""

    async def scene() -> None:
        begun = asyncio.Event()

        class Slow:
            async def send(self, mail: Any) -> Any:
                begun.set()
                await asyncio.Event().wait()

        kept, stage.mail = stage.mail, Slow()  # type: ignore[assignment]
        arguments = {"to": "bob@example.net", "subject": "x", "text": "x"}
        running = asyncio.create_task(stage.perform("mail.send", arguments))
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        stage.mail = kept
        again = await stage.perform("mail.send", arguments)
        assert again["repeated"] is True

    asyncio.run(scene())


def test_actions_beat_and_local_activities_translate_errors_too(stage: Stage) -> None:
    """Every activity of a worker goes through the same wrapper."""
    beats: list[Any] = []
    asked = {"read": "people.resolve", "arguments": {"who": {"group": "moon"}, "case": {},
             "at": "2026-03-02T09:00:00Z"}}  # fmt: skip
    assert "moon" not in ORGANIZATION["groups"]
    with pytest.raises(ApplicationError) as error:
        asyncio.run(stage.call("organization.read", asked, beats=beats))
    assert error.value.type == "NotFound"


def test_a_refusal_of_an_action_is_not_retried() -> None:
    """The process owner has to act."""
    with pytest.raises(ApplicationError) as error:
        run(failing(Refused("tickets", "no such field")))
    assert error.value.non_retryable


@pytest.mark.parametrize("local", [False, True])
def test_an_answer_that_is_too_large_to_be_kept_is_refused(local: bool) -> None:
    """Letters beyond ASCII count as Temporal writes them; another attempt would be as large."""

    async def act(request: Request) -> Any:
        return {"body": "я" * 400_000}

    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, is_local=local)
    with pytest.raises(ApplicationError, match="2,400,011 bytes") as error:
        asyncio.run(environment.run(Action({})("test", act), BODY))
    assert error.value.type == "Refused"
    assert error.value.non_retryable
    assert error.value.details[0]["status"] == 413
