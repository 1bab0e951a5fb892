"""`register.add`, `register.update`: the improvement register in the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from activities.ports import Json, Records
from activities.request import Request
from integrations.errors import NotFound
from service.register import entry_id, new_entry, updated

SYSTEM = "register"


class Register:
    """Entries of the improvement register."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    async def add(self, request: Request) -> Mapping[str, Json]:
        """`register.add`: {id, status}; the same key again is the same entry.

        `run` is the case's own: the entry belongs to it.
        """
        given = request.arguments
        entry = new_entry(given, entry_id(request.key), request.case_id, self._now())
        await self._records.add_improvement(request.case_id, given["run"], entry)
        return {"id": entry["id"], "status": entry["status"]}

    async def update(self, request: Request) -> Mapping[str, Json]:
        """`register.update`: {id, status, comparable, change, improved, reached}.

        Raises:
            NotFound: the register has no such entry.
        """
        given = request.arguments

        def change(entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
            return updated(entry, given, request.key, request.case_id, self._now())

        result = await self._records.change_improvement(given["entry"], change)
        if result is None:
            raise NotFound(SYSTEM, f"the register has no entry {given['entry']!r}")
        return result
