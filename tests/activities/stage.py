"""Activities with what they reach: real rooms in a folder, and a mail server that does as told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from temporalio.testing import ActivityEnvironment

from activities.build import Collaborators, build_activities
from cases.bundles.folder import FolderBundles
from cases.errors import DefinitionNotFound, InputInvalid
from cases.links import Links
from cases.records.store import RecordStore
from integrations.errors import NotFound, Refused
from integrations.files.folder.store import FolderFiles
from integrations.mail.interface import Accepted, OutgoingMail, RefusedRecipient
from integrations.secrets.local.source import LocalSecrets
from integrations.tickets.sqlite.store import SqliteTickets
from language.bundle import Bundle
from language.plan import CaseRules, Plan
from outgoing.client import OutgoingClient, open_client
from outgoing.rules import Rules
from reports.reading import Reports
from service.forms import Problem

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
SENDER = "help@example.org"

PLAN = Plan("tests", "desk", "1.0.0", (), rules=CaseRules(calendar="office"))
MESSAGES = {
    "solved": {
        "en": "Subject: Solved: {{ case.subject }}\n\nHello {{ values.name }}, {{ case.data.solution }}",
        "zh-TW": "Subject: 已解決：{{ case.subject }}\n\n{{ values.name }} 您好，{{ case.data.solution }}",
    },
    "due": {"en": "Due {{ values.at }}"},
    "asks": {"en": "Subject: Please answer\n\nHere: {{ link }}"},
}
BUNDLE = Bundle("desk", "tests", "1.0.0", PLAN, "source", {}, MESSAGES)

ORGANIZATION = {
    "people": {
        "amy": {"name": "Amy", "mail": "amy@example.org", "language": "en", "groups": ["desk"]},
        "chen": {
            "name": "陳怡君",
            "mail": "chen@example.org",
            "language": "zh-TW",
            "groups": ["desk"],
            "calendar": "office",
        },
        "dan": {"name": "Dan", "groups": ["desk"], "calendar": "branch"},
        "eve": {"name": "Eve", "mail": "eve@example.org", "calendar": "branch"},
    },
    "assets": {"router": {}},
    "groups": {"desk": {"title": {"en": "Desk"}, "calendar": "office"}},
    "calendars": {
        "office": {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-18:00"]}},
        "branch": {"timezone": "Europe/Vienna", "week": {"mon-fri": ["09:00-18:00"]}},
    },
}

NOAH = {"name": "Noah", "mail": "Noah@Customer.example", "language": "en"}
CASE: dict[str, Any] = {
    "id": "desk:1",
    "subject": "VPN is down",
    "ticket": {"id": "T-1"},
    "requester": NOAH,
    "owner": "amy",
    "assignees": [],
    "watchers": [],
    "group": "desk",
    "data": {"lastMail": "<q1@customer.example>"},
}


class MailServer:
    """A `MailSender` that keeps what goes out.

    `fails` are the errors of the next mails; a mail that fails `MaybeAccepted` has gone out.
    """

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []
        self.fails: list[BaseException] = []
        self.refuses: set[str] = set()
        self.delivers_before_failing = False

    async def send(self, mail: OutgoingMail) -> Accepted:
        """See `MailSender.send`."""
        if self.fails:
            error = self.fails.pop(0)
            if self.delivers_before_failing:
                self.sent.append(mail)
            raise error
        refused = tuple(
            RefusedRecipient(each, "550 no such mailbox", True)
            for each in mail.recipients
            if each in self.refuses
        )
        taken = tuple(each for each in mail.recipients if each not in self.refuses)
        if not taken:
            raise Refused("mail", "550 no such mailbox")
        self.sent.append(mail)
        return Accepted(mail.message_id, taken, refused)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that may be started."""

    version: str
    key: str

    @property
    def id(self) -> str:
        """Its id."""
        return f"desk:{self.key}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an event."""

    state: str
    reason: str | None = None


class Routers:
    """The routers of events: what they were told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    async def publish(self, event: Mapping[str, Any]) -> None:
        """See `EventDoor.publish`."""
        self.told.append(("publish", dict(event)))

    async def subscribe(self, subscription: Mapping[str, Any]) -> None:
        """See `EventDoor.subscribe`."""
        self.told.append(("subscribe", dict(subscription)))

    async def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        """See `EventDoor.unsubscribe`."""
        self.told.append(("unsubscribe", dict(subscription)))

    async def apply(self) -> Mapping[str, Any]:
        """See `EventStarts.apply`."""
        return {"listening": ["desk"], "ended": []}

    async def start(self, definition: str, value: Any, key: str) -> str:
        """See `EventStarts.start`."""
        self.told.append(("start", (definition, value)))
        return f"{definition}:{key}"

    async def gone(self, subscribers: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Everybody but the first has ended."""
        return [list(each) for each in subscribers[1:]]


@dataclass(frozen=True, slots=True)
class Door:
    """Other cases. `events` are those that were sent; `answers` says what becomes of them."""

    events: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    answers: dict[str, Delivery] = field(default_factory=dict)

    async def prepare(
        self,
        definition: str,
        version: str | None,
        value: Any,
        key: str | None,
        *,
        drill: bool = False,
    ) -> Prepared:
        """See `CaseDoor.prepare`."""
        if definition != "desk":
            raise DefinitionNotFound(definition, version, ["desk"])
        if not isinstance(value, Mapping):
            raise InputInvalid([Problem("", "must be an object")])
        return Prepared(version or "1.0.0", ("drill~" if drill else "") + (key or "made"))

    async def send(self, case: str, event: Mapping[str, Any]) -> Delivery:
        """See `CaseDoor.send`."""
        self.events.append((case, event))
        return self.answers.get(case, Delivery("delivered"))


class ProcessDied(BaseException):
    """What happens to a process that is killed: nothing is cleaned up."""


class NoSchedules:
    """Schedules of a namespace that is not there."""

    async def apply(self) -> Any:
        """Nobody asks for it here."""
        raise AssertionError

    async def follow(
        self, definition: str, case: str, scheduled: datetime, closed: datetime, how: str
    ) -> Mapping[str, Any]:
        """Nobody asks for it here."""
        raise AssertionError((definition, case, scheduled, closed, how))


@dataclass(slots=True)
class Stage:
    """Everything a test touches."""

    folder: Path
    mail: MailServer
    bundles: FolderBundles
    records: RecordStore
    tickets: SqliteTickets
    files: FolderFiles
    links: Links
    door: Door
    digest: str
    at: datetime = MONDAY
    sender: str = SENDER
    """Address that its mails come from."""
    routers: Routers = field(default_factory=Routers)
    secrets: dict[str, str] = field(default_factory=dict)
    """Variables of the environment."""
    web: Callable[[httpx.Request], httpx.Response] | None = None

    def act(self, name: str, arguments: Mapping[str, Any], **more: Any) -> Any:
        """The result of an action, or its error; see `perform`."""
        return asyncio.run(self.perform(name, arguments, **more))

    async def perform(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        key: str = "run-1:/do/0/act#1",
        case: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        attempt: int = 1,
        deferred: Mapping[str, Any] | None = None,
    ) -> Any:
        """Carry out an action as a worker would. `case` is merged into `CASE`."""
        seen = {**CASE, **(case or {})}
        if facts is not None:
            seen["facts"] = facts
        body: dict[str, Any] = {
            "key": key,
            "arguments": dict(arguments),
            "case": seen,
            "task": "/do/0/act#1",
            "digest": self.digest,
        }
        if deferred is not None:
            body["deferred"] = dict(deferred)
        return await self.call(name, body, attempt=attempt)

    async def call(
        self,
        name: str,
        body: Any,
        *,
        attempt: int = 1,
        beats: list[Sequence[Any]] | None = None,
    ) -> Any:
        """Run an activity in an environment of its own."""
        environment = ActivityEnvironment()
        named = body.get("case") if isinstance(body, Mapping) else None
        case = named.get("id") if isinstance(named, Mapping) else None
        environment.info = replace(
            environment.info, attempt=attempt, workflow_id=case or environment.info.workflow_id
        )
        if beats is not None:
            environment.on_heartbeat = lambda *details: beats.append(details)
        async with open_client(
            Rules.of(), 5, transport=httpx.MockTransport(self._answer)
        ) as client:
            return await environment.run(self.activities(client)[name], body)

    def activities(self, client: OutgoingClient) -> dict[str, Callable[..., Any]]:
        """All activities by name."""
        built = build_activities(
            Collaborators(
                bundles=self.bundles,
                organization=self.bundles,
                records=self.records,
                cases=self.door,
                events=self.routers,
                event_starts=self.routers,
                links=self.links,
                schedules=NoSchedules(),
                reports=Reports(self.records),
                mail=self.mail,
                tickets=self.tickets,
                files=self.files,
                http=client,
                secrets=LocalSecrets(self.secrets, None),
                sender=self.sender,
                kinds={DefinitionNotFound: NotFound, InputInvalid: Refused},
                now=lambda: self.at,
            )
        )
        return {name_of(each): each for each in built}

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert self.web is not None, "this test has no web"
        return self.web(request)


def name_of(act: Callable[..., Any]) -> str:
    """The name that the interpreter calls an activity by."""
    definition = act.__dict__["__temporal_activity_definition"]
    name: str = definition.name
    return name


def headers_of(mail: OutgoingMail) -> dict[str, str]:
    """Headers that were added to a mail."""
    return dict(mail.headers)
