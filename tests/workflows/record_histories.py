"""Records histories of scenarios, all or those named.

python -m tests.workflows.record_histories ADDRESS NAMESPACE [SCENARIO...]

Recorded histories are only added to: a file that is there already is left alone, and each level of
the interpreter's behavior has files of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from language.plan import ENGINE_SEMANTICS
from tests.conftest import Namespace
from tests.workflows.approval_scenarios import APPROVALS
from tests.workflows.change_scenarios import CHANGES
from tests.workflows.checklist_scenarios import CHECKLISTS
from tests.workflows.event_scenarios import EVENT_SCENARIOS
from tests.workflows.language_scenarios import LANGUAGE
from tests.workflows.lifecycle_scenarios import ALL as TELLING
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import SCENARIOS
from tests.workflows.test_safe_reads import ACTING, READING
from tests.workflows.undo_scenarios import UNDO_SCENARIOS
from tests.workflows.work_item_scenarios import WORK_ITEM_SCENARIOS

RECORDED = (
    *SCENARIOS, *EVENT_SCENARIOS, *LANGUAGE, *TELLING, *WORK_ITEM_SCENARIOS,
    *APPROVALS, *CHANGES, *CHECKLISTS, *UNDO_SCENARIOS, READING, ACTING,
)  # fmt: skip
FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "histories"


def file_of(scenario: str) -> Path:
    """Where the history of a scenario at today's level stands."""
    level = f".level{ENGINE_SEMANTICS}" if ENGINE_SEMANTICS > 1 else ""
    return FOLDER / f"{scenario}{level}.json"


async def record(namespace: Namespace, names: Sequence[str] = ()) -> None:
    """Run scenarios and keep their histories."""
    scenarios = [each for each in RECORDED if not names or each.name in names]
    client = await connect(namespace)
    activities = Activities(RECORDED)
    async with worker_on(client, activities):
        await asyncio.gather(*(run_on_server(client, activities, each) for each in scenarios))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scenario in scenarios:
        file = file_of(scenario.name)
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
    asyncio.run(record(Namespace(sys.argv[1], sys.argv[2]), sys.argv[3:]))
