"""`calendar.invite`: a booking as an invitation in people's calendars, by mail (RFC 5545, 5546).

All bookings of a case are one entry of a calendar: a new one moves it, giving it back takes it out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from icalendar import Calendar, Event, vCalAddress

from activities.messages.catalog import Messages
from activities.messages.plain import one_line
from activities.ports import Json, OrganizationStore
from activities.request import Request
from activities.sending import Outbox
from integrations.errors import Refused
from integrations.mail.interface import Attachment, OutgoingMail
from service.instants import read_instant
from service.mail_threading import automatic_headers, message_id
from service.people import resolve

PRODUCT = "-//Caseway//bookings//EN"


class Invitations:
    """Invitations to people, each in a language of theirs."""

    def __init__(
        self,
        outbox: Outbox,
        messages: Messages,
        organization: OrganizationStore,
        sender: str,
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._messages = messages
        self._organization = organization
        self._sender = sender
        self._now = now

    async def invite(self, request: Request) -> Mapping[str, Json]:
        """`calendar.invite`: {method: request | cancel, booking, to} -> {deliveries}."""
        given = request.arguments
        organization = await self._organization.current()
        people = resolve(organization, given["to"], request.case, self._now()).people
        deliveries = [await self._send(request, organization, each) for each in people]
        return {"deliveries": deliveries}

    async def _send(
        self, request: Request, organization: Mapping[str, Any], person: Mapping[str, Any]
    ) -> Mapping[str, Json]:
        given = request.arguments
        booking = given["booking"]
        told: dict[str, Json] = {"person": str(person["id"]), "channel": "mail"}
        address = person.get("mail")
        if not address:
            return {**told, "state": "skipped", "reason": "the person has no mail address"}
        zone = await self._messages.zone(request, organization, str(person["id"]))
        rendered = self._messages.render_own(
            request,
            "invited" if given["method"] == "request" else "uninvited",
            person.get("language"),
            zone,
            link=None,
            values={
                "name": person.get("name") or "",
                "title": booking["title"],
                "from": booking["from"],
                "to": booking["to"],
                "assets": ", ".join(booking.get("assets") or ()),
            },
        )
        file = entry(booking, given["method"], self._sender, str(address), self._now())
        mail = OutgoingMail(
            message_id=message_id(f"{request.key}/{person['id']}", self._sender.rpartition("@")[2]),
            sender=self._sender,
            to=(str(address),),
            subject=rendered.subject or one_line(str(booking["title"])),
            text=rendered.text,
            at=self._now(),
            headers=tuple(automatic_headers(reply=False).items()),
            attachments=(
                Attachment(
                    "invitation.ics", f"text/calendar; method={given['method'].upper()}", file
                ),
            ),
        )
        try:
            sent = await self._outbox.send(
                mail, case=request.case_id, kind="notice", automatic=True
            )
        except Refused as error:
            return {**told, "state": "failed", "reason": error.detail}
        more = {"repeated": True} if sent.get("repeated") else {}
        return {**told, "state": "sent", "at": sent["at"], "id": sent["messageId"], **more}


def entry(
    booking: Mapping[str, Any], method: str, sender: str, attendee: str, at: datetime
) -> bytes:
    """A booking as an iCalendar file for one person.

    The number of the booking is its sequence, so that calendars take the newest for the true one.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.upper())
    event = Event()
    host = sender.rpartition("@")[2]
    name = hashlib.sha256(str(booking["case"]).encode()).hexdigest()[:32]
    event.add("uid", f"{name}@{host}")
    event.add("dtstamp", at)
    event.add("dtstart", read_instant(booking["from"]))
    event.add("dtend", read_instant(booking["to"]))
    event.add("summary", one_line(str(booking["title"])))
    # Taking an entry back is newer than the entry itself.
    event.add("sequence", 2 * int(booking["number"]) + (method == "cancel"))
    event.add("status", "CANCELLED" if method == "cancel" else "CONFIRMED")
    if booking.get("assets"):
        event.add("location", one_line(", ".join(booking["assets"])))
    event.add("organizer", vCalAddress(f"mailto:{sender}"))
    person = vCalAddress(f"mailto:{attendee}")
    person.params["PARTSTAT"] = "ACCEPTED"
    person.params["RSVP"] = "FALSE"
    event.add("attendee", person)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
