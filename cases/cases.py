"""All that can be done with cases, from whichever door: start, tell, answer, cancel, look."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client

from cases import deadlines, ending, looking, migrating, opening, starting
from cases.bundles.store import BundleStore, OrganizationStore
from cases.ending import Ended
from cases.errors import CaseEnded, CaseNotFound, RecordsUnavailable, Refused, WorkerSilent
from cases.events import checked
from cases.migrating import Move
from cases.opening import Order, Started
from cases.records.cursors import Page
from cases.records.store import RecordStore
from cases.standing import standing
from cases.starting import Prepared
from cases.temporal_errors import answered_within
from cases.updates import update
from language.bundle import Bundle
from service.assignment import assign
from service.errors import Refused as ItemRefused
from service.errors import ServiceError
from service.explaining import Explanation
from service.requests import content_of
from service.standing import is_meant, receives
from service.standing import standing as person_standing
from service.work_items import WorkItem, must_be_open

ANSWER_SECONDS = 10.0
"""How long a worker may take to answer before the caller hears that none does."""

MOST_MERGES = 20
"""How often the case that an event is for may have been merged into another one."""

LATE_SECONDS = 3.0
"""How long an event waits for the case's own word before it is left with the server."""


FOLLOWED = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between looks at what a case has made of a request."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of an event: delivered, buffered, reopened, duplicate or refused.

    `buffered` means that nothing waits for it yet: the case keeps it, or the server for the case.
    """

    state: str
    reason: str | None = None


class Cases:
    """The cases of one namespace, with the definitions they start from and their records."""

    def __init__(
        self,
        client: Client,
        bundles: BundleStore,
        organization: OrganizationStore,
        records: RecordStore,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        announces: bool = False,
    ) -> None:
        """Make them; `announces` says that cases that start now tell a sink what becomes of them."""
        self._client = client
        self._bundles = bundles
        self._organization = organization
        self._records = records
        self._answer_seconds = answer_seconds
        self._announces = announces

    # --- starting -------------------------------------------------------------------------------

    async def prepare(
        self,
        definition: str,
        version: str | None,
        value: Any,
        key: str | None,
        *,
        drill: bool = False,
    ) -> Prepared:
        """Everything that can be said about a start before it happens; see `starting.prepare`."""
        return await starting.prepare(self._bundles, definition, version, value, key, drill=drill)

    async def start(
        self,
        name: str,
        input: Any,
        *,
        key: str | None = None,
        version: str | None = None,
        by: str,
        link: Mapping[str, Any] | None = None,
        event: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        drill: bool = False,
    ) -> Started:
        """Start a case, or join the one with its key, which then gets the event.

        A `drill` writes nothing outside, tells the drill list only, and never joins a real case.
        Name and input are checked before anything is started. The same `request_id` again is the
        same request.

        Raises:
            DefinitionNotFound, InputInvalid: nothing was started.
            Refused: a case with this key runs, and its definition lets no second start join it.
            WorkerSilent: no worker answered; `started` says whether the server has the case, and
                so the event.
            ServerUnavailable, RecordsUnavailable, BundleDamaged: nothing was started.
        """
        prepared = await self.prepare(name, version, input, key, drill=drill)
        order = Order(
            value=input,
            by=by,
            link=link,
            event=None if event is None else checked(event),
            request=request_id or uuid.uuid4().hex,
            announces=self._announces,
        )
        if link is None and prepared.bundle.plan.rules.start.when_closed == "reopen":
            order = replace(order, link=await self._follows(prepared))
        closed = await self._closed(prepared) if prepared.once else None
        if closed is not None:
            return closed
        return await opening.open_case(self._client, prepared, order, self._answer_seconds)

    async def _follows(self, prepared: Prepared) -> Mapping[str, Any] | None:
        """The link to the case that had this key and that nothing can reopen any more."""
        known = await self._records.case(prepared.id)
        if known is None or known["endedAt"] is None:
            return None
        there = await standing(self._client, prepared.id, self._answer_seconds)
        if there is not None and there.runs:
            return None
        begun = await self._records.begun(prepared.id)
        run = {} if begun is None else {"run": begun[0]}
        return {"kind": "follow-up", "case": prepared.id, **run}

    async def _closed(self, prepared: Prepared) -> Started | None:
        """The case that had this key and has ended. Temporal forgets it one day, the records do not."""
        known = await self._records.case(prepared.id)
        if known is None or known["endedAt"] is None:
            return None
        there = await standing(self._client, prepared.id, self._answer_seconds)
        if there is not None and there.runs:
            # Closed, but it can be reopened still.
            return None
        return Started(prepared.id, prepared.definition, str(known["version"]), started=False)

    # --- telling --------------------------------------------------------------------------------

    async def event(self, case: str, event: Mapping[str, Any]) -> Delivered:
        """Deliver a CloudEvent; the same id twice counts once.

        Where no worker answers in time the server keeps the event, and the case gets it when one
        does.

        Raises:
            InputInvalid: it is no event.
            CaseNotFound, CaseEnded: nobody is there to get it.
            ServerUnavailable: Temporal does not answer.
        """
        told = checked(event)
        for _ in range(MOST_MERGES):
            try:
                return await self._deliver(case, told)
            except CaseEnded:
                # A merged case goes on in another one, and so does what comes for it.
                known = await self._records.links_of(case)
                if known is None or known["mergedInto"] is None:
                    raise
                case = str(known["mergedInto"])
        raise CaseEnded(case)

    async def _deliver(self, case: str, told: Mapping[str, Any]) -> Delivered:
        limit = min(LATE_SECONDS, self._answer_seconds)
        try:
            result = await update(self._client, case, "event", told, limit, afresh=True)
        except WorkerSilent:
            async with answered_within(self._client, case, self._answer_seconds):
                await self._client.get_workflow_handle(case).signal("event", told)
            return Delivered("buffered", "no worker answers now; the server keeps it")
        return Delivered(str(result["state"]), result.get("reason"))

    async def send(self, case: str, event: Mapping[str, Any]) -> Delivered:
        """As `event`, but an unknown or ended case is an answer: refused, with the reason."""
        try:
            return await self.event(case, event)
        except (CaseNotFound, CaseEnded, Refused) as error:
            return Delivered("refused", str(error))

    async def answer(
        self,
        case: str,
        item: str,
        outcome: str,
        values: Mapping[str, Any],
        *,
        by: str,
        on_behalf_of: str | None = None,
        reason: str | None = None,
        effort: Any = None,
        via: str,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Answer a work item; the same `request_id` again gives the first result.

        `reason` is why an overseer answers in place of those whom the item is for; `effort` is how
        long it took, a duration.

        Raises:
            Refused: the item, the outcome, the values or the person does not fit; in a sentence.
            CaseNotFound, CaseEnded, WorkerSilent, ServerUnavailable.
        """
        request: dict[str, Any] = {"outcome": outcome, "values": dict(values), "via": via}
        if on_behalf_of is not None:
            request["onBehalfOf"] = on_behalf_of
        if effort is not None:
            request["effort"] = effort
        return await self._act(case, "answer", item, by, reason, request_id, request)

    async def claim(
        self,
        case: str,
        item: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Take a work item out of its pool; errors as `answer`."""
        return await self._act(case, "claim", item, by, reason, request_id, {})

    async def release(
        self,
        case: str,
        item: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Give a work item back to its pool; errors as `answer`."""
        return await self._act(case, "release", item, by, reason, request_id, {})

    async def reassign(
        self, case: str, item: str, to: Any, *, by: str, reason: str, request_id: str | None = None
    ) -> Mapping[str, Any]:
        """Give a work item to others: `to` is a Who, such as {person} or {group}.

        Raises:
            Refused: the Who cannot be read or means nobody now; else as `answer`.
        """
        organization = await self._organization.current()
        now = datetime.now(UTC)
        try:
            found = assign(organization, to, {}, now)
        except ServiceError as error:
            raise Refused(str(error)) from error
        if not found.people:
            raise Refused(f"there is nobody to give it to: {found.reason}")
        receivers: dict[str, Any] = {
            "who": [to, *([found.who] if found.who is not None else [])],
            "groups": list(found.groups),
            "people": list(found.people),
        }
        if len(found.people) == 1:
            receivers["standing"] = person_standing(organization, found.people[0], now)
        return await self._act(case, "reassign", item, by, reason, request_id, {"to": receivers})

    async def draft(
        self,
        case: str,
        item: str,
        values: Mapping[str, Any],
        *,
        by: str,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Keep what was filled in so far, unchecked; whoever opens the item next finds it.

        Raises: as `answer`.
        """
        more = {"values": dict(values)}
        return await self._act(case, "draft", item, by, None, request_id, more)

    async def delegate(
        self,
        case: str,
        item: str,
        to: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Let another person do a work item; who has it stays accountable. To oneself: take it back.

        Raises:
            Refused: nobody has the id `to`, or that person is absent; else as `answer`.
        """
        organization = await self._organization.current()
        now = datetime.now(UTC)
        try:
            receiver = receives(organization, to, now)
        except ServiceError as error:
            raise Refused(str(error)) from error
        return await self._act(case, "delegate", item, by, reason, request_id, {"to": receiver})

    async def _act(
        self,
        case: str,
        act: str,
        item: str,
        by: str,
        reason: str | None,
        request_id: str | None,
        more: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """What a person does with a work item; the case judges it by where the person stands now."""
        organization = await self._organization.current()
        request = {
            "id": request_id,
            "item": item,
            "by": by,
            "standing": person_standing(organization, by, datetime.now(UTC)),
            **more,
        }
        language = ((organization.get("people") or {}).get(by) or {}).get("language")
        if language:
            request["language"] = language
        if reason:
            request["reason"] = reason
        content = content_of(act, request)
        seconds = self._answer_seconds
        try:
            return await update(self._client, case, act, request, seconds, content=content)
        except CaseEnded as error:
            raise CaseEnded(case, await self._became(case, item)) from error

    async def _became(self, case: str, item: str) -> str | None:
        """What has become of a work item of a case that has ended, as the records tell it."""
        try:
            kept = await self._records.work_items(case)
        except RecordsUnavailable:
            return None
        found = next((each for each in kept if each["id"] == item), None)
        if found is None:
            return None
        try:
            must_be_open(WorkItem.from_json(found))
        except ItemRefused as error:
            return str(error)
        return None

    async def cancel(
        self, case: str, reason: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Any]:
        """End a case early; errors as `answer`."""
        return await self._update(case, "cancel", {"id": request_id, "reason": reason, "by": by})

    async def suspend(
        self,
        case: str,
        reason: str,
        *,
        by: str,
        pause_clocks: bool = False,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Let no task of a case begin until it is resumed; errors as `answer`."""
        request = {"id": request_id, "reason": reason, "by": by, "pauseClocks": pause_clocks}
        return await self._update(case, "suspend", request)

    async def resume(
        self, case: str, *, by: str, reason: str | None = None, request_id: str | None = None
    ) -> Mapping[str, Any]:
        """Let a suspended case go on; errors as `answer`."""
        return await self._update(case, "resume", {"id": request_id, "reason": reason, "by": by})

    async def operate(
        self,
        case: str,
        task: str | None,
        act: str,
        *,
        by: str,
        reason: str | None = None,
        value: Any = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Decide about a held task: `act` is retry, skip (with a value) or fail; errors as `answer`."""
        request = {
            "id": request_id, "task": task, "act": act, "value": value, "by": by, "reason": reason,
        }  # fmt: skip
        return await self._update(case, "operate", request)

    async def recalculate(
        self,
        case: str,
        clock: str,
        *,
        by: str,
        reason: str,
        decide: bool = False,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Count a running clock's deadline anew, in the calendar as it is now; with `decide` its target too.

        Gives {clock, state: recalculated, was, deadline}; `accepted` as the state where the case has
        not got to it in time. Errors as `answer`.
        """
        named = request_id or uuid.uuid4().hex
        request = {
            "id": named, "clock": clock, "by": by, "reason": reason, "decide": decide,
        }  # fmt: skip
        taken = await self._update(case, "recalculate", request)
        line = await self._line_of(case, named)
        if line is None:
            return dict(taken)
        return {
            "clock": clock,
            "state": "recalculated",
            "was": line.get("was"),
            "deadline": line.get("deadline"),
        }

    async def _line_of(self, case: str, request: str) -> Mapping[str, Any] | None:
        """The line of the timeline that a request has left, when it is there soon."""
        for pause in (*FOLLOWED, None):
            for line in reversed((await self.show(case))["timeline"]):
                if line.get("request") == request:
                    found: Mapping[str, Any] = line
                    return found
            if pause is not None:
                await asyncio.sleep(pause)
        return None

    async def look_at_move(
        self, case: str, to: str, step_map: Mapping[str, Any] | None = None
    ) -> Move:
        """What moving a case to another version of its definition would do; see `migrating.look`.

        Raises:
            DefinitionNotFound: there is no such version; else as `answer`.
        """
        bundle = await self._target(case, to)
        return await migrating.look(
            self._client, case, bundle, step_map or {}, self._answer_seconds
        )

    async def move(
        self,
        case: str,
        to: str,
        step_map: Mapping[str, Any] | None = None,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Move:
        """Move a case to another version, as a whole or not at all; errors as `look_at_move`."""
        bundle = await self._target(case, to)
        return await migrating.move(
            self._client,
            case,
            bundle,
            step_map or {},
            by=by,
            reason=reason,
            seconds=self._answer_seconds,
            request_id=request_id,
        )

    async def _target(self, case: str, to: str) -> Bundle:
        return await migrating.target(self._bundles, case.partition(":")[0], to)

    async def _update(self, case: str, name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return await update(self._client, case, name, request, self._answer_seconds)

    # --- looking --------------------------------------------------------------------------------

    async def show(self, case: str) -> Mapping[str, Any]:
        """Everything about a case: its data, items, clocks, timeline; see `looking.look`.

        Raises:
            CaseNotFound, WorkerSilent, ServerUnavailable, RecordsUnavailable.
        """
        return await looking.look(self._client, self._records, case, self._answer_seconds)

    async def explain_deadline(self, case: str, clock: str) -> Explanation:
        """How the deadline of a case's clock was counted, day by day.

        Raises:
            Refused: it has no such clock, or the clock's calendar is not there.
            CaseNotFound, WorkerSilent, ServerUnavailable, RecordsUnavailable.
        """
        return await deadlines.explain(await self.show(case), clock, self._organization)

    async def wait(self, case: str) -> Ended:
        """Wait until a case has ended, or waits only for whether it is reopened.

        Raises:
            CaseNotFound, ServerUnavailable.
        """
        return await ending.wait(self._client, case, self._answer_seconds)

    async def how_ended(self, case: str) -> Mapping[str, Any] | None:
        """How a case has ended, as the case of which it is a part hears it; None while it runs.

        Raises:
            WorkerSilent, ServerUnavailable: Temporal does not answer, or not in time.
        """
        return await ending.told_to_whole(self._client, case, self._answer_seconds)

    async def list(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Cases that match all filters, newest first; see `RecordStore.list_cases`."""
        return await self._records.list_cases(filters, cursor, limit)

    async def worklist(
        self,
        *,
        person: str | None = None,
        group: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Open work items of a person or of a group.

        A person's are also those of the person's groups, and votes of members of a round who are
        absent today and have named the person as their deputy, for votes as well.
        """
        who = [f"g.{group}"] if group else []
        if not person:
            return await self._records.worklist(who, cursor, limit)
        mine = person_standing(await self._organization.current(), person, datetime.now(UTC))
        who += [f"u.{person}", *(f"g.{each}" for each in mine.get("groups") or ())]
        voted_for = [each for each in mine["standsInFor"] if each.get("approvals") is not False]
        who += [f"d.{each['person']}" for each in voted_for]
        # Held tasks are for operators and owners: a role, or the person that the definition names.
        who += [f"r.{each}" for each in (*(mine.get("roles") or ()), person)]
        page = await self._records.worklist(who, cursor, limit)
        # Who must not vote is not asked to, also where a member has named just this deputy.
        shown = [
            each
            for each in page.items
            if each["kind"] != "approval" or not is_meant(list(each["exclude"]), mine)
        ]
        return replace(page, items=shown)
