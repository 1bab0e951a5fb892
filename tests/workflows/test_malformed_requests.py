"""What any client of Temporal may send: it is refused in a sentence, and the case goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import SCENARIOS, definition

REQUESTS: list[tuple[str, Any]] = [
    ("event", {"id": "e"}),
    ("event", "a text"),
    ("event", {"id": "e", "type": 5}),
    ("event", {"id": "e", "type": {"is": "odd"}}),
    ("open", {"id": "o", "event": {"id": "e"}}),
    ("open", {"id": "o", "event": {"id": "e", "type": ["odd"]}}),
    ("open", {"id": "o", "event": "a text"}),
    ("answer", {"id": "a"}),
    ("claim", {"id": "c", "item": "ask"}),
    ("operate", {"id": "x", "act": "explode"}),
    ("operate", {"id": "x"}),
    ("nothing", {"id": "n"}),
    ("cancel", {"id": 7}),
]


@pytest.mark.parametrize(("name", "request_"), REQUESTS)
def test_a_malformed_request_is_refused(
    namespace: Namespace, name: str, request_: dict[str, Any]
) -> None:
    """It fails neither the case nor its workflow task: the next question is answered."""
    scenario = next(each for each in SCENARIOS if each.name == "asked")

    async def run() -> tuple[str, Any]:
        client: Client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow(
                scenario.name, scenario.input, id=f"{scenario.name}:1", task_queue=QUEUE
            )
            while (await handle.query("show"))["phase"] == "starting":
                await asyncio.sleep(0.05)
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await handle.execute_update(name, request_)
            cause = refused.value.cause
            assert isinstance(cause, ApplicationError)
            return cause.message, await handle.query("show")

    said, view = asyncio.run(run())

    assert said
    assert name != "operate" or "no task of this case is held" in said
    assert view["phase"] in ("open", "waiting")


SIGNALS: list[tuple[str, Any]] = [
    ("case.finished", None),
    ("case.finished", {"case": ["odd"]}),
    ("case.finished", {"case": "a:1"}),
    ("status.changed", None),
    ("status.changed", {"from": "here"}),
    ("event", {"id": "x", "type": {"is": "odd"}}),
    ("event", {"id": ["x"], "type": 7}),
    ("event", {"id": "y", "type": "case.finished"}),
    ("event", {"id": "z", "type": "go", "data_base64": 5, "stop": True}),
    ("event", {"id": "é", "type": "go", "data_base64": "é", "datacontenttype": 5, "stop": True}),
]

KNOCKED = definition(
    "knocked",
    """
    do:
      - wait: { listen: { to: { one: { with: { type: go, stop: '${ . == null }' } } } } }
    """,
    (
        "{ owner: lin, statuses: { open: { phase: open }, shut: { phase: closed } }, clocks: { answer: "
        "{ runsFrom: open, until: [shut], target: { hours: 4 } } } }"
    ),
)


def test_a_malformed_signal_is_left_out(namespace: Namespace) -> None:
    """Nobody can refuse a signal before the case has it: whatever it carries, the case goes on."""

    async def run() -> Any:
        client: Client = await connect(namespace)
        async with worker_on(client, Activities([KNOCKED])):
            handle = await client.start_workflow("knocked", {}, id="knocked:1", task_queue=QUEUE)
            for name, value in SIGNALS:
                await handle.signal(name, value)
            await handle.signal("go", {"at": "last"})
            return await asyncio.wait_for(handle.result(), 20)

    assert asyncio.run(run()) == [{"at": "last"}]


def test_a_signal_to_a_case_whose_input_does_not_fit(namespace: Namespace) -> None:
    """The case fails with its error, and does not wait for the signal that waits for the case."""
    scenario = definition(
        "fitting",
        """
        input: { schema: { document: { type: object, required: [who] } } }
        do:
          - give: { set: { given: true } }
        """,
    )

    async def run() -> BaseException | None:
        client: Client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow(
                "fitting", {}, id="fitting:1", task_queue=QUEUE, start_signal="go"
            )
            with pytest.raises(WorkflowFailureError) as failed:
                await asyncio.wait_for(handle.result(), 20)
            return failed.value.cause

    cause = asyncio.run(run())

    assert isinstance(cause, ApplicationError)
    assert '"who" is missing' in cause.message


ALIEN = [
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{bad")),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"\xff")),
    RawValue(Payload(metadata={"encoding": b"of its own"}, data=b"x")),
]
"""Payloads of clients with another converter."""


@pytest.mark.parametrize("alien", ALIEN)
def test_what_cannot_be_read_at_all(namespace: Namespace, alien: RawValue) -> None:
    """A signal is left out; a case with such an input fails and says so."""

    async def run() -> tuple[Any, BaseException | None]:
        client: Client = await connect(namespace)
        async with worker_on(client, Activities([KNOCKED])):
            heard = await client.start_workflow("knocked", {}, id="knocked:1", task_queue=QUEUE)
            await heard.signal("go", alien)
            await heard.signal("go", {"at": "last"})
            output = await asyncio.wait_for(heard.result(), 20)
            fails = await client.start_workflow("knocked", alien, id="knocked:2", task_queue=QUEUE)
            with pytest.raises(WorkflowFailureError) as failed:
                await asyncio.wait_for(fails.result(), 20)
            return output, failed.value.cause

    output, cause = asyncio.run(run())

    assert output == [{"at": "last"}]
    assert isinstance(cause, ApplicationError)
    assert "cannot be read as JSON" in cause.message


@pytest.mark.parametrize("case", [None, 5, {"is": "odd"}])
def test_a_part_of_nothing(namespace: Namespace, case: Any) -> None:
    """A memo that names no whole case is no reason to fail at the end."""

    async def run() -> Any:
        client: Client = await connect(namespace)
        async with worker_on(client, Activities([KNOCKED])):
            handle = await client.start_workflow(
                "knocked",
                {},
                id="knocked:1",
                task_queue=QUEUE,
                memo={"link": {"kind": "part", "case": case}},
                start_signal="go",
                start_signal_args=[1],
            )
            return await asyncio.wait_for(handle.result(), 20)

    assert asyncio.run(run()) == [1]
