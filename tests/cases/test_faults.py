"""A case that faults shows its error object: to the API and the command line, and in the Temporal UI."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from cases.publishing import Publication
from cli.showing import case_text
from tests.api.doubles import Door
from tests.cases.stage import Stage, ended, shown, staged
from tests.conftest import Namespace

ERRORS = "https://open-workflow-specification.org/spec/1.0.0/errors/"
HEAD = "document: {{ dsl: '1.0.3', namespace: tests, name: {name}, version: '1.0.0' }}\n"
FAULTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "in-a-round": (
        """
do:
  - each:
      for: { in: '[1]' }
      do: [ { pick: { input: { schema: { document: { required: [id] } } }, set: { a: 1 } } } ]
""",
        {
            "type": ERRORS + "validation",
            "status": 400,
            "title": "Validation error",
            "detail": 'input does not fit its schema: /id: "id" is missing',
            "instance": "/do/0/each/do/0/pick",
        },
    ),
    "in-a-branch": (
        """
use: { functions: { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } }
do:
  - both:
      fork:
        branches:
          - long: { wait: { hours: 1 } }
          - call: { call: ask }
""",
        {
            "type": ERRORS + "communication",
            "status": 422,
            "title": "Refused",
            "detail": "http: not now",
            "instance": "/do/0/both/fork/branches/1/call/call/ask",
        },
    ),
    "raised": (
        """
do:
  - attempt:
      try: [ { no: { raise: { error: { type: 'https://example.org/full', status: 507, title: Full, detail: '${ "No room for " + .what }' } } } } ]
      catch: { errors: { with: { status: 400 } } }
""",
        {
            "type": "https://example.org/full",
            "status": 507,
            "title": "Full",
            "detail": "No room for ink",
            "instance": "/do/0/attempt/try/0/no",
        },
    ),
}


async def faulted(stage: Stage, folder: Path, name: str) -> str:
    """Publish the definition, start a case and wait for its fault."""
    place = folder / "faulting" / name
    place.mkdir(parents=True)
    (place / "process.yaml").write_text(HEAD.format(name=name) + FAULTS[name][0])
    await Publication([place]).store(stage.bundles, stage.bundles)
    stage.broken.add("http")
    started = await stage.cases.start(name, {"what": "ink"}, key="1", by="amy")
    await ended(stage, started.case)
    return str(started.case)


@pytest.mark.parametrize("name", FAULTS)
def test_the_error_object_is_shown_everywhere(
    namespace: Namespace, tmp_path: Path, name: str
) -> None:
    """Type, status, title, detail and the exact place, wherever somebody looks."""
    error = FAULTS[name][1]

    async def run() -> tuple[BaseException | None, Mapping[str, Any], Any]:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            case = await faulted(stage, tmp_path, name)
            with pytest.raises(WorkflowFailureError) as raised:
                await stage.client.get_workflow_handle(case).result()
            view = await shown(stage, case, lambda view: "error" in view)
            return raised.value.cause, view, await over_http(stage, tmp_path, case)

    failure, view, body = asyncio.run(run())

    assert isinstance(failure, ApplicationError)
    assert (failure.message, failure.type) == (error["detail"], error["title"])
    assert failure.details == (error,)
    assert view["error"] == error
    assert view["ended"]["as"] == "failed"
    assert body["error"] == error
    text = case_text(view)
    for said in (error["detail"], f"{error['status']} {error['type']}", error["instance"]):
        assert said in text


async def over_http(stage: Stage, folder: Path, case: str) -> Any:
    """Get the case from the API."""
    door = Door(folder)
    door.app.state.cases = stage.cases
    headers = {"Authorization": f"Bearer {door.secrets['agent']}"}
    transport = httpx.ASGITransport(app=door.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return (await client.get(f"/cases/{case}", headers=headers)).json()


def test_the_records_keep_it(namespace: Namespace, tmp_path: Path) -> None:
    """No worker is left who could tell of the closed case: the records still say why it failed."""

    async def run() -> Mapping[str, Any]:
        async with staged(namespace, tmp_path) as stage:
            async with stage.worker():
                case = await faulted(stage, tmp_path, "raised")
            return await stage.cases.show(case)

    view = asyncio.run(run())

    assert view["error"] == FAULTS["raised"][1]
    assert view["ended"]["error"] == FAULTS["raised"][1]
