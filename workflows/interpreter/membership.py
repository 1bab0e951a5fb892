"""A case that works on the record of another: `metadata.record: matter`.

The case keeps a copy of the root's record, which everything that reads `$case` sees. What it writes
is told to the root in numbered acts, and counts here at once: what the root tells replaces the copy,
and acts that the root has not seen yet are written over it again. Where no root can be reached, the
case goes on alone with what it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from service.instants import read_instant, write_instant
from workflows.interpreter import sharing
from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.deadline import begin

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

PATIENCE = timedelta(minutes=1)
"""How long a root may take to answer before it is asked again."""
MOST_ASKS = 5


class Membership:
    """The child's side of a matter: `state.matter`, None where the case has a record of its own."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._teller: asyncio.Task[None] | None = None

    @property
    def is_member(self) -> bool:
        """Whether the case works on another one's record."""
        return self._run.state.matter is not None

    @property
    def root(self) -> str | None:
        """Id of the root, once it is known."""
        matter = self._run.state.matter
        return None if matter is None else matter.get("root")

    def begin(self) -> None:
        """Say whose record it is, from the link with which the case was started."""
        run = self._run
        state = run.state
        if run.plan.rules.record != "matter" or run.level < 16:
            return
        parent = state.record.get("partOf")
        waits = bool(parent)
        if not parent:
            links = state.record.get("links") or []
            parent = next((each["case"] for each in links if each.get("kind") == "child"), None)
        if isinstance(parent, str):
            state.matter = {
                "parent": parent, "waits": waits, "n": 0, "pending": [], "asks": 0, "base": {},
                "version": 0,
            }  # fmt: skip

    async def join(self) -> None:
        """Ask the parent, which asks its own, until the root has told how the record stands."""
        run = self._run
        while (matter := run.state.matter) is not None and "root" not in matter:
            if matter["asks"] >= MOST_ASKS:
                self._alone(f"{matter['parent']} does not say how its record stands")
                return
            if "until" not in matter:
                data = {
                    "case": run.state.id, "run": run.state.first_run, "parent": matter["parent"],
                    "waits": matter["waits"], "definition": run.plan.name,
                    "status": run.state.record.get("status"), "phase": self._phase(),
                }  # fmt: skip
                asked = f"join:{run.state.first_run}:{matter['asks']}"
                state = await run.send(
                    matter["parent"], {"id": asked, "type": sharing.JOIN, "data": data}
                )
                if state == "refused":
                    self._alone(f"{matter['parent']} has ended")
                    return
                matter["asks"] += 1
                matter["until"] = write_instant(run.now() + PATIENCE)
            await wait_until(
                run.effects,
                run.bell,
                lambda: run.state.matter is None or "root" in run.state.matter,
                read_instant(matter["until"]),
                "joins the matter",
            )
            matter.pop("until", None)

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self._unsent():
            self._start()

    # --- what the case does ----------------------------------------------------------------------

    def look(self) -> None:
        """Tell what was written to the record since the last look."""
        run = self._run
        matter = run.state.matter
        if matter is None or "root" not in matter:
            return
        now = sharing.of(run.state.record)
        written = sharing.difference(matter["base"], now)
        if written:
            matter["base"] = now
            self.tell({"set": written})

    def tell(self, act: Mapping[str, Any]) -> int:
        """Add an act to what the root is told, in order; gives its number."""
        run = self._run
        matter = run.state.matter
        assert matter is not None
        matter["n"] += 1
        matter["pending"].append({"n": matter["n"], **act})
        self._start()
        return int(matter["n"])

    def status(self, to: str, phase: str, reason: str | None) -> None:
        """The case's own status is another one: the root follows where it knows it."""
        if self.is_member:
            self.tell({"status": {"to": to, "phase": phase, "reason": reason}})

    async def seen(self, number: int) -> None:
        """Return when the root has carried out an act, or nobody is there to do so."""
        run = self._run
        await wait_until(
            run.effects,
            run.bell,
            lambda: (
                run.state.matter is None
                or all(each["n"] > number for each in run.state.matter["pending"])
            ),
        )

    def status_of_root(self, name: str) -> str | None:
        """The phase that a status means which only the root declares; None where it does not."""
        matter = self._run.state.matter
        phase = None if matter is None else (matter.get("statuses") or {}).get(name)
        return None if phase is None else str(phase)

    def statuses(self) -> tuple[str, ...]:
        """Statuses that the root declares."""
        matter = self._run.state.matter
        return () if matter is None else tuple(matter.get("statuses") or ())

    def clocks(self) -> Mapping[str, Any]:
        """The root's clocks, as it has told them last."""
        matter = self._run.state.matter
        found: Mapping[str, Any] = {} if matter is None else matter.get("clocks") or {}
        return found

    def clock_names(self) -> tuple[str, ...]:
        """Clocks that the root declares, running or not."""
        matter = self._run.state.matter
        return () if matter is None else tuple(matter.get("clockNames") or ())

    def mirror(self) -> tuple[str, ...]:
        """What of the record the ticket follows by the root's own rules."""
        matter = self._run.state.matter
        return () if matter is None else tuple(matter.get("mirror") or ())

    # --- what the root says -----------------------------------------------------------------------

    def told(self, data: Mapping[str, Any]) -> None:
        """Take over how the record stands."""
        run = self._run
        matter = run.state.matter
        if matter is None or data["version"] <= matter["version"]:
            return
        first = "root" not in matter
        before = sharing.of(run.state.record, sharing.SHARED)
        if not first:
            self.look()
        matter["version"] = data["version"]
        matter["root"] = data["root"]
        for name in ("status", "phase", "statuses", "clocks", "clockNames", "mirror"):
            matter[name] = data.get(name)
        matter["pending"] = [each for each in matter["pending"] if each["n"] > data["seen"]]
        taken = data.get("taken") or ()
        run.state.buffer[:] = [each for each in run.state.buffer if each["id"] not in taken]
        record = run.state.record
        for name in sharing.SHARED:
            if name in data["record"]:
                record[name] = data["record"][name]
            else:
                record.pop(name, None)
        for act in matter["pending"]:
            sharing.write(record, act.get("set") or {})
        matter["base"] = sharing.of(record)
        if first:
            run.note("matter", f"works on the record of {data['root']}")
        if run.state.ended is None:
            self._changed(before, data)
            run.recorder.keep()

    def over(self) -> None:
        """The root has ended: what it was asked last is all that it knows."""
        if self._run.state.matter is not None:
            self._alone("the case whose record it is has ended")

    async def close(self) -> None:
        """The case ends: let the root hear what is left, and that this one is gone."""
        run = self._run
        if run.state.matter is None:
            return
        if "root" not in run.state.matter:
            run.state.matter = None
            return
        self.look()
        if "leaving" not in run.state.matter:
            run.state.matter["leaving"] = write_instant(run.now() + PATIENCE)
            self.tell({"left": True})
        self._start()
        # The case of which this is a part goes on with what the root has told it, and that comes
        # before what the root tells here.
        await wait_until(
            run.effects,
            run.bell,
            lambda: run.state.matter is None or not run.state.matter["pending"],
            read_instant(run.state.matter["leaving"]),
            "leaves the matter",
        )

    # --- the teller -------------------------------------------------------------------------------

    def _changed(self, before: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        run = self._run
        after = sharing.of(run.state.record, sharing.SHARED)
        names = sorted({*before, *after})
        changed = {
            name: {"from": before.get(name), "to": after.get(name)}
            for name in names
            if before.get(name) != after.get(name)
        }
        if changed:
            run.events.happened("case.updated", {"changed": changed})
            run.clocks.facts_changed()
        if run.plan.rules.statuses:
            return
        was = run.state.record.get("status")
        if was != data.get("status"):
            run.state.record["status"] = data.get("status")
            run.events.happened(
                "status.changed",
                {
                    "from": was,
                    "to": data.get("status"),
                    "toPhase": data.get("phase"),
                    "reason": None,
                },
            )

    def _unsent(self) -> list[dict[str, Any]]:
        matter = self._run.state.matter
        return [] if matter is None else [each for each in matter["pending"] if "sent" not in each]

    def _start(self) -> None:
        if self._teller is None or self._teller.done():
            self._teller = begin(self._run, self._tell_all())

    async def _tell_all(self) -> None:
        await turn()
        run = self._run
        while self._unsent():
            matter = run.state.matter
            assert matter is not None
            if "root" not in matter:
                # A reaction has done something before the root has answered.
                await wait_until(
                    run.effects,
                    run.bell,
                    lambda: run.state.matter is None or "root" in run.state.matter,
                )
                continue
            act = self._unsent()[0]
            said = {name: value for name, value in act.items() if name != "sent"}
            data = {"case": run.state.id, "run": run.state.first_run, **said}
            event = {
                "id": f"act:{run.state.first_run}:{act['n']}", "type": sharing.ACT, "data": data,
            }  # fmt: skip
            state = await run.send(matter["root"], event)
            act["sent"] = True
            if state == "refused":
                self._alone(f"{matter['root']} has ended")
            run.bell.ring()

    def _alone(self, why: str) -> None:
        run = self._run
        run.state.matter = None
        if run.state.ended is None:
            run.note("matter", f"{why}: the case goes on with a record of its own")
            run.recorder.keep()
        run.changed()

    def _phase(self) -> str:
        status = self._run.plan.rules.statuses.get(self._run.state.record.get("status") or "")
        return status.phase if status else "open"
