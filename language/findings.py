"""Findings: what the language has to say about a file, and how it reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from language.codes import CODES, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about one place. Lines and columns count from 1, in characters."""

    code: str
    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    length: int = 1
    """How many characters of the line the place takes."""

    @property
    def severity(self) -> Severity:
        """Whether it keeps the definition from being published."""
        return CODES[self.code].severity

    @property
    def documentation(self) -> str:
        """Where the code is explained."""
        return f"docs/findings.md#{self.code.lower()}"

    def to_json(self) -> dict[str, Any]:
        """The finding for other programs; the keys are stable, the wording is not."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "hint": self.hint,
            "documentation": self.documentation,
        }


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """All findings by place, each once."""
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda each: (each.file, each.line, each.column, each.code)))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of them keeps a definition from being published."""
    return any(each.severity is Severity.ERROR for each in findings)


def to_repair(findings: Iterable[Finding]) -> bool:
    """Whether anything is to be repaired, or decided: notes only say what will happen."""
    return any(each.severity is not Severity.NOTE for each in findings)


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The document of `caseway validate --format json`."""
    return {"findings": [each.to_json() for each in findings]}


def as_text(findings: Sequence[Finding], texts: Mapping[str, str]) -> str:
    """Findings for people: place, sentence, the line with a caret, what to do, where to read more.

    Args:
        findings: In the order in which they are to be shown.
        texts: File -> its text, to quote the line; a file that is missing is not quoted.
    """
    lines = {file: text.splitlines() for file, text in texts.items()}
    return "\n\n".join(_one_as_text(each, lines.get(each.file, [])) for each in findings)


def _one_as_text(finding: Finding, lines: Sequence[str]) -> str:
    kind = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
    place = f"{finding.file}:{finding.line}:{finding.column}"
    shown = [f"{place}: {kind}{finding.message} [{finding.code}]"]
    if 0 < finding.line <= len(lines):
        line = lines[finding.line - 1]
        number = str(finding.line)
        margin = " " * len(number)
        before = line[: finding.column - 1]
        marked = line[finding.column - 1 : finding.column - 1 + max(1, finding.length)]
        caret = _blank(before) + "^" * max(1, _width(marked))
        shown += [f" {margin} |", f" {number} | {line}", f" {margin} | {caret}"]
    if finding.hint:
        shown.append(f"   {finding.hint}")
    shown.append(f"   More: {finding.documentation}")
    return "\n".join(shown)


def _width(text: str) -> int:
    """Columns that a terminal takes for a text; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _blank(text: str) -> str:
    """As much room as a text takes; tabs stay tabs so that the caret meets its place."""
    return "".join("\t" if each == "\t" else " " * _width(each) for each in text)
