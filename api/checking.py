"""The check of a definition that somebody posts: the same findings as `caseway validate`.

A definition is `process.yaml` with what lies beside it, by the names of a definition's folder:
`forms/<form>.yaml`, `forms/<form>.<language>.yaml`, `messages/<message>.<language>.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from language.compile import check_definition
from language.findings import Finding
from language.organization import Organization

DEFINITION = "process.yaml"

_FORM = re.compile(r"forms/(?P<name>[^/]+)\.ya?ml")
_MESSAGE = re.compile(r"messages/(?P<name>[^/]+)\.(?P<language>[a-z]{2,3}(?:-[A-Za-z]{2,8})*)\.md")


class NotPartOfADefinition(Exception):
    """A file whose name has no meaning in a definition's folder."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f'"{name}" is no file of a definition: there are {DEFINITION}, forms/NAME.yaml, '
            "forms/NAME.LANGUAGE.yaml and messages/NAME.LANGUAGE.md"
        )
        self.name = name


def check_files(
    files: Mapping[str, str], *, organization: Mapping[str, Any], known: Iterable[str]
) -> tuple[Finding, ...]:
    """What is to be said about a definition.

    Args:
        files: Name -> text; `process.yaml` is one of them.
        organization: The organization document in force.
        known: Names of published definitions.

    Raises:
        NotPartOfADefinition: a file has another name.
    """
    forms: dict[str, tuple[str, str]] = {}
    messages: dict[str, dict[str, tuple[str, str]]] = {}
    for name, text in files.items():
        if form := _FORM.fullmatch(name):
            forms[form["name"]] = (text, name)
        elif message := _MESSAGE.fullmatch(name):
            messages.setdefault(message["name"], {})[message["language"]] = (text, name)
        elif name != DEFINITION:
            raise NotPartOfADefinition(name)
    _, findings = check_definition(
        files[DEFINITION],
        DEFINITION,
        forms=forms,
        messages=messages,
        organization=Organization(organization),
        known=known,
    )
    return findings
