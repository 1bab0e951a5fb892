"""Expressions that cannot be read, and names with $ that nothing gives a value."""

from __future__ import annotations

from language.draft import Draft
from language.expressions import ExpressionError
from language.sites import Site, sites_of
from language.words import suggestion

VARIABLES = ("case", "context", "input", "output", "task", "workflow", "runtime", "secrets", "authorization")  # fmt: skip
"""What every expression sees: the standard's arguments, and the case."""


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
    code = "CW302" if error.kind == "not-in-subset" else "CW301"
    message = (
        error.message if code == "CW302" else f"the expression cannot be read: {error.message}"
    )
    hint = "" if code == "CW302" else _hint(site)
    draft.report.say_at(code, line, column, message, hint)


def _hint(site: Site) -> str:
    if site.source.count('"') % 2:
        return "A quotation mark is missing."
    if site.source.count("(") != site.source.count(")"):
        return "A parenthesis is missing."
    return ""


def _check_variables(draft: Draft, site: Site) -> None:
    assert site.program is not None
    for name in site.program.variables:
        if name in VARIABLES or name in site.variables or name.startswith("__"):
            continue
        offset = site.source.find(f"${name}")
        line, column = site.place_of(max(offset, 0))
        if name == "secret":
            draft.report.say_at(
                "CW113",
                line,
                column,
                '"$secret" is not in this profile',
                "The standard calls it $secrets.",
                len(name) + 1,
            )
            continue
        known = [f"${each}" for each in (*VARIABLES, *site.variables)]
        draft.report.say_at(
            "CW303",
            line,
            column,
            f'there is no variable "${name}" here',
            suggestion(f"${name}", known, allowed="Known here"),
            len(name) + 1,
        )
