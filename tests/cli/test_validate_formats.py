"""`caseway validate --format sarif|github`: what code hosts and builds read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator

from cli.validate import command
from language.codes import CODES

FOLDER = Path(__file__).parents[1] / "fixtures" / "formats"
NAMES = ("sarif", "github")

# The parts of the SARIF 2.1.0 schema that a log of ours uses, with their closed objects.
ESSENTIALS: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"$ref": "#/$defs/rule"},
                                    },
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "message": {
            "type": "object",
            "required": ["text"],
            "additionalProperties": False,
            "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}},
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/message"},
                "help": {"$ref": "#/$defs/message"},
                "helpUri": {"type": "string", "pattern": "^[a-z]+://"},
                "defaultConfiguration": {
                    "additionalProperties": False,
                    "properties": {"level": {"enum": ["none", "note", "warning", "error"]}},
                },
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"$ref": "#/$defs/message"},
                "locations": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "additionalProperties": False,
                        "properties": {
                            "physicalLocation": {
                                "required": ["artifactLocation"],
                                "additionalProperties": False,
                                "properties": {
                                    "artifactLocation": {
                                        "additionalProperties": False,
                                        "properties": {
                                            "uri": {"type": "string", "pattern": "^[^ ]+$"},
                                            "uriBaseId": {"type": "string"},
                                        },
                                    },
                                    "region": {
                                        "additionalProperties": False,
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "startColumn": {"type": "integer", "minimum": 1},
                                            "endColumn": {"type": "integer", "minimum": 1},
                                            "snippet": {"$ref": "#/$defs/message"},
                                        },
                                    },
                                },
                            }
                        },
                    },
                },
                "partialFingerprints": {
                    "type": "object",
                    "additionalProperties": {"type": "string"},
                },
            },
        },
    },
}


def validate(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    """Run the command beside the files, so that their names are short."""
    monkeypatch.chdir(FOLDER)
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


@pytest.mark.parametrize("name", NAMES)
def test_findings_look_as_they_always_did(name: str, monkeypatch: pytest.MonkeyPatch):
    """The files beside the example hold what other programs have got used to."""
    result = validate(monkeypatch, "damaged file.yaml", "--format", name)

    assert result.return_value == 1
    assert result.stdout == (FOLDER / f"damaged.{name}").read_text(encoding="utf-8")


def test_sarif_keeps_to_its_schema(monkeypatch: pytest.MonkeyPatch):
    """What we use of SARIF is used as its schema says; each result names a rule that is there."""
    told = validate(monkeypatch, "damaged file.yaml", "--format", "sarif", "--docs", "https://docs.example/")  # fmt: skip
    log = json.loads(told.stdout)
    Draft7Validator(ESSENTIALS).validate(log)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    assert len(run["results"]) > 3
    for each in run["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        region = each["locations"][0]["physicalLocation"]["region"]
        assert region["startColumn"] <= region["endColumn"]
    assert all(
        each["helpUri"] == f"https://docs.example/docs/findings.md#{each['id'].lower()}"
        for each in rules
    )


def test_the_log_of_a_clean_file_has_no_results(monkeypatch: pytest.MonkeyPatch):
    """A code host closes what a log no longer holds, so there is a log in any case."""
    result = validate(monkeypatch, "clean.yaml", "--format", "sarif")
    log = json.loads(result.stdout)

    assert result.return_value == 0
    assert log["runs"][0]["results"] == []
    assert validate(monkeypatch, "clean.yaml", "--format", "github").stdout == ""


def test_a_workflow_command_is_one_line_whatever_its_text(monkeypatch: pytest.MonkeyPatch):
    """Line ends, commas and colons of texts are escaped as the format asks."""
    told = validate(monkeypatch, "damaged file.yaml", "--format", "github").stdout
    for line in told.splitlines():
        head, _, text = line.removeprefix("::").partition("::")
        level, _, properties = head.partition(" ")
        names = [each.partition("=")[0] for each in properties.split(",")]

        assert level in ("error", "warning")
        assert names == ["file", "line", "col", "endColumn", "title"]
        assert "docs/findings.md#cw" in text
    assert {line.partition("title=")[2][:5] for line in told.splitlines()} <= set(CODES)
