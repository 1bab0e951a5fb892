"""Every rehearsal of what ships comes out as it says, from the start and from every snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from language.expressions import evaluate_one, parse
from language.files import compile_folder, definition_folders, read_organization
from language.rehearsals_file import check_rehearsal
from workflows.rehearsal.runner import Result, rehearse
from workflows.rehearsal.world import Published

DEFINITIONS = Path(__file__).parents[2] / "definitions"
REHEARSALS = sorted(DEFINITIONS.glob("*/rehearsals/*.yaml"))

each_rehearsal = pytest.mark.parametrize(
    "file", REHEARSALS, ids=lambda file: f"{file.parent.parent.name}/{file.stem}"
)


def publish(folder: Path) -> tuple[dict[str, Published], Mapping[str, Any]]:
    """The definitions of a folder, and its organization."""
    organization, _ = read_organization(folder / "organization")
    published = {}
    for each in definition_folders(folder):
        compiled = compile_folder(each, organization)
        assert compiled.bundle is not None, each
        published[compiled.bundle.name] = Published(compiled.bundle.plan, compiled.bundle.digest)
    return published, organization.document


@pytest.fixture(scope="module")
def shipped() -> tuple[dict[str, Published], Mapping[str, Any]]:
    """What ships, compiled once."""
    return publish(DEFINITIONS)


def run(
    file: Path, definitions: tuple[dict[str, Published], Mapping[str, Any]], *, restart: bool
) -> Result:
    """One rehearsal, read from its file."""
    data, findings = check_rehearsal(file.read_text(encoding="utf-8"), str(file))
    assert data is not None, findings
    return rehearse(file.parent.parent.name, data, *definitions, restart=restart)


@each_rehearsal
def test_comes_out_as_it_says(
    file: Path, shipped: tuple[dict[str, Published], Mapping[str, Any]]
) -> None:
    """What a process owner is promised by a rehearsal happens, and every stub has its use."""
    result = run(file, shipped, restart=False)

    assert result.problems == []
    assert result.warnings == []


def in_branches(result: Result) -> dict[str, list[tuple[Any, ...]]]:
    """What was done, in order; each branch of a fork has an order of its own."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for each in result.actions:
        branch = re.match(r".*/fork/branches/\d+/", each["key"])
        acts = found.setdefault(branch.group() if branch else "", [])
        acts.append((each["function"], each["key"], each["arguments"]))
    return found


@each_rehearsal
def test_is_the_same_from_every_snapshot(
    file: Path, shipped: tuple[dict[str, Published], Mapping[str, Any]]
) -> None:
    """A case that goes on from a snapshot at every legal point acts the same, with the same keys."""
    straight = run(file, shipped, restart=False)
    resumed = run(file, shipped, restart=True)

    assert resumed.problems == []
    # Where nobody is waited for, the whole case happens at one instant: nothing to resume from.
    if any("opens" in line for line in straight.lines):
        assert resumed.snapshots > 0
    assert resumed.outcome == straight.outcome
    assert in_branches(resumed) == in_branches(straight)


def test_rehearsals_of_the_first_tutorial_pass(tutorial: Path) -> None:
    """Who follows docs/first-process.md sees three rehearsals pass."""
    definitions = publish(tutorial.parent)
    files = sorted((tutorial / "rehearsals").glob("*.yaml"))

    results = [run(file, definitions, restart=False) for file in files]

    assert len(results) == 3
    assert [problem for result in results for problem in result.problems] == []


@pytest.mark.parametrize("restart", [False, True])
def test_rehearsals_of_the_page_on_work_items_pass(work_items_page: Path, restart: bool) -> None:
    """What docs/work-items.md says happens, straight through and from every snapshot."""
    definitions = publish(work_items_page.parent)
    files = sorted((work_items_page / "rehearsals").glob("*.yaml"))

    results = [run(file, definitions, restart=restart) for file in files]

    assert len(results) == 4
    assert [problem for result in results for problem in result.problems] == []


@pytest.mark.parametrize(
    ("subject", "text", "language"),
    [
        ("VPN", "I cannot connect.", "en"),
        ("無法連線", "", "zh-TW"),
        ("VPN", "今天早上開始無法連接 VPN。", "zh-TW"),
        ("Zürich", "café – naïve", "en"),
    ],
)
def test_answers_go_out_in_the_language_of_the_question(
    subject: str, text: str, language: str
) -> None:
    """Intake writes down the language of a customer that nobody knows yet."""
    process = yaml.safe_load((DEFINITIONS / "omnichannel-intake" / "process.yaml").read_text())
    requester = process["do"][0]["identify"]["with"]["requester"].strip()
    source = requester.removeprefix("${").removesuffix("}")
    message = {"from": {"mail": "amy@customer.example"}, "subject": subject, "text": text}

    result = evaluate_one(parse(source), None, {"case": {"input": {"message": message}}})

    assert result == {"mail": "amy@customer.example", "language": language}


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        ("solved-and-confirmed", "vpn-1@customer.example"),
        ("not-solved-at-first", "vpn-2@customer.example"),
    ],
)
def test_mail_answers_the_last_one_of_the_customer(
    name: str, answered: str, shipped: tuple[dict[str, Published], Mapping[str, Any]]
) -> None:
    """The customer's mail program shows our mail below the mail that it answers."""
    file = DEFINITIONS / "service-desk-case" / "rehearsals" / f"{name}.yaml"

    replies = [
        each["arguments"]["inReplyTo"]
        for each in run(file, shipped, restart=False).actions
        if each["function"] == "mail.reply"
    ]

    assert set(replies) == {answered}
