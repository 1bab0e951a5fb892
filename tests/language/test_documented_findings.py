"""docs/findings.md explains every code, with an example that is wrong and one that is right."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from cases.rota_cover import cover_from
from language.codes import CODES
from language.compile import check_definition
from language.findings import Finding
from language.organization import merge_files
from language.rehearsals_file import check_rehearsal
from tests.language.beside import Beside

PAGE = Path(__file__).parents[2] / "docs" / "findings.md"

_FENCE = re.compile(r"^```yaml (wrong|right) ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RESOLVED = {"resolved": {"en": ("Subject: Solved\n", "messages/resolved.en.md")}}
_TABLE = """
table:
  name: priority
  version: '1.0.0'
  hit: first
  inputs: { impact: string, urgency: string }
  outputs: { priority: string }
  rows: [ { then: { priority: P3 } } ]
"""
_DOCUMENTS = {
    "functions/greet.yaml": "set: { text: '${ \"Hello \" + .name }' }",
    "pets.yaml": """
openapi: 3.1.0
servers: [ { url: https://pets.example.org } ]
paths:
  /pets/{id}:
    get: { operationId: getPet, parameters: [ { name: id, in: path, required: true } ] }
""",
    "schemas/list.yaml": "[1, 2]",
    "schemas/order.yaml": "{ type: object }",
}
_CALENDAR = "calendar: { timezone: Asia/Taipei, week: { mon-fri: ['09:00-18:00'] } }"
_LADDERS = """
ladders:
  desk:
    levels: [ { to: assignees, wait: { minutes: 45 } }, { to: { role: support-manager }, wait: { minutes: 30 } } ]
    finally: { to: { role: support-manager } }
"""
_FILES = [
    ("people: { lin: { name: Lin } }", "people.yaml", "people"),
    ("groups: { service-desk: { lead: lin } }", "groups.yaml", "groups"),
    ("roles: { support-manager: { people: [lin] } }", "roles.yaml", "roles"),
    (_TABLE, "tables/priority.yaml", "priority"),
    (_CALENDAR, "calendars/office.yaml", "office"),
]
ORGANIZATION, _ = merge_files([*_FILES, (_LADDERS, "ladders.yaml", "ladders")])
_METADATA = {
    "owner": "support-manager",
    "statuses": {"open": {"phase": "open"}, "closed": {"phase": "closed"}},
}
_REQUESTED = {**_METADATA, "start": {"record": {"requester": "${ .requester }"}}}


class Example(NamedTuple):
    """One example of the page."""

    code: str
    kind: str
    context: str
    text: str
    number: int
    """Which one of its section it is."""


def _examples() -> list[Example]:
    found = []
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        code = section.split("\n", 1)[0].strip()
        found += [
            Example(code, *each.groups(), number)
            for number, each in enumerate(_FENCE.finditer(section))
        ]
    return found


EXAMPLES = _examples()


def findings_of(context: str, text: str) -> tuple[Finding, ...]:
    """Check a part of a file in the surroundings that the page describes."""
    kind, _, more = context.partition(" ")
    match kind:
        case "definition":
            definition = text
        case "tasks":
            definition = _definition(_REQUESTED, text)
        case "metadata":
            definition = _definition(_METADATA, "- pause: { wait: PT1M }\n").replace(
                "  metadata:\n", "  metadata:\n" + _indented(_indented(text)), 1
            )
        case "deep":
            definition = "[" * 101
        case "rehearsal" if more == "of example":
            draft, _ = check_definition(
                _definition(_METADATA, _ASK.replace("done: {}", "done: { requires: [impact] }")),
                "process.yaml",
                organization=ORGANIZATION,
                forms={"triage": (_FORM, "forms/triage.yaml")},
            )
            assert draft is not None
            return check_rehearsal(text, "rehearsals/example.yaml", draft)[1]
        case "rehearsal":
            return check_rehearsal(text, "rehearsals/example.yaml")[1]
        case "message":
            name = f"messages/hello.{more}.md"
            task = "- tell: { call: notify, with: { to: requester, message: hello } }\n"
            return check_definition(
                _definition(_REQUESTED, task),
                "process.yaml",
                messages={"hello": {more: (text, name)}},
            )[1]
        case "form":
            return check_definition(
                _definition(_REQUESTED, _ASK),
                "process.yaml",
                forms={"triage": (text, "forms/triage.yaml")},
            )[1]
        case "table" | "unique":
            hit = "unique" if kind == "unique" else "first"
            head = f"table:\n  name: example\n  version: '1.0.0'\n  hit: {hit}\n"
            return merge_files([(head + _indented(text), "tables/example.yaml", "example")])[1]
        case "calendar":
            return merge_files([("calendar:\n" + _indented(text), "calendars/x.yaml", "x")])[1]
        case "organization":
            files = [*_FILES, (text, "example.yaml", "example")]
            return merge_files(files, cover_from(date(2026, 3, 2)))[1]
        case "windows" | "assets":
            return merge_files([(f"{kind}:\n" + _indented(text), f"{kind}.yaml", kind)])[1]
        case _:
            raise AssertionError(f"no such kind of example: {context}")
    uses_message = "message: resolved" in text or more == "with message resolved"
    return check_definition(
        definition,
        "process.yaml",
        organization=ORGANIZATION,
        messages=_RESOLVED if uses_message else {},
        known=("fault-handling", "visit", "example")
        + (() if more == "alone" else ("escalation-ladder",)),
        inputs={"visit": _VISIT},
        resources=Beside(_DOCUMENTS, online=False),
    )[1]


_VISIT = {"type": "object", "required": ["subject"], "properties": {"subject": {"type": "string"}}}
_FORM = """
type: object
properties: { impact: { enum: [major, minor] } }
"""
_ASK = """- ask:
    call: work-item
    with:
      title: Triage
      form: triage
      assign: requester
      due: { hours: 1 }
      onDue: fail
      outcomes: { done: {} }
"""


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def _definition(metadata: object, tasks: str) -> str:
    document = {
        "dsl": "1.0.3",
        "namespace": "docs",
        "name": "example",
        "version": "1.0.0",
        "metadata": metadata,
    }
    return yaml.safe_dump({"document": document}, sort_keys=False) + "do:\n" + _indented(tasks)


def test_every_code_has_a_section_and_every_section_a_code():
    """A link under a finding leads somewhere, and the page tells of nothing that is not said."""
    sections = re.findall(r"^## (\S+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert sections == sorted(CODES)


def test_every_section_says_title_and_severity_of_the_table():
    """The page and the program call a finding the same."""
    text = PAGE.read_text(encoding="utf-8")
    for code, (severity, title) in CODES.items():
        section = text.split(f"## {code}\n", 1)[1].split("\n## ", 1)[0]

        assert f"**{title}** ({severity})" in section, code


def test_every_code_has_a_wrong_and_a_right_example():
    """Whoever reads about a mistake also reads how it is done; only unreadable files have none."""
    shown = {(each.code, each.kind) for each in EXAMPLES}

    missing = [
        (code, kind) for code in CODES for kind in ("wrong", "right") if (code, kind) not in shown
    ]
    assert missing == [("CW117", "wrong"), ("CW117", "right")]


@pytest.mark.parametrize(
    "example",
    [each for each in EXAMPLES if each.kind == "wrong"],
    ids=lambda each: f"{each.code}-{each.context}-{each.number}",
)
def test_a_wrong_example_gives_its_finding_and_no_other(example: Example):
    """One cause is one finding: an example shows its own code alone."""
    findings = findings_of(example.context, example.text)

    assert {example.code} == {each.code for each in findings}, findings


@pytest.mark.parametrize(
    "example",
    [each for each in EXAMPLES if each.kind == "right"],
    ids=lambda each: f"{each.code}-{each.context}-{each.number}",
)
def test_a_right_example_has_no_findings(example: Example):
    """What the page recommends is itself without fault."""
    assert findings_of(example.context, example.text) == ()
