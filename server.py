"""The API process: puts the rooms behind the HTTP door together and serves them.

A composition root: it knows everything and is imported by nobody. `caseway api` runs it as `python -m server`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
import uvicorn
from temporalio.service import RPCError

import api.app
from api.tokens import Tokens
from cases.connect import connect
from cases.errors import CaseError
from cases.rooms import Rooms, open_rooms
from intake.alerts import Alerts
from logs import log_to_stderr
from settings import Settings, load

HEALTH_SECONDS = 2.0
"""How long Temporal may take to say that it is well."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Health:
    """Whether cases can be served: Temporal answers, and the records can be read."""

    rooms: Rooms

    async def problems(self) -> Sequence[str]:
        """One sentence per thing that keeps us from serving."""
        found = []
        try:
            service = self.rooms.client.service_client
            await asyncio.wait_for(service.check_health(), HEALTH_SECONDS)
        except (RPCError, TimeoutError):
            found.append("Temporal does not answer.")
        try:
            await self.rooms.records.open_items_by_person()
        except CaseError as error:
            found.append(str(error))
        return found


async def serve(settings: Settings) -> None:
    """Serve until the process is asked to stop.

    Raises:
        CaseError, OSError: it could not begin.
    """
    client = await connect(settings.temporal_address)
    async with open_rooms(
        client,
        bundles=settings.bundles_folder,
        records=settings.records_url,
        link_keys=settings.link_key_file,
        base_url=settings.api_url,
        announces=settings.event_sink is not None,
        early_event_hours=settings.early_event_hours,
    ) as rooms:
        app = api.app.create_app(
            api.app.Rooms(
                cases=rooms.cases,
                events=rooms.routing,
                definitions=rooms.bundles,
                organization=rooms.bundles,
                requests=rooms.records,
                links=rooms.links,
                schedules=rooms.schedules,
                alerts=Alerts(rooms.cases, rooms.records),
                tokens=Tokens(settings.tokens_file),
                health=Health(rooms),
            )
        )
        config = uvicorn.Config(
            app,
            host=settings.api_host,
            port=settings.api_port,
            log_config=None,
            # Addresses hold signed links: a log of them would open work items.
            access_log=False,
            timeout_graceful_shutdown=10,
        )
        log.info("api ready", host=settings.api_host, port=settings.api_port)
        await uvicorn.Server(config).serve()


def main() -> int:
    """Exit status: 0 after a request to stop, 2 where it could not begin."""
    log_to_stderr()
    settings = load()
    try:
        asyncio.run(serve(settings))
    except (CaseError, OSError) as error:
        sys.stderr.write(f"caseway api: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK may crash while the interpreter shuts down; the status is settled by now.
    os._exit(status)
