"""An engine on a virtual clock whose mails are real: written, sent, fetched and read by what ships.

Cases run in the rehearsal world; mails, tickets, records and the search for cases are the
activities of a worker, and intake looks into the mailbox through its own code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from temporalio.exceptions import ApplicationError

from cases.bundles.folder import FolderBundles
from cases.links import Links
from cases.records.store import RecordStore
from intake.mailbox import Mailbox
from integrations.files.folder.store import FolderFiles
from integrations.mail.interface import Accepted, OutgoingMail, WaitingMail
from integrations.mail.smtp.sender import compose
from integrations.tickets.sqlite.store import SqliteTickets
from language.bundle import Bundle
from tests.activities.stage import Door, MailServer, Stage
from tests.api.doubles import Started, WrittenDown
from tests.intake.fixtures import KeptFiles, Waiting
from workflows.effects import Action, ActionFailed
from workflows.rehearsal.systems import Records, Systems
from workflows.rehearsal.world import Published, World

Gateway = Callable[[bytes], bytes]
"""What a mail server on the way makes of a mail."""


def apart(work: Awaitable[Any]) -> Any:
    """Do real work at an instant of the virtual clock, in a thread with a loop of its own."""

    async def run() -> Any:
        return await work

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


@dataclass
class Post(MailServer):
    """Carries mails as bytes to the mailboxes it knows; what others get is only counted."""

    gateway: Gateway = bytes
    boxes: dict[str, Waiting] = field(default_factory=dict)
    carried: list[OutgoingMail] = field(default_factory=list)
    """Mails between the mailboxes."""

    async def send(self, mail: OutgoingMail) -> Accepted:
        """See `MailSender.send`."""
        raw = self.gateway(compose(mail))
        for address in mail.recipients:
            if address in self.boxes:
                self.carried.append(mail)
                self.drop(raw, mail.sender, address)
        return Accepted(mail.message_id, mail.recipients)

    def drop(self, raw: bytes, sender: str, address: str) -> None:
        """Let a mail wait in a mailbox, with what its server was told."""
        box = self.boxes[address]
        name = f"{len(box.mails) + len(box.taken) + len(box.refused)}"
        envelope = {"sender": sender, "recipient": address}
        box.mails[name] = WaitingMail(name, raw, len(raw), False, envelope)


class _Written(Records):
    """Projections that stand in a real database too, where `case.find` looks for them."""

    def __init__(self, store: RecordStore) -> None:
        super().__init__()
        self._store = store

    def write(self, payload: Mapping[str, Any]) -> None:
        """Keep it here and there."""
        super().write(payload)
        apart(self._store.write(payload))


class _Real(Systems):
    """Mails, tickets and the search for cases by the activities; the rest as in rehearsals."""

    def __init__(self, stage: Stage) -> None:
        super().__init__({"run": "real"})
        self.records = _Written(stage.records)
        self._stage = stage

    async def carry_out(self, world: World, case: str, action: Action) -> Any:
        """Carry out an action as a worker would."""
        real = action.function.partition(".")[0] in ("mail", "ticket")
        if not real and action.function != "case.find":
            return await super().carry_out(world, case, action)
        self._stage.at = world.now()
        digest = world.definitions[world.cases[case].run.plan.name].digest
        try:
            return apart(self._stage.call(action.function, action.request(digest)))
        except ApplicationError as error:
            raise ActionFailed(str(error.type), error.message) from error


class Engine:
    """One installation with one mailbox."""

    def __init__(
        self,
        folder: Path,
        address: str,
        start: datetime,
        bundles: Mapping[str, Bundle],
        organization: Mapping[str, Any],
        post: Post,
    ) -> None:
        self.address = address
        shelf = FolderBundles(folder / "bundles")
        for bundle in bundles.values():
            shelf.publish(bundle)
        shelf.put_organization(organization)
        self.records = asyncio.run(RecordStore.open(f"sqlite:///{folder / 'records.db'}"))
        stage = Stage(
            folder=folder,
            mail=post,
            bundles=shelf,
            records=self.records,
            tickets=SqliteTickets(folder / "tickets.db"),
            files=FolderFiles(folder / "files"),
            links=Links({"k1": address.encode().ljust(32)}, "http://desk.example", now=lambda: self.world.now()),  # noqa: PLW0108 - there is no world yet
            door=Door(),
            digest="",
            at=start,
            sender=address,
        )  # fmt: skip
        self.world = World(
            start=start,
            definitions={
                name: Published(bundle.plan, bundle.digest) for name, bundle in bundles.items()
            },
            organization=organization,
            systems=_Real(stage),
        )
        self.box = post.boxes.setdefault(address, Waiting())
        self.quarantine = WrittenDown()
        self.mailbox = Mailbox(
            "help",
            self.box,
            cases=self,  # type: ignore[arg-type]
            files=KeptFiles(),
            quarantine=self.quarantine,
            own_addresses=[address],
            limit_bytes=100_000,
            now=self.world.now,
        )

    async def start(self, name: str, input: Any, *, key: str, **_: Any) -> Started:
        """See `CaseDoor.start`: the case with this key is begun, or joined."""
        case = f"{name}:{key}"
        version = self.world.definitions[name].plan.version
        return Started(case, name, version, self.world.open(name, case, input))

    def look(self, at: datetime) -> None:
        """Let time pass until an instant, then look into the mailbox."""
        self.world.loop.call_at(at.timestamp(), lambda: None)
        self.world.run(until=at)
        assert asyncio.run(self.mailbox.take_waiting()).left == 0
        self.world.settle()
        assert self.world.loop.failures == []

    def cases(self, definition: str) -> list[str]:
        """Cases of a definition."""
        return [case for case in self.world.cases if case.partition(":")[0] == definition]

    def close(self) -> None:
        """Drop everything."""
        self.world.close()
        self.records.close()
