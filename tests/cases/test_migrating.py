"""Running cases and an edited definition, on a Temporal server and through the command."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from cases.publishing import Publication
from tests.cases.stage import DEFINITIONS, Stage, ended, item_of, shown, staged
from tests.cli.on_stage import Shell
from tests.conftest import Namespace

CASES = 100
FURTHER = 20
"""Of these cases, how many have gone on to the next task when the definition is edited."""


@pytest.mark.timeout(300)
def test_a_hundred_cases_run_while_their_definition_is_edited(
    namespace: Namespace, tmp_path: Path
) -> None:
    """All of them stay on their version; a dry run lists each one; those that can move, do."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path, seconds=30) as stage, stage.worker():
            names = [f"leave:{number}" for number in range(CASES)]
            for some in range(0, CASES, 20):
                await asyncio.gather(*(_start(stage, number) for number in range(some, some + 20)))
            for case in names[:FURTHER]:
                await _answer(stage, case)
                await shown(stage, case, lambda view: "heard" in str(view["step"]))
            await _publish_edited(stage, tmp_path)
            assert {row["version"] for row in await _rows(stage)} == {"1.0.0"}

            looked = await shell.caseway(
                "migrate", "--definition", "leave", "--to", "1.1.0", "--dry-run", "--json"
            )
            assert looked.status == 1, looked.err
            found = {each["case"]: each for each in looked.json["cases"]}
            assert sorted(found) == sorted(names)
            states = [found[name]["state"] for name in names]
            assert states == ["refused"] * FURTHER + ["would-migrate"] * (CASES - FURTHER)
            [obstacle] = found[names[0]]["obstacles"]
            assert obstacle["place"] == "/do/1/heard"
            assert "has begun as call: wait-for" in obstacle["reason"]
            assert {row["version"] for row in await _rows(stage)} == {"1.0.0"}

            moved = await shell.caseway(
                "migrate", "--definition", "leave", "--to", "1.1.0", "--reason", "shorter",
                "--by", "op", "--batch", "10", "--json",
            )  # fmt: skip
            assert moved.status == 1, moved.err
            found = {each["case"]: each for each in moved.json["cases"]}
            states = [found[name]["state"] for name in names]
            assert states == ["refused"] * FURTHER + ["migrated"] * (CASES - FURTHER)

            for case in names[FURTHER:]:
                await _answer(stage, case)
            for case in names[:FURTHER]:
                await stage.cases.event(case, {"id": "e", "type": "leave.heard", "data": {}})
            for case in names:
                await ended(stage, case)
            await asyncio.sleep(0.5)
            versions = {row["case"]: row["version"] for row in await _rows(stage)}
            assert [versions[name] for name in names] == (
                ["1.0.0"] * FURTHER + ["1.1.0"] * (CASES - FURTHER)
            )
            view = await stage.cases.show(names[-1])
            assert view["case"]["results"]["decide"]["outcome"] == "granted"
            [line] = [each for each in view["timeline"] if each["kind"] == "migrated"]
            assert (line["by"], line["reason"]) == ("op", "shorter")
            assert line["fromDigest"] != line["toDigest"] == view["digest"]

    asyncio.run(run())


def test_one_case_moves_with_a_map(namespace: Namespace, tmp_path: Path) -> None:
    """A held case moves as well; a map that is none, and a version that is not there, are refused."""

    async def run() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await _start(stage, 1)
            await item_of(stage, "leave:1")
            missing = await shell.caseway("migrate", "leave:1", "--to", "9.0.0", "--dry-run")
            assert (missing.status, "No published version" in missing.err) == (1, True)
            await _publish_edited(stage, tmp_path, keeps_name=False)
            wrong = tmp_path / "wrong.yaml"
            wrong.write_text("tasks: [decide]")
            refused = await shell.caseway(
                "migrate", "leave:1", "--to", "1.1.0", "--dry-run", "--map", str(wrong)
            )
            assert (refused.status, "is no map" in refused.err) == (2, True)
            unmapped = await shell.caseway("migrate", "leave:1", "--to", "1.1.0", "--dry-run")
            assert unmapped.status == 1
            assert "/do/0/decide" in unmapped.out
            assert "map it: { tasks: { decide: NEW-NAME } }" in unmapped.out
            step_map = tmp_path / "map.yaml"
            step_map.write_text("tasks: { decide: look }")
            moved = await shell.caseway(
                "migrate", "leave:1", "--to", "1.1.0", "--map", str(step_map), "--reason", "shorter"
            )
            assert moved.status == 0, moved.err
            assert "moved" in moved.out
            again = await shell.caseway(
                "migrate", "leave:1", "--to", "1.1.0", "--reason", "shorter", "--json"
            )
            assert again.json["cases"][0]["state"] == "same"

    asyncio.run(run())


async def _start(stage: Stage, number: int) -> None:
    value = {"number": str(number), "who": "amy"}
    await stage.cases.start("leave", value, by="test")


async def _answer(stage: Stage, case: str) -> None:
    item = await item_of(stage, case)
    await stage.cases.answer(case, item, "granted", {}, by="lin", via="test")


async def _rows(stage: Stage) -> list[dict[str, object]]:
    page = await stage.cases.list({"definition": "leave"}, None, 200)
    return [dict(each) for each in page.items]


async def _publish_edited(stage: Stage, folder: Path, *, keeps_name: bool = True) -> None:
    """A version with a task before, one with another name, and one of another kind."""
    edited = folder / "edited"
    shutil.copytree(DEFINITIONS, edited)
    file = edited / "leave" / "process.yaml"
    text = file.read_text()
    text = text.replace("version: '1.0.0'", "version: '1.1.0'")
    text = text.replace("do:\n  - decide:", "do:\n  - begin: { call: log, with: { message: begun } }\n  - look:")  # fmt: skip
    i = text.index("  - heard:")
    j = text.index("  - finish:")
    text = text[:i] + "  - heard: { wait: { milliseconds: 10 } }\n" + text[j:]
    if keeps_name:
        text = text.replace("  - look:", "  - decide:")
    file.write_text(text)
    await Publication([edited]).store(stage.bundles, stage.bundles)
