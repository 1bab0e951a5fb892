"""Sends each mail once: SMTP has no idempotency, so what goes out is written down first.

A mail whose record is still `begun` when the action runs again may have been accepted by the
server before the process died. It is sent again with the same Message-ID and noted as `repeated`,
or held for an operator where the task says `uncertain: hold`; an operator's retry then sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from activities.ports import Json, OrganizationStore, Records
from integrations.errors import IntegrationError, Refused
from integrations.mail.interface import MailSender, MaybeAccepted, OutgoingMail
from service.correspondence import MailKind, MailRecord
from service.drill import SUBJECT, addressed, drill_list, is_drill, marked
from service.instants import write_instant

SYSTEM = "mail"
PAUSE_OF_A_CASE = timedelta(hours=1)
"""Between two automatic answers of one case to one address: the second one answers a machine."""
AUTOMATIC_PER_DAY = 20
"""Automatic answers to one address within a day; more can only be two machines talking."""


class DrillList:
    """Who hears of drills, as the organization in force says."""

    def __init__(self, organization: OrganizationStore, now: Callable[[], datetime]) -> None:
        self._organization = organization
        self._now = now

    async def addresses(self) -> Mapping[str, str]:
        """Address in lower case -> address."""
        return drill_list(await self._organization.current(), self._now())


class Outbox:
    """Mail out, with its records."""

    def __init__(
        self, sender: MailSender, records: Records, drills: DrillList | None = None
    ) -> None:
        """Make it; without `drills` nobody hears of a drill."""
        self._sender = sender
        self._records = records
        self._drills = drills

    async def send(
        self,
        mail: OutgoingMail,
        *,
        case: str,
        kind: MailKind,
        automatic: bool,
        hold_uncertain: bool = False,
        attempt: int = 1,
    ) -> Mapping[str, Json]:
        """Send a mail that was not sent before; gives the vocabulary's result either way.

        An automatic answer to an address that has got too many is left out: the result says so in
        `skipped`.

        Raises:
            Refused: an uncertain mail is to be held.
            IntegrationError: as `MailSender.send`.
        """
        if is_drill(case):
            found = await self._in_drill(mail)
            if found is None:
                return skipped(mail.at, "a drill, and nobody is on the drill list")
            meant, mail = mail.recipients, found
            result = await self._send(mail, case, kind, automatic, hold_uncertain, attempt)
            known_to = {each.lower() for each in mail.recipients}
            if known_to.isdisjoint(each.lower() for each in meant):
                return {**result, "instead": list(mail.recipients)}
            return result
        return await self._send(mail, case, kind, automatic, hold_uncertain, attempt)

    async def _send(
        self,
        mail: OutgoingMail,
        case: str,
        kind: MailKind,
        automatic: bool,
        hold_uncertain: bool,
        attempt: int,
    ) -> Mapping[str, Json]:
        known = await self._records.mail(mail.message_id)
        if known is not None and known.state == "sent" and known.result is not None:
            return known.result
        if known is not None and hold_uncertain and not (known.result and attempt == 1):
            # Noted, so that the operator's retry is known as such: it is a first attempt again.
            await self._records.keep_mail(replace(known, result={"held": True}))
            raise Refused(
                SYSTEM,
                f"the mail {mail.message_id} may have gone out already; look into the mail server's "
                "log, then skip the task if it did, or retry it",
            )
        if known is None and kind == "acknowledgement":
            reason = await self._loop(mail, case)
            if reason is not None:
                return skipped(mail.at, reason)
        record = MailRecord(
            message_id=mail.message_id,
            case=case,
            to=tuple(each.lower() for each in mail.recipients),
            kind=kind,
            automatic=automatic,
            subject=mail.subject,
            at=mail.at,
            state="begun",
        )
        await self._records.keep_mail(record)
        try:
            accepted = await self._sender.send(mail)
        except MaybeAccepted:
            raise
        except IntegrationError:
            if known is None:
                # This attempt certainly sent nothing; an earlier one may have.
                await self._records.forget_mail(mail.message_id)
            raise
        result: dict[str, Json] = {
            "messageId": mail.message_id,
            "accepted": list(accepted.accepted),
            "refused": [
                {"address": each.address, "reason": each.reason, "lasting": each.lasting}
                for each in accepted.refused
            ],
            "at": write_instant(mail.at),
        }
        if known is not None:
            result["repeated"] = True
        await self._records.keep_mail(replace(record, state="sent", result=result))
        return result

    async def _in_drill(self, mail: OutgoingMail) -> OutgoingMail | None:
        """The mail for those on the drill list, and marked; None where nobody is."""
        known = {} if self._drills is None else await self._drills.addresses()
        to = addressed(known, mail.recipients)
        if not to:
            return None
        return replace(
            mail,
            to=to,
            cc=(),
            subject=SUBJECT + mail.subject,
            text=marked(mail.text, mail.recipients, to),
            html=None,
        )

    async def _loop(self, mail: OutgoingMail, case: str) -> str | None:
        since = mail.at - timedelta(days=1)
        for address in mail.recipients:
            if await self._records.count_mails(
                automatic=True, since=mail.at - PAUSE_OF_A_CASE, to=address, case=case,
                kind="acknowledgement",
            ):  # fmt: skip
                return f"{address} has got an automatic answer of this case within the last hour"
            count = await self._records.count_mails(
                automatic=True, since=since, to=address, kind="acknowledgement"
            )
            if count >= AUTOMATIC_PER_DAY:
                return (
                    f"{address} has got {count} automatic answers within a day, which looks like "
                    "two machines answering each other"
                )
        return None


def skipped(at: datetime, reason: str) -> Mapping[str, Json]:
    """The result of a mail that was left out on purpose."""
    return {
        "messageId": None,
        "accepted": [],
        "refused": [],
        "at": write_instant(at),
        "skipped": reason,
    }
