"""What a definition gives to another one is held against that one's schema, across files."""

from __future__ import annotations

from pathlib import Path

import pytest

from language.files import check_paths, compile_folder

CALLED = """
document: { dsl: '1.0.3', namespace: n, name: called, version: '1.0.0' }
input:
  schema:
    document: { type: object, required: [subject], properties: { subject: { type: string }, impact: { enum: [major, minor] } } }
do: [ { pause: { wait: PT1S } } ]
"""
CALLER = """
document: { dsl: '1.0.3', namespace: n, name: caller, version: '1.0.0' }
do:
  - part:
      run:
        workflow: { namespace: n, name: called, version: latest, input: INPUT }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two definitions beside each other."""
    for name, text in (("called", CALLED), ("caller", CALLER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "process.yaml").write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "codes", "says"),
    [
        ("{ subject: VPN, impact: major }", [], ""),
        ("{ subject: '${ .subject }', impact: '${ .impact }' }", [], ""),
        ("'${ . }'", [], ""),
        ("{ impact: major }", ["CW231"], 'needs "subject"'),
        ("{ subject: 7 }", ["CW231"], "must be a text"),
        ("{ subject: VPN, impact: huge }", ["CW231"], '"huge" is not one of the allowed words'),
        ("{ subject: VPN, impct: major }", ["CW224"], 'does not mention "impct"'),
    ],
)
def test_the_input_of_a_part_fits_what_the_part_asks_for(
    folder: Path, given: str, codes: list[str], says: str
):
    """Found before anything runs: what is missing, of another kind, misspelled."""
    file = folder / "caller" / "process.yaml"
    file.write_text(CALLER.replace("INPUT", given))
    findings = check_paths([file]).findings

    assert [each.code for each in findings] == codes
    assert all(says in each.message for each in findings)
    assert [each.code for each in compile_folder(folder / "caller").findings] == codes


def test_a_definition_that_cannot_be_read_is_no_mistake_of_its_caller(folder: Path):
    """The other file has findings of its own; nothing is claimed about what it asks for."""
    (folder / "called" / "process.yaml").write_text("a: [")
    file = folder / "caller" / "process.yaml"
    file.write_text(CALLER.replace("INPUT", "{ any: thing }"))

    assert check_paths([file]).findings == ()
