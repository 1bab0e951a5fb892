"""Conditions that ask nothing: a number or a word, and an assignment where a comparison was meant."""

from __future__ import annotations

from language.draft import Draft
from language.expressions.lexer import Token, tokenize
from language.sites import Site, sites_of
from language.source import Node

_CONDITIONS = ("if", "when", "exceptWhen", "while")


def check(draft: Draft) -> None:
    """Look at every condition, and at every `if` inside of an expression."""
    for task in draft.tasks:
        _check_literals(draft, task.node)
    for site in sites_of(draft):
        if site.program is not None and not site.is_text and "=" in site.source:
            _check_assignments(draft, site)


def _check_literals(draft: Draft, node: Node) -> None:
    places = [(node.get("if"), "if"), (node.get("while"), "while")]
    switch = node.get("switch")
    for item in (switch.items if switch else None) or ():
        places += [(case.get("when"), "when") for _, case in item.entries or ()]
    catch = node.get("catch")
    if catch is not None:
        places += [(catch.get(key), key) for key in ("when", "exceptWhen")]
    for place, key in places:
        if place is not None and place.kind in ("integer", "number"):
            draft.report.say(
                "CW317",
                place,
                f'"{key}" always holds: it is the number {place.raw}',
                "Compare a value with it: ${ $case.runs.NAME < " + place.raw + " }.",
            )
        elif place is not None and place.kind == "boolean":
            word = "always" if place.scalar else "never"
            draft.report.say(
                "CW317",
                place,
                f'"{key}" {word} holds',
                "Leave it out." if place.scalar else "Leave out what it stands with.",
            )
        elif place is not None and place.text == "":
            draft.report.say("CW301", place, f'"{key}" is empty', "Write an expression.")


def _check_assignments(draft: Draft, site: Site) -> None:
    is_condition = site.where[-1:] and site.where[-1] in _CONDITIONS
    opened = 1 if is_condition else 0
    for token in tokenize(site.source):
        if token.kind == "keyword" and token.text in ("if", "elif"):
            opened += 1
        elif token.kind == "keyword" and token.text == "then":
            opened -= 1
        elif opened > 0 and _is_assignment(token):
            line, column = site.place_of(token.offset)
            draft.report.say_at(
                "CW321",
                line,
                column,
                'a single "=" changes a value and asks nothing',
                'Did you mean "=="?',
                len(token.text),
            )


def _is_assignment(token: Token) -> bool:
    return token.kind == "op" and token.text == "="
