"""Messages to people: what a template reads of the case, found without rendering it.

A message is a Markdown file with Jinja2, `messages/<name>.<language>.md`. Its first line may be
`Subject: ...`. It sees `case`, `values` and `link`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from language.findings import Finding

VARIABLES = ("case", "values", "link")


@dataclass(frozen=True, slots=True)
class Message:
    """One message in all its languages."""

    name: str
    texts: Mapping[str, str]
    files: Mapping[str, str]
    reads: tuple[str, ...] = ()
    """Paths of `case` that any of its languages reads: `results.triage.answer.impact`."""
    lines: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Path -> (file, line) where it is read first."""
    findings: tuple[Finding, ...] = ()


def read_message(name: str, texts: Mapping[str, tuple[str, str]]) -> Message:
    """Read a message: language -> (text, file)."""
    # Loaded here: a definition without messages is checked without loading Jinja2.
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415
    from jinja2.meta import find_undeclared_variables  # noqa: PLC0415
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    environment = SandboxedEnvironment()
    findings: list[Finding] = []
    lines: dict[str, tuple[str, int]] = {}
    for language in sorted(texts):
        text, file = texts[language]
        try:
            tree = environment.parse(text)
        except TemplateSyntaxError as error:
            findings.append(
                Finding(
                    "CW307", file, error.lineno, 1, f"the message cannot be read: {error.message}"
                )
            )
            continue
        unknown = sorted(find_undeclared_variables(tree) - set(VARIABLES))
        for variable in unknown:
            line = _line_of(tree, variable)
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
        for path, line in _paths(tree):
            lines.setdefault(path, (file, line))
    if "en" not in texts:
        file = texts[min(texts)][1]
        findings.append(
            Finding(
                "CW212",
                file,
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


def _line_of(tree: Any, variable: str) -> int:
    from jinja2 import nodes  # noqa: PLC0415

    for name in tree.find_all(nodes.Name):
        if name.name == variable:
            return int(name.lineno)
    return 1


def _paths(tree: Any) -> list[tuple[str, int]]:
    """All paths below `case`, each as long as it is written."""
    from jinja2 import nodes  # noqa: PLC0415

    found: list[tuple[str, int]] = []

    def path_of(node: Any) -> list[str] | None:
        match node:
            case nodes.Name(name="case"):
                return []
            case nodes.Getattr():
                inner = path_of(node.node)
                return None if inner is None else [*inner, node.attr]
            case nodes.Getitem(arg=nodes.Const(value=str() as key)):
                inner = path_of(node.node)
                return None if inner is None else [*inner, key]
            case _:
                return None

    def visit(node: Any) -> None:
        path = path_of(node)
        if path is not None:
            # `case` alone hands the whole record on; `*` says so.
            found.append((".".join(path) or "*", int(node.lineno)))
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
