"""A running clock's deadline: explained, kept through an edit of its calendar, counted anew when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cases.errors import Refused
from tests.cases.stage import ended, shown, staged
from tests.cli.on_stage import Shell
from tests.conftest import Namespace

pytestmark = pytest.mark.server
CASE = "promise:P-1"


def _settled(view: Mapping[str, Any]) -> bool:
    """Whether the case waits for its event, and the clock runs again after its pause."""
    runs = view["clocks"].get("answer", {}).get("state") == "running"
    return runs and any("hear" in each for each in view["waits"])


def test_a_deadline_is_explained_and_counted_anew(namespace: Namespace, tmp_path: Path) -> None:
    """An edited calendar moves nothing by itself; the operator's act does, once, and is kept."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.cases.start("promise", {"number": "P-1"}, by="amy")
            view = await shown(stage, CASE, _settled)
            before = view["clocks"]["answer"]["deadline"]
            organization = dict(await stage.bundles.current())
            always = organization["calendars"]["always"]
            edited = {**always, "week": {"mon-sun": ["00:00-12:00"]}}
            stage.bundles.put_organization(
                {**organization, "calendars": {**organization["calendars"], "always": edited}}
            )

            told = await shell.caseway("explain", "deadline", CASE, "answer", "--json")
            assert (told.status, told.json["deadline"]) == (0, before)
            assert told.json["calendar"]["edited"] is True
            assert "paused" in [each["kind"] for each in told.json["lines"]]
            read = await shell.caseway("explain", "deadline", CASE, "answer")
            assert f"answer of {CASE}: due " in read.out
            assert "paused: " in read.out
            assert "It has been edited since" in read.out
            assert all(len(line) <= 80 for line in read.out.splitlines())

            done = await shell.caseway(
                "recalculate", CASE, "answer", "--reason", "half days", "--by", "lin", "--json"
            )
            assert (done.status, done.json["state"], done.json["was"]) == (
                0,
                "recalculated",
                before,
            )
            after = done.json["deadline"]
            view = await stage.cases.show(CASE)
            assert view["clocks"]["answer"]["deadline"] == after != before
            told = await shell.caseway("explain", "deadline", CASE, "answer", "--json")
            assert (told.json["deadline"], told.json["calendar"]["edited"]) == (after, False)
            [line] = [each for each in view["timeline"] if "recalculated" in each["text"]]
            assert (line["by"], line["reason"], line["was"]) == ("lin", "half days", before)

            again = [
                await stage.cases.recalculate(
                    CASE, "answer", by="lin", reason="twice", request_id="same"
                )
                for _ in range(2)
            ]
            assert again[0] == again[1]
            kept = (await stage.cases.show(CASE))["timeline"]
            assert len([each for each in kept if each.get("request") == "same"]) == 1

            wrong = await shell.caseway("recalculate", CASE, "answers", "--reason", "x")
            assert (wrong.status, "counted now: answer" in wrong.err) == (1, True)
            wrong = await shell.caseway("explain", "deadline", CASE, "answers")
            assert (wrong.status, "it has answer" in wrong.err) == (1, True)

            await stage.cases.event(CASE, {"id": "e-1", "type": "promise.kept"})
            await ended(stage, CASE)
            over = await shell.caseway("explain", "deadline", CASE, "answer", "--json")
            assert (over.status, over.json["state"]) == (0, "met")
            with pytest.raises(Exception, match="has ended") as error:
                await stage.cases.recalculate(CASE, "answer", by="lin", reason="late")
            assert not isinstance(error.value, Refused)

    asyncio.run(run())
