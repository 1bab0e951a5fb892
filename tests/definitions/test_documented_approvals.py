"""docs/approvals.md: every example is right, and its rehearsals come out as the page says."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from language.compile import check_definition, compile_definition
from language.files import read_organization
from language.findings import as_text
from language.rehearsals_file import check_rehearsal
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "approvals.md"
_FENCE = re.compile(r"^```yaml (tasks|rehearsal)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = """
document:
  dsl: '1.0.3'
  namespace: docs
  name: example
  version: '1.0.0'
  metadata:
    owner: support-manager
    calendar: office-taipei
    start: { record: { subject: '${ .subject }', requester: '${ .requester }' } }
do:
"""
ORGANIZATION, _ = read_organization(ROOT / "definitions" / "organization")


def examples() -> list[tuple[str, str]]:
    """Pair each rehearsal of the page with the tasks that stand before it."""
    found, tasks = [], ""
    for kind, text in _FENCE.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "tasks":
            tasks = HEAD + textwrap.indent(text, "  ")
        else:
            found.append((tasks, text))
    return found


EXAMPLES = examples()


def test_every_example_has_a_rehearsal() -> None:
    """The page is about three definitions, and plays each of them."""
    assert len(EXAMPLES) == len({tasks for tasks, _ in EXAMPLES}) == 3


@pytest.mark.parametrize(("tasks", "text"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_has_no_findings_and_its_rehearsal_passes(tasks: str, text: str) -> None:
    """In the shipped organization."""
    plan, findings = compile_definition(tasks, "example.yaml", organization=ORGANIZATION)
    assert plan is not None
    assert findings == (), as_text(findings, {"example.yaml": tasks})
    draft, _ = check_definition(tasks, "example.yaml", organization=ORGANIZATION)
    _, wrong = check_rehearsal(text, "rehearsals/example.yaml", draft)
    assert wrong == (), as_text(wrong, {"rehearsals/example.yaml": text})
    read: dict[str, Any] = yaml.safe_load(text)

    result = rehearse(
        "example", read, {"example": Published(plan, "digest")}, ORGANIZATION.to_json()
    )

    assert result.problems == []
