"""What both parts of the story share: the doors, the processes, the voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.demo.door import Door
from cli.demo.narrator import Narrator
from cli.demo.patience import StoryFailed, until
from cli.running.supervisor import Supervisor
from settings import Settings


@dataclass(frozen=True, slots=True)
class Stage:
    """`tag` is different in every telling, so that a second one finds nothing of the first."""

    settings: Settings
    door: Door
    supervisor: Supervisor
    narrator: Narrator
    tag: str

    async def opened(self, case: str, task: str) -> Mapping[str, Any]:
        """Wait for an open work item of a task."""

        async def look() -> Mapping[str, Any] | None:
            view = await self.door.case(case)
            if view is None:
                return None
            self.require_not_held(view)
            return next(
                (
                    item
                    for item in view["items"]
                    if item["task"] == task and item["state"] == "open"
                ),
                None,
            )

        return await until(f'the work item "{task}" of {case}', look)

    async def answer(
        self, case: str, item: Mapping[str, Any], by: str, outcome: str, values: Mapping[str, Any]
    ) -> None:
        """Claim and answer a work item as a person."""
        await self.door.claim(case, item["id"], by)
        await self.door.answer(case, item["id"], by, outcome, values)
        said = ", ".join(f"{name} {value}" for name, value in values.items())
        self.narrator.tell(
            by, f'answers "{item["title"]}" through the API: {outcome} ({said})', case
        )

    async def ended(self, case: str, status: str) -> Mapping[str, Any]:
        """Wait until a case has ended with a status."""

        async def look() -> Mapping[str, Any] | None:
            view = await self.door.case(case)
            if view is None:
                return None
            self.require_not_held(view)
            return view if view.get("ended") else None

        view = await until(f"the end of {case}", look)
        if view["status"] != status:
            raise StoryFailed(f'{case} ended as "{view["status"]}" instead of "{status}"')
        return view

    @staticmethod
    def require_not_held(view: Mapping[str, Any]) -> None:
        """Stop at once where a case waits for an operator: it would wait for ever.

        Raises:
            StoryFailed: it is held; with the error.
        """
        for place, held in (view.get("held") or {}).items():
            error = held["error"]
            raise StoryFailed(
                f"{view['case']['id']} is held at {place}: {error.get('detail') or error.get('title')}"
            )

    def person(self, item: Mapping[str, Any], default: str) -> str:
        """Return who works on an item: the one it was assigned to, else somebody of the pool."""
        return str(item.get("person") or next(iter(item.get("people") or ()), default))
