"""Whom the strategies of a rehearsal have chosen: what the records know in production."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service.assignment import BY_RECORDS
from service.reads import READS

if TYPE_CHECKING:
    from workflows.rehearsal.world import World


class Turns:
    """Load and turns of one world: its own open items, and its own choices."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chosen: dict[tuple[str, str], dict[tuple[str, str, str], tuple[str, int]]] = {}
        """Definition and task -> case, item and step -> who was chosen, with its number."""

    def assign(self, arguments: Mapping[str, Any]) -> Any:
        """As `people.assign` in production."""
        spec = arguments["assign"]
        about = arguments.get("about")
        organization = self._world.organization
        if about is None or not isinstance(spec, Mapping) or spec.get("strategy") not in BY_RECORDS:
            return READS["people.assign"](organization, arguments)
        chosen = self._chosen.setdefault((about["definition"], about["task"]), {})
        mine = (about["case"], about["item"], about["step"])
        chosen.pop(mine, None)
        turns = dict(chosen.values())
        known = {**arguments, "load": self._load(), "turns": turns}
        assignment = READS["people.assign"](organization, known)
        if assignment["person"] is None:
            return assignment
        number = max(turns.values(), default=0) + 1
        chosen[mine] = (assignment["person"], number)
        return {**assignment, "turn": number}

    def _load(self) -> dict[str, int]:
        """Open items by who has them to do, and what was given and is not opened yet."""
        load: dict[str, int] = {}

        def count(person: Any) -> None:
            if person is not None:
                load[person] = load.get(person, 0) + 1

        for case in self._world.cases.values():
            for item in case.run.state.items.values():
                if item["state"] in ("open", "claimed"):
                    people = item["people"]
                    only = people[0] if len(people) == 1 else None
                    count(item.get("delegate") or item["person"] or only)
        for given in self._chosen.values():
            for (case_id, item_id, _), (person, _) in given.items():
                found = self._world.cases.get(case_id)
                if found is not None and item_id not in found.run.state.items:
                    count(person)
        return load
