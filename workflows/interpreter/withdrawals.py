"""Tells people that what they had was withdrawn, beside whatever the case does meanwhile.

A branch that is let go of can wait for nothing any more, and a case that ends must not be kept by
a mail server: the notices wait in the state, and the case closes when they are through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from language.functions import CATALOG
from workflows.effects import Action, ActionFailed
from workflows.interpreter.bell import wait_until
from workflows.interpreter.case_data import case_data
from workflows.interpreter.deadline import begin

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

FUNCTION = "work-item.announce"


class Withdrawals:
    """Notices of withdrawn work items."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run

    def tell(self, item: Mapping[str, Any], by: str | None = None) -> None:
        """Tell whoever had claimed the item, but not who has withdrawn it."""
        people = _holders(item)
        people = [each for each in people if each != by]
        if self._run.level < 16 or not people:
            return
        self._run.state.withdrawals[item["id"]] = {"item": item["id"], "people": people}
        begin(self._run, self._send(item["id"]))

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        for name in list(self._run.state.withdrawals):
            begin(self._run, self._send(name))

    async def close(self) -> None:
        """Return when everybody was told, or could not be: each notice is tried for an hour."""
        run = self._run
        if run.state.withdrawals:
            await wait_until(run.effects, run.bell, lambda: not run.state.withdrawals)

    async def _send(self, name: str) -> None:
        run = self._run
        notice = run.state.withdrawals[name]
        item = run.state.items[name]
        descriptor = CATALOG["work-item"]
        data = case_data(run)
        action = Action(
            function=FUNCTION,
            key=f"{run.state.first_run}:item:{name}:withdrawn",
            arguments={
                "item": item,
                "kind": "over",
                "to": {"groups": [], "people": notice["people"]},
            },
            case={each: data[each] for each in descriptor.needs if each in data},
            path=f"item:{name}:withdrawn",
            summary=f"withdrawn: {item['title']}"[:120],
            timeout_seconds=float(descriptor.timeout_seconds),
        )
        try:
            await run.act(action)
            run.trace(action=FUNCTION, task=item["task"], to=notice["people"], reason="withdrawn")
        except ActionFailed as error:
            run.note("notice", f"{item['title']}: nobody told: {error}", item=name)
        run.state.withdrawals.pop(name, None)
        run.bell.ring()


def _holders(item: Mapping[str, Any]) -> list[str]:
    """Who has begun with an item: the claimer, and who does it for that person."""
    return [str(each) for each in (item.get("person"), item.get("delegate")) if each]
