"""Where the cases lie that nobody here wrote, and what is in that folder."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

FOLDER = Path(os.environ.get("CASEWAY_FOREIGN") or Path(__file__).parents[3] / "shared" / "foreign")
"""Its README says what is expected; no test knows what the files are called or how many there are."""

_TIME, _BOOL = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"
STANDARD = "schema/workflow.yaml"


def files(corpus: str, *patterns: str) -> list[Path]:
    """Files of one corpus, at any depth, by name."""
    found = {file for pattern in patterns for file in (FOLDER / corpus).rglob(pattern)}
    return sorted(file for file in found if file.is_file())


def needed(corpus: str, *patterns: str) -> list[Path]:
    """The same; where there is nothing the test is skipped and says why."""
    found = files(corpus, *patterns)
    if not found:
        pytest.skip(f"no cases: {FOLDER / corpus} is not there or has no {' or '.join(patterns)}")
    return found


def label(file: Path) -> str:
    """How a file is called in reports."""
    return file.relative_to(FOLDER).as_posix()


class _Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as the standard means it: `on` and dates are text."""

    yaml_implicit_resolvers = {
        first: [pair for pair in resolvers if pair[0] not in (_TIME, _BOOL)]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Core.add_implicit_resolver(_BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF")


def read_yaml(text: str) -> Any:
    """The value of a YAML text, read by a parser that is not ours.

    Raises:
        yaml.YAMLError: it is none.
    """
    return yaml.load(text, Loader=_Core)


@cache
def standard() -> jsonschema.Draft202012Validator | None:
    """The standard's own schema, or None where the folder does not have it."""
    file = FOLDER / STANDARD
    if not file.is_file():
        return None
    return jsonschema.Draft202012Validator(read_yaml(file.read_text(encoding="utf-8")))


def standard_says(document: Any) -> str:
    """What the standard's schema has against a document; empty where it accepts it."""
    validator = standard()
    if validator is None:
        return ""
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    return "" if error is None else f"{error.json_path}: {error.message[:160]}"
