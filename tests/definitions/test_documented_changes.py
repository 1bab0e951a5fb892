"""docs/changes.md: every example is right, and does what the page says."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from language.compile import compile_definition
from language.files import read_organization
from language.findings import as_text
from language.organization import merge_files
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "changes.md"
_FENCE = re.compile(r"^```yaml ([a-z ]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [(kind, text) for kind, text in _FENCE.findall(PAGE.read_text(encoding="utf-8"))]
TASKS = [text for kind, text in EXAMPLES if kind == "tasks"]
HEAD = """
document:
  dsl: '1.0.3'
  namespace: docs
  name: example
  version: '1.0.0'
  metadata:
    owner: support-manager
    calendar: office-taipei
    onError: hold
    start: { record: { subject: '${ .subject }', requester: '${ .requester }' } }
    statuses: { open: { phase: open }, done: { phase: closed } }
do:
"""
ORGANIZATION, _ = read_organization(ROOT / "definitions" / "organization")


def before(tasks: str) -> str:
    """Stand in for earlier tasks whose results an example reads."""
    if "$case.results.book." in tasks and "- book:" not in tasks:
        return TASKS[1].partition("- booked:")[0]
    return ""


def plan_of(tasks: str) -> Any:
    """Compile a definition with these tasks."""
    text = HEAD + textwrap.indent(before(tasks) + tasks, "  ")
    plan, findings = compile_definition(text, "example.yaml", organization=ORGANIZATION)
    assert findings == (), as_text(findings, {"example.yaml": text})
    return plan


def outcome_of(tasks: str, **organization: Any) -> Any:
    """Rehearse a definition with these tasks."""
    return rehearse(
        "example",
        {
            "at": "2026-03-02T09:00+08:00", "organization": organization,
            "input": {"subject": "Upgrade", "requester": "emma"},
        },
        {"example": Published(plan_of(tasks), "digest")},
        ORGANIZATION.to_json(),
    )  # fmt: skip


def test_the_page_has_examples() -> None:
    """The tests of this module are about something."""
    assert len(TASKS) >= 5


@pytest.mark.parametrize("tasks", TASKS, ids=range(len(TASKS)))
def test_an_example_runs_to_its_end(tasks: str) -> None:
    """It has no findings, and a case of it completes in the shipped organization."""
    result = outcome_of(tasks)

    assert (result.outcome["as"], result.problems) == ("completed", [])


def test_windows_of_the_page_are_right() -> None:
    """And they are those that ship."""
    for kind, text in EXAMPLES:
        if kind == "windows":
            own = yaml.safe_load(text)
            assert own == ORGANIZATION.to_json()["windows"]
            roles = ("roles: { support-manager: {} }", "roles.yaml", "roles")
            assets = ("assets: { core-router: {} }", "assets.yaml", "assets")
            written = ("windows:\n" + textwrap.indent(text, "  "), "windows.yaml", "windows")
            assert merge_files([roles, assets, written])[1] == ()


def test_the_booking_of_another_case_is_in_the_way() -> None:
    """What stands under `organization.bookings` makes the example tell the requester."""
    (other,) = [yaml.safe_load(text) for kind, text in EXAMPLES if kind == "rehearsal organization"]
    for tasks in TASKS[:2]:
        alone, beside = outcome_of(tasks), outcome_of(tasks, **other)

        assert not any(line.get("action") == "notify" for line in alone.lines)
        assert any(line.get("action") == "notify" for line in beside.lines)
