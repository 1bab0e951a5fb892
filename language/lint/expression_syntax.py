"""Expressions that cannot be read, and names with $ that nothing gives a value."""

from __future__ import annotations

import re

from language.draft import Draft
from language.expressions import ExpressionError
from language.sites import Site, sites_of
from language.words import suggestion

_ARGUMENTS = ("case", "context", "input", "output", "task", "workflow", "runtime", "secrets")  # fmt: skip
"""The standard's arguments of expressions, and the case."""

_ELSEWHERE = {
    "input": "Where a task's input is made, its input so far is `.`; `$workflow.input` is the case's.",
    "output": "Only `export` sees it: in `output.as` the task's output is `.`.",
    "task": "Only a task has it.",
    "context": "It holds what tasks exported: no task has run here.",
}
"""Arguments that exist, and not here."""

_NOT_IN_PROFILE = {
    "secret": "The standard calls it $secrets.",
    "authorization": "It holds the login of a call, which would be kept in the history of the case.",
}


def variables_at(site: Site) -> tuple[str, ...]:
    """What an expression sees at its place: the standard's table of arguments, and the case."""
    where = site.where
    if site.task is not None:
        if where[:1] == ("if",) or where[:2] == ("input", "from"):
            return _without("input", "output")
        is_export = where[:1] == ("export",) or where[:2] == ("foreach", "export")
        return _ARGUMENTS if is_export else _without("output")
    if where[:1] == ("schedule",):
        return ()
    if where[:1] == ("input",):
        return _without("context", "input", "output", "task")
    if where[:1] == ("use",):
        # Evaluated where a task uses it.
        return _without("output")
    return _without("input", "output", "task")


def _without(*names: str) -> tuple[str, ...]:
    return tuple(each for each in _ARGUMENTS if each not in names)


def check(draft: Draft) -> None:
    """Parse every expression."""
    for site in sites_of(draft):
        if site.is_text:
            draft.report.say(
                "CW305",
                site.node,
                "this text is not evaluated: an expression takes the whole value",
                "Write it as one expression: '${ \"Hello \" + $case.requester.name }'.",
            )
        elif site.error is not None:
            _say_error(draft, site, site.error)
        elif site.program is not None:
            _check_variables(draft, site)


def _say_error(draft: Draft, site: Site, error: ExpressionError) -> None:
    line, column = site.place_of(error.offset or 0)
    path = _hyphenated(site.source, error.offset or 0)
    if path is not None:
        start, name = path
        line, column = site.place_of(start)
        draft.report.say_at(
            "CW315",
            line,
            column,
            f'".{name}" is a subtraction',
            f'A name with a hyphen needs quotation marks: ."{name}".',
            len(name) + 1,
        )
        return
    code = "CW302" if error.kind == "not-in-subset" else "CW301"
    message = (
        error.message if code == "CW302" else f"the expression cannot be read: {error.message}"
    )
    hint = "" if code == "CW302" else _hint(site, error.offset or 0)
    draft.report.say_at(code, line, column, message, hint)


_HYPHENATED = re.compile(r"\.([A-Za-z_]\w*(?:-[A-Za-z_]\w*)+)")


def _hyphenated(source: str, offset: int) -> tuple[int, str] | None:
    """Offset and name of a field with a hyphen, where a part of it was taken for a function."""
    for found in _HYPHENATED.finditer(source):
        name = found.group(1)
        # Only the part after a hyphen can be the unknown function that the error is about.
        if found.start() < offset < found.end() and source[offset - 1] == "-":
            return found.start(), name
    return None


_OF_OTHER_LANGUAGES = {
    "&&": "In jq it is `and`.",
    "||": "In jq it is `or`.",
    "!": "In jq it stands behind: `(...) | not`.",
    "'": "Texts in expressions have quotation marks: \"...\". Around the whole expression put '...'.",
    "{": "An expression has one brace on each side: ${ ... }.",
}
"""What other languages write, and what it is here."""


def _hint(site: Site, offset: int) -> str:
    source = site.source
    if source.strip().startswith("{") and "${{" in site.node.raw.replace(" ", ""):
        return _OF_OTHER_LANGUAGES["{"]
    for written in ("&&", "||", "!", "'"):
        # A parser stops at the second sign of ||.
        start = offset - 1 if written == "||" else offset
        if source[max(start, 0) :].startswith(written) and source[offset : offset + 2] != "!=":
            return _OF_OTHER_LANGUAGES[written]
    name = re.compile(r"[A-Za-z]+").match(source, offset)
    if name is not None and name.group() in (*_ARGUMENTS, *site.variables):
        return f"Did you mean ${name.group()}?"
    if site.source.count('"') % 2:
        return "A quotation mark is missing."
    if site.source.count("(") != site.source.count(")"):
        return "A parenthesis is missing."
    return ""


def _elsewhere(site: Site, name: str) -> str | None:
    """Why an argument that exists is not to be seen here."""
    if site.where[:1] == ("schedule",) and name in _ARGUMENTS:
        return "There is no case yet: what starts one sees the event alone."
    return _ELSEWHERE.get(name)


def _check_variables(draft: Draft, site: Site) -> None:
    assert site.program is not None
    visible = variables_at(site)
    for name in site.program.variables:
        if name in visible or name in site.variables or name.startswith("__"):
            continue
        offset = site.source.find(f"${name}")
        line, column = site.place_of(max(offset, 0))
        if name in _NOT_IN_PROFILE:
            draft.report.say_at(
                "CW113",
                line,
                column,
                f'"${name}" is not in this profile',
                _NOT_IN_PROFILE[name],
                len(name) + 1,
            )
            continue
        known = [f"${each}" for each in (*visible, *site.variables)]
        draft.report.say_at(
            "CW303",
            line,
            column,
            f'there is no variable "${name}" here',
            _elsewhere(site, name) or suggestion(f"${name}", known, allowed="Known here"),
            len(name) + 1,
        )
