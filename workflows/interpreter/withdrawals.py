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
OF_VOTES = "approval.announce"


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

    def tell_voters(self, task: str, announcement: Mapping[str, Any]) -> None:
        """Tell those whose votes on a round are not needed any more."""
        name = f"round:{announcement['round']['id']}"
        self._run.state.withdrawals[name] = {"task": task, "votes": announcement}
        begin(self._run, self._send(name))

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
        votes = notice.get("votes")
        item = None if votes is not None else run.state.items[name]
        title = votes["round"]["title"] if item is None else item["title"]
        arguments = votes or {
            "item": item,
            "kind": "over",
            "to": {"groups": [], "people": notice["people"]},
        }
        descriptor = CATALOG["work-item" if votes is None else "approval"]
        data = case_data(run)
        place = f"item:{name}:withdrawn" if votes is None else f"{name}:withdrawn"
        action = Action(
            function=FUNCTION if votes is None else OF_VOTES,
            key=f"{run.state.first_run}:{place}",
            arguments=arguments,
            case={each: data[each] for each in descriptor.needs if each in data},
            path=place,
            summary=f"withdrawn: {title}"[:120],
            timeout_seconds=float(descriptor.timeout_seconds),
        )
        try:
            result = await run.act(action)
            people = _told(result) if item is None else notice["people"]
            task = notice["task"] if item is None else item["task"]
            run.trace(action=action.function, task=task, to=people, reason="withdrawn")
        except ActionFailed as error:
            about = {"round": votes["round"]["id"]} if item is None else {"item": name}
            run.note("notice", f"{title}: nobody told: {error}", **about)
        run.state.withdrawals.pop(name, None)
        run.bell.ring()


def _told(result: Any) -> list[str]:
    deliveries = result.get("deliveries") if isinstance(result, Mapping) else None
    return [str(each.get("person")) for each in deliveries or ()]


def _holders(item: Mapping[str, Any]) -> list[str]:
    """Who has begun with an item: the claimer, and who does it for that person."""
    return [str(each) for each in (item.get("person"), item.get("delegate")) if each]
