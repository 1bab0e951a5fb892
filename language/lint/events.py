"""Filters and events that cannot be what was meant: names, and values at their places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from language.draft import Draft
from language.sites import Site, sites_of
from language.source import Node
from language.tasks.listen import MODES
from language.words import closest

_ATTRIBUTE = re.compile(r"[a-z0-9]+\Z")
_DATA = ("data", "data_base64")
_STANDARD = ("id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data")


def check(draft: Draft) -> None:
    """Look at every event that is emitted or waited for."""
    for task in draft.tasks:
        keyword = task.type.keyword if task.type else None
        if keyword == "listen":
            to = (task.node.get("listen") or task.node).get("to")
            _check_strategy(draft, to)
        elif keyword == "emit":
            event = (task.node.get("emit") or task.node).get("event")
            _check_names(draft, event.get("with") if event else None)
    _check_strategy(draft, draft.part("schedule").get("on"))
    for site in sites_of(draft):
        _check_site(draft, site)


def _check_strategy(draft: Draft, strategy: Node | None) -> None:
    if strategy is None:
        return
    until = strategy.key("until")
    if until is not None and strategy.get("any") is None:
        draft.report.say(
            "CW121",
            until,
            '"until" counts with "any" only',
            "`one` ends with its event, `all` when each filter has had one: leave it out.",
        )
    for each in _filters(strategy):
        _check_names(draft, each.get("with"))


def _filters(strategy: Node) -> Iterator[Node]:
    for mode in MODES:
        found = strategy.get(mode)
        if found is not None:
            yield from (found,) if mode == "one" else found.items or ()
    until = strategy.get("until")
    if until is not None and until.entries is not None:
        yield from _filters(until)


def _check_names(draft: Draft, attributes: Node | None) -> None:
    given = attributes.names() if attributes else ()
    for key, _ in (attributes.entries if attributes else None) or ():
        meant = closest(key.name, _STANDARD) if key.name not in _STANDARD else None
        if meant is not None and meant not in given and _ATTRIBUTE.match(key.name):
            draft.report.say(
                "CW120",
                key,
                f'"{key.name}" is no attribute of the standard',
                f'Did you mean "{meant}"? An attribute of your own needs a name that is less like it.',
            )
        if key.name not in _DATA and not _ATTRIBUTE.match(key.name):
            small = re.sub(r"[^a-z0-9]", "", key.name.lower())
            draft.report.say(
                "CW120",
                key,
                f'no event has an attribute "{key.name}"',
                "Attributes of CloudEvents are lower-case letters and digits"
                + (f": {small}, or put it below data." if small else ". Put it below data."),
            )


def _check_site(draft: Draft, site: Site) -> None:
    if site.is_text or site.program is None:
        return
    place = _attribute_of(site)
    if place is None or place in _DATA:
        return
    for path in site.program.paths:
        if path.root == "." and path.keys:
            draft.report.say(
                "CW122",
                site.node,
                f'here "." is the {place} of the event, which has no field "{path.keys[0]}"',
                'Write the condition on the text itself, for example: ${ . == "..." }. '
                "Fields of the data are compared below data.",
            )
            return


def _attribute_of(site: Site) -> str | None:
    """The attribute at whose place an expression of a filter stands."""
    is_listen = site.task is not None and site.where[:2] == ("listen", "to")
    if not (is_listen or site.where[:2] == ("schedule", "on")) or "with" not in site.where:
        return None
    at = site.where.index("with")
    return site.where[at + 1] if len(site.where) == at + 2 else None
