"""The watch on definitions."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cli.running.watch import changes


def test_a_change_is_told_once_with_its_files(tmp_path: Path) -> None:
    """Files written close together are one change; hidden ones and editors' copies are none."""
    (tmp_path / "kept.yaml").write_text("a")
    (tmp_path / "gone.yaml").write_text("a")

    async def story() -> frozenset[Path]:
        watch = changes(tmp_path, pause=0.05)
        first = asyncio.ensure_future(anext(watch))
        await asyncio.sleep(0.12)
        (tmp_path / ".swap").write_text("x")
        (tmp_path / "kept.yaml~").write_text("x")
        (tmp_path / "new.yaml").write_text("b")
        (tmp_path / "gone.yaml").unlink()
        return await asyncio.wait_for(first, 30)

    assert asyncio.run(story()) == {tmp_path / "new.yaml", tmp_path / "gone.yaml"}
