"""What a case reads of the organization: tables, calendars, people."""

from __future__ import annotations

from collections.abc import Mapping

from activities.ports import Json, OrganizationStore, Records
from service.assignment import BY_RECORDS
from service.reads import READS, kept_calendars, with_calendars


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
        if name == "people.assign" and _chooses(arguments["assign"]):
            return await self._assign(document, arguments)
        if name == "clock.read":
            document = await self._as_kept(document, arguments)
        return READS[name](document, arguments)

    async def _assign(self, document: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
        """Assign by what the records know of open items and of whose turn it was."""
        about = arguments.get("about")
        if about is None:
            load = dict(await self._records.open_items_by_person())
            return READS["people.assign"](document, {**arguments, "load": load})

        def decide(load: Mapping[str, int], turns: Mapping[str, int]) -> Mapping[str, Json]:
            known = {**arguments, "load": load, "turns": turns}
            found: Mapping[str, Json] = READS["people.assign"](document, known)
            return found

        return await self._records.choose(about, decide)

    async def _as_kept(
        self, document: Mapping[str, Json], arguments: Mapping[str, Json]
    ) -> Mapping[str, Json]:
        """The organization with the calendars that a running clock keeps.

        One that the store does not have is read as it is now: the digest in the answer says so.
        """
        kept: dict[str, Mapping[str, Json]] = {}
        for name, digest in kept_calendars(document, arguments).items():
            calendar = await self._organization.calendar(digest)
            if calendar is not None:
                kept[name] = calendar
        return with_calendars(document, kept)


def _chooses(spec: Json) -> bool:
    """Whether a strategy asks what the records know: others are spared the look at them."""
    return isinstance(spec, Mapping) and spec.get("strategy") in BY_RECORDS
