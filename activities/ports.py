"""What activities need from the rest of Caseway, as Protocols that `worker.py` fills.

Activities never import `cases`: the worker hands them implementations of these. Every method may
raise its own typed errors; `activities.build.Collaborators.kinds` says which of the six kinds of
`integrations.errors` each one is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from language.bundle import Bundle
from service.correspondence import MailRecord

Json = Any
"""JSON as Python holds it."""


class Secrets(Protocol):
    """Secrets by the names that definitions declare."""

    async def read(self, name: str) -> Json:
        """The secret's value.

        Raises:
            IntegrationError: it is missing (`NotAuthorized` with status 403), or cannot be read now.
        """
        ...


class BundleStore(Protocol):
    """Published definitions, immutable."""

    async def newest(self, name: str, version: str | None = None) -> Bundle | None:
        """The newest bundle of a name within a version range, or None.

        `version` is None or `latest` for the newest of all, an exact version, or a range.
        """
        ...

    async def by_digest(self, digest: str) -> Bundle | None:
        """The bundle with this digest, development versions included, or None."""
        ...

    async def names(self) -> Sequence[str]:
        """Names of all published definitions, sorted."""
        ...


class Reports(Protocol):
    """Figures of what cases have done."""

    async def kpi(self, asked: Mapping[str, Json], now: datetime) -> Mapping[str, Json]:
        """A figure over a period; raises errors of `service.errors` where there is none."""
        ...


class OrganizationStore(Protocol):
    """Organization data: people, groups, calendars, tables."""

    async def current(self) -> Mapping[str, Json]:
        """The organization document in force now."""
        ...

    async def calendar(self, digest: str) -> Mapping[str, Json] | None:
        """A calendar by its digest, from any document ever in force, or None."""
        ...


class FoundCase(Protocol):
    """One case that was found by what it is about."""

    @property
    def case(self) -> str:
        """Its id."""
        ...

    @property
    def definition(self) -> str:
        """Name of its definition."""
        ...

    @property
    def status(self) -> str | None:
        """Its status."""
        ...

    @property
    def phase(self) -> str:
        """Its phase."""
        ...

    @property
    def ticket(self) -> str | None:
        """Id of its ticket."""
        ...

    @property
    def subject(self) -> str | None:
        """What it is about."""
        ...

    @property
    def sender(self) -> str | None:
        """The requester's address in lower case."""
        ...

    @property
    def merged_into(self) -> str | None:
        """The case into which it was merged, when it ended as a duplicate."""
        ...


class Records(Protocol):
    """What Caseway keeps outside Temporal."""

    async def write(self, payload: Mapping[str, Json]) -> None:
        """Keep the projection of a case: {case, row, items, audit, messages, closed?}; repeatable."""
        ...

    async def open_items_by_person(self) -> Mapping[str, int]:
        """Person -> number of work items that are open and claimed by or assigned to them."""
        ...

    async def bookings_between(
        self, begin: datetime, end: datetime, *, without: str
    ) -> Sequence[Mapping[str, Json]]:
        """Bookings of running cases, but for one case, that have an instant in common with [begin, end)."""
        ...

    async def book(
        self,
        case: str,
        run: str,
        id: str,
        number: int,
        begin: datetime,
        end: datetime,
        judge: Callable[[Sequence[Mapping[str, Json]]], Mapping[str, Json] | None],
    ) -> Mapping[str, Json] | None:
        """Make the booking that `judge` gives beside those of others, or none; all in one step.

        It takes the place of the case's bookings before; the same again gives the first one.
        """
        ...

    async def release_booking(self, case: str, run: str, booking: str) -> bool:
        """Give a booking back; False where the case has none of this id."""
        ...

    async def add_improvement(self, case: str, run: str, entry: Mapping[str, Json]) -> None:
        """Put an entry in the improvement register; one with its id stays as it is."""
        ...

    async def change_improvement(
        self,
        id: str,
        change: Callable[[Mapping[str, Json]], tuple[Mapping[str, Json], Mapping[str, Json]]],
    ) -> Mapping[str, Json] | None:
        """Let `change` make the entry anew and give its result, all in one step; None without one."""
        ...

    async def choose(
        self,
        about: Mapping[str, Json],
        decide: Callable[[Mapping[str, int], Mapping[str, int]], Mapping[str, Json]],
    ) -> Mapping[str, Json]:
        """Let `decide` choose somebody by load and turns, and keep whose turn it was.

        `about` is {case, run, item, step, definition, task, at}. One choice after the other: two
        that come at one moment do not find the same records.
        """
        ...

    async def mail(self, message_id: str) -> MailRecord | None:
        """The record of an outgoing mail, or None."""
        ...

    async def keep_mail(self, record: MailRecord) -> None:
        """Insert the record, or replace the one with the same Message-ID; durable on return."""
        ...

    async def forget_mail(self, message_id: str) -> None:
        """Remove a record that is `begun`: the server certainly did not take the mail."""
        ...

    async def count_mails(
        self,
        *,
        automatic: bool,
        since: datetime | None = None,
        to: str | None = None,
        case: str | None = None,
        kind: str | None = None,
    ) -> int:
        """How many outgoing mails were kept, begun ones included, that match all that is given."""
        ...

    async def begun(self, case: str) -> tuple[str, datetime] | None:
        """First run and start of the case that had this id last, or None."""
        ...

    async def links_of(self, case: str) -> Mapping[str, Json] | None:
        """{links, ended, mergedInto} of the case that had this id last, or None."""
        ...

    async def find_cases(
        self,
        *,
        case: str | None = None,
        message_ids: Sequence[str] = (),
        ticket: str | None = None,
        sender: str | None = None,
        key: str | None = None,
        definition: str | None = None,
        closed_since: datetime | None = None,
    ) -> Sequence[FoundCase]:
        """Cases that match all that is given, newest first, at most 20.

        `message_ids` matches any of them, incoming or outgoing. `closed_since` leaves out cases
        that closed before; None leaves out none.
        """
        ...


class Prepared(Protocol):
    """A case that may be started: everything about it was checked. `id` is `<definition>:<key>`."""

    @property
    def version(self) -> str:
        """The version it will run on."""
        ...

    @property
    def key(self) -> str:
        """What makes it one of its kind."""
        ...

    @property
    def id(self) -> str:
        """Its id."""
        ...


class Delivery(Protocol):
    """What became of an event: delivered, buffered, reopened, duplicate or refused."""

    @property
    def state(self) -> str:
        """One of these words."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it was refused."""
        ...


class CaseDoor(Protocol):
    """Other cases, as seen from an activity of one."""

    async def prepare(
        self,
        definition: str,
        version: str | None,
        value: Json,
        key: str | None,
        *,
        drill: bool = False,
    ) -> Prepared:
        """Find the bundle, check the input against its schema, work out the key. Starts nothing.

        Without a key the definition's own `metadata.start.key` makes it from the input.

        Raises:
            An error whose kind is `NotFound` (no such definition) or `Refused` (bad input).
        """
        ...

    async def send(self, case: str, event: Mapping[str, Json]) -> Delivery:
        """Deliver a CloudEvent to a case; the same event id twice is delivered once.

        An unknown or ended case gives `refused` with a reason.
        """
        ...

    async def how_ended(self, case: str) -> Mapping[str, Json] | None:
        """How a case has ended: {as, output, error}, completed, failed or cancelled; None while it runs."""
        ...


class EventDoor(Protocol):
    """The routers of events that name no case."""

    async def publish(self, event: Mapping[str, Json]) -> None:
        """Publish a CloudEvent; the same source and id again counts once.

        Raises:
            An error whose kind is `Refused`: it is no CloudEvent.
        """
        ...

    async def subscribe(self, subscription: Mapping[str, Json]) -> None:
        """Tell the routers what somebody listens to; the same id again replaces it."""
        ...

    async def unsubscribe(self, subscription: Mapping[str, Json]) -> None:
        """Let them forget it."""
        ...

    async def gone(self, subscribers: Sequence[Sequence[Json]]) -> Sequence[Sequence[Json]]:
        """Which of these (workflow, first run or None) do not run any more."""
        ...


class EventStarts(Protocol):
    """Definitions that start on events."""

    async def apply(self) -> Mapping[str, Json]:
        """Let the newest versions listen, and nobody else; {listening, ended}."""
        ...

    async def start(self, definition: str, value: Json, key: str) -> str:
        """Start a case with these events as its input; the same events again are the same case.

        Raises:
            An error whose kind is `NotFound` or `Refused`: no case is started by these events.
        """
        ...


class AppliedSchedules(Protocol):
    """What was done to make schedules equal to what is published."""

    def to_json(self) -> Mapping[str, Json]:
        """{created, updated, deleted, paused, kept, unusable}."""
        ...


class Schedules(Protocol):
    """The schedules of this namespace."""

    async def apply(self) -> AppliedSchedules:
        """Create, update and delete until they are what the newest versions declare."""
        ...

    async def follow(
        self, definition: str, case: str, scheduled: datetime, closed: datetime, how: str
    ) -> Mapping[str, Json]:
        """A case that `schedule.after` started has closed: let the next one start; {state, at}.

        `scheduled` is the time for which the case was started. Repeating changes nothing.
        """
        ...


class Links(Protocol):
    """Signed links in mails."""

    def answer(self, case: str, item: str, person: str) -> str:
        """Address of the page where this person answers this work item."""
        ...

    def case_of(self, token: str) -> str | None:
        """The case that a signed token names; None where the token is not ours or is too old."""
        ...
