"""The installation that a command works on: found by its settings, opened as far as needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from cli.problem import CannotRun

if TYPE_CHECKING:
    from cases.cases import Cases
    from cases.records.store import RecordStore
    from cases.routing import Routing
    from settings import Settings


def read_settings() -> Settings:
    """The settings of this process, or of a running `caseway up` in the same folder.

    Raises:
        CannotRun: a setting is wrong; names it.
    """
    from pydantic import ValidationError

    from settings import load

    try:
        return load()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(["CASEWAY", *(str(part).upper() for part in first["loc"])])
        raise CannotRun(f"{name} is not usable: {first['msg']}.") from error


@asynccontextmanager
async def open_records(settings: Settings) -> AsyncIterator[RecordStore]:
    """The records, without Temporal.

    Raises:
        CannotRun: there is no installation here.
        RecordsUnavailable: they cannot be read.
    """
    from cases.records.store import RecordStore

    # A look must not make an empty installation in whatever folder it is called from.
    if settings.records is None and not settings.data.is_dir():
        raise CannotRun(
            f"there is no installation in {settings.data}. "
            "Start one with `caseway up`, or set CASEWAY_DATA to its folder."
        )
    records = await RecordStore.open(settings.records_url)
    try:
        yield records
    finally:
        records.close()


@asynccontextmanager
async def open_cases(settings: Settings) -> AsyncIterator[Cases]:
    """The cases, with Temporal behind them.

    Raises:
        CannotRun: there is no installation here.
        RecordsUnavailable, ServerUnavailable: one of them does not answer.
    """
    from cases.bundles.folder import FolderBundles
    from cases.cases import Cases
    from cases.connect import connect

    async with open_records(settings) as records:
        client = await connect(settings.temporal_address)
        bundles = FolderBundles(settings.bundles_folder)
        yield Cases(client, bundles, bundles, records, announces=settings.event_sink is not None)


@asynccontextmanager
async def open_routing(settings: Settings) -> AsyncIterator[Routing]:
    """The routers of events.

    Raises:
        ServerUnavailable: Temporal does not answer.
    """
    from cases.connect import connect
    from cases.routing import Routing

    client = await connect(settings.temporal_address)
    yield Routing(client, early_seconds=settings.early_event_hours * 3600)
