"""Opens what every door needs: definitions, records, links and the cases themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from cases.bundles.folder import FolderBundles
from cases.cases import Cases
from cases.event_starts import EventStarts
from cases.link_keys import KeyFile
from cases.links import Links
from cases.records.store import RecordStore
from cases.routing import Routing
from cases.schedules.schedules import Schedules


@dataclass(frozen=True, slots=True)
class Rooms:
    """One installation, as seen from one process. `bundles` holds the organization too."""

    client: Client
    bundles: FolderBundles
    records: RecordStore
    links: Links
    cases: Cases
    routing: Routing
    event_starts: EventStarts
    schedules: Schedules


@asynccontextmanager
async def open_rooms(
    client: Client,
    *,
    bundles: Path,
    records: str,
    link_keys: Path,
    base_url: str,
    announces: bool = False,
    early_event_hours: float = 1.0,
) -> AsyncIterator[Rooms]:
    """Open everything, and close it in the end.

    Args:
        bundles: Folder of published definitions.
        records: SQLAlchemy address.
        link_keys: File of the keys that sign links.
        base_url: Where people reach the API.
        announces: Whether cases that start now tell a sink what becomes of them.
        early_event_hours: How long published events wait for those who listen later.

    Raises:
        RecordsUnavailable, LinkKeysDamaged: with a sentence that says what to do.
    """
    store = FolderBundles(bundles)
    kept = await RecordStore.open(records)
    try:
        links = Links(KeyFile(link_keys), base_url)
        cases = Cases(client, store, store, kept, announces=announces)
        yield Rooms(
            client,
            store,
            kept,
            links,
            cases,
            Routing(client, early_seconds=early_event_hours * 3600),
            EventStarts(client, store, cases),
            Schedules(client, store, store),
        )
    finally:
        kept.close()
