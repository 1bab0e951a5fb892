"""Links between cases, and merging: what `case.link` and the people who link cases ask for.

A request stands in `state.linking` until both sides have agreed. The case that gets the link looks
whether it would close a circle, then asks the other one; a case that is itself being linked in the
same way says no, so that two cases that are merged into each other at one moment both stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from service.drill import is_drill
from service.instants import read_instant, write_instant
from workflows.effects import ActionFailed
from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.deadline import begin

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

DUPLICATE = "duplicate-of"
INVERSE = {
    DUPLICATE: "duplicate", "child-of": "parent-of", "caused-by": "cause-of", "related": "related",
}  # fmt: skip
"""Kind of a link -> the kind that the other case sees."""

REQUEST = "case.link"
"""Somebody wants this case to be linked: {to, kind, reason, by, reply}."""
ASK = "case.link.ask"
"""Another case wants to be linked to this one."""
ANSWER = "case.link.answer"
"""What the other one says, or what became of a request: {id, linked, reason}."""
KINDS = (REQUEST, ASK, ANSWER)

PATIENCE = timedelta(minutes=1)
MOST_ASKS = 5
MOST_WAITING = 100


class Linking:
    """Works through the requests of one case, one after the other."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._worker: asyncio.Task[None] | None = None

    def request(self, request: Mapping[str, Any]) -> None:
        """Add a request; the same id again changes nothing."""
        run = self._run
        known = [each["id"] for each in run.state.linking]
        if (
            request["id"] in known
            or request["id"] in run.state.linked
            or len(known) >= MOST_WAITING
        ):
            return
        run.state.linking.append(dict(request))
        self._start()

    def answer_to(self, request: str) -> Mapping[str, Any] | None:
        """What became of a request of this case, or of one that it has sent to another case."""
        found: Mapping[str, Any] | None = self._run.state.linked.get(request)
        return found

    def take(self, event: Mapping[str, Any]) -> str:
        """Take what another case says of links; whatever else has these names is left out."""
        run = self._run
        data = event.get("data")
        if not isinstance(data, Mapping) or not _is_sound(event["type"], data):
            run.note("event", f"left one out: {event['type']} is for links between cases")
            return "refused"
        match event["type"]:
            case "case.link":
                self.request({**data, "id": event["id"]})
            case "case.link.ask":
                self._asked(data)
            case _:
                self._keep(data["id"], bool(data.get("linked")), data.get("reason"), data.get("to"))
        run.changed()
        return "delivered"

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self._run.state.linking:
            self._start()

    # --- the case that gets the link --------------------------------------------------------------

    def _start(self) -> None:
        if self._worker is None or self._worker.done():
            self._worker = begin(self._run, self._work())

    async def _work(self) -> None:
        await turn()
        run = self._run
        while run.state.linking:
            request = run.state.linking[0]
            linked, reason = await self._carry_out(request)
            run.state.linking.pop(0)
            self._keep(request["id"], linked, reason, request["to"])
            if request.get("reply"):
                said = {
                    "id": request["id"],
                    "linked": linked,
                    "reason": reason,
                    "to": request["to"],
                }
                run.matter.post(
                    request["reply"], {"id": f"link:{request['id']}", "type": ANSWER, "data": said}
                )
            if linked:
                self._linked(request)
            else:
                run.note(
                    "not-linked",
                    f"{request['kind']} {request['to']}: {reason}",
                    by=request.get("by"),
                )
            run.changed()

    async def _carry_out(self, request: dict[str, Any]) -> tuple[bool, str | None]:
        run = self._run
        try:
            found = await run.read(
                "case.lineage",
                {"case": run.state.id, "to": request["to"], "kind": request["kind"]},
                f"{request['kind']} {request['to']}",
            )
        except ActionFailed as error:
            return False, error.detail
        if "answer" in found:
            return bool(found["answer"]), found.get("reason")
        if found.get("reason"):
            return False, str(found["reason"])
        if is_drill(found["case"]) is not run.is_drill:
            return False, f"of {run.state.id} and {found['case']} one is a drill"
        request["to"] = found["case"]
        if found["ended"]:
            if request["kind"] == DUPLICATE:
                return False, f"{request['to']} has ended: nobody would work on it"
            return True, None
        return await self._ask(request)

    async def _ask(self, request: dict[str, Any]) -> tuple[bool, str | None]:
        run = self._run
        asked = f"{run.state.first_run}:{request['id']}"
        for _ in range(MOST_ASKS):
            state = await run.send(
                request["to"],
                {"id": f"ask:{asked}", "type": ASK, "data": self._question(request, asked)},
            )
            if state == "refused":
                return False, f"{request['to']} has ended"
            await wait_until(
                run.effects,
                run.bell,
                lambda: asked in run.state.linked,
                read_instant(write_instant(run.now() + PATIENCE)),
                f"links to {request['to']}",
            )
            answer = run.state.linked.get(asked)
            if answer is not None:
                return answer["linked"], answer["reason"]
        return False, f"{request['to']} does not answer"

    def _question(self, request: Mapping[str, Any], asked: str) -> dict[str, Any]:
        run = self._run
        record = run.state.record
        question = {
            "id": asked, "case": run.state.id, "kind": request["kind"], "reason": request.get("reason"),
            "by": request.get("by"), "subject": record.get("subject"),
        }  # fmt: skip
        if request["kind"] == DUPLICATE:
            question["messages"] = list(run.state.messages)
            question["watch"] = [
                each for each in (record.get("requester"), *(record.get("watchers") or ())) if each
            ]
        return question

    def _linked(self, request: Mapping[str, Any]) -> None:
        run = self._run
        link = {"kind": request["kind"], "case": request["to"]}
        self._add(link, f"{request['kind']} {request['to']}", request)
        if request["kind"] == DUPLICATE:
            run.state.merged = {
                "into": request["to"], "reason": request.get("reason"), "by": request.get("by"),
            }  # fmt: skip
            run.trace(merges=request["to"])

    # --- the other case ---------------------------------------------------------------------------

    def _asked(self, data: Mapping[str, Any]) -> None:
        run = self._run
        state = run.state
        kind, other = data["kind"], data["case"]
        reason = None
        if state.ended is not None or state.merged is not None:
            reason = f"{state.id} has ended"
        elif kind != "related" and any(each["kind"] == kind for each in state.linking):
            reason = f"{state.id} is itself being linked as {kind} at this moment"
        elif kind != "related" and {"kind": kind, "case": other} in (
            state.record.get("links") or ()
        ):
            reason = f"{state.id} is {kind} {other} already: that would be a circle"
        if reason is None:
            link = {"kind": INVERSE[kind], "case": other}
            said = f"{other} is {kind} this case"
            self._add(link, said, data)
            if kind == DUPLICATE:
                self._take_over(data)
        answer = {"id": data["id"], "linked": reason is None, "reason": reason}
        run.matter.post(other, {"id": f"answer:{data['id']}", "type": ANSWER, "data": answer})

    def _take_over(self, data: Mapping[str, Any]) -> None:
        """The mails of the merged case are this one's, and its requester hears of this one."""
        run = self._run
        for message in data.get("messages") or ():
            if isinstance(message, Mapping):
                run.recorder.message(
                    message.get("messageId"),
                    str(message.get("direction") or "in"),
                    message.get("at"),
                )
        record = run.state.record
        known = [record.get("requester"), *(record.get("watchers") or ())]
        names = {_name(each) for each in known}
        new = [each for each in data.get("watch") or () if _name(each) not in names]
        if new:
            record["watchers"] = [*(record.get("watchers") or ()), *new]
            run.events.happened(
                "case.updated", {"changed": {"watchers": {"from": None, "to": None}}}
            )

    def _add(self, link: dict[str, Any], said: str, request: Mapping[str, Any]) -> None:
        run = self._run
        links = run.state.record.get("links") or []
        if link in links:
            return
        run.state.record["links"] = [*links, link]
        reason = request.get("reason")
        run.note(
            "linked", said + (f": {reason}" if reason else ""), by=request.get("by"), reason=reason
        )
        run.trace(links=link["case"], kind=link["kind"])
        run.events.happened("case.linked", link)
        run.recorder.keep()

    def _keep(self, request: str, linked: bool, reason: str | None, to: str | None) -> None:
        kept = self._run.state.linked
        kept[request] = {"linked": linked, "reason": reason, "to": to}
        while len(kept) > MOST_WAITING:
            del kept[next(iter(kept))]
        self._run.bell.ring()


def _name(person: Any) -> str:
    if isinstance(person, Mapping):
        return str(person.get("mail") or person.get("id") or person).lower()
    return str(person).lower()


def _is_sound(kind: str, data: Mapping[str, Any]) -> bool:
    """Anybody may send a signal of any name."""
    wanted = {REQUEST: ("to", "kind"), ASK: ("id", "case", "kind"), ANSWER: ("id",)}[kind]
    texts = all(isinstance(data.get(name), str) for name in wanted)
    return texts and ("kind" not in wanted or data["kind"] in INVERSE)
