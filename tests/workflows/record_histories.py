"""Records one history per scenario: `python -m tests.workflows.record_histories ADDRESS NAMESPACE`.

Recorded histories are only added to: a file that is there already is left alone.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.conftest import Namespace
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import SCENARIOS

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "histories"


async def record(namespace: Namespace) -> None:
    """Run the scenarios and keep their histories."""
    client = await connect(namespace)
    activities = Activities(SCENARIOS)
    async with worker_on(client, activities):
        await asyncio.gather(*(run_on_server(client, activities, each) for each in SCENARIOS))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scenario in SCENARIOS:
        file = FOLDER / f"{scenario.name}.json"
        if file.exists():
            continue
        history = await client.get_workflow_handle(f"{scenario.name}:1").fetch_history()
        file.write_text(history.to_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record(Namespace(sys.argv[1], sys.argv[2])))
