"""Stand-ins for the rooms behind the HTTP door; they record what they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from api.app import Rooms, create_app
from api.tokens import Tokens
from cases.errors import CaseNotFound, KeyReused, ScheduleNotFound
from cases.links import LinkClaims, LinkExpired, LinkInvalid
from cases.migrating import Move
from intake.alerts import Alerts
from language.plan import CaseRules, Form, Plan, Transform


@dataclass(frozen=True)
class Started:
    case: str
    definition: str
    version: str
    started: bool


@dataclass(frozen=True)
class Delivered:
    state: str
    reason: str | None = None


@dataclass(frozen=True)
class Page:
    items: Sequence[Mapping[str, Any]]
    cursor: str | None = None


@dataclass
class RecordingEvents:
    """`published` holds the events; `fails` is raised instead."""

    published: list[dict[str, Any]] = field(default_factory=list)
    fails: Exception | None = None

    async def publish(self, event: Mapping[str, Any]) -> None:
        """Publish an event."""
        if self.fails is not None:
            raise self.fails
        self.published.append(dict(event))


@dataclass
class RecordingCases:
    """`calls` holds (method, arguments); `fails` is raised by every call but `show`."""

    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fails: Exception | None = None
    events: set[str] = field(default_factory=set)

    def named(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    def _called(self, method: str, **arguments: Any) -> None:
        self.calls.append((method, arguments))
        if self.fails is not None:
            raise self.fails

    async def start(
        self,
        name: str,
        input: Any,
        *,
        key: str | None = None,
        version: str | None = None,
        by: str,
        link: Mapping[str, Any] | None = None,
        event: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        drill: bool = False,
    ) -> Started:
        more = {"drill": True} if drill else {}
        self._called(
            "start", name=name, input=input, key=key, version=version, by=by, event=event,
            request_id=request_id, **more,
        )  # fmt: skip
        case = f"{name}:{key or 'made'}"
        fresh = case not in self.running
        self.running.add(case)
        if event is not None:
            self.events.add(event["id"])
        return Started(case, name, version or "1.0.0", fresh)

    async def show(self, case: str) -> Mapping[str, Any]:
        self.calls.append(("show", {"case": case}))
        if case not in self.views:
            raise CaseNotFound(case)
        return self.views[case]

    async def list(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        self._called("list", filters=dict(filters), cursor=cursor, limit=limit)
        return Page([{"case": case} for case in sorted(self.running)], "more")

    async def worklist(
        self,
        *,
        person: str | None = None,
        group: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        self._called("worklist", person=person, group=group, cursor=cursor, limit=limit)
        return Page([{"item": "work"}])

    async def event(self, case: str, event: Mapping[str, Any]) -> Delivered:
        self._called("event", case=case, event=dict(event))
        if case not in self.running and case not in self.views:
            raise CaseNotFound(case)
        if event["id"] in self.events:
            return Delivered("duplicate")
        self.events.add(event["id"])
        return Delivered("delivered")

    async def answer(
        self,
        case: str,
        item: str,
        outcome: str,
        values: Mapping[str, Any],
        *,
        by: str,
        on_behalf_of: str | None = None,
        reason: str | None = None,
        effort: Any = None,
        via: str,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called(
            "answer", case=case, item=item, outcome=outcome, values=dict(values), by=by,
            on_behalf_of=on_behalf_of, reason=reason, effort=effort, via=via, request_id=request_id,
        )  # fmt: skip
        for each in self.views.get(case, {}).get("items", []):
            if each["id"] == item:
                each.update(state="done", outcome=outcome)
        return {"item": item, "outcome": outcome, "state": "accepted"}

    async def claim(
        self,
        case: str,
        item: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called("claim", case=case, item=item, by=by, reason=reason, request_id=request_id)
        return {"item": item, "state": "claimed"}

    async def release(
        self,
        case: str,
        item: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called("release", case=case, item=item, by=by, reason=reason, request_id=request_id)
        return {"item": item, "state": "open"}

    async def draft(
        self,
        case: str,
        item: str,
        values: Mapping[str, Any],
        *,
        by: str,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called(
            "draft", case=case, item=item, values=dict(values), by=by, request_id=request_id
        )
        return {"item": item, "state": "open"}

    async def delegate(
        self,
        case: str,
        item: str,
        to: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called(
            "delegate", case=case, item=item, to=to, by=by, reason=reason, request_id=request_id
        )
        return {"item": item, "state": "claimed", "person": by, "delegate": to}

    async def reassign(
        self, case: str, item: str, to: Any, *, by: str, reason: str, request_id: str | None = None
    ) -> Mapping[str, Any]:
        self._called(
            "reassign", case=case, item=item, to=to, by=by, reason=reason, request_id=request_id
        )
        return {"item": item, "state": "open", "people": ["wu"]}

    async def cancel(
        self, case: str, reason: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Any]:
        self._called("cancel", case=case, reason=reason, by=by, request_id=request_id)
        return {"case": case, "state": "accepted"}

    async def recalculate(
        self,
        case: str,
        clock: str,
        *,
        by: str,
        reason: str,
        decide: bool = False,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called("recalculate", case=case, clock=clock, by=by, reason=reason, decide=decide)
        del request_id
        return {"clock": clock, "state": "recalculated", "was": None, "deadline": None}

    async def suspend(
        self,
        case: str,
        reason: str,
        *,
        by: str,
        pause_clocks: bool = False,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called("suspend", case=case, reason=reason, by=by, pause_clocks=pause_clocks)
        return {"case": case, "state": "suspended"}

    async def resume(
        self, case: str, *, by: str, reason: str | None = None, request_id: str | None = None
    ) -> Mapping[str, Any]:
        self._called("resume", case=case, by=by, reason=reason)
        return {"case": case, "state": "resumed"}

    async def look_at_move(
        self, case: str, to: str, step_map: Mapping[str, Any] | None = None
    ) -> Move:
        self._called("look_at_move", case=case, to=to, step_map=step_map)
        return Move(case, "would-migrate", "1.0.0", to)

    async def move(
        self,
        case: str,
        to: str,
        step_map: Mapping[str, Any] | None = None,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Move:
        self._called("move", case=case, to=to, step_map=step_map, by=by, reason=reason)
        return Move(case, "migrated", "1.0.0", to)

    async def operate(
        self,
        case: str,
        task: str | None,
        act: str,
        *,
        by: str,
        reason: str | None = None,
        value: Any = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        self._called("operate", case=case, task=task, act=act, by=by, reason=reason, value=value)
        return {"task": task, "act": act, "state": "accepted"}


@dataclass(frozen=True)
class ListedSchedule:
    """A schedule in a list."""

    paused: bool = False
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the real one is told."""
        return {
            "definition": "service-report",
            "name": "monthly",
            "schedule": {"says": "first-business-day at 09:00 (Asia/Taipei)"},
            "paused": self.paused,
            "note": self.note,
            "next": [] if self.paused else ["2026-03-02T01:00:00Z"],
            "last": {"at": "2026-02-02T01:00:00Z", "case": "service-report:monthly-2026-02-02"},
            "missed": 0,
            "skipped": 1,
        }


@dataclass
class OneSchedule:
    """The schedules of an installation with one; remembers what was asked of it."""

    calls: list[str] = field(default_factory=list)
    shown: ListedSchedule = ListedSchedule()

    async def list(self) -> Sequence[ListedSchedule]:
        return [self.shown]

    async def show(self, definition: str, name: str) -> ListedSchedule:
        if (definition, name) != ("service-report", "monthly"):
            raise ScheduleNotFound(definition, name, ["service-report monthly"])
        return self.shown

    async def pause(self, definition: str, name: str, *, by: str, reason: str) -> ListedSchedule:
        self.calls.append(f"pause by {by}: {reason}")
        self.shown = ListedSchedule(paused=True, note=reason)
        return await self.show(definition, name)

    async def resume(self, definition: str, name: str, *, by: str, reason: str) -> ListedSchedule:
        self.calls.append(f"resume by {by}: {reason}")
        self.shown = ListedSchedule()
        return await self.show(definition, name)

    async def trigger(self, definition: str, name: str) -> ListedSchedule:
        self.calls.append("trigger")
        return await self.show(definition, name)


@dataclass(frozen=True)
class PublishedBundle:
    name: str
    version: str
    digest: str
    source: str
    plan: Plan


FORM = {
    "type": "object",
    "properties": {
        "satisfied": {"type": "boolean", "title": "Are you satisfied?"},
        "score": {"type": "integer", "title": "Score", "minimum": 1},
        "kind": {"enum": ["phone", "mail"], "title": "Kind"},
        "comment": {"type": "string", "title": "Comment", "description": "In your words"},
    },
    "required": ["satisfied"],
}


def bundle(name: str = "service-desk-case", version: str = "1.0.0") -> PublishedBundle:
    """Return a published definition with one form."""
    plan = Plan(
        namespace="service-desk",
        name=name,
        version=version,
        tasks=(),
        title="Service desk case",
        input=Transform(schema={"type": "object"}),
        rules=CaseRules(owner="support-manager"),
        forms={"confirm": Form(FORM, {"zh-TW": {"comment": "意見"}})},
    )
    return PublishedBundle(name, version, "d" * 64, f"document: {{name: {name}}}\n", plan)


@dataclass
class PublishedDefinitions:
    """One published definition."""

    bundles: dict[str, PublishedBundle] = field(
        default_factory=lambda: {"service-desk-case": bundle()}
    )

    async def names(self) -> Sequence[str]:
        return sorted(self.bundles)

    async def newest(self, name: str, version: str | None = None) -> PublishedBundle | None:
        found = self.bundles.get(name)
        return found if found and version in (None, found.version) else None

    async def by_digest(self, digest: str) -> PublishedBundle | None:
        return next((each for each in self.bundles.values() if each.digest == digest), None)


class NoOrganization:
    """Organization data with one person."""

    async def current(self) -> Mapping[str, Any]:
        return {"people": {"chen": {"name": "陳怡君", "language": "zh-TW"}}}


@dataclass
class KeptRequests:
    """First answers in a dict."""

    answers: dict[tuple[str, str], tuple[str, Any]] = field(default_factory=dict)

    async def first_answer(self, scope: str, key: str, fingerprint: str) -> Any | None:
        known = self.answers.get((scope, key))
        if known is None:
            return None
        if known[0] != fingerprint:
            raise KeyReused(key)
        return known[1]

    async def keep_answer(self, scope: str, key: str, fingerprint: str, answer: Any) -> None:
        self.answers.setdefault((scope, key), (fingerprint, answer))


@dataclass
class KnownLinks:
    """Tokens and what they say; `old` has expired."""

    claims: dict[str, LinkClaims] = field(default_factory=dict)

    def read(self, token: str) -> LinkClaims:
        if token == "old":
            raise LinkExpired
        if token not in self.claims:
            raise LinkInvalid
        return self.claims[token]


@dataclass
class WrittenDown:
    """A quarantine in a dict."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def quarantine(self, *, id: str, **entry: Any) -> None:
        self.entries.setdefault(id, entry)

    async def quarantined(self, id: str) -> Mapping[str, Any] | None:
        return self.entries.get(id)


@dataclass
class GivenHealth:
    """Problems as given."""

    given: list[str] = field(default_factory=list)

    async def problems(self) -> Sequence[str]:
        return self.given


class Door:
    """An app over doubles, and a client that speaks to it in-process."""

    def __init__(self, folder: Path, *, body_limit_bytes: int = 10_000) -> None:
        self.cases = RecordingCases()
        self.definitions = PublishedDefinitions()
        self.requests = KeptRequests()
        self.links = KnownLinks()
        self.quarantine = WrittenDown()
        self.health = GivenHealth()
        self.tokens = Tokens(folder / "keys" / "tokens.json")
        self.secrets = {
            scope: self.tokens.make(label=scope, scope=scope)
            for scope in ("admin", "agent", "intake")
        }
        self.events = RecordingEvents()
        self.schedules = OneSchedule()
        self.app: FastAPI = create_app(
            Rooms(
                cases=self.cases,
                events=self.events,
                definitions=self.definitions,
                organization=NoOrganization(),
                requests=self.requests,
                links=self.links,
                schedules=self.schedules,
                alerts=Alerts(self.cases, self.quarantine),
                tokens=self.tokens,
                health=self.health,
            ),
            body_limit_bytes=body_limit_bytes,
        )

    def send(
        self, method: str, address: str, *, scope: str | None = "agent", **arguments: Any
    ) -> httpx.Response:
        """Send one request, with the token of a scope unless that is None."""
        headers = dict(arguments.pop("headers", {}))
        if scope is not None:
            headers.setdefault("Authorization", f"Bearer {self.secrets[scope]}")

        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, address, headers=headers, **arguments)

        return asyncio.run(run())

    def open_item(self, case: str = "service-desk-case:T-1", **changes: Any) -> str:
        """Let a case wait for the requester's confirmation; the token of the link to it."""
        item = {
            "id": "confirm#2",
            "task": "confirm",
            "title": "Is <it> solved?",
            "description": "We replaced the cable.\n<script>alert(1)</script>",
            "form": "confirm",
            "prefill": {},
            "outcomes": {
                "solved": {"label": {"en": "Yes, solved", "zh-TW": "已解決"}},
                "not-solved": {"label": "No", "requires": ["comment"]},
            },
            "state": "open",
            "dueAt": "2026-03-05T01:00:00Z",
            "draft": None,
            **changes,
        }
        self.cases.views[case] = {
            "case": {
                "subject": "VPN & more",
                "ticket": {"id": "T-1"},
                "requester": {"id": "amy", "mail": "amy@example.org", "language": "en"},
            },
            "items": [item],
            "digest": "d" * 64,
        }
        self.links.claims["good"] = LinkClaims(case, "confirm#2", "amy")
        return "good"
