"""Findings as workflow commands: a build on GitHub shows them beside the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence

from language.codes import CODES, Severity
from language.findings import Finding


def as_workflow_commands(findings: Sequence[Finding]) -> str:
    """One command a line: `::error file=...,line=...,col=...,title=...::...`."""
    return "\n".join(_command(each) for each in findings)


_LEVELS = {Severity.NOTE: "notice"}
"""Severities that a build calls by another name."""


def _command(finding: Finding) -> str:
    title = f"{finding.code}: {CODES[finding.code].title}"
    told = "\n".join(filter(None, (finding.message, finding.hint, finding.documentation)))
    properties = {
        "file": finding.file,
        "line": str(finding.line),
        "col": str(finding.column),
        "endColumn": str(finding.column + max(1, finding.length) - 1),
        "title": title,
    }
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    level = _LEVELS.get(finding.severity, str(finding.severity))
    return f"::{level} {given}::{_data(told)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
