"""Messages to people: what a template reads of the case, found without rendering it.

A message is a Markdown file with Jinja2, `messages/<name>.<language>.md`. Its first line may be
`Subject: ...`. It sees `case`, `values` and `link`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from language.findings import Finding
from language.message_scan import scan

VARIABLES = ("case", "values", "link")


class Message(NamedTuple):
    """One message in all its languages."""

    name: str
    texts: Mapping[str, str]
    files: Mapping[str, str]
    reads: tuple[str, ...]
    """Paths of `case` that any of its languages reads: `results.triage.answer.impact`."""
    lines: Mapping[str, tuple[str, int]]
    """Path -> (file, line) where it is read first."""
    findings: tuple[Finding, ...]


def read_message(name: str, texts: Mapping[str, tuple[str, str]]) -> Message:
    """Read a message: language -> (text, file)."""
    findings: list[Finding] = []
    lines: dict[str, tuple[str, int]] = {}
    for language in sorted(texts):
        text, file = texts[language]
        reads = scan(text)
        if reads is None:
            reads = _reads_by_jinja(text, file, findings)
        for path, line in reads:
            variable, _, rest = path.partition(".")
            if variable == "case":
                # `case` alone hands the whole record on; `*` says so.
                lines.setdefault(rest or "*", (file, line))
            elif variable not in VARIABLES:
                findings.append(
                    Finding(
                        "CW307",
                        file,
                        line,
                        1,
                        f'a message does not know "{variable}"',
                        "It sees case (the data of the case), values (what the task gives) "
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


def _reads_by_jinja(text: str, file: str, findings: list[Finding]) -> list[tuple[str, int]]:
    """Paths of all variables that the template does not set itself, each as long as written."""
    # Imported late: most messages are plain, and loading Jinja2 takes longer than all the rest.
    from jinja2 import TemplateSyntaxError, nodes  # noqa: PLC0415
    from jinja2.meta import find_undeclared_variables  # noqa: PLC0415
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    try:
        tree = SandboxedEnvironment().parse(text)
    except TemplateSyntaxError as error:
        message = f"the message cannot be read: {error.message}"
        findings.append(Finding("CW307", file, error.lineno, 1, message))
        return []
    free = find_undeclared_variables(tree)
    found: list[tuple[str, int]] = []

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
            found.append((".".join(path), int(node.lineno)))
            return
        for child in node.iter_child_nodes():
            visit(child)

    visit(tree)
    return found


def _shortest(paths: Mapping[str, Any]) -> list[str]:
    """Paths that no other path contains: what has to be carried."""
    return [
        path
        for path in paths
        if not any(path != other and path.startswith(other + ".") for other in paths)
    ]
