"""`# caseway: ignore CW210 because ...`: findings that an author has decided to live with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from language.codes import CODES, Severity
from language.findings import Finding, in_order

_COMMENT = re.compile(
    r"(?:^|\s)#\s*caseway:\s*ignore\b[ \t]*(?P<code>CW\d{3})?[ \t,:]*(?P<reason>.*)"
)


def without_ignored(findings: Iterable[Finding], texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings that no comment ignores, and what is wrong with the comments.

    A comment counts for its own line, or for the next one when it stands alone on its line.
    """
    kept = list(findings)
    for file, text in texts.items():
        if "caseway:" in text:
            kept = _apply(kept, file, text)
    return in_order(kept)


def _apply(findings: list[Finding], file: str, text: str) -> list[Finding]:
    kept = findings
    for number, line in enumerate(text.splitlines(), start=1):
        found = _COMMENT.search(line)
        if not found:
            continue
        start = line.index("#", found.start())
        place = (file, number, start + 1)
        length = len(line) - start
        code, reason = found["code"], found["reason"].strip()
        problem = _problem(code, reason)
        if problem:
            kept = [*kept, Finding("CW116", *place, problem[0], problem[1], length)]
            continue
        alone = not line[:start].strip()
        target = number + 1 if alone else number
        rest = [
            each
            for each in kept
            if not (each.file == file and each.line == target and each.code == code)
        ]
        if len(rest) == len(kept):
            kept = [
                *kept,
                Finding(
                    "CW115",
                    *place,
                    f"there is no {code} here to ignore",
                    "Remove the comment.",
                    length,
                ),
            ]
        else:
            kept = rest
    return kept


def _problem(code: str | None, reason: str) -> tuple[str, str] | None:
    example = "Write for example # caseway: ignore CW210 the table knows no other value"
    if code is None:
        return "this comment does not say which finding it ignores", example
    if code not in CODES:
        return f"there is no finding {code}", example
    if CODES[code].severity is Severity.ERROR:
        return f"{code} is an error, and errors cannot be ignored", "Repair what it says."
    if not reason:
        return "this comment does not say why", example
    return None
