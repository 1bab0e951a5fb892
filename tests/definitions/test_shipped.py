"""What every shipped definition keeps to, whatever process it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
DEFINITIONS = ROOT / "definitions"
FOLDERS = sorted(path.parent for path in DEFINITIONS.glob("*/process.yaml"))
FOREIGN = Path(os.environ.get("CASEWAY_FOREIGN", ROOT.parent / "shared" / "foreign"))
LANGUAGES = ("en", "zh-TW")

each_definition = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def read(path: Path) -> Any:
    """A YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def objects(value: Any) -> list[dict[str, Any]]:
    """All objects in a value, at any depth."""
    if isinstance(value, dict):
        return [value, *(found for each in value.values() for found in objects(each))]
    if isinstance(value, list):
        return [found for each in value for found in objects(each)]
    return []


def named(folder: Path, key: str) -> set[str]:
    """The names that stand under a key in arguments of functions."""
    process = read(folder / "process.yaml")
    return {each[key] for each in objects(process) if isinstance(each.get(key), str)}


def messages_of(folder: Path) -> set[str]:
    """Message files of all languages, without language and ending."""
    return {path.name.split(".")[0] for path in (folder / "messages").glob("*.md")}


def forms_of(folder: Path) -> list[Path]:
    """Form files without their translations."""
    return [path for path in (folder / "forms").glob("*.yaml") if path.name.count(".") == 1]


def test_definitions_ship() -> None:
    """The tests of this module are about something."""
    assert {folder.name for folder in FOLDERS} >= {
        "alert-to-incident",
        "change-review",
        "fault-handling",
        "omnichannel-intake",
        "service-desk-case",
    }


@each_definition
def test_name_is_that_of_the_folder(folder: Path) -> None:
    """A process is found under the name that people see."""
    assert read(folder / "process.yaml")["document"]["name"] == folder.name


@each_definition
def test_follows_the_standard(folder: Path) -> None:
    """A shipped definition is a valid file of the standard, so other tools can read it."""
    schema = FOREIGN / "schema" / "workflow.yaml"
    if not schema.is_file():
        pytest.skip(f"the standard's schema is not at {schema}; CASEWAY_FOREIGN names its folder")
    validator = Draft202012Validator(read(schema))

    found = [error.message for error in validator.iter_errors(read(folder / "process.yaml"))]

    assert found == []


@each_definition
def test_reads_and_writes_nothing_but_the_case(folder: Path) -> None:
    """Data goes through `$case` only: neither `set` nor `export`, and no `$context`."""
    path = folder / "process.yaml"
    tasks = read(path)["do"]

    # `set` is also the name of an argument of ticket.update, which stands inside `with`.
    def keywords(items: list[dict[str, Any]]) -> set[str]:
        found: set[str] = set()
        for item in items:
            for task in item.values():
                found |= set(task)
                for key in ("do", "try"):
                    found |= keywords(task.get(key) or [])
                found |= keywords((task.get("catch") or {}).get("do") or [])
                found |= keywords((task.get("fork") or {}).get("branches") or [])
        return found

    assert keywords(tasks) & {"set", "export"} == set()
    assert "$context" not in path.read_text(encoding="utf-8")


@each_definition
def test_holds_on_errors_and_has_an_owner(folder: Path) -> None:
    """A case that meets an error waits for a person, and somebody answers for the process."""
    metadata = read(folder / "process.yaml")["document"]["metadata"]
    roles = read(DEFINITIONS / "organization" / "roles.yaml")["roles"]

    assert metadata["onError"] == "hold"
    assert metadata["owner"] in roles


@each_definition
def test_every_message_speaks_both_languages(folder: Path) -> None:
    """Whoever gets a message can read it: English and Traditional Chinese, subject first."""
    wanted = named(folder, "message") | messages_of(folder)

    for name in sorted(wanted):
        for language in LANGUAGES:
            text = (folder / "messages" / f"{name}.{language}.md").read_text(encoding="utf-8")
            subject, blank, *body = text.split("\n")
            assert subject.startswith("Subject: "), f"{name}.{language}"
            assert blank == "", f"{name}.{language}"
            assert "".join(body).strip(), f"{name}.{language}"


@each_definition
def test_no_message_or_form_lies_about_unused(folder: Path) -> None:
    """What stands in messages/ and forms/ is used, so nobody translates in vain."""
    assert messages_of(folder) == named(folder, "message")
    assert {path.stem for path in forms_of(folder)} == named(folder, "form")


@each_definition
def test_forms_are_schemas_with_titles_in_both_languages(folder: Path) -> None:
    """A form can be checked, refuses what it does not know, and is shown in both languages."""
    for path in forms_of(folder):
        form = read(path)
        Draft202012Validator.check_schema(form)
        assert form["additionalProperties"] is False, path.name
        titles = read(path.with_suffix(".zh-TW.yaml"))
        assert set(titles) == texts_of(form["properties"]), path.name
        assert all(field.get("title") for field in form["properties"].values()), path.name


def texts_of(fields: dict[str, Any]) -> set[str]:
    """Everything that a form shows to people: titles, help, and what is offered."""
    found = set(fields)
    found |= {f"{name}.description" for name, rules in fields.items() if "description" in rules}
    found |= {f"{name}.{each}" for name, rules in fields.items() for each in rules.get("enum", ())}
    return found


@each_definition
def test_outcomes_are_labeled_and_require_fields_of_their_form(folder: Path) -> None:
    """Every button has a label in both languages and asks only for what the form has."""
    for arguments in objects(read(folder / "process.yaml")):
        if "outcomes" not in arguments:
            continue
        fields = set(read(folder / "forms" / f"{arguments['form']}.yaml")["properties"])
        for name, outcome in arguments["outcomes"].items():
            assert set(outcome["label"]) == set(LANGUAGES), name
            assert set(outcome.get("requires") or []) <= fields, name


@each_definition
def test_statuses_have_titles_in_both_languages(folder: Path) -> None:
    """A list of cases can be read in both languages."""
    for name, status in read(folder / "process.yaml")["document"]["metadata"]["statuses"].items():
        assert set(status["title"]) == set(LANGUAGES), name


@each_definition
def test_is_rehearsed_in_every_kind(folder: Path) -> None:
    """The good course, a time that runs out and a cancel are shown; each asserts something."""
    rehearsals = [read(path) for path in (folder / "rehearsals").glob("*.yaml")]

    assert {"normal", "timeout", "cancel"} <= {each["kind"] for each in rehearsals}
    assert all(each["expect"].get("ends") for each in rehearsals)
    titles = [each["rehearsal"] for each in rehearsals]
    assert len(set(titles)) == len(titles)


@each_definition
def test_says_what_it_is_for(folder: Path) -> None:
    """The README names the owner and what starts and ends the process."""
    text = (folder / "README.md").read_text(encoding="utf-8")

    assert text.startswith(f"# {folder.name}\n")
    for row in ("| Owner |", "| Guide |", "| Starts with |", "| Ends as |"):
        assert row in text
