"""Keeps the projection of the case outside of it: row, work items, audit, messages.

Changes gather while a write is under way, and one write carries all of them.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.deadline import begin
from workflows.interpreter.state import MESSAGES_KEPT
from workflows.interpreter.view import row

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


MOST_UNTOLD = 500
"""Lines of the audit that wait for a write at most, also where the case is not recorded yet."""

NUMBERED_FROM = datetime(2020, 1, 1, tzinfo=UTC)


class Recorder:
    """Gathers facts in the state's outbox and writes them in order."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._writer: asyncio.Task[None] | None = None

    @property
    def keeps(self) -> bool:
        """Whether the case is recorded while it runs.

        A case that only acts, one action after the other, is recorded at its end: its rows would
        cost as much as its actions, and nobody could read them in time.
        """
        state = self._run.state
        return bool(
            self._run.plan.rules.statuses
            or state.items
            or state.rested
            or state.held
            or state.bookings
        )

    def look(self) -> None:
        """Keep the row where it is different from the one that was told last."""
        if (
            self.keeps
            and "row" not in self._run.state.outbox
            and self._row() != self._run.state.told
        ):
            self.keep()

    def keep(self) -> None:
        """The case's row changed."""
        if self.keeps:
            self._run.state.outbox["row"] = True
            self._start()

    def item(self, item: dict[str, Any]) -> None:
        """A work item changed."""
        self._run.state.outbox.setdefault("items", {})[item["id"]] = True
        self.keep()

    def operator_item(self, name: str) -> None:
        """What operators have to do changed."""
        self._run.state.outbox.setdefault("held", {})[name] = True
        self.keep()

    def round(self, voting: dict[str, Any]) -> None:
        """A round of an approval changed: its votes are told with it."""
        self._run.state.outbox.setdefault("rounds", {})[voting["id"]] = True
        self.keep()

    def booking(self, booking: dict[str, Any]) -> None:
        """A booking is new, or was given back."""
        self._run.state.outbox.setdefault("bookings", {})[booking["id"]] = booking
        self.keep()

    def message(self, message_id: Any, direction: str, at: str | None) -> None:
        """A mail of the case became known, `in` or `out`; one without an id cannot be found again."""
        if not isinstance(message_id, str) or not message_id:
            return
        state = self._run.state
        message = {"messageId": message_id, "direction": direction, "at": at}
        if any(each["messageId"] == message_id for each in state.messages):
            return
        state.messages.append(message)
        del state.messages[:-MESSAGES_KEPT]
        state.outbox.setdefault("messages", []).append(message)
        self.keep()

    def audit(self, line: dict[str, Any]) -> None:
        """A line of the timeline, which is never changed."""
        outbox = self._run.state.outbox
        outbox.setdefault("audit", []).append(line)
        if len(outbox["audit"]) >= MOST_UNTOLD:
            outbox["row"] = True
            self._start()

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self._run.state.outbox.get("row"):
            self._start()

    async def close(self) -> None:
        """Write what is left, and the case's end."""
        run = self._run
        if self._writer is not None:
            await wait_until(run.effects, run.bell, self._writer.done)
        run.state.outbox["row"] = True
        ends = run.state.ended is not None and "partOf" not in run.state.record
        # A case that only acts was not seen before: nobody has anything to say to it any more.
        run.sealed = ends and not self.keeps
        await self._write()

    def _start(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = begin(self._run, self._write_all())

    async def _write_all(self) -> None:
        # Let the walkers of this step add their facts first: one write instead of many.
        await turn()
        while self._run.state.outbox.get("row") and self._run.state.ended is None:
            await self._write()

    async def _write(self) -> None:
        run = self._run
        await run.may_begin()
        outbox, run.state.outbox = run.state.outbox, {}
        run.state.written = max(run.state.written + 1, _seconds(run.now()))
        run.state.told = self._row()
        payload: dict[str, Any] = {
            "case": run.state.id,
            "row": {**run.state.told, "n": run.state.written},
            "items": [
                *(run.state.items[name] for name in outbox.get("items", {})),
                *(run.state.operator_items[name] for name in outbox.get("held", {})),
            ],
            "audit": outbox.get("audit", []),
            "messages": outbox.get("messages", []),
        }
        if outbox.get("rounds"):
            payload["rounds"] = [run.state.rounds[name] for name in outbox["rounds"]]
        if outbox.get("bookings"):
            payload["bookings"] = list(outbox["bookings"].values())
        ended = run.state.ended or run.state.closed
        if ended is not None:
            payload["closed"] = dict(ended)
        await run.record(payload, last=run.sealed)

    def _row(self) -> dict[str, Any]:
        found = row(self._run)
        del found["n"]
        return found


def _seconds(at: datetime) -> int:
    """The least number of a write at this time.

    A write that comes late must not replace a newer one. A count alone would start lower again
    after a reset of the workflow, and what the case tells from then on would be refused as old.
    """
    return int((at - NUMBERED_FROM).total_seconds())
