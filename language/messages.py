"""Messages to people: what a template reads of the case, found without rendering it.

A message is a Markdown file with Jinja2, `messages/<name>.<language>.md`. Its first line may be
`Subject: ...`. It sees `case`, `values` and `link`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from language.findings import Finding
from language.message_scan import place_in, scan
from language.words import closest

VARIABLES = ("case", "values", "link")
OWN_FILTERS = ("person",)
"""Filters of messages that Jinja2 does not have."""
LEFT_OUT_FILTERS = ("center", "format")
"""Filters of Jinja2 that messages do not have: they make text of any length out of a number."""
_NO_FILTER = re.compile(r"No filter named '(\w+)'")
_TAG = re.compile(r"\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}|\{#.*?#\}", re.DOTALL)
_HALF = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{ *(?:case|values)\.[\w.]+|(?<!\w)(?:case|values)\.\w+(?:\.\w+)*[^\n{]*\}"
)


class Message(NamedTuple):
    """One message in all its languages."""

    name: str
    texts: Mapping[str, str]
    files: Mapping[str, str]
    reads: tuple[str, ...]
    """Paths of `case` that any of its languages reads: `results.triage.answer.impact`."""
    lines: Mapping[str, tuple[str, int, int]]
    """Path -> (file, line, column) where it is read first."""
    findings: tuple[Finding, ...]


def read_message(name: str, texts: Mapping[str, tuple[str, str]]) -> Message:
    """Read a message: language -> (text, file)."""
    findings: list[Finding] = []
    lines: dict[str, tuple[str, int, int]] = {}
    for language in sorted(texts):
        text, file = texts[language]
        half = half_tags(text, file)
        findings += half
        reads = [] if half else scan(text)
        if reads is None:
            reads = _reads_by_jinja(text, file, findings)
        findings += _subject(text, file)
        for path, line, column in reads:
            variable, _, rest = path.partition(".")
            if variable == "case":
                # `case` alone hands the whole record on; `*` says so.
                lines.setdefault(rest or "*", (file, line, column))
            elif variable not in VARIABLES:
                findings.append(
                    Finding(
                        "CW307",
                        file,
                        line,
                        column,
                        f'a message does not know "{variable}"',
                        _meant(variable)
                        + "It sees case (the data of the case), values (what the task gives) "
                        "and link (the address of the page).",
                    )
                )
    if "en" not in texts:
        findings.append(
            Finding(
                "CW212",
                texts[min(texts)][1],
                1,
                1,
                f'the message "{name}" has no English text',
                f"People whose language it does not have get English: add {name}.en.md.",
            )
        )
    return Message(
        name,
        {language: text for language, (text, _) in texts.items()},
        {language: file for language, (_, file) in texts.items()},
        tuple(sorted(_shortest(lines))),
        lines,
        tuple(findings),
    )


def _meant(variable: str) -> str:
    meant = closest(variable, VARIABLES)
    return f'Did you mean "{meant}"? ' if meant else ""


def _subject(text: str, file: str) -> list[Finding]:
    """A first line that was probably meant as the subject, and would be read as text."""
    first = text.split("\n", 1)[0]
    word, colon, _ = first.partition(":")
    if colon and word != "Subject" and closest(word.strip(), ["Subject"]):
        return [
            Finding(
                "CW307", file, 1, 1, f'"{word}:" is no line that a message knows',
                'Did you mean "Subject:"?', len(word),
            )
        ]  # fmt: skip
    return []


def _reads_by_jinja(text: str, file: str, findings: list[Finding]) -> list[tuple[str, int, int]]:
    """Paths of all variables that the template does not set itself, each as long as written."""
    # Imported late: most messages are plain, and loading Jinja2 takes longer than all the rest.
    from jinja2 import TemplateSyntaxError, nodes  # noqa: PLC0415
    from jinja2.meta import find_undeclared_variables  # noqa: PLC0415
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    environment = SandboxedEnvironment()
    for name in LEFT_OUT_FILTERS:
        del environment.filters[name]
    for name in OWN_FILTERS:
        environment.filters[name] = str
    try:
        tree = environment.parse(text)
        # Compiles the template, and so finds filters that are not there.
        free = find_undeclared_variables(tree)
    except TemplateSyntaxError as error:
        message = f"the message cannot be read: {error.message}"
        hint = _filter_meant(str(error.message), environment.filters)
        findings.append(
            Finding("CW307", file, error.lineno, 1, message, hint + _tag_of(text, error.lineno))
        )
        return []
    found: list[tuple[str, int, int]] = []

    def path_of(node: Any) -> list[str] | None:
        match node:
            case nodes.Name(name=name):
                return [name] if name in free else None
            case nodes.Getattr(node=inner, attr=key):
                path = path_of(inner)
            case nodes.Getitem(node=inner, arg=nodes.Const(value=str() as key)):
                path = path_of(inner)
            case _:
                return None
        return None if path is None else [*path, key]

    def visit(node: Any) -> None:
        path = path_of(node)
        if path is not None:
            found.append((".".join(path), int(node.lineno), 1))
            return
        for child in node.iter_child_nodes():
            visit(child)

    visit(tree)
    return found


def _filter_meant(message: str, known: Iterable[str]) -> str:
    found = _NO_FILTER.search(message)
    meant = closest(found[1], list(known)) if found else None
    return f'Did you mean "{meant}"? ' if meant else ""


def _tag_of(text: str, line: int) -> str:
    """The tag of a line, so that the hint says what of it is meant."""
    lines = text.splitlines()
    found = _TAG.search(lines[line - 1]) if 0 < line <= len(lines) else None
    return f"It is about {found.group()}." if found else ""


def half_tags(text: str, file: str) -> list[Finding]:
    """Tags of which a brace is missing: they would be sent to people as they stand."""
    found: list[Finding] = []
    outside = _TAG.sub(lambda tag: " " * len(tag.group()), text)
    for each in _HALF.finditer(outside):
        line, column = place_in(text, each.start())
        end = text.find("\n", each.start())
        shown = text[each.start() : end if end >= 0 else len(text)].strip()
        found.append(
            Finding(
                "CW307",
                file,
                line,
                column,
                f'half a tag: "{shown[:60]}" would be sent as it stands',
                "A value stands between {{ and }}, an if between {% and %}.",
                len(each.group()),
            )
        )
        break
    return found


def _shortest(paths: Mapping[str, Any]) -> list[str]:
    """Paths that no other path contains: what has to be carried."""
    return [
        path
        for path in paths
        if not any(path != other and path.startswith(other + ".") for other in paths)
    ]
