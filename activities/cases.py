"""`case.send`, `case.find`: other cases, seen from one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from activities.ports import CaseDoor, FoundCase, Json, Links, Records
from activities.request import Request
from activities.tickets import id_of
from integrations.errors import Refused
from service.durations import parse_duration
from service.instants import write_instant
from service.links import Chain

MOST_REFERENCES = 50
MOST_MERGES = 20
"""How often what was merged may have been merged again."""
_HANDED_OVER = {"delivered": "delivered", "duplicate": "delivered"}


class OtherCases:
    """Actions on other cases."""

    def __init__(
        self, door: CaseDoor, records: Records, links: Links, now: Callable[[], datetime]
    ) -> None:
        self._door = door
        self._records = records
        self._links = links
        self._now = now

    async def send(self, request: Request) -> Mapping[str, Json]:
        """`case.send`: an event to another case, once; {state, reason}."""
        given = request.arguments
        delivery = await self._door.send(
            given["case"],
            {
                "id": request.key,
                "type": given["event"],
                "source": request.case_id,
                "time": write_instant(self._now()),
                "data": given.get("data"),
                **({"hops": given["hops"]} if "hops" in given else {}),
            },
        )
        state = _HANDED_OVER.get(delivery.state, delivery.state)
        return {"state": state, "reason": delivery.reason}

    async def ended(self, request: Mapping[str, Json]) -> Mapping[str, Json] | None:
        """`case.ended`: {case} -> how it has ended, or None while it runs."""
        return await self._door.how_ended(request["case"])

    async def lineage(self, request: Mapping[str, Json]) -> Mapping[str, Json]:
        """`case.lineage`: {case, to, kind} -> where the link leads, or the reason against it."""
        chain = Chain(str(request["case"]), str(request["to"]), str(request["kind"]))
        while (wanted := chain.wanted) is not None:
            chain.found(await self._records.links_of(wanted))
        assert chain.result is not None
        return chain.result

    async def find(self, request: Request) -> Mapping[str, Json]:
        """`case.find`: the surest evidence first; {match, by, cases}."""
        given = request.arguments
        possible: tuple[str, list[FoundCase]] | None = None
        for by, found in [
            ("case", self._by_case),
            ("token", self._by_token),
            ("references", self._by_references),
            ("ticket", self._by_ticket),
            ("key", self._by_key),
            ("sender", self._by_sender),
        ]:
            if not given.get(by):
                continue
            since = self._closed_since(given)
            certain, cases = await found(given, since)
            cases = await self._surviving(cases, since)
            others = [each for each in cases if each.case != request.case_id]
            if others and certain:
                return {"match": "certain", "by": by, "cases": [_shown(each) for each in others]}
            # What only may be right does not stand in the way of what is certain.
            possible = possible or ((by, others) if others else None)
        if possible is not None:
            by, others = possible
            return {"match": "possible", "by": by, "cases": [_shown(each) for each in others]}
        return {"match": "none", "by": None, "cases": []}

    async def _surviving(
        self, cases: Sequence[FoundCase], since: datetime | None
    ) -> Sequence[FoundCase]:
        """The cases, and instead of merged ones those that go on in their place."""
        found: dict[str, FoundCase] = {}
        for each in cases:
            last, steps = each, 0
            while last.merged_into is not None and steps < MOST_MERGES:
                steps += 1
                named = await self._records.find_cases(case=last.merged_into, closed_since=since)
                if not named:
                    break
                last = named[0]
            if last.merged_into is None:
                found.setdefault(last.case, last)
        return list(found.values())

    async def _by_case(
        self, given: Mapping[str, Any], since: datetime | None
    ) -> tuple[bool, Sequence[FoundCase]]:
        """Somebody says which case it is."""
        return True, await self._records.find_cases(
            case=str(given["case"]), definition=given.get("definition"), closed_since=since
        )

    async def _by_token(
        self, given: Mapping[str, Any], since: datetime | None
    ) -> tuple[bool, Sequence[FoundCase]]:
        """A signed token names its case. A ticket's number is no secret: the sender must fit too."""
        token = str(given["token"])
        case = self._links.case_of(token)
        if case is not None:
            named = await self._records.find_cases(case=case)
            return True, await self._led_to(named, given.get("definition"), since)
        found = await self._records.find_cases(
            ticket=token, definition=given.get("definition"), closed_since=since
        )
        sender = str(given.get("sender") or "").lower()
        return any(sender and each.sender == sender for each in found), found

    async def _by_references(
        self, given: Mapping[str, Any], since: datetime | None
    ) -> tuple[bool, Sequence[FoundCase]]:
        """A mail's thread leads to its case."""
        # No thread is that long; what comes from outside never makes a query of any size.
        references = [str(each) for each in given["references"][:MOST_REFERENCES]]
        named = await self._records.find_cases(message_ids=references)
        return True, await self._led_to(named, given.get("definition"), since)

    async def _led_to(
        self, named: Sequence[FoundCase], definition: str | None, since: datetime | None
    ) -> Sequence[FoundCase]:
        """Cases of the wanted definition: those found, or the ones that work on the same ticket."""
        found: dict[str, FoundCase] = {}
        for each in named:
            if definition in (None, each.definition):
                cases = await self._records.find_cases(case=each.case, closed_since=since)
            elif each.ticket is not None:
                cases = await self._records.find_cases(
                    ticket=each.ticket, definition=definition, closed_since=since
                )
            else:
                continue
            found.update({case.case: case for case in cases})
        return list(found.values())

    async def _by_ticket(
        self, given: Mapping[str, Any], since: datetime | None
    ) -> tuple[bool, Sequence[FoundCase]]:
        return True, await self._records.find_cases(
            ticket=id_of(given["ticket"]), definition=given.get("definition"), closed_since=since
        )

    async def _by_key(
        self, given: Mapping[str, Any], since: datetime | None
    ) -> tuple[bool, Sequence[FoundCase]]:
        return True, await self._records.find_cases(
            key=given["key"], definition=given.get("definition"), closed_since=since
        )

    async def _by_sender(
        self, given: Mapping[str, Any], since: datetime | None
    ) -> tuple[bool, Sequence[FoundCase]]:
        return False, await self._records.find_cases(
            sender=given["sender"], definition=given.get("definition"), closed_since=since
        )

    def _closed_since(self, given: Mapping[str, Any]) -> datetime | None:
        """Without `closedWithin` only open cases count."""
        if given.get("closedWithin") is None:
            return self._now()
        span = parse_duration(given["closedWithin"])
        if span.is_business:
            raise Refused("caseway", "closedWithin counts elapsed time: write days or hours")
        return self._now() - span.elapsed


def _shown(found: FoundCase) -> dict[str, Json]:
    return {
        "case": found.case,
        "definition": found.definition,
        "status": found.status,
        "phase": found.phase,
        "ticket": found.ticket,
        "subject": found.subject,
    }
