"""Work that is given by turns and by load, over cases on a server and their records."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from cases.records.rows import projection_of
from tests.cases.stage import item_of, shown, staged
from tests.conftest import Namespace

OFFICE = ("lin", "wu", "chen")


@pytest.mark.parametrize("strategy", ["round-robin", "least-open"])
def test_nine_cases_at_once_go_to_three_people(
    namespace: Namespace, tmp_path: Path, strategy: str
) -> None:
    """Three each, although all of them ask before any has told of its item."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            cases = [f"by-turns:{number}" for number in range(9)]
            await asyncio.gather(
                *(
                    stage.cases.start(
                        "by-turns", {"number": case.partition(":")[2], "strategy": strategy}, by="x"
                    )
                    for case in cases
                )
            )
            given: list[str] = []
            for case in cases:
                await item_of(stage, case)
                [item] = (await stage.cases.show(case))["items"]
                given += item["people"]
                [turn] = item["turns"]
                assert turn["person"] == item["people"][0]
                assert "opened" in [line["act"] for line in item["history"]]
            assert Counter(given) == dict.fromkeys(OFFICE, 3)

    asyncio.run(run())


def test_an_answer_makes_room_and_the_records_are_what_the_case_tells(
    namespace: Namespace, tmp_path: Path
) -> None:
    """Who has answered has less to do and gets the next one; a rebuild would change nothing."""

    async def run() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():

            async def start(number: str) -> str:
                value = {"number": number, "strategy": "least-open"}
                await stage.cases.start("by-turns", value, by="x")
                await item_of(stage, f"by-turns:{number}")
                view = await stage.cases.show(f"by-turns:{number}")
                return str(view["items"][0]["people"][0])

            first = [await start(str(number)) for number in range(3)]
            assert sorted(first) == sorted(OFFICE)
            number = first.index("wu")
            case = f"by-turns:{number}"
            await stage.cases.answer(case, "look", "seen", {}, by="wu", via="test")
            await shown(stage, case, lambda view: "ended" in view)
            for _ in range(100):
                if (await stage.records.open_items_by_person()).get("wu") is None:
                    break
                await asyncio.sleep(0.05)
            assert await start("next") == "wu"
            view = await shown(stage, "by-turns:next", lambda view: bool(view["items"]))
            for _ in range(100):
                differences = await stage.records.compare(projection_of(view))
                if not differences:
                    break
                await asyncio.sleep(0.05)
            assert list(differences) == []

    asyncio.run(run())
