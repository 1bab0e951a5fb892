"""Suspending a case: no task begins until it is resumed; times pass, and count when it goes on.

What people and systems send is taken and kept all the while. Parts of the case are suspended with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.scope import Scope

SUSPEND, RESUME = "case.suspend", "case.resume"
"""What a case tells its parts, as signals that nobody else has a reason to send."""


class Suspension:
    """Whether a case is suspended: `state.suspended` is {since, by, reason, pauseClocks, whole}."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        run.bell.suspended = self.holds

    @property
    def holds(self) -> bool:
        """Whether no task may begin."""
        return self._run.state.suspended is not None

    def delays(self, scope: Scope) -> bool:
        """Whether a task may not begin now: a cancel ends a suspension for undos and last words only.

        What else would begin is withdrawn in a moment.
        """
        return self.holds or (scope.undo is None and self._run.withdraws)

    async def over(self, scope: Scope) -> None:
        """Return when a task may begin."""
        await wait_until(self._run.effects, self._run.bell, lambda: not self.delays(scope))

    def begin(
        self, by: str | None, reason: str, *, pause_clocks: bool, whole: bool = False
    ) -> None:
        """Let nothing begin any more; `whole` says that the case of which this is a part asks."""
        run = self._run
        run.state.suspended = {
            "since": run.now_text(),
            "by": by,
            "reason": reason,
            "pauseClocks": pause_clocks,
            "whole": whole,
        }
        run.bell.suspended = True
        run.state.rested = True
        run.note("suspended", reason, by=by)
        run.trace(suspends=True, by=by, reason=reason)
        if pause_clocks:
            run.clocks.sleep()
        run.lifecycle.case("suspended")
        self._tell(SUSPEND, {"by": by, "reason": reason, "pauseClocks": pause_clocks})
        run.recorder.keep()
        run.changed()

    def end(self, by: str | None, reason: str | None) -> None:
        """Let tasks begin again; what was due meanwhile is due now."""
        run = self._run
        before = run.state.suspended
        assert before is not None
        run.state.suspended = None
        run.bell.suspended = False
        run.note("resumed", reason or "", by=by)
        run.trace(resumes=True, by=by)
        if before["pauseClocks"]:
            run.clocks.wake()
        run.lifecycle.case("resumed")
        self._tell(RESUME, {"by": by, "reason": reason})
        run.recorder.keep()
        run.changed()

    def heard(self, event: dict[str, Any]) -> bool:
        """Take the word of the case of which this one is a part; False for any other event."""
        # As with the end of a part: what is published has a source, and anybody may publish.
        if event["type"] not in (SUSPEND, RESUME) or event.get("source"):
            return False
        data = event.get("data")
        run = self._run
        if not _is_word(data) or data["case"] != run.state.record.get("partOf"):
            return False
        suspended = run.state.suspended
        if event["type"] == SUSPEND and suspended is None and not run.is_closing:
            reason = str(data.get("reason") or "")
            pauses = data.get("pauseClocks") is True
            self.begin(data.get("by"), reason, pause_clocks=pauses, whole=True)
        elif event["type"] == RESUME and suspended is not None and suspended["whole"]:
            self.end(data.get("by"), data.get("reason"))
        return True

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self._run.state.orders:
            begin(self._run, self._tell_parts())

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        state = self._run.state
        parts = [name for name, part in state.children.items() if "as" not in part]
        telling = bool(state.orders)
        for part in parts:
            event = {
                "id": f"{state.id}:{kind}:{state.facts}",
                "type": kind,
                "data": {"case": state.id, **data},
            }
            state.orders.append({"case": part, "event": event})
        if parts and not telling:
            begin(self._run, self._tell_parts())

    async def _tell_parts(self) -> None:
        orders = self._run.state.orders
        while orders:
            await self._run.send(orders[0]["case"], orders[0]["event"])
            orders.pop(0)


def _is_word(data: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(data, dict) and isinstance(data.get("case"), str)
