"""The second story: a customer who never answers; the case closes by its own timer."""

from __future__ import annotations

import asyncio

from cli.demo import by_mail
from cli.demo.customer import Customer, received, send
from cli.demo.patience import require
from cli.demo.quick import CLOSES_AFTER_SECONDS
from cli.demo.stage import Stage

SUBJECT = "印表機無法列印"
TEXT = """您好：

三樓的印表機從今天早上開始無法列印，請協助處理，謝謝。

陳彬
"""
REPLY = "已更換碳粉匣，請再試一次。"


async def tell(stage: Stage) -> None:
    """Tell the story from the mail to the end by silence.

    Raises:
        StoryFailed: something did not happen in time.
    """
    settings, narrator = stage.settings, stage.narrator
    customer = Customer("陳彬", f"bin-{stage.tag}@customer.example")
    narrator.chapter("A customer who does not answer")

    mail = customer.question(settings.mail_address, SUBJECT, TEXT)
    del mail["Message-ID"]
    mail["Message-ID"] = f"<printer-{stage.tag}@customer.example>"
    await asyncio.to_thread(send, mail, settings.smtp_host, settings.smtp_port)
    narrator.tell("Bin", f'writes in Chinese: "{SUBJECT}"')

    intake = f"{by_mail.INTAKE}:printer-{stage.tag}@customer.example"
    ticket = await by_mail.filed(stage, intake)
    case = f"{by_mail.DESK}:{ticket}"
    await by_mail.triage(stage, case)
    work = await stage.opened(case, "work")
    await stage.answer(case, work, stage.person(work, "chen"), "resolved", {"reply": REPLY})
    question = await by_mail.mail_with(
        stage, customer, "the question whether it is solved", link=True
    )
    narrator.tell(
        "Bin",
        f'reads "{question["Subject"]}" and does nothing; '
        f"in this demo a case closes after {CLOSES_AFTER_SECONDS} seconds instead of days",
        case,
    )
    view = await stage.ended(case, "closed")
    answered = view["case"]["results"]["confirm"]
    require(
        answered["by"] is None and answered["outcome"] == "confirmed",
        f"time should have decided, but the answer is {answered}",
    )
    mails = await asyncio.to_thread(received, settings.mailbox_folder / customer.address)
    require(
        len(mails) == 4,
        f"acknowledgment, solution, question and one reminder were expected, there are {len(mails)} mails",
    )
    narrator.tell(
        "Caseway",
        f"has reminded Bin once, closed ticket {ticket} by its timer and ended the case",
        case,
    )
