"""`caseway validate` as people and scripts see it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.validate import command

ROOT = Path(__file__).parents[2]
GOOD = """
document: { dsl: '1.0.3', namespace: n, name: good, version: '1.0.0' }
do: [ { first: { set: { a: 1 } } } ]
"""
WARNING = """
document: { dsl: '1.0.3', namespace: n, name: good, version: '1.0.0' }
do: [ { first: { switch: [ { a: { when: .a, then: end } } ] } } ]
"""


def validate(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for a definition."""
    return tmp_path / "good.yaml"


def test_a_good_definition_ends_with_0_and_prints_nothing(file: Path):
    """Scripts read standard output; the summary goes to people on standard error."""
    file.write_text(GOOD)
    result = validate(str(file))

    assert result.return_value == 0
    assert result.stdout == ""
    assert "nothing to repair" in result.stderr


def test_warnings_are_findings_as_well(file: Path):
    """0 means that there is nothing to say; a comment in the file says what is lived with."""
    file.write_text(WARNING)
    result = validate(str(file))

    assert result.return_value == 1
    assert "[CW210]" in result.stdout


def test_a_note_asks_for_nothing(file: Path):
    """What publishing will fetch is said, in every form, and the command ends with 0."""
    head = GOOD.partition("do:")[0]
    file.write_text(head + "do: [ { log: { call: 'https://example.org/log.yaml' } } ]\n")

    for shape, said in (
        ("text", "note: the function"),
        ("json", '"severity": "note"'),
        ("github", "::notice "),
    ):
        result = validate(str(file), "--format", shape)
        assert result.return_value == 0
        assert said in result.stdout
        assert "1 note in 1 file" in result.stderr


def test_errors_end_with_1_and_come_as_json(file: Path):
    """The JSON document has the findings and nothing else."""
    file.write_text(GOOD.replace("set:", "sett:"))
    result = validate(str(file), "--format", "json")

    assert result.return_value == 1
    document = json.loads(result.stdout)
    assert [each["code"] for each in document["findings"]] == ["CW110"]


def test_json_of_a_good_definition_is_an_empty_list(file: Path):
    """Programs get a document in any case."""
    file.write_text(GOOD)

    assert json.loads(validate(str(file), "--format", "json").stdout) == {"findings": []}


def test_what_cannot_be_looked_at_is_told_with_what_to_do(tmp_path: Path):
    """A missing path and an empty folder are no findings: the tool could not run."""
    for path, says in (
        (tmp_path / "missing", "there is no file or folder"),
        (tmp_path, "no definition"),
    ):
        result = validate(str(path))

        assert getattr(result.exception, "exit_code", None) == 2
        assert says in str(result.exception)


def test_a_file_that_is_not_text_is_a_finding(file: Path):
    """A wrong encoding is the author's to repair."""
    file.write_bytes(b"a: \xff\xfe\n")
    result = validate(str(file))

    assert result.return_value == 1
    assert "[CW117]" in result.stdout


def test_a_folder_is_checked_with_what_lies_beside(tmp_path: Path):
    """Forms, messages, rehearsals and organization data belong to the whole."""
    process = tmp_path / "definitions" / "hello" / "process.yaml"
    for name in ("messages", "rehearsals", "forms"):
        (process.parent / name).mkdir(parents=True)
    organization = tmp_path / "definitions" / "organization"
    organization.mkdir()
    (organization / "roles.yaml").write_text("roles: { manager: { people: [nobody] } }\n")
    (process.parent / "rehearsals" / "r.yaml").write_text("rehearsal: x\n")
    (process.parent / "forms" / "unused.yaml").write_text(
        "type: object\nproperties: { a: { type: text } }\n"
    )
    process.write_text(
        "document: { dsl: '1.0.3', namespace: n, name: hallo, version: '1.0.0', metadata: { owner: manger } }\n"
        "do: [ { tell: { call: notify, with: { to: { person: { mail: lin@example.org } }, message: hello } } } ]\n"
    )
    result = validate(str(tmp_path), "--format", "json")
    found = {
        (Path(each["file"]).name, each["code"]) for each in json.loads(result.stdout)["findings"]
    }

    assert found == {
        ("process.yaml", "CW204"),
        ("process.yaml", "CW205"),
        ("unused.yaml", "CW211"),
        ("unused.yaml", "CW308"),
        ("r.yaml", "CW106"),
        ("roles.yaml", "CW205"),
    }


def test_a_definition_must_be_named_as_its_folder(tmp_path: Path):
    """A definition is found by its folder."""
    process = tmp_path / "other" / "process.yaml"
    process.parent.mkdir()
    process.write_text(GOOD)

    assert "[CW111]" in validate(str(tmp_path)).stdout


def test_validate_loads_nothing_that_it_does_not_need():
    """It starts fast because it leaves the server's libraries alone."""
    script = (
        "import sys\n"
        "from cli.main import run\n"
        f"status = run(['validate', {str(ROOT / 'definitions' / 'service-desk-case')!r}])\n"
        "heavy = ('temporalio', 'fastapi', 'sqlalchemy', 'rich', 'jsonschema', 'jinja2', 'pydantic', 'httpx')\n"
        "print(status, [name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert done.stdout.strip() == "0 []"


def test_a_gap_in_a_rota_is_found_as_of_a_day(tmp_path: Path):
    """Who checks says from which day the next 30 count; gaps that lie further ahead can wait."""
    organization = tmp_path / "organization"
    organization.mkdir()
    (organization / "people.yaml").write_text("people: { lin: { name: Lin } }\n")
    (organization / "rota.yaml").write_text(
        """
rota:
  operations:
    timezone: Asia/Taipei
    layers:
      - { people: [lin], rotate: weekly, handover: 'Mon 09:00', starts: '2026-01-05', until: '2026-03-16' }
"""
    )

    near = validate(str(organization), "--on", "2026-03-01")
    far = validate(str(organization), "--on", "2026-01-10")

    assert (near.return_value, far.return_value) == (1, 0)
    assert "from 2026-03-16 00:00 until 2026-03-31 00:00 [CW422]" in near.stdout
