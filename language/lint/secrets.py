"""Secrets: only in what a call carries to its activity, and never in clear text."""

from __future__ import annotations

import re

from language.draft import Draft
from language.sites import sites_of
from language.source import Node
from language.words import suggestion

_NAMES = re.compile(
    r"(password|passwd|secret|token|api[-_]?key|authorization|private[-_]?key)\Z", re.IGNORECASE
)
_KNOWN_FORMS = re.compile(
    r"(xox[abp]-|ghp_|gho_|glpat-|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10,}\.eyJ)"
)


def check(draft: Draft) -> None:
    """Check where `$secrets` stands, which are declared, and what looks like one."""
    declared = tuple(each.text or "" for each in draft.part("use", "secrets").items or ())
    for site in sites_of(draft):
        program = site.program
        if site.is_text or program is None or "secrets" not in program.variables:
            continue
        offset = max(site.source.find("$secrets"), 0)
        line, column = site.place_of(offset)
        if not site.in_call:
            draft.report.say_at(
                "CW501",
                line,
                column,
                "$secrets can only stand in the arguments of a call and in authentications",
                "Elsewhere its value would be kept in the history of the case.",
                len("$secrets"),
            )
            continue
        for path in program.paths:
            if path.root != "$secrets" or not path.keys or path.keys[0] in declared:
                continue
            line, column = site.place_of(path.offset)
            draft.report.say_at(
                "CW204",
                line,
                column,
                f'there is no secret "{path.keys[0]}"',
                suggestion(str(path.keys[0]), declared, allowed="Known")
                or "Declare it under use.secrets.",
                path.length,
            )
    for task in draft.tasks:
        if task.function:
            arguments = task.node.get("with")
            if arguments is not None:
                _check_clear_text(draft, arguments)
    _check_clear_text(draft, draft.part("use", "authentications"))


def _check_clear_text(draft: Draft, node: Node) -> None:
    for key, value in node.entries or ():
        text = value.text
        is_expression = text is not None and text.lstrip().startswith("${")
        if text and not is_expression and (_NAMES.match(key.name) or _KNOWN_FORMS.search(text)):
            draft.report.say(
                "CW502",
                value,
                f'"{key.name}" stands here for everyone to read',
                "Declare a secret under use.secrets and write ${ $secrets.NAME }.",
            )
        else:
            _check_clear_text(draft, value)
    for each in node.items or ():
        _check_clear_text(draft, each)
