"""The results file says where its figures come from."""

from __future__ import annotations

import importlib
import re

from bench.results import PARTS, page


def test_page_names_machine_commit_and_time() -> None:
    """A figure without these could not be compared with anything."""
    text = page({"Rehearsals": "29 rehearsals: 1.0 s"})

    assert "## Rehearsals\n\n```\n29 rehearsals: 1.0 s\n```" in text
    assert re.search(r"^- taken: \d{4}-\d\d-\d\d \d\d:\d\d UTC$", text, re.MULTILINE)
    assert re.search(r"^- commit: \S+", text, re.MULTILINE)
    assert re.search(r"^- machine: \d+ cores of .*Python 3\.", text, re.MULTILINE)


def test_every_part_can_be_run_alone() -> None:
    """Each has a main of its own, and says how it is called."""
    for _, module in PARTS:
        found = importlib.import_module(module)
        assert callable(found.main)
        assert f"-m {module}" in (found.__doc__ or "")
