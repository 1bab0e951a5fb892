"""The systems of a rehearsal: what stubs say, and else what the embedded systems would do.

Everything here follows from the calls made before; nothing is kept between two rehearsals.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from language.expressions import ExpressionError, evaluate_one, parse
from service.booking_acts import Plan
from service.bookings import all_described
from service.delivery import opens
from service.drill import KEY, addressed, drill_list, instead, is_done, is_drill
from service.durations import parse_duration
from service.errors import ServiceError
from service.instants import read_instant, write_instant
from service.links import trace_links
from service.openapi import request_arguments
from service.people import resolve
from service.reads import READS
from service.register import entry_id, new_entry, updated
from service.voters import told_of
from workflows.effects import Action, ActionFailed, CaseStart
from workflows.rehearsal.web import answer_of, fits

if TYPE_CHECKING:
    from workflows.rehearsal.world import World

STATUS = {
    "Unavailable": 503,
    "RateLimited": 429,
    "NotAuthorized": 401,
    "Refused": 422,
    "NotFound": 404,
    "Conflict": 409,
}
EVIDENCE = ("case", "token", "references", "ticket", "key", "sender")
"""What `case.find` looks at, in order."""
SHOWN = ("definition", "status", "phase", "ticket", "subject")
RETRIED = ("Unavailable", "RateLimited")
LONGEST_PAUSE_SECONDS = 60.0


class Records:
    """The newest projection of every case, as the real records keep it."""

    def __init__(self) -> None:
        self.rows: dict[str, Mapping[str, Any]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        """Case -> work items by id; likewise below."""
        self.audit: dict[str, dict[int, Any]] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self.bookings: dict[str, dict[str, Any]] = {}
        """Id -> a booking that stands, of whichever case."""

    def write(self, payload: Mapping[str, Any]) -> None:
        """Take a projection; an older one than the newest changes nothing."""
        case, row = payload["case"], payload["row"]
        known = self.rows.get(case)
        if known is None or known["n"] <= row["n"]:
            self.rows[case] = row
            for item in payload["items"]:
                self.items.setdefault(case, {})[item["id"]] = item
        for line in payload["audit"]:
            self.audit.setdefault(case, {})[line["n"]] = line
        for booking in payload.get("bookings") or ():
            if booking["released"]:
                self.bookings.pop(booking["id"], None)
        for message in payload["messages"]:
            self.messages.setdefault(case, {})[message["messageId"].strip("<>")] = dict(message)

    def knows(self, case: str, message_id: str) -> bool:
        """Whether the case has sent or got this mail; with or without angle brackets."""
        return message_id.strip("<>") in self.messages.get(case, {})


class Systems:
    """Answers actions. `stubs` is what the rehearsal file says, by function."""

    def __init__(self, stubs: Mapping[str, Any]) -> None:
        self.records = Records()
        self.tickets: dict[str, dict[str, Any]] = {}
        self.register: dict[str, dict[str, Any]] = {}
        """Id -> entry of the improvement register."""
        self.unused: dict[str, int] = {}
        self._http: list[dict[str, Any]] = list(stubs.get("http") or ())
        self._http_used = [0] * len(self._http)
        run = stubs.get("run")
        self.plays_others = run == "real"
        """Whether cases that are started beside the rehearsed one are played as well."""
        self._run = {name: list(answers) for name, answers in run.items()
                     if isinstance(answers, list)} if isinstance(run, Mapping) else {}  # fmt: skip
        self._stubs: dict[str, list[dict[str, Any]]] = {
            name: [dict(each) for each in answers]
            for name, answers in stubs.items()
            if name not in ("http", "run")
        }
        self._used: dict[str, int] = {}
        self._failed: dict[str, int] = {}
        self._kept: dict[str, Any] = {}
        self.started: set[str] = set()
        """Cases that were started beside the rehearsed one, where they are not played."""
        self.unanswered: list[str] = []
        """Calls that leave the machine and that nobody has stubbed: the rehearsal fails."""
        self.down: list[tuple[str, datetime, datetime]] = []
        """Capability, from, until: systems that do not answer for a while."""

    def never_used(self) -> list[str]:
        """Stubs that no call asked for."""
        names = [name for name in self._stubs if name not in self._used]
        names += [
            f"http {stub.get('request', {}).get('uri')}"
            for stub, used in zip(self._http, self._http_used, strict=True)
            if not used
        ]
        return names + [f"run {name}" for name in self._run if f"run {name}" not in self._used]

    async def carry_out(self, world: World, case: str, action: Action) -> Any:
        """The result of an action, retries included.

        Raises:
            ActionFailed: as the real system would.
        """
        if action.key in self._kept:
            return self._kept[action.key]
        if is_drill(case) and not is_done(action.function, action.arguments):
            return instead(action.function, action.arguments, action.key, world.now())
        patience = world.now() + timedelta(seconds=action.patience_seconds)
        pause = 1.0
        while True:
            try:
                result = self._attempt(world, case, action)
            except ActionFailed as error:
                if error.kind not in RETRIED:
                    raise
                if world.now() + timedelta(seconds=pause) > patience:
                    raise
                await _pass(world, pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            self._kept[action.key] = result
            return result

    def _attempt(self, world: World, case: str, action: Action) -> Any:
        capability = action.function.partition(".")[0]
        for name, begin, end in self.down:
            if name == capability and begin <= world.now() < end:
                raise ActionFailed("Unavailable", f"{name} does not answer", 503)
        if action.function == "http":
            return self._answer_http(action.arguments)
        if action.function == "openapi":
            return self._answer_http(request_arguments(action.arguments))
        stub = self._next_stub(action.function)
        if stub is not None:
            if "fails" in stub:
                kind = stub["fails"]
                raise ActionFailed(
                    kind, stub.get("detail", "the stub fails"), STATUS.get(kind, 500)
                )
            if "returns" in stub:
                return stub["returns"]
        return self._embedded(world, case, action)

    def _next_stub(self, name: str) -> dict[str, Any] | None:
        stubs = self._stubs.get(name)
        if not stubs:
            return None
        index = self._used.get(name, 0)
        stub = stubs[min(index, len(stubs) - 1)]
        times = int(stub.get("times", 1))
        count = self._failed.get(name, 0) + 1
        if count >= times:
            self._used[name] = index + 1
            self._failed[name] = 0
        else:
            self._used.setdefault(name, index)
            self._failed[name] = count
        if "fails" in stub and index >= len(stubs):
            # The last stub repeats, but a failure that was counted out is over.
            return None
        return stub

    def _answer_http(self, arguments: Mapping[str, Any]) -> Any:
        endpoint = arguments.get("endpoint")
        uri = str(endpoint.get("uri") if isinstance(endpoint, Mapping) else endpoint)
        method = str(arguments.get("method", "get")).lower()
        stub = self._http_stub(method, uri, arguments)
        if stub is None:
            said = f"no stub answers the HTTP call {method} {uri}"
            if said not in self.unanswered:
                self.unanswered.append(said)
            raise ActionFailed("Refused", said, 422)
        if "fails" in stub:
            kind = stub["fails"]
            raise ActionFailed(kind, stub.get("detail", "the stub fails"), STATUS.get(kind, 500))
        return answer_of(stub.get("response") or {}, method, uri, arguments)

    def _http_stub(
        self, method: str, uri: str, arguments: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The first that fits and is not used up; the last one repeats unless it fails.

        One with `times`, with `fails`, or with another one for the same request after it is used
        up; others answer as often as they are asked.
        """
        last: int | None = None
        for index, stub in enumerate(self._http):
            request = stub.get("request") or {}
            if not fits(request, method, uri, arguments):
                continue
            last = index
            counted = "fails" in stub or any(
                (each.get("request") or {}) == request for each in self._http[index + 1 :]
            )
            times = int(stub.get("times", 1)) if counted or "times" in stub else None
            if times is None or self._http_used[index] < times:
                self._http_used[index] += 1
                return stub
        if last is None or "fails" in self._http[last]:
            return None
        self._http_used[last] += 1
        return self._http[last]

    # --- what is not stubbed --------------------------------------------------------------------

    def _embedded(self, world: World, case: str, action: Action) -> Any:
        match action.function.partition(".")[0]:
            case "ticket":
                return self._ticket(world, action)
            case "mail":
                return self._mail(world, action)
            case "notify" | "work-item" | "approval":
                return self._deliver(world, action)
            case "case":
                return self._case(world, action)
            case "calendar" | "conflict":
                return self._book(world, case, action)
            case "register":
                return self._improve(world, case, action)
            case "events":
                world.bus.publish(action.arguments["event"])
                return {"published": True}
            case "schedule":
                return _next_start(world, action)
            case _:
                detail = f"{action.function} needs a stub in a rehearsal"
                raise ActionFailed("Refused", detail, 422)

    def _ticket(self, world: World, action: Action) -> Any:
        arguments = action.arguments
        act = action.function.partition(".")[2]
        at = write_instant(world.now())
        if act == "create":
            number = f"T-{len(self.tickets) + 1}"
            ticket: dict[str, Any] = {
                "system": "embedded", "id": number, "url": None, "subject": arguments["subject"],
                "status": arguments.get("status") or "new", "priority": arguments.get("priority"),
                "requester": arguments["requester"], "owner": None, "group": None,
                "fields": arguments.get("fields") or {}, "version": 1, "updatedAt": at,
            }  # fmt: skip
            self.tickets[number] = ticket
            return dict(ticket)
        if act == "find":
            return {"tickets": [dict(each) for each in self.tickets.values()], "more": False}
        named = arguments.get("ticket") or action.case.get("ticket")
        number = str(named.get("id") if isinstance(named, Mapping) else named)
        if named is None:
            raise ActionFailed("NotFound", "the case has no ticket", 404)
        ticket = self.tickets.setdefault(
            number,
            {
                "system": "embedded", "id": number, "url": None, "subject": None, "status": "new",
                "priority": None, "requester": None, "owner": None, "group": None, "fields": {},
                "version": 1, "updatedAt": at,
            },
        )  # fmt: skip
        match act:
            case "update":
                ticket.update(arguments["set"])
            case "close":
                ticket["status"] = "closed"
            case "comment":
                return {"id": _short(action.key), "at": at}
            case _:
                return {"linked": True}
        ticket["version"] += 1
        ticket["updatedAt"] = at
        return dict(ticket)

    def _mail(self, world: World, action: Action) -> Any:
        to = action.arguments.get("to", "requester")
        addresses = self._addresses(world, to, action)
        if is_drill(str(action.case.get("id"))):
            addresses = list(addressed(drill_list(world.organization, world.now()), addresses))
        message = f"<{_short(action.key)}@rehearsal.example>"
        return {
            "messageId": message,
            "accepted": addresses,
            "refused": [],
            "at": write_instant(world.now()),
        }

    def _addresses(self, world: World, to: Any, action: Action) -> list[str]:
        given = to if isinstance(to, list) else [to]
        if all(isinstance(each, str) and "@" in each for each in given):
            return [str(each) for each in given]
        return [str(each.get("mail") or each["id"]) for each in self._people(world, to, action)]

    def _people(self, world: World, who: Any, action: Action) -> list[Mapping[str, Any]]:
        try:
            return list(resolve(world.organization, who, action.case, world.now()).people)
        except ServiceError as error:
            raise ActionFailed("NotFound", str(error), 404) from error

    def _deliver(self, world: World, action: Action) -> Any:
        at = write_instant(world.now())
        if action.function in ("notify", "calendar.invite"):
            people = self._people(world, action.arguments["to"], action)
        elif action.function == "approval.announce":
            people = self._voters(world, action)
        else:
            to = action.arguments["to"]
            who: Any = action.arguments.get("who")
            who = who or [{"person": each} for each in to.get("people") or ()]
            who = who or [{"group": each} for each in to.get("groups") or ()]
            people = self._people(world, who, action)
        drill = is_drill(str(action.case.get("id")))
        known = drill_list(world.organization, world.now()) if drill else {}
        deliveries = []
        for person in people:
            told = {"person": person["id"], "channel": "mail"}
            then = self._opens(world, action, person)
            if drill and str(person.get("mail")).lower() not in known:
                said = "a drill: the drill list is told instead"
                deliveries.append({**told, "state": "skipped", "reason": said})
            elif then > world.now():
                deliveries.append({**told, "state": "held", "at": write_instant(then)})
            else:
                name = _short(f"{action.key}/{person['id']}")
                deliveries.append({**told, "state": "sent", "at": at, "id": name})
        return {"deliveries": deliveries}

    def _opens(self, world: World, action: Action, person: Mapping[str, Any]) -> datetime:
        """When a person may be told."""
        try:
            return opens(world.organization, action.arguments, action.case, person, world.now())
        except ServiceError as error:
            raise ActionFailed("Refused", str(error), 422) from error

    def _voters(self, world: World, action: Action) -> list[Mapping[str, Any]]:
        given = action.arguments
        if given.get("who") is not None:
            return self._people(world, given["who"], action)
        try:
            found = told_of(world.organization, given, action.case, world.now())
        except ServiceError as error:
            raise ActionFailed("NotFound", str(error), 404) from error
        return [person for _, person in found]

    def _book(self, world: World, case: str, action: Action) -> Any:
        arguments = action.arguments
        if action.function == "calendar.invite":
            return self._deliver(world, action)
        if action.function == "calendar.release":
            gone = self.records.bookings.pop(str(arguments.get("booking")), None)
            return {"released": gone is not None}
        organization = world.organization
        try:
            plan = Plan.read(organization, case, arguments, world.now())
            others = [*(organization.get("bookings") or ()), *self.records.bookings.values()]
            if action.function == "conflict.check":
                return plan.check(others)
            made = plan.booking(arguments["booking"], others)
        except ServiceError as error:
            raise ActionFailed("Refused", str(error), 422) from error
        if plan.refused is not None:
            raise ActionFailed("Refused", str(plan.refused), 422)
        if made is None and arguments.get("onConflict") != "report":
            raise ActionFailed("Conflict", all_described(plan.found), 409)
        if made is not None:
            others_of = self.records.bookings.items()
            self.records.bookings = {
                name: each for name, each in others_of if each["case"] != case
            } | {made["id"]: made}
        return plan.result(made)

    def _improve(self, world: World, case: str, action: Action) -> Any:
        given = action.arguments
        try:
            if action.function == "register.add":
                entry = new_entry(given, entry_id(action.key), case, world.now())
                self.register[entry["id"]] = entry
                return {"id": entry["id"], "status": entry["status"]}
            known = self.register.get(given["entry"])
            if known is None:
                detail = f"the register has no entry {given['entry']!r}"
                raise ActionFailed("NotFound", detail, 404)
            self.register[known["id"]], result = updated(
                known, given, action.key, case, world.now()
            )
        except ServiceError as error:
            raise ActionFailed("Refused", str(error), 422) from error
        return result

    def _case(self, world: World, action: Action) -> Any:
        arguments = action.arguments
        if action.function == "case.send":
            event = {
                "id": arguments.get("id") or action.key,
                "type": arguments["event"],
                "data": arguments.get("data"),
                "time": write_instant(world.now()),
                "source": action.case.get("id"),
                **({"hops": arguments["hops"]} if "hops" in arguments else {}),
            }
            case = self.survivor(world, str(arguments["case"]))
            return {"state": world.deliver(case, event), "reason": None}
        return self._find(world, action.case.get("id"), arguments)

    def _find(self, world: World, asker: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """As `activities.cases`: the surest evidence first, what is certain before what may be."""
        possible: dict[str, Any] | None = None
        for by in EVIDENCE:
            if not wanted.get(by):
                continue
            rows = [
                (name, row)
                for name, row in self.records.rows.items()
                if self._fits(name, row, by, wanted)
            ]
            names = dict.fromkeys(
                self.survivor(world, other) for name, row in rows for other in self._led_to(name, row, wanted)
            )  # fmt: skip
            cases = [
                {"case": name, **{each: self.records.rows[name][each] for each in SHOWN}}
                for name in names
                if name != asker and self._is_open(world, name, wanted)
            ]
            token = wanted.get("sender") and all(
                _address(self.records.rows[each["case"]].get("requester")) == wanted["sender"] for each in cases
            )  # fmt: skip
            certain = by not in ("token", "sender") or (by == "token" and bool(token))
            if cases and certain:
                return {"match": "certain", "by": by, "cases": cases}
            if cases and possible is None:
                possible = {"match": "possible", "by": by, "cases": cases}
        return possible or {"match": "none", "by": None, "cases": []}

    def _led_to(self, name: str, row: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
        """The case itself, or those of the wanted definition that work on the same ticket."""
        definition = wanted.get("definition")
        if definition in (None, row["definition"]):
            return [name]
        if not row["ticket"]:
            return []
        return [
            other
            for other, each in self.records.rows.items()
            if each["ticket"] == row["ticket"] and each["definition"] == definition
        ]

    def _is_open(self, world: World, name: str, wanted: Mapping[str, Any]) -> bool:
        ended = self.records.rows[name]["endedAt"] if name in self.records.rows else None
        if name not in self.records.rows:
            return False
        if ended is None:
            return True
        if wanted.get("closedWithin") is None:
            return False
        return read_instant(ended) >= world.now() - parse_duration(wanted["closedWithin"]).elapsed

    def survivor(self, world: World, case: str) -> str:
        """The case into which one was merged, however often, else itself."""
        seen: list[str] = []
        while case in world.cases and case not in seen:
            seen.append(case)
            case = (world.cases[case].run.state.ended or {}).get("mergedInto") or case
        return case

    def _fits(self, name: str, row: Mapping[str, Any], by: str, wanted: Mapping[str, Any]) -> bool:
        """Whether one piece of evidence speaks of a case."""
        value = wanted[by]
        match by:
            case "case":
                return bool(name == value)
            case "references":
                return any(self.records.knows(name, str(each)) for each in value)
            case "key":
                return bool(row["key"] == value)
            case "sender":
                return bool(_address(row.get("requester")) == value)
            case _:
                ticket = value.get("id") if isinstance(value, Mapping) else value
                return bool(row["ticket"] == ticket)

    def lineage(self, world: World, wanted: Mapping[str, Any]) -> Any:
        """Whether a link may be made, and to which case; a stub of `case.link` answers for both."""
        stub = self._next_stub("case.link")
        if stub is not None and "fails" in stub:
            kind = stub["fails"]
            raise ActionFailed(kind, stub.get("detail", "the stub fails"), STATUS.get(kind, 500))
        if stub is not None:
            said = stub.get("returns") or {}
            return {"answer": bool(said.get("linked")), "reason": said.get("reason")}

        def look(case: str) -> Mapping[str, Any] | None:
            found = world.cases.get(case)
            if found is None:
                return None
            state = found.run.state
            return {
                "links": state.record.get("links") or [],
                "ended": state.ended is not None,
                "mergedInto": (state.ended or {}).get("mergedInto"),
            }

        return trace_links(look, str(wanted["case"]), str(wanted["to"]), str(wanted["kind"]))

    # --- other definitions ----------------------------------------------------------------------

    def prepare(self, world: World, arguments: Mapping[str, Any]) -> Any:
        """What `case.start` needs to know: version, key and id of the case to be started."""
        name = arguments["definition"]
        stub = self._next_stub("case.start")
        if stub is not None and "fails" in stub:
            kind = stub["fails"]
            raise ActionFailed(kind, "the stub fails", STATUS.get(kind, 500))
        if stub is not None and "returns" in stub:
            case = str(stub["returns"]["case"])
            if not stub["returns"].get("started", True):
                self.started.add(case)
            return {"version": None, "key": case.partition(":")[2], "id": case}
        published = world.definitions.get(name)
        if published is None:
            known = ", ".join(sorted(world.definitions))
            raise ActionFailed("NotFound", f"there is no definition {name!r}; known: {known}", 404)
        key = arguments.get("key")
        if key is None:
            key = self.key_of(world, name, arguments.get("input"))
        if arguments.get("drill"):
            key = f"{KEY}{key}"
        return {"version": published.plan.version, "key": str(key), "id": f"{name}:{key}"}

    def key_of(self, world: World, definition: str, value: Any) -> str:
        """The key that a definition gives a case with this input."""
        rule = world.definitions[definition].plan.rules.start.key
        if rule is None:
            return _short(f"{definition}/{len(world.cases)}")
        try:
            return str(evaluate_one(parse(rule.source), value, {}))
        except ExpressionError as error:
            raise ActionFailed("Refused", f"key of {definition}: {error}", 422) from error

    async def stands_in(self, world: World, start: CaseStart) -> bool:
        """Whether a stub plays the definition: then it ends after its time with its result."""
        stubs = self._run.get(start.definition)
        if stubs is None:
            return False
        name = f"run {start.definition}"
        index = self._used.get(name, 0)
        self._used[name] = index + 1
        stub = stubs[min(index, len(stubs) - 1)]
        at = world.now()
        if stub.get("takes") is not None:
            duration = parse_duration(stub["takes"])
            if duration.is_business:
                parent = world.cases[start.link["case"]].run.plan.rules.calendar
                reading = READS["calendar.deadline"](
                    world.organization,
                    {
                        "calendar": duration.calendar or parent,
                        "from": write_instant(at),
                        "duration": stub["takes"],
                    },
                )
                at = datetime.fromisoformat(reading["at"])
            else:
                at += duration.elapsed
        failed = "fails" in stub
        data = {
            "case": start.id,
            "as": "failed" if failed else "completed",
            "output": stub.get("returns"),
            "error": {"title": stub["fails"], "detail": "the stub fails"} if failed else None,
        }
        event = {"id": f"end:{start.id}", "type": "case.finished", "data": data}
        world.loop.call_at(at.timestamp(), world.deliver, start.link["case"], event)
        return True


async def _pass(world: World, seconds: float) -> None:
    future: asyncio.Future[None] = world.loop.create_future()
    world.loop.call_later(seconds, _come, future)
    await future


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _next_start(world: World, action: Action) -> dict[str, Any]:
    """What becomes of the next case of a chain; it is not played."""
    arguments = action.arguments
    after = (world.definitions[arguments["definition"]].plan.schedule or {}).get("after")
    if after is None:
        return {"state": "over", "at": None}
    if arguments["as"] != "completed":
        return {"state": "paused", "at": None}
    at = read_instant(arguments["closed"]) + parse_duration(after).elapsed
    return {"state": "set", "at": write_instant(at)}


def _come(future: asyncio.Future[None]) -> None:
    # Who waited may have been withdrawn meanwhile.
    if not future.done():
        future.set_result(None)


def _address(requester: Any) -> Any:
    return requester.get("mail") if isinstance(requester, Mapping) else requester
