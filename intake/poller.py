"""The activity that watches a mailbox; `caseway-intake:<mailbox>` keeps exactly one of it going."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from cases.errors import CaseError
from intake.mailbox import Mailbox, Round
from integrations.errors import IntegrationError

BEAT_SECONDS = 1.0

log = structlog.get_logger()


class MailboxPoller:
    """Looks into the mailboxes that this worker can reach."""

    def __init__(self, mailboxes: Sequence[Mailbox], every: timedelta) -> None:
        self._mailboxes: Mapping[str, Mailbox] = {each.name: each for each in mailboxes}
        self._every = every

    @activity.defn(name="mailbox.poll")
    async def poll(self, request: dict[str, Any]) -> dict[str, int]:
        """Take mails until `seconds` are over or the worker stops.

        Args:
            request: `{mailbox: name, seconds: how long}`.

        Returns:
            `{taken, refused, left}` summed over all looks, `left` of the last one.

        Raises:
            ApplicationError: type `MailboxUnknown` where no such mailbox is configured here, or
                the error that keeps all mails waiting; both are retried.
        """
        mailbox = self._mailboxes.get(request["mailbox"])
        if mailbox is None:
            known = ", ".join(sorted(self._mailboxes)) or "none"
            raise ApplicationError(
                f'This worker has no mailbox "{request["mailbox"]}" (it has: {known}).',
                type="MailboxUnknown",
            )
        beating = asyncio.create_task(_beat())
        try:
            return asdict(await self._watch(mailbox, float(request["seconds"])))
        except (CaseError, IntegrationError) as error:
            raise ApplicationError(str(error), type=type(error).__name__) from error
        finally:
            beating.cancel()

    async def _watch(self, mailbox: Mailbox, seconds: float) -> Round:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        total = Round()
        while True:
            found = await mailbox.take_waiting()
            total = Round(total.taken + found.taken, total.refused + found.refused, found.left)
            if loop.time() >= end:
                return total
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(
                    activity.wait_for_worker_shutdown(), self._every.total_seconds()
                )
                # The worker stops: end here, so that the next worker takes over at once.
                return total


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_SECONDS)
