"""Starting a case: once, twice, by many at once, with wrong input, without a worker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cases.errors import DefinitionNotFound, InputInvalid, Refused, WorkerSilent
from cases.standing import standing
from tests.cases.stage import Stage, ended, item_of, shown, staged
from tests.conftest import Namespace

LEAVE = {"number": "L-1", "who": "amy", "days": 3}
HEARD = {"id": "e-1", "type": "leave.heard", "data": {"by": "wu"}}


def test_a_second_start_joins_the_case(namespace: Namespace, tmp_path: Path) -> None:
    """The key comes from the input; only the first call started the case, and both get its id."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            first = await stage.cases.start("leave", LEAVE, by="amy")
            second = await stage.cases.start("leave", {**LEAVE, "days": 9}, by="bob")

            assert (first.case, first.version, first.started) == ("leave:L-1", "1.0.0", True)
            assert (second.case, second.version, second.started) == ("leave:L-1", "1.0.0", False)
            view = await stage.cases.show("leave:L-1")
            assert view["case"]["input"]["days"] == 3
            assert view["case"]["subject"] == "Leave for amy"

    asyncio.run(run())


def test_of_twenty_starts_at_once_one_starts(namespace: Namespace, tmp_path: Path) -> None:
    """However many call, there is one case, and exactly one of them hears that it started it."""

    async def run() -> None:
        async with staged(namespace, tmp_path, seconds=30) as stage, stage.worker():
            found = await asyncio.gather(
                *(stage.cases.start("leave", LEAVE, by=f"caller-{n}") for n in range(20))
            )

            assert {each.case for each in found} == {"leave:L-1"}
            assert [each.started for each in found].count(True) == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ({"number": "L-1"}, ["/who"]),
        ({"number": "L-1", "who": "", "days": 0}, ["/days", "/who"]),
        ({"number": 7, "who": "amy"}, ["/number"]),
    ],
)
def test_wrong_input_starts_nothing(
    namespace: Namespace, tmp_path: Path, value: Any, pointers: list[str]
) -> None:
    """Every problem has its JSON pointer, and Temporal never hears of the case."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage:
            with pytest.raises(InputInvalid) as raised:
                await stage.cases.start("leave", value, key="L-1", by="amy")

            assert sorted(each.pointer for each in raised.value.problems) == pointers
            assert await standing(stage.client, "leave:L-1", 5) is None

    asyncio.run(run())


@pytest.mark.parametrize("key", ["", "   ", "two\nlines", "x" * 250])
def test_an_unusable_key_is_refused(namespace: Namespace, tmp_path: Path, key: str) -> None:
    """An id that people cannot read, or that a production server would not take, never starts."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage:
            with pytest.raises(InputInvalid, match="1 to 249 printable characters"):
                await stage.cases.start("leave", LEAVE, key=key, by="amy")

    asyncio.run(run())


def test_an_unknown_definition_is_named_with_its_neighbor(
    namespace: Namespace, tmp_path: Path
) -> None:
    """A typing mistake hears what was probably meant; a version that is not there hears so."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage:
            with pytest.raises(DefinitionNotFound, match='Did you mean "leave"'):
                await stage.cases.start("leaf", LEAVE, by="amy")
            with pytest.raises(DefinitionNotFound, match=r'version of "leave" fits "\^2"'):
                await stage.cases.start("leave", LEAVE, version="^2", by="amy")

    asyncio.run(run())


def test_cases_without_a_key_are_cases_of_their_own(namespace: Namespace, tmp_path: Path) -> None:
    """Without a key rule each start is another case; a given key makes two starts one."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            found = [await stage.cases.start("needs-system", None, by="amy") for _ in range(2)]
            named = [
                await stage.cases.start("needs-system", None, key="chair", by="amy")
                for _ in range(2)
            ]

            assert len({each.case for each in found}) == 2
            assert [each.case for each in named] == ["needs-system:chair"] * 2

    asyncio.run(run())


def test_an_event_comes_with_the_start_exactly_once(namespace: Namespace, tmp_path: Path) -> None:
    """The case gets the event, be it new or joined; the same one again does not count."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            for _ in range(3):
                await stage.cases.start("leave", LEAVE, by="amy", event=HEARD)

            assert await _heard(stage) == 1

    asyncio.run(run())


def test_a_repeated_request_is_the_same_request(namespace: Namespace, tmp_path: Path) -> None:
    """A caller that lost the answer asks again under the same id, also where no second may join."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            first = await stage.cases.start("only-one", {"room": 4}, by="amy", request_id="r-1")
            again = await stage.cases.start("only-one", {"room": 4}, by="amy", request_id="r-1")

            assert (first.case, first.started) == ("only-one:4", True)
            assert again.case == "only-one:4"
            with pytest.raises(Refused, match="lets no second start join it"):
                await stage.cases.start("only-one", {"room": 4}, by="bob", request_id="r-2")

    asyncio.run(run())


def test_a_closed_key_stays_closed(namespace: Namespace, tmp_path: Path) -> None:
    """With `whenClosed: refuse` the closed case is the answer, also when Temporal has forgotten it."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.cases.start("leave", LEAVE, by="amy", event=HEARD)
            await stage.cases.answer(
                "leave:L-1", await item_of(stage, "leave:L-1"), "granted", {}, by="lin", via="test"
            )
            await ended(stage, "leave:L-1")

            again = await stage.cases.start("leave", LEAVE, by="amy")
            assert (again.case, again.version, again.started) == ("leave:L-1", "1.0.0", False)

        # Another namespace with the same records: as after Temporal's retention.
        later = Namespace(namespace.address, "default")
        async with staged(later, tmp_path) as stage:
            again = await stage.cases.start("leave", LEAVE, by="amy")
            assert (again.case, again.version, again.started) == ("leave:L-1", "1.0.0", False)
            assert await standing(stage.client, "leave:L-1", 5) is None
            view = await stage.cases.show("leave:L-1")
            assert view["ended"]["as"] == "completed"
            assert view["case"]["subject"] == "Leave for amy"
            assert [each["state"] for each in view["items"]] == ["done"]
            assert view["timeline"]

    asyncio.run(run())


def test_a_closed_key_may_begin_again(namespace: Namespace, tmp_path: Path) -> None:
    """With `whenClosed: new` the next start is another case under the same id."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            first = await stage.cases.start("only-one", {"room": 4}, by="amy")
            await stage.cases.event("only-one:4", {"type": "room.free"})
            await ended(stage, "only-one:4")
            second = await stage.cases.start("only-one", {"room": 4}, by="bob")

            assert (first.started, second.started) == (True, True)
            assert (await stage.cases.show("only-one:4"))["phase"] == "open"

    asyncio.run(run())


def test_a_case_that_is_over_at_once_has_started(namespace: Namespace, tmp_path: Path) -> None:
    """A process without a wait may end before it could answer; it was started all the same."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            found = await asyncio.gather(
                *(stage.cases.start("at-once", {"number": n}, by="amy") for n in range(5))
            )

            assert all(each.started for each in found)
            for each in found:
                await ended(stage, each.case)
                view = await stage.cases.show(each.case)
                assert view["ended"]["as"] == "completed"

    asyncio.run(run())


def test_a_start_that_no_worker_answers_is_kept(namespace: Namespace, tmp_path: Path) -> None:
    """The caller hears that the case is recorded; a worker that comes later finds it and its event."""

    async def run() -> None:
        async with staged(namespace, tmp_path, seconds=1) as stage:
            with pytest.raises(WorkerSilent, match="Its start is recorded") as raised:
                await stage.cases.start("leave", LEAVE, by="amy", event=HEARD)
            assert (raised.value.started, raised.value.joined) == (True, False)
            with pytest.raises(WorkerSilent) as raised:
                await stage.cases.start("leave", LEAVE, by="bob", event=HEARD)
            assert (raised.value.started, raised.value.joined) == (True, True)

        async with staged(namespace, tmp_path) as stage, stage.worker():
            await item_of(stage, "leave:L-1")
            assert await _heard(stage) == 1

    asyncio.run(run())


async def _heard(stage: Stage) -> int:
    view = await shown(stage, "leave:L-1", lambda view: bool(view["items"]))
    return sum(line["kind"] == "event" for line in view["timeline"])
