"""Secrets: only in what a call carries to its activity, named one by one, and never in clear text."""

from __future__ import annotations

import re

from language.draft import Draft
from language.expressions import Path
from language.sites import Site, sites_of
from language.source import Node
from language.words import suggestion

TAKES_SECRETS = ("http", "openapi")
"""Calls whose activity evaluates what names a secret."""

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
        if _may_stand(draft, site):
            for path in program.paths:
                if path.root == "$secrets":
                    _check_name(draft, site, path, declared)
    for task in draft.tasks:
        if task.function:
            arguments = task.node.get("with")
            if arguments is not None:
                _check_clear_text(draft, arguments)
    _check_clear_text(draft, draft.part("use", "authentications"))


def _may_stand(draft: Draft, site: Site) -> bool:
    if not site.in_call:
        _say(
            draft,
            site,
            "CW501",
            "$secrets can only stand in the arguments of a call and in authentications",
            "Elsewhere its value would be kept in the history of the case.",
        )
        return False
    if site.task is None:
        return True
    name = site.task.function or ""
    function = draft.resolve(name).function
    if function is None or function.name not in TAKES_SECRETS:
        if function is None and draft.resolve(name).problem:
            return False
        _say(
            draft,
            site,
            "CW503",
            f'"call: {name}" takes no secret: the case itself evaluates its arguments',
            "Only call: http and call: openapi take secrets; name it there.",
        )
        return False
    if len(site.where) == 1:
        _say(
            draft,
            site,
            "CW503",
            "the arguments as a whole cannot come from an expression that names $secrets",
            "Write the arguments, and $secrets.NAME in the one that takes the secret.",
        )
        return False
    return True


def _check_name(draft: Draft, site: Site, path: Path, declared: tuple[str, ...]) -> None:
    line, column = site.place_of(path.offset)
    if not path.keys:
        draft.report.say_at(
            "CW503",
            line,
            column,
            "which secret is meant must be written here: no value of a case chooses one",
            'Write $secrets.NAME, or $secrets["NAME"].',
            path.length,
        )
    elif path.keys[0] not in declared:
        draft.report.say_at(
            "CW204",
            line,
            column,
            f'there is no secret "{path.keys[0]}"',
            suggestion(str(path.keys[0]), declared, allowed="Known")
            or "Declare it under use.secrets.",
            path.length,
        )


def _say(draft: Draft, site: Site, code: str, message: str, hint: str) -> None:
    line, column = site.place_of(max(site.source.find("$secrets"), 0))
    draft.report.say_at(code, line, column, message, hint, len("$secrets"))


def _check_clear_text(draft: Draft, node: Node) -> None:
    for key, value in node.entries or ():
        text = value.text
        is_expression = text is not None and text.lstrip().startswith("${")
        if key.name == "endpoints":
            # Addresses at which tokens are got and given back, and no tokens.
            continue
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
