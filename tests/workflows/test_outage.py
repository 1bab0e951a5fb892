"""What came while no worker ran counts in the order in which it came."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import Scenario, definition

LATE = definition(
    "late-limit",
    """
    do:
      - go:
          try: [ { long: { wait: { seconds: 4 }, timeout: { after: { seconds: 2 } } } } ]
          catch: { as: wrong, do: [ { tell: { set: { status: '${ $wrong.status }' } } } ] }
    """,
    output={"status": 408},
)


def test_a_time_limit_in_the_rehearsal_world() -> None:
    """Nothing but time passes: the limit comes first."""
    assert run_in_world(LATE).output == LATE.output


@pytest.mark.parametrize("scenario", [LATE], ids=lambda each: each.name)
def test_a_time_limit_wins_against_its_own_wait_after_an_outage(
    namespace: Namespace, scenario: Scenario
) -> None:
    """Both timers have fired when a worker comes back, and the limit's was the first."""

    async def story() -> object:
        client = await connect(namespace)
        activities = Activities([scenario])
        async with worker_on(client, activities):
            handle = await client.start_workflow(
                scenario.name, None, id=f"{scenario.name}:1", task_queue=QUEUE
            )
            async with asyncio.timeout(10):
                while (await handle.fetch_history()).to_json().count("TIMER_STARTED") < 2:
                    await asyncio.sleep(0.05)
        await asyncio.sleep(5.5)
        async with worker_on(client, activities):
            return await asyncio.wait_for(handle.result(), 30)

    assert asyncio.run(story()) == scenario.output
