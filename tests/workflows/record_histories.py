"""Records one history per scenario: `python -m tests.workflows.record_histories ADDRESS NAMESPACE`.

Recorded histories are only added to: a file that is there already is left alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

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
        text = json.dumps(without_traces(json.loads(history.to_json())), indent=2)
        file.write_text(text + "\n", encoding="utf-8")


def without_traces(value: Any) -> Any:
    """Leave out stack traces: they name places on the machine that recorded."""
    if isinstance(value, dict):
        return {name: without_traces(each) for name, each in value.items() if name != "stackTrace"}
    return [without_traces(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    asyncio.run(record(Namespace(sys.argv[1], sys.argv[2])))
