"""docs/escalation.md: its examples are right, and its rehearsal passes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from language.compile import compile_definition
from language.files import compile_folder
from language.findings import as_text
from language.organization import Organization, merge_files
from language.plan import Plan
from language.rehearsals_file import check_rehearsal
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "escalation.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PEOPLE = """
people:
  wu: { name: Wu, mail: wu@example.org }
  liu: { name: Liu, mail: liu@example.org }
  lin: { name: Lin, mail: lin@example.org, roles: [support-lead] }
  wang: { name: Wang, mail: wang@example.org, roles: [support-manager] }
"""
ROLES = "roles: { support-lead: {}, support-manager: {} }"
OFFICE = "calendar: { timezone: Asia/Taipei, week: { mon-fri: ['09:00-18:00'] } }"
ALWAYS = "calendar: { timezone: Asia/Taipei, week: { mon-sun: ['00:00-24:00'] } }"


def examples(kind: str) -> list[str]:
    """The examples of a kind, in the order of the page."""
    return [text for each, text in EXAMPLES if each == kind]


def organization() -> Organization:
    """The page's own organization."""
    files = [
        (PEOPLE, "people.yaml", "people"),
        (ROLES, "roles.yaml", "roles"),
        (OFFICE, "calendars/office.yaml", "office"),
        (ALWAYS, "calendars/always.yaml", "always"),
        (examples("ladders")[0], "ladders.yaml", "ladders"),
        (examples("rota")[0], "rota.yaml", "rota"),
    ]
    found, findings = merge_files(files)
    assert findings == (), findings
    return found


def plan_of(tasks: str, metadata: dict[str, Any]) -> Plan:
    """A definition around tasks of the page; it has no findings."""
    document = {
        "dsl": "1.0.3", "namespace": "docs", "name": "example", "version": "1.0.0",
        "metadata": {"owner": "support-manager", "calendar": "office", **metadata},
    }  # fmt: skip
    body = "".join(f"  {line}\n" for line in tasks.splitlines())
    text = yaml.safe_dump({"document": document}, sort_keys=False) + "do:\n" + body
    plan, findings = compile_definition(
        text, "process.yaml", organization=organization(), known=("example", "escalation-ladder")
    )
    assert plan is not None, as_text(findings, {"process.yaml": text})
    assert findings == (), as_text(findings, {"process.yaml": text})
    return plan


def test_every_example_is_right() -> None:
    """What people copy from the page has no findings."""
    assert [kind for kind, _ in EXAMPLES] == [
        "ladders", "tasks", "metadata", "tasks", "rota", "tasks", "rehearsal",
    ]  # fmt: skip
    for tasks in examples("tasks"):
        plan_of(tasks, {})
    plan_of("- pause: { wait: { minutes: 1 } }\n", yaml.safe_load(examples("metadata")[0]))


def test_the_rehearsal_of_the_page_passes() -> None:
    """The overdue item goes up the ladder with the people and times that the page tells of."""
    data, findings = check_rehearsal(examples("rehearsal")[0], "rehearsal.yaml")
    assert data is not None, findings
    ladder = compile_folder(ROOT / "definitions" / "escalation-ladder").plan
    assert ladder is not None
    definitions = {
        "example": Published(plan_of(examples("tasks")[0], {}), "example"),
        "escalation-ladder": Published(ladder, "ladder"),
    }

    result = rehearse("example", data, definitions, organization().document)

    assert result.problems == []
