"""The main story: a customer's mail becomes a case, is triaged, worked on, confirmed and closed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from email.message import EmailMessage
from typing import Any

from cli.demo.customer import Customer, links, received, send
from cli.demo.patience import require, until
from cli.demo.stage import Stage
from cli.running import programs

INTAKE = "omnichannel-intake"
DESK = "service-desk-case"

SUBJECT = "The VPN drops every few minutes"
TEXT = """Hello,

since this morning my VPN connection drops every few minutes. I can work in between, but every call breaks.

Amy Winter
"""
REPLY = "Your certificate had expired. We have renewed it; please connect once more."


async def tell(stage: Stage) -> None:
    """Tell the story from the first mail to the closed ticket.

    Raises:
        StoryFailed: something did not happen in time, or happened twice.
    """
    settings, narrator = stage.settings, stage.narrator
    # A customer of her own for each telling: her earlier cases would be found otherwise.
    customer = Customer("Amy Winter", f"amy-{stage.tag}@customer.example")
    narrator.chapter("A customer's mail becomes a case")

    mail = customer.question(settings.mail_address, SUBJECT, TEXT)
    del mail["Message-ID"]
    mail["Message-ID"] = f"<question-{stage.tag}@customer.example>"
    intake = f"{INTAKE}:question-{stage.tag}@customer.example"
    for _ in range(3):
        await asyncio.to_thread(send, mail, settings.smtp_host, settings.smtp_port)
    narrator.tell(
        "Amy", f'writes to {settings.mail_address}: "{SUBJECT}". The same mail arrives three times.'
    )

    ticket = await filed(stage, intake)
    case = f"{DESK}:{ticket}"
    narrator.tell(
        "Caseway",
        f"has made one case of it, opened ticket {ticket} and handed over to the service desk",
        intake,
    )
    await mail_with(stage, customer, "the acknowledgment", ticket)
    narrator.tell("Amy", f"reads that her message is registered as {ticket}")

    await _work(stage, case)
    await _confirm(stage, customer, case)
    await stage.ended(case, "closed")
    narrator.tell("Caseway", f"has closed ticket {ticket}; the case has ended", case)
    await _check(stage, customer, ticket)


async def filed(stage: Stage, intake: str) -> str:
    """Wait until the intake has handed over; returns the ticket."""

    async def look() -> str | None:
        view = await stage.door.case(intake)
        if view is None:
            return None
        stage.require_not_held(view)
        ticket = (view["case"]["results"].get("openTicket") or {}).get("id")
        return ticket if view["case"]["results"].get("handOver") else None

    return await until(f"the case {intake} and its ticket", look)


async def triage(stage: Stage, case: str) -> str:
    """Wait for the triage and answer it; returns who did."""
    item = await stage.opened(case, "triage")
    stage.narrator.tell(
        "Caseway", "asks the service desk for the triage and waits for a person", case
    )
    by = stage.person(item, "chen")
    await stage.answer(
        case, item, by, "triaged", {"impact": "minor", "urgency": "high", "category": "other"}
    )
    return by


async def _work(stage: Stage, case: str) -> None:
    by = await triage(stage, case)
    work = await stage.opened(case, "work")
    data = await _case_data(stage, case)
    stage.narrator.tell(
        "Caseway",
        f"rates it {data['priority']} by the priority table, gives it to {data['group']} and waits",
        case,
    )
    await _kill_worker(stage)
    work = await stage.opened(case, "work")
    await stage.answer(case, work, stage.person(work, by), "resolved", {"reply": REPLY})


async def _kill_worker(stage: Stage) -> None:
    old = stage.supervisor.kill(programs.WORKER)
    stage.narrator.tell("Demo", f"kills the worker (process {old}, SIGKILL) while the case waits")
    new = await asyncio.wait_for(stage.supervisor.restarted(programs.WORKER, old), 60)
    stage.narrator.tell(
        "Caseway", f"has a new worker (process {new}); the case goes on where it stood"
    )


async def _confirm(stage: Stage, customer: Customer, case: str) -> None:
    question = await mail_with(stage, customer, "the question whether it is solved", link=True)
    [address] = links(question, stage.settings.api_url)
    stage.narrator.tell("Amy", f'reads "{question["Subject"]}" and opens the link in it')
    await stage.door.open_page(address)
    view = await stage.door.case(case)
    require(
        view is not None and not view.get("ended"),
        "opening the page alone has answered the question",
    )
    await stage.door.press(address, "confirmed")
    stage.narrator.tell("Amy", "presses the button of the page: yes, it is solved", case)


async def mail_with(
    stage: Stage, customer: Customer, what: str, text: str | None = None, *, link: bool = False
) -> EmailMessage:
    """Wait for a mail with a text in it, or with a link of ours."""

    async def look() -> EmailMessage | None:
        for mail in await asyncio.to_thread(_received, stage, customer):
            body = mail.get_body(("plain",))
            if text is not None and body is not None and text in body.get_content():
                return mail
            if link and links(mail, stage.settings.api_url):
                return mail
        return None

    return await until(f"{what} in {customer.address}'s mailbox", look)


async def _case_data(stage: Stage, case: str) -> Mapping[str, Any]:
    async def look() -> Mapping[str, Any] | None:
        view = await stage.door.case(case)
        return view["case"] if view is not None else None

    return await until(f"the data of {case}", look)


async def _check(stage: Stage, customer: Customer, ticket: str) -> None:
    """Count what is left behind, in the raw stores that remove no doubles."""
    mails = await asyncio.to_thread(_received, stage, customer)
    acknowledgments = [
        mail
        for mail in mails
        if "received" in str(mail["Subject"]) and SUBJECT in str(mail["Subject"])
    ]
    tickets = await asyncio.to_thread(_tickets_of, stage, customer)
    cases = [
        each for each in await stage.door.cases(definition=DESK) if each.get("ticket") == ticket
    ]
    found = f"{len(cases)} case, {len(tickets)} ticket, {len(acknowledgments)} acknowledgment in {len(mails)} mails"
    require(
        (len(cases), len(tickets), len(acknowledgments)) == (1, 1, 1),
        f"one case, one ticket and one acknowledgment were expected: {found}",
    )
    stage.narrator.tell("Demo", f"counts for three deliveries of one mail: {found}")


def _received(stage: Stage, customer: Customer) -> list[EmailMessage]:
    return received(stage.settings.mailbox_folder / customer.address)


def _tickets_of(stage: Stage, customer: Customer) -> list[str]:
    address = f"file:{stage.settings.tickets_file}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as store:
        rows = store.execute(
            "SELECT number FROM tickets WHERE requester LIKE ?", (f"%{customer.address}%",)
        )
        return [str(row[0]) for row in rows]
