"""All activities of a worker, made from what it can reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from activities.bookings import Bookings
from activities.cases import OtherCases
from activities.correspondence import Correspondence
from activities.definitions import Definitions
from activities.events import Events
from activities.figures import Figures
from activities.http import Http
from activities.invitations import Invitations
from activities.lifecycle import Lifecycle
from activities.messages.catalog import Messages
from activities.notices import Notices
from activities.openapi import OpenApi
from activities.organization import OrganizationReads
from activities.ports import (
    BundleStore,
    CaseDoor,
    EventDoor,
    EventStarts,
    Links,
    OrganizationStore,
    Records,
    Reports,
    Schedules,
    Secrets,
)
from activities.register import Register
from activities.schedules import ScheduleActs
from activities.sending import DrillList, Outbox
from activities.tickets import Tickets
from activities.votes import Votes
from activities.wrapper import Action, Kinds
from integrations.errors import NotFound, Refused
from integrations.files.interface import FileStore
from integrations.mail.interface import MailSender
from integrations.tickets.interface import TicketSystem
from outgoing.client import OutgoingClient
from service.errors import NotInOrganization, ServiceError

REPEATABLE = (
    "case.ended",
    "case.lineage",
    "definition.load",
    "definition.start",
    "events.apply",
    "events.gone",
    "events.start",
    "events.subscribe",
    "events.unsubscribe",
    "lifecycle.publish",
    "organization.read",
    "records.write",
    "schedule.decide",
    "schedules.apply",
)
"""Activities that are no function of the catalog; the interpreter calls them for itself."""

UNNAMED_ACTIONS = (
    "approval.announce",
    "calendar.invite",
    "events.publish",
    "schedule.follow",
    "work-item.announce",
)
"""Actions that belong to a function of another name, to a task type, or to the end of a case."""

OWN_KINDS: Kinds = {NotInOrganization: NotFound, ServiceError: Refused}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collaborators:
    """What the activities of one worker reach. `kinds` adds errors of the ports' owners."""

    bundles: BundleStore
    organization: OrganizationStore
    records: Records
    cases: CaseDoor
    events: EventDoor
    event_starts: EventStarts
    links: Links
    schedules: Schedules
    reports: Reports
    mail: MailSender
    tickets: TicketSystem
    files: FileStore
    http: OutgoingClient
    secrets: Secrets
    sender: str
    """The address that our mail comes from."""
    kinds: Kinds
    sink: str | None = None
    """Where lifecycle events go; None tells nobody."""
    sink_client: httpx.AsyncClient | None = None
    """Reaches the sink, which may lie in the installation's own network."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def build_activities(reach: Collaborators) -> list[Callable[..., Any]]:
    """Activities by the names that the interpreter calls them by."""
    action = Action({**OWN_KINDS, **reach.kinds}, reach.secrets)
    messages = Messages(reach.bundles)
    outbox = Outbox(reach.mail, reach.records, DrillList(reach.organization, reach.now))
    lifecycle = Lifecycle(reach.sink_client or reach.http, reach.sink)
    definitions = Definitions(reach.bundles, reach.cases, announces=lifecycle.announces)
    organization = OrganizationReads(reach.organization, reach.records)
    mail = Correspondence(
        outbox, messages, reach.organization, reach.files, reach.sender, reach.now
    )
    notices = Notices(
        outbox, messages, reach.organization, reach.files, reach.links, reach.sender, reach.now
    )
    votes = Votes(notices, messages, reach.organization, reach.files, reach.links, reach.now)
    tickets = Tickets(reach.tickets, messages, reach.organization)
    cases = OtherCases(reach.cases, reach.records, reach.links, reach.now)
    bookings = Bookings(reach.records, reach.organization, reach.now)
    invitations = Invitations(outbox, messages, reach.organization, reach.sender, reach.now)
    events = Events(reach.events, reach.event_starts)
    schedules = ScheduleActs(reach.schedules, reach.organization, reach.records)
    register = Register(reach.records, reach.now)
    http = Http(reach.http, reach.now)
    actions: Mapping[str, Any] = {
        "http": http.call,
        "openapi": OpenApi(http).call,
        "notify": notices.notify,
        "work-item.announce": notices.announce,
        "approval.announce": votes.announce,
        "mail.send": mail.send,
        "mail.reply": mail.reply,
        "ticket.create": tickets.create,
        "ticket.update": tickets.update,
        "ticket.comment": tickets.comment,
        "ticket.link": tickets.link,
        "ticket.close": tickets.close,
        "ticket.find": tickets.find,
        "case.send": cases.send,
        "case.find": cases.find,
        "conflict.check": bookings.check,
        "calendar.book": bookings.book,
        "calendar.release": bookings.release,
        "calendar.invite": invitations.invite,
        "events.publish": events.publish,
        "register.add": register.add,
        "register.update": register.update,
        "report.kpi": Figures(reach.reports, reach.now).kpi,
        "schedule.follow": schedules.follow,
    }
    repeatable: Mapping[str, Any] = {
        "case.ended": cases.ended,
        "case.lineage": cases.lineage,
        "definition.load": definitions.load,
        "definition.start": definitions.start,
        "events.apply": events.apply,
        "events.gone": events.gone,
        "events.start": events.start,
        "events.subscribe": events.subscribe,
        "events.unsubscribe": events.unsubscribe,
        "lifecycle.publish": lifecycle.publish,
        "organization.read": organization.read,
        "records.write": reach.records.write,
        "schedule.decide": schedules.decide,
        "schedules.apply": schedules.apply,
    }
    return [
        *(action(name, act) for name, act in actions.items()),
        *(action.repeatable(name, act) for name, act in repeatable.items()),
    ]
