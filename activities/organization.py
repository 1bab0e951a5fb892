"""What a case reads of the organization: tables, calendars, people."""

from __future__ import annotations

from collections.abc import Mapping

from activities.ports import Json, OrganizationStore, Records
from service.reads import READS


class OrganizationReads:
    """Reads of the organization document in force."""

    def __init__(self, organization: OrganizationStore, records: Records) -> None:
        self._organization = organization
        self._records = records

    async def read(self, request: Mapping[str, Json]) -> Json:
        """`organization.read`: {read, arguments} -> what `service.reads` gives for it."""
        name = request["read"]
        arguments = dict(request.get("arguments") or {})
        document = await self._organization.current()
        if name == "people.assign":
            arguments["load"] = dict(await self._records.open_items_by_person())
        return READS[name](document, arguments)
