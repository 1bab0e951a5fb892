"""Findings as SARIF 2.1.0, the format that code hosts and editors show beside the lines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from language.codes import CODES
from language.findings import Finding

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_BASE = "SRCROOT"


def as_sarif(
    findings: Sequence[Finding], texts: Mapping[str, str], *, version: str, base: str = ""
) -> dict[str, Any]:
    """The log of one run.

    Args:
        findings: In the order in which they are to be shown.
        texts: File -> its text, to quote the line.
        version: Of Caseway.
        base: An absolute address below which `docs/` is published, ending with a slash; without one
            the rules carry their link in the text of their help alone, as the format wants addresses
            to be absolute.
    """
    lines = {file: text.splitlines() for file, text in texts.items()}
    used = sorted({each.code for each in findings})
    places = {code: index for index, code in enumerate(used)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "caseway",
                        "semanticVersion": version,
                        "rules": [_rule(code, base) for code in used],
                    }
                },
                # Columns are characters, as everywhere in Caseway; an emoji is one.
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(each, places[each.code], lines.get(each.file, ())) for each in findings
                ],
            }
        ],
    }


def _rule(code: str, base: str) -> dict[str, Any]:
    severity, title = CODES[code]
    link = f"docs/findings.md#{code.lower()}"
    rule = {
        "id": code,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": str(severity)},
        "help": {
            "text": f"{title}. More: {link}",
            "markdown": f"{title}. [More about {code}]({base}{link})",
        },
    }
    return {**rule, "helpUri": base + link} if base else rule


def _result(finding: Finding, rule: int, lines: Sequence[str]) -> dict[str, Any]:
    line = lines[finding.line - 1] if 0 < finding.line <= len(lines) else ""
    region: dict[str, Any] = {"startLine": finding.line, "startColumn": finding.column}
    if line:
        region["endColumn"] = min(finding.column + max(1, finding.length), len(line) + 1)
        region["endColumn"] = max(region["endColumn"], finding.column)
        region["snippet"] = {"text": line}
    told = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": told[:1].upper() + told[1:]},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(finding.file),
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"findingOfLine/v1": _fingerprint(finding, line)},
    }


def _artifact(file: str) -> dict[str, str]:
    path = PurePath(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": _BASE}


def _fingerprint(finding: Finding, line: str) -> str:
    """The same for the same finding in a line that has moved."""
    told = f"{finding.code}\n{PurePath(finding.file).as_posix()}\n{line.strip()}\n{finding.message}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
