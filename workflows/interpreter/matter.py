"""The root of a matter: the one record on which it and the cases started from it work.

Children join, tell what they do in numbered acts, and are told how the record stands. Events of the
outside that reach the root are offered to its open children, and the other way round. The root's
clocks pause with the innermost case that it waits for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from service import work_items
from service.digests import digest_of
from workflows.interpreter import sharing
from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.deadline import begin

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

FORWARD = "matter"
"""Key of an event that one case of the matter has passed on to another: by which case."""

NOT_SHARED = ("case.finished",)
"""Events that are for one case alone."""


class Matter:
    """The root's side: `state.members`, child -> {run, parent, waits, definition, seen, ...}."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._teller: asyncio.Task[None] | None = None

    def take(self, event: Mapping[str, Any]) -> str:
        """Take what another case of the matter says; whatever else has these names is left out."""
        run = self._run
        data = event.get("data")
        if not isinstance(data, Mapping) or not _is_sound(event["type"], data):
            if run.state.ended is None:
                run.note("event", f"left one out: {event['type']} is for cases of one matter")
            return "refused"
        if run.state.ended is not None and event["type"] in (sharing.JOIN, sharing.ACT):
            # It has told its children that it is over.
            return "refused"
        match event["type"]:
            case sharing.JOIN:
                self._join(data)
            case sharing.TOLD:
                run.membership.told(data)
            case sharing.OVER:
                run.membership.over()
            case _:
                self._act(data)
        run.changed()
        return "delivered"

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self._has_to_tell():
            self._start()

    # --- children ---------------------------------------------------------------------------------

    def _join(self, data: Mapping[str, Any]) -> None:
        run = self._run
        if run.membership.is_member:
            # Of a child's child: its root decides.
            self._post(None, {"id": f"{data['run']}:up", "type": sharing.JOIN, "data": dict(data)})
            return
        known = run.state.members.get(data["case"])
        if known is None or known["run"] != data["run"]:
            run.state.members[data["case"]] = {
                "run": data["run"], "parent": data["parent"], "waits": bool(data.get("waits")),
                "definition": data.get("definition"), "status": data.get("status"),
                "phase": data.get("phase"), "seen": 0, "version": 0, "told": None,
            }  # fmt: skip
            run.note("matter", f"{data['case']} works on this record", case=data["case"])
        else:
            # Asked again: the answer may have been lost.
            known["told"] = None

    def _act(self, data: Mapping[str, Any]) -> None:
        run = self._run
        child = data["case"]
        member = run.state.members.get(child)
        if member is None or member["run"] != data["run"]:
            if not data.get("left"):
                self._post(
                    child, {"id": f"over:{run.state.first_run}", "type": sharing.OVER, "data": {}}
                )
            return
        if data["n"] <= member["seen"]:
            return
        member["seen"] = data["n"]
        if isinstance(data.get("set"), Mapping):
            self._written(child, data["set"])
        if isinstance(data.get("status"), Mapping):
            self._status(child, member, data["status"])
        if isinstance(data.get("clock"), Mapping):
            self._clock(data["clock"])
        if isinstance(data.get("sent"), Mapping):
            self._sent(child, data["sent"])
        if isinstance(data.get("taken"), str):
            self._forget(data["taken"], child)
        if isinstance(data.get("ended"), str):
            self._left(data["ended"])
        if data.get("left"):
            # Until it has been told so, after those that joined before it.
            member["left"] = True

    def _written(self, child: str, written: Mapping[str, Any]) -> None:
        run = self._run
        changed = sharing.write(run.state.record, written)
        changed = {name: each for name, each in changed.items() if name != "assignees"}
        if changed:
            run.note("updated", f"{', '.join(changed)} by {child}", case=child)
            run.events.happened("case.updated", {"changed": changed})
            run.clocks.facts_changed()
            run.recorder.keep()

    def _status(self, child: str, member: dict[str, Any], said: Mapping[str, Any]) -> None:
        """A status that the root knows is the matter's; others only say what the child's phase is."""
        run = self._run
        to, reason = said.get("to"), said.get("reason")
        member["status"], member["phase"] = to, said.get("phase")
        known = run.plan.rules.statuses.get(str(to))
        before = run.state.record.get("status")
        if known is None or before == to:
            return
        if known.phase == "closed":
            # The matter is closed by its own case: a child that is done is not the end of it.
            run.note("status", f"stays {before}: {child} is {to}", case=child)
            return
        run.state.record["status"] = to
        run.trace(status=to, reason=reason)
        told = f"{before or '-'} -> {to} by {child}" + (f": {reason}" if reason else "")
        run.note("status", told, case=child)
        run.events.happened(
            "status.changed", {"from": before, "to": to, "toPhase": known.phase, "reason": reason}
        )
        run.recorder.keep()

    def _clock(self, said: Mapping[str, Any]) -> None:
        run = self._run
        name = str(said.get("name"))
        if run.clocks.knows(name):
            run.clocks.ask(name, str(said.get("act")), said)

    def _sent(self, child: str, said: Mapping[str, Any]) -> None:
        run = self._run
        run.recorder.message(said.get("messageId"), "out", said.get("at"))
        run.note("sent", f"{said.get('task')} of {child}", case=child)
        run.events.happened(
            "message.sent",
            {name: said.get(name) for name in ("to", "automatic", "task", "messageId")},
        )

    def ended(self, child: str) -> None:
        """A part of this case has ended, perhaps without a word to its root."""
        run = self._run
        if run.membership.is_member and run.membership.root is not None:
            run.membership.tell({"ended": child})
        self._left(child)

    def _left(self, child: str) -> None:
        gone = self._run.state.members.pop(child, None)
        if gone is not None:
            self._run.note("matter", f"{child} is done with this record", case=child)

    # --- the clocks -------------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether the innermost cases that the root waits for wait themselves, and nobody here works."""
        run = self._run
        members = run.state.members
        if not members or any(
            each["state"] in work_items.OPEN for each in run.state.items.values()
        ):
            return False
        awaited = {case: each for case, each in members.items() if self._awaited(case)}
        inner = [
            each
            for case, each in awaited.items()
            if not any(other["parent"] == case for other in awaited.values())
        ]
        return bool(inner) and all(each.get("phase") == "waiting" for each in inner)

    def _awaited(self, case: str) -> bool:
        """Whether the root waits for a child, or for the child of which it is a part."""
        members = self._run.state.members
        for _ in range(len(members) + 1):
            member = members.get(case)
            if member is None or not member["waits"] or member.get("left"):
                return False
            if member["parent"] == self._run.state.id:
                return True
            case = member["parent"]
        return False

    def look(self) -> None:
        """Pause or resume with the innermost case, and tell the children what is different."""
        run = self._run
        state = run.state
        if not state.members and not state.waits_inside:
            return
        waits = self.waits and not state.over and state.ended is None
        if waits != state.waits_inside:
            state.waits_inside = waits
            status = state.record.get("status")
            run.note("matter", "waits with what it waits for" if waits else "goes on")
            run.events.happened(
                "status.changed",
                {"from": status, "to": status, "toPhase": run.phase, "reason": "matter"},
            )
            run.recorder.keep()
        if self._has_to_tell():
            self._start()

    # --- events -----------------------------------------------------------------------------------

    def share(self, event: Mapping[str, Any]) -> None:
        """Pass an event of the outside on to the other open cases of the matter."""
        run = self._run
        state = run.state
        if event["type"] in NOT_SHARED or event["type"].startswith("matter."):
            return
        via = event.get(FORWARD)
        source = event.get("source")
        if run.membership.is_member:
            if via is None and source not in (
                run.membership.root,
                state.matter and state.matter["parent"],
            ):
                self._post(None, {**event, FORWARD: state.id})
            return
        if source in state.members:
            # What one of them has sent to this case is for this case.
            return
        for child, member in state.members.items():
            if child not in (via, source) and not member.get("left"):
                self._post(child, {**event, FORWARD: state.id})

    def taken(self, event: str) -> None:
        """A task has taken an event: no other case of the matter keeps it for later."""
        run = self._run
        if run.membership.is_member:
            run.membership.tell({"taken": event})
        elif run.state.members:
            self._pass_on_taken(event, None)

    def _forget(self, event: str, by: str) -> None:
        buffer = self._run.state.buffer
        buffer[:] = [each for each in buffer if each["id"] != event]
        self._pass_on_taken(event, by)

    def _pass_on_taken(self, event: str, by: str | None) -> None:
        for child, member in self._run.state.members.items():
            if child != by:
                member.setdefault("taken", []).append(event)

    # --- the teller -------------------------------------------------------------------------------

    async def close(self) -> None:
        """The root ends: its children go on by themselves."""
        run = self._run
        for child in list(run.state.members):
            event = {"id": f"over:{run.state.first_run}", "type": sharing.OVER, "data": {}}
            self._post(child, event)
            del run.state.members[child]
        if run.state.posts:
            self._start()
        await wait_until(run.effects, run.bell, lambda: not run.state.posts)

    def post(self, to: str, event: Mapping[str, Any]) -> None:
        """Send an event to another case, after what was posted before; whether it comes is not told."""
        self._post(to, event)

    def _post(self, to: str | None, event: Mapping[str, Any]) -> None:
        """Put an event into the outbox; None is the root, as soon as it is known."""
        self._run.state.posts.append({"to": to, "event": dict(event)})
        self._start()

    def _start(self) -> None:
        if self._teller is None or self._teller.done():
            self._teller = begin(self._run, self._tell_all())

    def _has_to_tell(self) -> bool:
        return bool(self._run.state.posts) or any(True for _ in self._untold())

    def _untold(self) -> Iterable[tuple[str, dict[str, Any]]]:
        said = digest_of(self._said()) if self._run.state.members else None
        for child, member in self._run.state.members.items():
            if member["told"] != {"said": said, "seen": member["seen"]} or member.get("taken"):
                yield child, member

    def _said(self) -> dict[str, Any]:
        run = self._run
        state = run.state
        return {
            "root": state.id,
            "record": sharing.of(state.record, sharing.SHARED),
            "status": state.record.get("status"),
            "phase": run.phase,
            "statuses": {name: each.phase for name, each in run.plan.rules.statuses.items()},
            "clocks": {name: clock.get("shown", {}) for name, clock in state.clocks.items()},
            "clockNames": [each.name for each in run.plan.rules.clocks],
            "mirror": list(run.plan.rules.ticket_mirror),
        }

    async def _tell_all(self) -> None:
        await turn()
        run = self._run
        state = run.state
        while self._has_to_tell():
            if state.posts:
                await self._send_post(state.posts[0])
                state.posts.pop(0)
                run.bell.ring()
                continue
            # What was asked of a clock is in what the child hears.
            await run.clocks.settled()
            found = next(iter(self._untold()), None)
            if found is None:
                continue
            child, member = found
            leaving = member.get("left")
            said, seen, taken = self._said(), member["seen"], list(member.get("taken") or ())
            member["version"] += 1
            data = {**said, "seen": seen, "version": member["version"], "taken": taken}
            event = {
                "id": f"told:{state.first_run}:{member['version']}", "type": sharing.TOLD, "data": data,
            }  # fmt: skip
            sent = await run.send(child, event)
            member["told"] = {"said": digest_of(said), "seen": seen}
            left = [each for each in member.pop("taken", ()) if each not in taken]
            if left:
                member["taken"] = left
            if (sent == "refused" or leaving) and state.members.get(child) is member:
                self._left(child)
                run.changed()

    async def _send_post(self, post: Mapping[str, Any]) -> None:
        run = self._run
        to = post["to"]
        if to is None:
            await wait_until(
                run.effects,
                run.bell,
                lambda: not run.membership.is_member or bool(run.membership.root),
            )
            to = run.membership.root
        if to is None:
            event = post["event"]
            if event["type"] == sharing.JOIN:
                # This case has become a root itself.
                self._join(event["data"])
                run.changed()
            return
        sent = await run.send(to, post["event"])
        if sent == "refused" and to in run.state.members:
            self._left(to)
            run.changed()


def _is_sound(kind: str, data: Mapping[str, Any]) -> bool:
    """Anybody may send a signal of any name; what is taken here was told by a case of ours."""
    if kind == sharing.OVER:
        return True
    if kind == sharing.TOLD:
        return (
            isinstance(data.get("root"), str)
            and isinstance(data.get("record"), Mapping)
            and all(isinstance(data.get(name), int) for name in ("seen", "version"))
        )
    named = all(isinstance(data.get(name), str) for name in ("case", "run"))
    if kind == sharing.JOIN:
        return named and isinstance(data.get("parent"), str)
    return named and isinstance(data.get("n"), int)
