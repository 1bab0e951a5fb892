"""The Schedules of one namespace: made equal to what is published, listed, paused, moved on."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from temporalio.api.schedule.v1 import CalendarSpec
from temporalio.api.workflowservice.v1 import UpdateScheduleRequest
from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from cases.bundles.store import BundleStore, OrganizationStore
from cases.errors import CaseError, Refused, ScheduleNotFound
from cases.schedules.temporal import NEVER, as_schedule, memo_of, names_in, schedule_id
from cases.schedules.upcoming import upcoming
from cases.schedules.wanted import Unusable, Wanted, names_ever, wanted
from cases.standing import standing
from cases.temporal_errors import translated
from service.errors import ServiceError
from service.instants import write_instant
from service.schedules.declared import Declared

ANSWER_SECONDS = 10.0
SHOWN_TIMES = 3
LOOKS, LOOK_SECONDS = 20, 0.1
SOON = timedelta(seconds=1)
"""A time must lie so far ahead to be certain to come after the Schedule has heard of it."""


class NotYetKnown(CaseError):
    """The Schedule has not yet written down the start that is asked about; ask again."""

    def __init__(self, case: str) -> None:
        super().__init__(f'The schedule does not know yet that it has started "{case}".')


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done to make Schedules equal to what is published. Ids of Schedules, in order."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As the reconciler returns it."""
        return {
            **{
                name: getattr(self, name)
                for name in ("created", "updated", "deleted", "paused", "kept")
            },
            "unusable": [
                {"definition": each.definition, "name": each.name, "why": each.why}
                for each in self.unusable
            ],
        }


@dataclass(frozen=True, slots=True)
class Listed:
    """One schedule, as people see it. Times are texts in UTC; `last` is {at, case}."""

    definition: str
    name: str
    says: Mapping[str, Any]
    paused: bool
    note: str
    next: tuple[str, ...]
    last: Mapping[str, str] | None
    missed: int
    skipped: int

    def to_json(self) -> dict[str, Any]:
        """For `--json` and the API."""
        return {
            "definition": self.definition,
            "name": self.name,
            "schedule": dict(self.says),
            "paused": self.paused,
            "note": self.note,
            "next": list(self.next),
            "last": None if self.last is None else dict(self.last),
            "missed": self.missed,
            "skipped": self.skipped,
        }


class Schedules:
    """Everything that is done with Schedules; each act may be repeated."""

    def __init__(
        self,
        client: Client,
        bundles: BundleStore,
        organization: OrganizationStore,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._bundles = bundles
        self._organization = organization
        self._now = now

    # --- equal to what is published -------------------------------------------------------------

    async def apply(self) -> Applied:
        """Create, update and delete Schedules until they are what the newest versions declare.

        What cannot be made is said and left as it is. An operator's pause stays.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        there = dict.fromkeys(await self._known())
        wishes, unusable = await wanted(self._bundles, await self._organization.current())
        done = Applied(unusable=unusable)
        left = {schedule_id(each.definition, each.name) for each in unusable if each.name}
        left_out = {each.definition for each in unusable if not each.name}
        async with self._translated():
            for wish in wishes:
                await self._make(wish, done)
            wished = {
                schedule_id(each.declared.definition, each.declared.name): None for each in wishes
            }
            gone = [
                each
                for each in there
                if each not in wished
                and each not in left
                and (names_in(each) or ("", ""))[0] not in left_out
            ]
            for each in gone:
                if await self._delete(each):
                    done.deleted.append(each)
        return done

    async def _known(self) -> list[str]:
        """Schedules that are or may be there: what was just made is not listed at once."""
        found = [schedule_id(*each) for each in await names_ever(self._bundles)]
        async with self._translated():
            found += [
                each.id
                async for each in await self._client.list_schedules()
                if names_in(each.id) is not None
            ]
        return found

    async def _make(self, wish: Wanted, done: Applied) -> None:
        each = wish.declared
        name = schedule_id(each.definition, each.name)
        handle = self._client.get_schedule_handle(name)
        description = await _described(handle)
        now = self._now()
        if description is None:
            try:
                await self._client.create_schedule(
                    name, as_schedule(wish, now), trigger_immediately=each.kind == "after"
                )
            except ScheduleAlreadyRunningError:
                # Another reconciler was quicker; it follows what is published as well.
                done.kept.append(name)
            else:
                done.created.append(name)
        elif each.kind == "after":
            # What the next case does and how long it waits is read when it is time.
            mended = await self._mend(handle, description)
            {"paused": done.paused, "set": done.updated}.get(mended, done.kept).append(name)
        elif await self._says(description) == memo_of(wish, now.year)["digest"]:
            done.kept.append(name)
        else:
            schedule = as_schedule(wish, now)
            schedule.state = description.schedule.state
            await handle.update(lambda _: ScheduleUpdate(schedule))
            done.updated.append(name)

    async def _mend(self, handle: ScheduleHandle, description: ScheduleDescription) -> str:
        """See to a chain whose last case has ended without a word about the next one.

        One that completed is followed now: "set". One that was ended from outside pauses the chain:
        "paused". Anything else is as it should be: "kept".
        """
        last = _last(description)
        if description.schedule.state.paused or last is None or _upcoming(description):
            return "kept"
        there = await standing(self._client, last[1], ANSWER_SECONDS)
        if there is None or there.runs:
            return "kept"
        again = await _described(handle)
        if again is None or _upcoming(again) or _last(again) != last:
            return "kept"
        if there.how == "completed":
            await self._set(again, _whole_second(self._now() + SOON))
            return "set"
        await handle.pause(note=_broken(last[1], there.how or "ended"))
        return "paused"

    async def _delete(self, name: str) -> bool:
        try:
            await self._client.get_schedule_handle(name).delete()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    # --- one case after the other ---------------------------------------------------------------

    async def follow(
        self, definition: str, case: str, scheduled: datetime, closed: datetime, how: str
    ) -> Mapping[str, Any]:
        """A case of a chain has closed: let the next one start after the delay that now applies.

        Only the newest case of the chain moves it on, and only once. A case that did not complete
        pauses it, with a note.

        Returns:
            `{state, at}`: set, set-before, over (no longer published), passed-on or paused.

        Raises:
            NotYetKnown: ask again.
            ServerUnavailable: Temporal does not answer.
        """
        handle = self._client.get_schedule_handle(schedule_id(definition, "after"))
        delay = await self._delay(definition)
        async with self._translated():
            description = await _described(handle)
            if description is None or delay is None:
                return {"state": "over", "at": None}
            last = _last(description)
            if last is None or last[0] < scheduled:
                raise NotYetKnown(case)
            if last[0] > scheduled:
                return {"state": "passed-on", "at": None}
            if how != "completed":
                await handle.pause(note=_broken(case, how))
                return {"state": "paused", "at": None}
            upcoming = _upcoming(description)
            if upcoming:
                return {"state": "set-before", "at": write_instant(upcoming[0])}
            at = _whole_second(max(closed + delay, self._now() + SOON))
            await self._set(description, at)
            return {"state": "set", "at": write_instant(at)}

    async def _delay(self, definition: str) -> timedelta | None:
        wishes, _ = await wanted(self._bundles, await self._organization.current())
        for each in wishes:
            if each.declared.definition == definition and each.declared.kind == "after":
                return each.declared.interval
        return None

    async def _set(self, description: ScheduleDescription, at: datetime) -> None:
        """Move the one time of a chain; fails where somebody else has changed it since it was read.

        The SDK's own update does not take the token that says so.
        """
        raw = description.raw_description
        request = UpdateScheduleRequest(
            namespace=self._client.namespace,
            schedule_id=description.id,
            conflict_token=raw.conflict_token,
            identity=self._client.identity,
            request_id=str(uuid.uuid4()),
        )
        request.schedule.CopyFrom(raw.schedule)
        spec = request.schedule.spec
        spec.Clear()
        for each in (at, NEVER):
            spec.calendar.append(
                CalendarSpec(
                    year=str(each.year),
                    month=str(each.month),
                    day_of_month=str(each.day),
                    hour=str(each.hour),
                    minute=str(each.minute),
                    second=str(each.second),
                )
            )
        await self._client.workflow_service.update_schedule(
            request, timeout=timedelta(seconds=ANSWER_SECONDS)
        )

    # --- for operators --------------------------------------------------------------------------

    async def list(self) -> list[Listed]:
        """All schedules, by definition and name.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        found = []
        async with self._translated():
            async for each in await self._client.list_schedules():
                if names_in(each.id) is None:
                    continue
                description = await _described(self._client.get_schedule_handle(each.id))
                if description is not None:
                    found.append(await self._listed(description))
        return sorted(found, key=lambda each: (each.definition, each.name))

    async def show(self, definition: str, name: str) -> Listed:
        """One schedule.

        Raises:
            ScheduleNotFound: there is none of that name.
            ServerUnavailable: Temporal does not answer.
        """
        async with self._found(definition, name) as (_, description):
            return await self._listed(description)

    async def pause(self, definition: str, name: str, *, by: str, reason: str) -> Listed:
        """Let it start nothing until it is resumed; errors as `show`."""
        async with self._found(definition, name) as (handle, _):
            await handle.pause(note=f"{reason} (paused by {by})")
        return await self.show(definition, name)

    async def resume(self, definition: str, name: str, *, by: str, reason: str) -> Listed:
        """Let it start cases again; what was missed meanwhile is not made up for. Errors as `show`.

        A chain whose time has passed, or whose last case did not complete, goes on at once.
        """
        async with self._found(definition, name) as (handle, description):
            await handle.unpause(note=f"{reason} (resumed by {by})")
            if name == "after" and not _upcoming(description) and await self._stands(description):
                again = await _described(handle)
                if again is not None:
                    await self._set(again, _whole_second(self._now() + SOON))
        return await self.show(definition, name)

    async def trigger(self, definition: str, name: str) -> Listed:
        """Start a case now, beside the plan; a chain starts its next case now.

        Raises:
            Refused: the case before still runs, and that keeps this one from starting.
            ScheduleNotFound, ServerUnavailable: as `show`.
        """
        async with self._found(definition, name) as (handle, description):
            if name != "after":
                await handle.trigger()
                await self._triggered(handle, description)
            elif await self._stands(description):
                await self._set(description, _whole_second(self._now() + SOON))
            else:
                raise _runs_still(description)
        return await self.show(definition, name)

    async def _triggered(self, handle: ScheduleHandle, before: ScheduleDescription) -> None:
        """Wait a moment until the start has happened, or its overlap rule has left it out."""
        for _ in range(LOOKS):
            now = await handle.describe()
            if now.info.num_actions > before.info.num_actions:
                return
            if now.info.num_actions_skipped_overlap > before.info.num_actions_skipped_overlap:
                raise _runs_still(before)
            await asyncio.sleep(LOOK_SECONDS)

    async def _stands(self, description: ScheduleDescription) -> bool:
        """Whether no case of a chain runs."""
        last = _last(description)
        if last is None:
            return True
        there = await standing(self._client, last[1], ANSWER_SECONDS)
        return there is None or not there.runs

    async def _listed(self, description: ScheduleDescription) -> Listed:
        names = names_in(description.id)
        assert names is not None
        last = _last(description)
        info, state = description.info, description.schedule.state
        return Listed(
            definition=names[0],
            name=names[1],
            says=await self._memo(description),
            paused=state.paused,
            note=state.note or "",
            next=tuple(write_instant(each) for each in await self._next(description)),
            last=None if last is None else {"at": write_instant(last[0]), "case": last[1]},
            missed=info.num_actions_missed_catchup_window,
            skipped=info.num_actions_skipped_overlap,
        )

    async def _next(self, description: ScheduleDescription) -> Sequence[datetime]:
        """The next times: those of the server, but where a calendar still decides."""
        said = await self._memo(description)
        if not said.get("decides"):
            return _upcoming(description)
        organization = await self._organization.current()
        try:
            found = upcoming(Declared.from_json(said), organization, self._now(), SHOWN_TIMES)
        except ServiceError:
            # The calendar has gone: each start will say so.
            return _upcoming(description)
        return [each.at for each in found if each.at is not None]

    async def _says(self, description: ScheduleDescription) -> str | None:
        return (await self._memo(description)).get("digest")

    async def _memo(self, description: ScheduleDescription) -> Mapping[str, Any]:
        action = description.schedule.action
        if not isinstance(action, ScheduleActionStartWorkflow) or not action.memo:
            return {}
        payload = action.memo.get("schedule")
        if payload is None:
            return {}
        (found,) = await self._client.data_converter.decode([payload])
        return found if isinstance(found, dict) else {}

    @asynccontextmanager
    async def _found(
        self, definition: str, name: str
    ) -> AsyncIterator[tuple[ScheduleHandle, ScheduleDescription]]:
        handle = self._client.get_schedule_handle(schedule_id(definition, name))
        async with self._translated():
            description = await _described(handle)
            if description is None:
                known = [f"{each.definition} {each.name}" for each in await self.list()]
                raise ScheduleNotFound(definition, name, known)
            yield handle, description

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        async with translated(self._client, "", ANSWER_SECONDS):
            yield


async def _described(handle: ScheduleHandle) -> ScheduleDescription | None:
    try:
        return await handle.describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise


def _last(description: ScheduleDescription) -> tuple[datetime, str] | None:
    """For when the newest start was meant, to the second, and its case."""
    recent = description.info.recent_actions
    if not recent:
        return None
    newest = recent[-1]
    case = getattr(newest.action, "workflow_id", "")
    return newest.scheduled_at.replace(microsecond=0), case


def _upcoming(description: ScheduleDescription) -> list[datetime]:
    found = [each for each in description.info.next_action_times if each < NEVER]
    return found[:SHOWN_TIMES]


def _whole_second(at: datetime) -> datetime:
    """The second at which, or before which, the instant lies: a Schedule knows no parts of one."""
    return datetime.fromtimestamp(ceil(at.timestamp()), UTC)


def _runs_still(description: ScheduleDescription) -> Refused:
    last = _last(description)
    return Refused(
        f"Nothing was started: the case before{f', {last[1]},' if last else ''} still runs, "
        "and the schedule lets only one run at a time."
    )


def _broken(case: str, how: str) -> str:
    return (
        f"{case} ended as {how}, so that no other case follows. "
        "`caseway schedules resume` starts the next one."
    )
