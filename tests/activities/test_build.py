"""The activities of a worker are those that the language and the interpreter know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from activities.build import REPEATABLE, UNNAMED_ACTIONS
from language.functions import CATALOG
from outgoing.client import open_client
from outgoing.rules import Rules
from tests.activities.stage import NOAH, Stage

WINDOW = {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T12:00:00Z"}
ITEM = {"id": "x", "title": "T", "description": None, "dueAt": None}


def test_every_action_has_an_activity_and_every_activity_a_caller(stage: Stage) -> None:
    """Names of functions, of what else functions do, and of what the interpreter asks for itself."""
    actions = {name for name, function in CATALOG.items() if function.is_action}
    built = list(stage.activities(open_client(Rules.of(), 5)))
    assert sorted(built) == sorted([*actions, *UNNAMED_ACTIONS, *REPEATABLE])


def _ticket(stage: Stage) -> Any:
    new = {"subject": "VPN", "requester": NOAH}
    return stage.act("ticket.create", new, key="made before")


CALLS: dict[str, list[Callable[[Stage], Any]]] = {
    "http": [lambda stage: {"method": "get", "endpoint": "https://a.example"}],
    "openapi": [lambda stage: {"document": {"endpoint": "pets.yaml"}, "operationId": "listPets"}],
    "notify": [lambda stage: {"to": {"group": "desk"}, "text": "x"}],
    "mail.send": [
        lambda stage: {"to": "bob@example.net", "subject": "x", "text": "x"},
        lambda stage: {"to": {"person": "dan"}, "subject": "x", "text": "x"},
    ],
    "mail.reply": [lambda stage: {"text": "x"}],
    "ticket.create": [lambda stage: {"subject": "x", "requester": "amy"}],
    "ticket.update": [lambda stage: {"ticket": _ticket(stage), "set": {"status": "open"}}],
    "ticket.comment": [
        lambda stage: {"ticket": _ticket(stage), "text": "x", "visibility": "internal"}
    ],
    "ticket.link": [
        lambda stage: {
            "ticket": _ticket(stage),
            "to": stage.act("ticket.create", {"subject": "x", "requester": "amy"}, key="other"),
            "kind": "relates",
        }
    ],
    "ticket.close": [lambda stage: {"ticket": _ticket(stage)}],
    "ticket.find": [lambda stage: {"query": {"key": _ticket(stage)["id"]}}],
    "register.add": [
        lambda stage: {"title": "Shorter waits"},
        lambda stage: {
            "title": "x",
            "owner": {"role": "lead"},
            "kpi": "backlog",
            "target": 5,
            "period": {"days": 30},
        },
    ],
    "register.update": [
        lambda stage: {"entry": _entry(stage)},
        lambda stage: {
            "entry": _entry(stage),
            "status": "checking",
            "result": stage.act("report.kpi", {"kpi": "backlog"}, key="now"),
        },
    ],
    "report.kpi": [lambda stage: {"kpi": "backlog", "target": 5}],
    "conflict.check": [lambda stage: {"assets": ["router"], "window": WINDOW, "people": ["amy"]}],
    "calendar.book": [
        lambda stage: {"people": ["amy"], "window": WINDOW, "title": "x"},
        lambda stage: {"people": ["amy"], "window": WINDOW, "title": "x", "onConflict": "report"},
    ],
    "calendar.release": [lambda stage: {"booking": None}],
    "case.find": [lambda stage: {"key": "1"}],
    "case.send": [lambda stage: {"case": "desk:2", "event": "x"}],
}


def _entry(stage: Stage) -> Any:
    new = {"title": "x", "kpi": "backlog", "run": "run-1"}
    return stage.act("register.add", new, key="entered before")["id"]


RESOLVED: dict[str, Any] = {
    "openapi": {
        "operation": {
            "method": "get", "server": "https://a.example", "path": "/pets", "parameters": [],
        }
    },
    "calendar.book": {"run": "run-1", "booking": "b", "number": 1},
    "calendar.release": {"run": "run-1"},
    "register.add": {"run": "run-1"},
    "register.update": {"run": "run-1"},
}  # fmt: skip
"""What plan or case add to the arguments."""


@pytest.mark.parametrize("name", [name for name, each in CATALOG.items() if each.is_action])
def test_results_are_what_the_descriptors_say(stage: Stage, name: str) -> None:
    """A definition's expressions rest on the schema; arguments here fit theirs."""
    stage.web = lambda request: httpx.Response(200, json={})
    function = CATALOG[name]
    for number, arguments in enumerate(CALLS[name]):
        given = arguments(stage)
        Draft202012Validator(function.arguments).validate(given)
        result = stage.act(name, {**given, **RESOLVED.get(name, {})}, key=f"call {number}")
        Draft202012Validator(function.result).validate(result)


def test_a_repeated_mail_has_the_result_that_the_descriptor_says(stage: Stage) -> None:
    """Also the rare parts of a result are part of the schema."""
    stage.mail.fails = [KeyError()]
    given = {"text": "x"}
    with pytest.raises(KeyError):
        stage.act("mail.reply", given)
    result = stage.act("mail.reply", given, attempt=2)
    assert result["repeated"] is True
    Draft202012Validator(CATALOG["mail.reply"].result).validate(result)


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("work-item", {"id", "ticket", "subject", "requester", "data"}),
        ("wait-for", {"id", "ticket", "subject", "requester", "data"}),
        ("notify", {"id", "ticket", "subject", "requester", "owner", "watchers", "data"}),
        ("mail.reply", {"id", "ticket", "subject", "requester", "data"}),
        ("case.find", {"id"}),
        ("ticket.comment", {"ticket", "requester"}),
    ],
)
def test_functions_get_the_fields_that_their_activities_read(name: str, needs: set[str]) -> None:
    """An activity sees of a case what the descriptor names, and no more."""
    assert needs <= set(CATALOG[name].needs)


def test_an_announcement_has_a_result_like_a_notice(stage: Stage) -> None:
    """The interpreter reads both in the same way."""
    given = {"item": ITEM, "kind": "opened", "to": {"groups": ["desk"], "people": []}}
    result = stage.act("work-item.announce", given)
    Draft202012Validator(CATALOG["notify"].result).validate(result)
    assert len(result["deliveries"]) == 3


def test_nothing_is_kept_between_two_workers(stage: Stage) -> None:
    """A worker that starts anew knows from the records what went out."""
    given = {"to": "owner", "text": "x"}
    assert stage.act("notify", given) == asyncio.run(stage.perform("notify", given))
    assert len(stage.mail.sent) == 1
