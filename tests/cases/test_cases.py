"""Telling, answering, canceling and looking at cases that run, have ended, or were never there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from cases.cases import Cases
from cases.errors import (
    CaseEnded,
    CaseNotFound,
    InputInvalid,
    Refused,
    ServerUnavailable,
    WorkerSilent,
)
from tests.cases.stage import Stage, ended, item_of, shown, staged
from tests.conftest import Namespace

LEAVE = {"number": "L-1", "who": "amy"}
CASE = "leave:L-1"


@asynccontextmanager
async def asked_for_leave(namespace: Namespace, folder: Path) -> AsyncIterator[tuple[Stage, str]]:
    """A case with an open work item, and the item's id."""
    async with staged(namespace, folder) as stage, stage.worker():
        await stage.cases.start("leave", LEAVE, by="amy")
        yield stage, await item_of(stage, CASE)


def test_an_event_counts_once(namespace: Namespace, tmp_path: Path) -> None:
    """The case takes or keeps an event; the same id again is a duplicate, and after the end refused."""

    async def run() -> list[str]:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):
            event = {"id": "e-1", "type": "leave.heard", "data": {}}
            states = [(await stage.cases.event(CASE, event)).state for _ in range(3)]
            await stage.cases.answer(CASE, item, "granted", {}, by="lin", via="test")
            await ended(stage, CASE)
            states.append((await stage.cases.send(CASE, event)).state)
            with pytest.raises(CaseEnded, match="has ended"):
                await stage.cases.event(CASE, event)
            return states

    first, *later = asyncio.run(run())
    assert first in ("delivered", "buffered")
    assert later == ["duplicate", "duplicate", "refused"]


def test_the_plan_comes_with_the_start(namespace: Namespace, tmp_path: Path) -> None:
    """A case that a plain client started loads its plan; one from our door has it already."""

    async def run() -> list[int]:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.cases.start("leave", LEAVE, by="amy")
            await stage.client.start_workflow("leave", LEAVE, id="leave:2", task_queue="caseway")
            loads = []
            for case in (CASE, "leave:2"):
                await item_of(stage, case)
                history = await stage.client.get_workflow_handle(case).fetch_history()
                loads.append(
                    [
                        event.activity_task_scheduled_event_attributes.activity_type.name
                        for event in history.events
                    ].count("definition.load")
                )
            return loads

    assert asyncio.run(run()) == [0, 1]


@pytest.mark.parametrize("event", [{}, {"type": ""}, {"type": 3}, {"type": "x", "id": ["a"]}])
def test_what_is_no_event_reaches_no_case(
    namespace: Namespace, tmp_path: Path, event: dict[str, Any]
) -> None:
    """An event without type or with an id that is no text is refused before the case hears it."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage:
            with pytest.raises(InputInvalid, match="must be a text"):
                await stage.cases.event(CASE, event)

    asyncio.run(run())


def test_an_event_waits_for_a_worker(namespace: Namespace, tmp_path: Path) -> None:
    """Without a worker the server keeps the event, and the case has it, once, when one comes."""

    async def run() -> None:
        event = {"id": "e-1", "type": "leave.heard"}
        async with asked_for_leave(namespace, tmp_path):
            pass
        async with staged(namespace, tmp_path, seconds=1) as stage:
            delivered = await stage.cases.event(CASE, event)
            assert (delivered.state, delivered.reason) == (
                "buffered", "no worker answers now; the server keeps it",
            )  # fmt: skip
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await shown(stage, CASE, lambda view: _events(view) > 0)
            assert (await stage.cases.event(CASE, event)).state == "duplicate"
            assert _events(await stage.cases.show(CASE)) == 1

    asyncio.run(run())


def test_an_answer_is_taken_once(namespace: Namespace, tmp_path: Path) -> None:
    """The same request again gives the first result; another answer to the same item comes too late."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):
            accepted = await stage.cases.answer(
                CASE, item, "granted", {}, by="lin", via="test", request_id="a-1"
            )
            again = await stage.cases.answer(
                CASE, item, "granted", {}, by="lin", via="test", request_id="a-1"
            )
            assert dict(accepted) == {"item": item, "outcome": "granted", "state": "accepted"}
            assert dict(again) == dict(accepted)
            with pytest.raises(Refused):
                await stage.cases.answer(CASE, item, "refused", {"reason": "x"}, by="wu", via="t")

            view = await stage.cases.show(CASE)
            assert view["case"]["results"]["decide"]["by"] == "lin"
            assert sum(line["kind"] == "answered" for line in view["timeline"]) == 1

            await stage.cases.event(CASE, {"type": "leave.heard"})
            await ended(stage, CASE)
            late = await stage.cases.answer(
                CASE, item, "granted", {}, by="lin", via="test", request_id="a-1"
            )
            assert dict(late) == dict(accepted)
            with pytest.raises(CaseEnded):
                await stage.cases.answer(CASE, item, "granted", {}, by="lin", via="test")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("item", "outcome", "values", "reason"),
    [
        ("decade", "granted", {}, "there is no work item"),
        (None, "perhaps", {}, "perhaps"),
        (None, "refused", {}, "reason"),
        (None, "granted", {"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_reason(
    namespace: Namespace,
    tmp_path: Path,
    item: str | None,
    outcome: str,
    values: dict[str, Any],
    reason: str,
) -> None:
    """An unknown item or outcome, a missing or unknown value: the item stays open."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, there):
            with pytest.raises(Refused, match=reason):
                await stage.cases.answer(CASE, item or there, outcome, values, by="lin", via="t")
            assert await item_of(stage, CASE) == there

    asyncio.run(run())


def test_only_a_deputy_answers_for_another(namespace: Namespace, tmp_path: Path) -> None:
    """Who does not stand in for somebody cannot answer on that person's behalf."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):
            with pytest.raises(Refused, match="stand in for wu"):
                await stage.cases.answer(
                    CASE, item, "granted", {}, by="lin", on_behalf_of="wu", via="test"
                )

    asyncio.run(run())


def test_a_work_item_is_claimed_and_released(namespace: Namespace, tmp_path: Path) -> None:
    """Who claims it has it alone; released, it is everybody's again."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):
            claimed = await stage.cases.claim(CASE, item, by="wu")
            assert (claimed["state"], claimed["person"]) == ("claimed", "wu")
            with pytest.raises(Refused):
                await stage.cases.claim(CASE, item, by="lin")
            assert (await stage.cases.release(CASE, item, by="wu"))["state"] == "open"

    asyncio.run(run())


def test_a_work_item_is_delegated(namespace: Namespace, tmp_path: Path) -> None:
    """The other one answers for who has it; what was typed waits for whoever opens it next."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):
            with pytest.raises(Refused, match='Did you mean "wu"'):
                await stage.cases.delegate(CASE, item, "wuu", by="lin")
            lent = await stage.cases.delegate(CASE, item, "wu", by="lin", reason="travels")
            assert (lent["person"], lent["delegate"]) == ("lin", "wu")
            await stage.cases.draft(CASE, item, {"reason": "so far"}, by="wu")
            view = await stage.cases.show(CASE)
            assert view["items"][0]["draft"] == {"reason": "so far"}
            await stage.cases.answer(CASE, item, "granted", {}, by="wu", effort="PT5M", via="test")
            view = await shown(stage, CASE, lambda view: bool(view["case"]["results"]))
            result = view["case"]["results"]["decide"]
            assert (result["by"], result["onBehalfOf"], result["effort"]) == ("wu", "lin", "PT5M")
            line = next(each for each in view["timeline"] if each["kind"] == "delegated")
            assert (line["by"], line["to"], line["reason"]) == ("lin", "wu", "travels")

    asyncio.run(run())


def test_the_same_id_with_another_answer_is_refused(namespace: Namespace, tmp_path: Path) -> None:
    """Sent twice it is one answer; changed, the first one counts, and that is said."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):

            async def answer(outcome: str, **values: str) -> Any:
                return await stage.cases.answer(
                    CASE, item, outcome, values, by="wu", via="test", request_id="r-1"
                )

            first = await answer("refused", reason="late")
            assert await answer("refused", reason="late") == first
            for outcome, values in (("granted", {}), ("refused", {"reason": "other"})):
                with pytest.raises(Refused, match="the first one counts"):
                    await answer(outcome, **values)

    asyncio.run(run())


def test_a_wrong_answer_is_told_in_the_language_of_who_answers(
    namespace: Namespace, tmp_path: Path
) -> None:
    """With the place of each field that is wrong, for whoever draws the form."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):
            for by, said in (("wu", '"Reason" must be text, but is 7'),
                             ("chen", "「事由」必須是文字，現在是 7")):  # fmt: skip
                with pytest.raises(Refused) as refused:
                    await stage.cases.answer(
                        CASE, item, "refused", {"reason": 7}, by=by, via="test"
                    )
                assert str(refused.value) == said
                assert [(e.pointer, e.message) for e in refused.value.problems] == [
                    ("/reason", said)
                ]
            with pytest.raises(Refused, match="「事由」未填寫"):
                await stage.cases.answer(CASE, item, "refused", {}, by="chen", via="test")

    asyncio.run(run())


def test_cancel_ends_a_case_once(namespace: Namespace, tmp_path: Path) -> None:
    """The case ends as cancelled with the reason; a second cancel hears that it has ended."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, _):
            await stage.cases.cancel(CASE, "asked by mistake", by="amy")
            await ended(stage, CASE)
            view = await stage.cases.show(CASE)
            assert (view["ended"]["as"], view["phase"]) == ("cancelled", "cancelled")
            assert any(line["text"] == "asked by mistake" for line in view["timeline"])
            with pytest.raises(CaseEnded):
                await stage.cases.cancel(CASE, "again", by="amy")
            for _ in range(100):
                kept = await stage.records.work_items(CASE)
                if kept and kept[0]["state"] == "withdrawn":
                    break
                await asyncio.sleep(0.05)
            with pytest.raises(
                CaseEnded, match=r"was withdrawn at .*: the case was cancelled: asked by mistake"
            ):
                await stage.cases.claim(CASE, "decide", by="amy")

    asyncio.run(run())


def test_an_operator_goes_on_with_a_held_task(namespace: Namespace, tmp_path: Path) -> None:
    """A task that failed holds its case; retried after the repair it goes on to the end."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            stage.broken.add("ticket.create")
            case = (await stage.cases.start("needs-system", None, key="chair", by="amy")).case
            view = await shown(stage, case, lambda view: bool(view["held"]))
            assert view["phase"] == "held"
            with pytest.raises(Refused, match="retry, skip or fail"):
                await stage.cases.operate(case, None, "hope", by="lin")
            stage.broken.clear()
            await stage.cases.operate(case, "open", "retry", by="lin", reason="it is back")
            await ended(stage, case)
            assert (await stage.cases.show(case))["ended"]["as"] == "completed"

    asyncio.run(run())


def test_nobody_knows_an_unknown_case(namespace: Namespace, tmp_path: Path) -> None:
    """Every way to a case that is not there says so; an event from another case is refused."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage:
            for asked in (
                stage.cases.show("leave:none"),
                stage.cases.event("leave:none", {"type": "x"}),
                stage.cases.cancel("leave:none", "why", by="amy"),
                stage.cases.answer("leave:none", "decide", "granted", {}, by="lin", via="t"),
            ):
                with pytest.raises(CaseNotFound, match=r'no case "leave:none"'):
                    await asked
            sent = await stage.cases.send("leave:none", {"type": "x"})
            assert (sent.state, "leave:none" in str(sent.reason)) == ("refused", True)

    asyncio.run(run())


def test_without_a_worker_looking_says_so(namespace: Namespace, tmp_path: Path) -> None:
    """A running case cannot be looked at while no worker runs; one that has ended can."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, _):
            await stage.cases.start("leave", {"number": "L-2", "who": "bob"}, by="bob")
            await stage.cases.cancel("leave:L-2", "no need", by="bob")
            await ended(stage, "leave:L-2")
        async with staged(namespace, tmp_path, seconds=1) as stage:
            with pytest.raises(WorkerSilent, match="caseway worker"):
                await stage.cases.show(CASE)
            with pytest.raises(WorkerSilent):
                await stage.cases.claim(CASE, "decide", by="lin")
            view = await stage.cases.show("leave:L-2")
            assert view["ended"]["as"] == "cancelled"

    asyncio.run(run())


def test_an_end_without_a_word_is_shown(namespace: Namespace, tmp_path: Path) -> None:
    """A case that was terminated from outside, or whose definition nobody has, has ended."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, _):
            await stage.client.get_workflow_handle(CASE).terminate("operator")
            view = await stage.cases.show(CASE)
            assert (view["ended"]["as"], view["phase"]) == ("terminated", "cancelled")

            await stage.client.start_workflow("leaf", {}, id="leaf:1", task_queue="caseway")
            await ended(stage, "leaf:1")
            view = await stage.cases.show("leaf:1")
            assert (view["ended"]["as"], view["phase"]) == ("failed", "closed")
            assert view["error"]["title"] == "DefinitionNotFound"
            assert 'No definition "leaf" is published' in view["error"]["detail"]
            assert view["items"] == []

    asyncio.run(run())


def test_lists_come_from_the_records(namespace: Namespace, tmp_path: Path) -> None:
    """Cases by status, and the work of a person and of a group, as the case has recorded them."""

    async def run() -> None:
        async with asked_for_leave(namespace, tmp_path) as (stage, item):
            for _ in range(100):
                found = await stage.cases.worklist(person="wu")
                if found.items:
                    break
                await asyncio.sleep(0.05)
            assert [(each["case"], each["id"]) for each in found.items] == [(CASE, item)]
            assert [
                each["case"] for each in (await stage.cases.worklist(group="office")).items
            ] == [CASE]
            assert (await stage.cases.worklist(person="nobody")).items == []
            page = await stage.cases.list({"definition": "leave", "phase": "open"})
            assert [each["case"] for each in page.items] == [CASE]
            assert (await stage.cases.list({"phase": "closed"})).items == []

    asyncio.run(run())


def test_a_server_that_is_gone_is_not_a_silent_worker(namespace: Namespace, tmp_path: Path) -> None:
    """When the server goes away in the middle, every call says so, and nothing is blamed on a worker."""

    async def run() -> None:
        host, _, port = namespace.address.rpartition(":")
        line = _Line(host, int(port))
        address = await line.open()
        async with staged(namespace, tmp_path) as stage:
            client = await Client.connect(address, namespace=namespace.name)
            cases = Cases(client, stage.bundles, stage.bundles, stage.records, answer_seconds=2)
            await line.cut()
            for asked in (
                cases.start("leave", LEAVE, by="amy"),
                cases.show(CASE),
                cases.event(CASE, {"type": "x"}),
            ):
                with pytest.raises(ServerUnavailable, match=address):
                    await asked

    asyncio.run(run())


def test_a_missing_namespace_is_named(namespace: Namespace, tmp_path: Path) -> None:
    """A server without our namespace is no place for cases, rather than one without this case."""

    async def run() -> None:
        async with staged(Namespace(namespace.address, "nowhere"), tmp_path) as stage:
            with pytest.raises(ServerUnavailable, match='no namespace "nowhere"'):
                await stage.cases.show(CASE)

    asyncio.run(run())


class _Line:
    """A connection to the server that can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> str:
        """Forward a free port; its address."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    async def cut(self) -> None:
        """End all connections and take no more."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._there)
        self._writers += [writer, back]
        await asyncio.gather(_copy(reader, back), _copy(there, writer), return_exceptions=True)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()


def _events(view: Any) -> int:
    return sum(line["kind"] == "event" for line in view["timeline"])


@pytest.mark.parametrize("announces", [True, False])
def test_the_sink_of_lifecycle_events_is_decided_at_the_start(
    namespace: Namespace, tmp_path: Path, announces: bool
) -> None:
    """It comes with the case: a worker that has, or has not, a sink later on changes nothing."""

    async def run() -> list[str]:
        async with staged(namespace, tmp_path, announces=announces) as stage, stage.worker():
            await stage.cases.start("at-once", {"number": 2}, key="1", by="amy")
            await ended(stage, "at-once:1")
            return [each["type"].rpartition("workflow.")[2] for each in stage.told]

    kinds = asyncio.run(run())

    assert kinds[:1] == (["started.v1"] if announces else [])
    assert kinds[-1:] == (["completed.v1"] if announces else [])


def test_how_a_part_has_ended_can_be_asked_for(namespace: Namespace, tmp_path: Path) -> None:
    """What its whole would have been told, of every way to end, and of a case that is forgotten."""

    async def run() -> list[Any]:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.cases.start("at-once", {"number": 2}, key="1", by="amy")
            for number in ("L-1", "L-2", "L-3"):
                await stage.cases.start("leave", {"number": number, "who": "amy"}, by="amy")
            await stage.cases.cancel("leave:L-2", "not needed", by="lin")
            await stage.client.get_workflow_handle("leave:L-3").terminate("by hand")
            for case in ("at-once:1", "leave:L-2", "leave:L-3"):
                await ended(stage, case)
            cases = ("at-once:1", "leave:L-1", "leave:L-2", "leave:L-3", "leave:L-9")
            return [await stage.cases.how_ended(each) for each in cases]

    done, runs, cancelled, terminated, gone = asyncio.run(run())

    assert done == {"as": "completed", "output": {"doubled": 4}, "error": None}
    assert runs is None
    assert cancelled["as"] == terminated["as"] == "cancelled"
    assert (gone["as"], gone["error"]["title"]) == ("failed", "CaseGone")
