"""Keeps the projection of the case outside of it: row, work items, audit, messages.

Changes gather while a write is under way, and one write carries all of them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.deadline import begin
from workflows.interpreter.view import row

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


class Recorder:
    """Gathers facts in the state's outbox and writes them in order."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._writer: asyncio.Task[None] | None = None

    @property
    def keeps(self) -> bool:
        """Whether the case is recorded while it runs: it has statuses or work for people."""
        return bool(self._run.plan.rules.statuses or self._run.state.items)

    def keep(self) -> None:
        """The case's row changed."""
        if self.keeps:
            self._run.state.outbox["row"] = True
            self._start()

    def item(self, item: dict[str, Any]) -> None:
        """A work item changed."""
        self._run.state.outbox.setdefault("items", {})[item["id"]] = True
        self.keep()

    def message(self, message: dict[str, Any]) -> None:
        """A message of the case became known: {messageId, direction, ...}."""
        self._run.state.outbox.setdefault("messages", []).append(message)
        self.keep()

    def audit(self, line: dict[str, Any]) -> None:
        """A fact that is never changed: it gets the next number of the case."""
        state = self._run.state
        state.facts += 1
        state.outbox.setdefault("audit", []).append({"n": state.facts, **line})

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
        # Numbers the write: one that comes late must not replace what a later one has brought.
        run.state.facts += 1
        payload: dict[str, Any] = {
            "case": run.state.id,
            "row": row(run),
            "items": [run.state.items[name] for name in outbox.get("items", {})],
            "audit": outbox.get("audit", []),
            "messages": outbox.get("messages", []),
        }
        if run.state.ended is not None:
            payload["closed"] = run.state.ended
        await run.record(payload)
