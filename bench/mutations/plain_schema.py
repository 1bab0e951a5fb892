"""What a general validator finds of the same mutants with the standard's own JSON Schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from bench.mutations.mutants import Mutant
from language.source import Node, read_source


class Said(NamedTuple):
    """Whether it found something, and whether line and words were right."""

    found: bool
    line: bool
    hint: bool


class PlainSchema:
    """The standard's schema/workflow.yaml, and nothing else."""

    def __init__(self, foreign: Path) -> None:
        file = foreign / "schema" / "workflow.yaml"
        self.there = file.is_file()
        schema = yaml.safe_load(file.read_text(encoding="utf-8")) if self.there else True
        self._validator = Draft202012Validator(schema)

    def __call__(self, mutant: Mutant) -> Said:
        """Validate one; the line is that of the value in which the best error was seen."""
        try:
            value = yaml.safe_load(mutant.text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            return Said(True, mark is not None and mark.line + 1 in _lines(mutant), False)
        try:
            worst = best_match(self._validator.iter_errors(value))
        except (TypeError, AttributeError, ValueError):
            return Said(True, False, False)
        if worst is None:
            return Said(False, False, False)
        root = read_source(mutant.text, "mutant").root
        line = _line_of(root, list(worst.absolute_path)) if root else 1
        told = worst.message.lower()
        return Said(
            True, line in _lines(mutant), any(name.lower() in told for name in mutant.names)
        )


def _lines(mutant: Mutant) -> set[int]:
    return {mutant.text.count("\n", 0, at) + 1 for at in mutant.at}


def _line_of(node: Node, path: Sequence[Any]) -> int:
    for step in path:
        inner = (
            node.items[step]
            if node.items is not None and isinstance(step, int) and step < len(node.items)
            else node.get(str(step))
        )
        if inner is None:
            break
        node = inner
    return node.line
