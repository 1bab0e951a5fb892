"""Starting a drill: apart from all real cases, and known as one everywhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cases.errors import InputInvalid
from tests.cases.stage import shown, staged
from tests.conftest import Namespace

LEAVE = {"number": "L-1", "who": "amy"}


def test_a_drill_never_joins_a_real_case(namespace: Namespace, tmp_path: Path) -> None:
    """The same key twice: a real case and a drill, side by side; lists tell them apart."""

    async def run() -> tuple[Any, ...]:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            real = await stage.cases.start("leave", LEAVE, by="amy")
            drill = await stage.cases.start("leave", LEAVE, by="amy", drill=True)
            again = await stage.cases.start("leave", LEAVE, by="amy", drill=True)
            view = await shown(stage, drill.case, lambda view: bool(view.get("items")))
            for _ in range(100):
                every = await stage.cases.list({})
                if len(every.items) == 2:
                    break
                await asyncio.sleep(0.05)
            lists = [
                [each["case"] for each in (await stage.cases.list(filters)).items]
                for filters in ({"drill": "true"}, {"drill": "false"})
            ]
            with pytest.raises(InputInvalid, match="start it as a drill"):
                await stage.cases.start("leave", LEAVE, key="drill~L-1", by="amy")
            found = await stage.records.find_cases(definition="leave")
            return real, drill, again, view, lists, [each.case for each in found]

    real, drill, again, view, lists, found = asyncio.run(run())

    assert (real.case, drill.case) == ("leave:L-1", "leave:drill~L-1")
    assert (drill.started, again.started, again.case) == (True, False, drill.case)
    assert view["case"]["drill"] is True
    assert lists == [[drill.case], [real.case]]
    assert found == [real.case]
