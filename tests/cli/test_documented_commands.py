"""What the guides show is what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from cli.main import run

ROOT = Path(__file__).parents[2]
PAGES = ("docs/figures.md", "docs/working-time.md")
_SHOWN = re.compile(r"^```console\n\$ caseway (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(command, output, id=f"{page} {number}")
    for page in PAGES
    for number, (command, output) in enumerate(
        _SHOWN.findall((ROOT / page).read_text(encoding="utf-8")), 1
    )
]


@pytest.mark.parametrize(("command", "output"), EXAMPLES)
def test_a_command_prints_what_its_page_shows(
    command: str, output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """People compare with what they see."""
    monkeypatch.chdir(ROOT)

    run(shlex.split(command))

    assert capsys.readouterr().out == output
