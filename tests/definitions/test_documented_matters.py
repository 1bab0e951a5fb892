"""docs/matters.md: every example is right, and does what the page says."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from language.compile import compile_definition
from language.files import read_organization
from language.findings import as_text
from language.rehearsals_file import check_rehearsal
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "matters.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```yaml ([a-z]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ORGANIZATION, _ = read_organization(ROOT / "definitions" / "organization")


def published() -> dict[str, Published]:
    """Compile the definitions of the page."""
    found = {}
    for kind, text in FENCES:
        if kind not in ("root", "child", "reopens"):
            continue
        plan, findings = compile_definition(text, f"{kind}.yaml", organization=ORGANIZATION)
        assert plan is not None, as_text(findings, {f"{kind}.yaml": text})
        assert findings == (), as_text(findings, {f"{kind}.yaml": text})
        found[plan.name] = Published(plan, "digest")
    return found


HEAD = """
document:
  dsl: '1.0.3'
  namespace: docs
  name: example
  version: '1.0.0'
  metadata:
    owner: support-manager
    start: { record: { data: { other: '${ .other }' } } }
do:
"""


@pytest.mark.parametrize("text", [text for kind, text in FENCES if kind == "tasks"])
def test_tasks_of_the_page_are_right(text: str) -> None:
    """They can be copied into a definition, and merge a case that is played."""
    whole = HEAD + textwrap.indent(text, "  ")
    plan, findings = compile_definition(whole, "example.yaml", organization=ORGANIZATION)
    assert plan is not None, as_text(findings, {"example.yaml": whole})
    assert findings == (), as_text(findings, {"example.yaml": whole})

    result = rehearse(
        "example",
        {
            "at": "2026-03-02T09:00+08:00",
            "input": {"other": "example:2"},
            "stubs": {"case.link": [{"returns": {"linked": True}}]},
            "expect": {"ends": {"as": "completed"}, "output": {"mergedInto": "example:2"}},
        },
        {"example": Published(plan, "digest")},
        ORGANIZATION.document,
    )
    assert result.problems == []


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("text", [text for kind, text in FENCES if kind == "rehearsal"])
def test_a_rehearsal_of_the_page_comes_out_as_it_says(text: str, restart: bool) -> None:
    """What process owners read is what happens, from every snapshot as well."""
    definitions = published()
    data, findings = check_rehearsal(text, "rehearsal.yaml")
    assert data is not None, findings

    root = "question"
    result = rehearse(root, data, definitions, ORGANIZATION.document, restart=restart)

    assert result.problems == []
    assert yaml.safe_load(text)["rehearsal"] == result.name
