"""`caseway rehearse`: what it prints, and its exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from cli.rehearse import command

DEFINITIONS = Path(__file__).resolve().parents[2] / "definitions"
CHAIN = Path(__file__).resolve().parents[2] / "bench" / "definitions" / "bench-chain"


def test_json_says_how_each_case_ended_and_what_it_did() -> None:
    """One document with status, output, error, events and actions of every rehearsal."""
    path = str(DEFINITIONS / "alert-to-incident")

    result = CliRunner().invoke(command, [path, "--json"], standalone_mode=False)

    assert result.return_value == 0
    document = json.loads(result.stdout)
    for each in document["rehearsals"]:
        assert each["passed"] is True
        assert {"status", "output", "error", "events", "actions"} <= set(each)
        assert each["events"]
    # An alert in maintenance does nothing outside.
    assert any(each["actions"] for each in document["rehearsals"])


def test_coverage_names_file_and_line() -> None:
    """What no rehearsal passes can be clicked in a terminal."""
    path = str(DEFINITIONS / "fault-handling")

    text = CliRunner().invoke(command, [path, "--coverage"], standalone_mode=False).stdout
    again = CliRunner().invoke(command, [path, "--coverage", "--json"], standalone_mode=False)

    covered = json.loads(again.stdout)["coverage"][0]
    assert f"fault-handling: {covered['passed']} of {covered['places']} places passed" in text
    assert len(covered["missed"]) == covered["places"] - covered["passed"]
    for each in covered["missed"]:
        assert f"process.yaml:{each['line']}: {each['message']}" in text


def test_one_definition_with_input_and_stubs(tmp_path: Path) -> None:
    """Without a rehearsal file: status, output, error, events and actions of one case."""
    stubs = tmp_path / "stubs.yaml"
    stubs.write_text("- { request: { method: get }, response: { body: { ok: true } } }\n")

    result = CliRunner().invoke(
        command,
        [str(CHAIN), "--input", '{"url": "http://localhost/"}', "--http", str(stubs)],
        standalone_mode=False,
    )

    document = json.loads(result.stdout)
    assert set(document) == {"status", "output", "error", "events", "actions"}
    assert document["status"] == "completed", document["error"]
    assert [each["function"] for each in document["actions"]] == ["http"] * 5
    assert result.return_value == 0


def test_a_broken_rehearsal_is_named_with_its_line_and_the_others_run(tmp_path: Path) -> None:
    """One file that is no rehearsal yet fails, and takes nothing away from the others."""
    folder = tmp_path / "bench-chain"
    shutil.copytree(CHAIN, folder)
    rehearsals = folder / "rehearsals"
    rehearsals.mkdir(exist_ok=True)
    text = "rehearsal: {name}\nkind: {kind}\nat: '2026-03-02T09:00+08:00'\n"
    text += "expect: {{ ends: {{ as: failed }} }}\n"
    (rehearsals / "odd.yaml").write_text(text.format(name="Odd", kind="happy"))
    (rehearsals / "sound.yaml").write_text(text.format(name="Sound", kind="unhappy"))

    result = CliRunner().invoke(command, [str(folder), "--trace"], standalone_mode=False)

    assert result.return_value == 1, result.output
    assert "odd.yaml:2:7: " in result.stdout
    assert "caseway validate" in result.stdout
    assert "pass  Sound" in result.stdout
    assert "2 rehearsals: 1 pass, 1 fail" in result.stderr
