"""The script of a rehearsal: who does what, when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from service.assignment import assign
from service.cloud_events import VERSION, problems
from service.durations import parse_duration
from service.errors import Refused, ServiceError
from service.instants import read_instant, write_instant
from service.reads import READS
from service.standing import receives, standing
from workflows.interpreter import doors

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.rehearsal.world import World

ASKING = ("ask", "last")
"""Tasks of `escalation-ladder` that ask people to take something, with that as their first outcome."""


class Script:
    """Plays the lines of one rehearsal against its case."""

    def __init__(
        self, world: World, case: str, lines: list[Mapping[str, Any]], zone: tzinfo
    ) -> None:
        self._world = world
        self._case = case
        self._zone = zone
        self._waiting: list[tuple[int, Mapping[str, Any]]] = []
        self._lines = lines
        self._numbers = 0
        self.left: dict[int, Mapping[str, Any]] = dict(enumerate(lines))
        """Lines that have not been applied."""
        self.refusals: list[str] = []

    def begin(self) -> None:
        """Set the lines with a time; the others wait for what they name."""
        for number, line in list(self.left.items()):
            if "at" in line:
                at = read_instant(str(line["at"]), self._zone)
                if "down" in line and at <= self._world.now():
                    # What is down when the case starts is down before its first task.
                    self._play(number, line)
                    continue
                if at < self._world.now():
                    del self.left[number]
                    self.refusals.append(
                        f"script line {number + 1} is for {line['at']}, before the rehearsal begins"
                    )
                    continue
                self._set(number, line, at)
            else:
                self._waiting.append((number, line))
        self._world.observers.append(self._see)

    def _see(self, seen: Mapping[str, Any]) -> None:
        other = seen["in"] if seen["case"] != self._case else None
        for entry in list(self._waiting):
            number, line = entry
            when = {name: each for name, each in (line.get("when") or {}).items() if name != "in"}
            if _in(line) == other and all(
                _is(seen.get(name), value) for name, value in when.items()
            ):
                self._waiting.remove(entry)
                self._set(number, line, self._after(line))

    def _after(self, line: Mapping[str, Any]) -> datetime:
        now = self._world.now()
        if "after" not in line:
            return now
        duration = parse_duration(line["after"])
        if not duration.is_business:
            return now + duration.elapsed
        calendar = self._world.cases[self._case].run.plan.rules.calendar
        reading = READS["calendar.deadline"](
            self._world.organization,
            {
                "calendar": duration.calendar or calendar,
                "from": write_instant(now),
                "duration": line["after"],
            },
        )
        return read_instant(reading["at"])

    def _set(self, number: int, line: Mapping[str, Any], at: datetime) -> None:
        at = max(at, self._world.now())
        self._world.loop.call_at(at.timestamp(), self._play, number, line)

    def _play(self, number: int, line: Mapping[str, Any]) -> None:
        del self.left[number]
        self._numbers += 1
        if "down" in line:
            begin = self._world.now()
            span = parse_duration(line["for"]).elapsed if "for" in line else timedelta(hours=1)
            self._world.systems.down.append((line["down"], begin, begin + span))
            return
        if "publish" in line:
            self._publish(number, line)
            return
        case = self._of(line)
        if case is None:
            self.refusals.append(
                f"script line {number + 1} is for a case of {_in(line)}, and none was started"
            )
            return
        run = self._world.cases[case].run
        by = line.get("by")
        request: dict[str, Any] = {"id": f"script-{self._numbers}", "by": by, "via": "rehearsal"}
        if by is not None:
            request["standing"] = standing(self._world.organization, str(by), self._world.now())
            entry = (self._world.organization.get("people") or {}).get(by) or {}
            request["language"] = entry.get("language")
        if "reason" in line:
            request["reason"] = line["reason"]
        try:
            if "answer" in line:
                item = self._item(line, case)
                doors.answer(
                    run,
                    {
                        **request,
                        "item": item,
                        "outcome": line["answer"],
                        "values": line.get("values") or {},
                        **{name: line[name] for name in ("onBehalfOf", "effort") if name in line},
                    },
                )
            elif "vote" in line:
                comment = line.get("comment")
                doors.answer(
                    run,
                    {
                        **request,
                        "item": self._seat(line, case),
                        "outcome": line["vote"],
                        "values": {} if comment is None else {"comment": comment},
                    },
                )
            elif "draft" in line:
                doors.draft(
                    run, {**request, "item": line["draft"], "values": line.get("values") or {}}
                )
            elif "delegate" in line:
                self._delegate(run, request, line)
            elif "reassign" in line:
                self._reassign(run, request, line)
            elif "acknowledge" in line:
                self._acknowledge(line, request)
            elif "claim" in line:
                doors.claim(run, {**request, "item": line["claim"]})
            elif "release" in line:
                doors.release(run, {**request, "item": line["release"]})
            elif "event" in line:
                self._world.deliver(
                    case,
                    {
                        "id": request["id"],
                        "type": line["event"],
                        "data": line.get("data") or {},
                        "time": write_instant(self._world.now()),
                    },
                )
            elif "cancel" in line:
                doors.cancel(run, {**request, "reason": line["cancel"]})
            elif "suspend" in line:
                why = line["suspend"]
                reason = why if isinstance(why, str) else request.get("reason") or "suspended"
                pauses = bool(line.get("pauseClocks"))
                doors.suspend(run, {**request, "reason": reason, "pauseClocks": pauses})
            elif "resume" in line:
                why = line["resume"]
                doors.resume(run, {**request, "reason": why if isinstance(why, str) else None})
            elif "operate" in line:
                doors.operate(run, {**request, "act": line["operate"], "task": line.get("task")})
        except ServiceError as error:
            if line.get("refused") is True:
                return
            self.refusals.append(f"script line {number + 1} was refused: {error}")
            return
        if line.get("refused") is True:
            self.refusals.append(f"script line {number + 1} was taken, and should be refused")

    def _delegate(self, run: CaseRun, request: dict[str, Any], line: Mapping[str, Any]) -> None:
        person = line.get("to")
        person = person.get("person") if isinstance(person, Mapping) else person
        to = receives(self._world.organization, str(person), self._world.now())
        doors.delegate(run, {**request, "item": line["delegate"], "to": to})

    def _reassign(self, run: CaseRun, request: dict[str, Any], line: Mapping[str, Any]) -> None:
        to = line.get("to")
        to = {"person": to} if isinstance(to, str) else to
        found = assign(self._world.organization, to, {}, self._world.now())
        who = [to, *([found.who] if found.who is not None else [])]
        receivers: dict[str, Any] = {
            "who": who,
            "groups": list(found.groups),
            "people": list(found.people),
        }
        if len(found.people) == 1:
            now = self._world.now()
            receivers["standing"] = standing(self._world.organization, found.people[0], now)
        doors.reassign(run, {**request, "item": line["reassign"], "to": receivers})

    def _acknowledge(self, line: Mapping[str, Any], request: dict[str, Any]) -> None:
        """Somebody takes it on a ladder of the case: by its link, as on the ladder's own page."""
        ladder = str(line["acknowledge"])
        running = [
            case
            for case, entry in self._world.cases[self._case].run.state.escalations.items()
            if entry["ladder"] == ladder and case in self._world.cases
        ]
        if not running:
            raise Refused(f"no ladder {ladder} was started")
        run = self._world.cases[running[-1]].run
        asked = [
            item
            for item in run.state.items.values()
            if item["state"] in ("open", "claimed") and item["task"] in ASKING
        ]
        if not asked:
            raise Refused(f"nobody is asked on the ladder {ladder} now")
        outcome = next(iter(asked[-1]["outcomes"]))
        doors.answer(run, {**request, "item": asked[-1]["id"], "outcome": outcome, "values": {}})

    def _publish(self, number: int, line: Mapping[str, Any]) -> None:
        """An event of the outside that names no case: whoever listens gets it."""
        event = {
            "specversion": VERSION,
            "id": f"script-{self._numbers}",
            "source": "/rehearsal",
            "type": line["publish"],
            "time": write_instant(self._world.now()),
            **(line.get("attributes") or {}),
        }
        if "data" in line:
            event["data"] = line["data"]
        found = problems(event)
        if found:
            said = "; ".join(f"{each.pointer} {each.message}" for each in found)
            self.refusals.append(f"script line {number + 1} publishes no event: {said}")
            return
        self._world.bus.publish(event)

    def _seat(self, line: Mapping[str, Any], case: str) -> str:
        """The vote that a line means: of the person's own seat, or of a member who is absent.

        Somebody who has none votes on the first one, and is told why that cannot be.
        """
        named = line.get("task") or (line.get("when") or {}).get("opens")
        state = self._world.cases[case].run.state
        if named is None:
            still_open = [name for name, each in state.rounds.items() if each["state"] == "open"]
            if len(still_open) != 1:
                raise Refused(f"name one approval; open: {', '.join(still_open) or 'none'}")
            named = still_open[0]
        seats = {
            item["approval"]["seat"]: name
            for name, item in state.items.items()
            if (item.get("approval") or {}).get("round") == named
        }
        if not seats:
            known = ", ".join(state.rounds) or "none"
            raise Refused(f"there is no vote {named!r}; there are: {known}")
        by = str(line.get("by"))
        absent = [
            str(each["person"])
            for each in standing(self._world.organization, by, self._world.now())["standsInFor"]
        ]
        wanted = [str(line["seat"])] if "seat" in line else [by, *absent]
        mine = [seat for seat in wanted if seat in seats]
        still = [seat for seat in mine if state.items[seats[seat]]["state"] == "open"]
        return seats[next(iter([*still, *mine, *seats]))]

    def _of(self, line: Mapping[str, Any]) -> str | None:
        """The case that a line is about: the rehearsed one, or the newest of the definition it names."""
        name = _in(line)
        if name is None:
            return self._case
        found = [case for case, each in self._world.cases.items() if each.run.plan.name == name]
        return found[-1] if found else None

    def _item(self, line: Mapping[str, Any], case: str) -> str:
        named = line.get("task") or (line.get("when") or {}).get("opens")
        if named in self._world.cases[case].run.state.rounds:
            return self._seat(line, case)
        if named:
            return str(named)
        items = self._world.cases[case].run.state.items
        still_open = [name for name, item in items.items() if item["state"] in ("open", "claimed")]
        if len(still_open) != 1:
            raise Refused(f"name one work item; open: {', '.join(still_open) or 'none'}")
        return still_open[0]


def _is(seen: Any, wanted: Any) -> bool:
    """Whether what was seen is what a line waits for; of several people one is enough."""
    if isinstance(seen, list) and not isinstance(wanted, list):
        return wanted in seen
    return bool(seen == wanted)


def _in(line: Mapping[str, Any]) -> str | None:
    """The definition of another case that a line is about."""
    named = line.get("in") or (line.get("when") or {}).get("in")
    return None if named is None else str(named)
