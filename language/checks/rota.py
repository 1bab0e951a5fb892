"""Rotas of the organization: hand-overs that can be read, and cover without gaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from language.report import Report
from language.source import Key, Node

Cover = Callable[[str, Mapping[str, Any]], Sequence[tuple[str, str]]]
"""Gaps in the cover of a rota, by its name and the organization: local times, from and until.

Given by whoever checks on a certain day; without it nothing is said of gaps, since the language
has no clock.
"""

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_DAYS = r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_HANDOVERS: Mapping[str, tuple[str, str]] = {
    "daily": (_TIME, "'09:00'"),
    "weekly": (rf"{_DAYS} {_TIME}", "'Mon 09:00'"),
    "monthly": (rf"(([1-9]|1\d|2[0-8]) )?{_TIME}", "'1 09:00', a day from 1 to 28"),
}


def check_rotas(
    rotas: Node, report: Report, document: Mapping[str, Any], cover: Cover | None
) -> None:
    """Say which times cannot be read, and when nobody is on call."""
    for key, rota in rotas.entries or ():
        before = len(report.findings)
        for layer in (rota.get("layers") or rota).items or ():
            _check_layer(layer, report)
        for override in (rota.get("overrides") or rota).items or ():
            _check_override(override, report)
        if cover is not None and len(report.findings) == before:
            _check_cover(key, cover(key.name, document), report)


def _check_layer(layer: Node, report: Report) -> None:
    rotate, given = layer.get("rotate"), layer.get("handover")
    form = _HANDOVERS.get((rotate.text if rotate else None) or "")
    if form is None or given is None or given.text is None:
        return
    pattern, like = form
    if not re.fullmatch(pattern, given.text, re.IGNORECASE):
        report.say(
            "CW423",
            given,
            f'"{given.text}" is no hand-over of a {rotate.text if rotate else ""} rotation',
            f"Write it like {like}.",
        )


def _check_override(override: Node, report: Report) -> None:
    begin, end = override.get("from"), override.get("until")
    if begin is None or end is None or not begin.text or not end.text:
        return
    # Local times of the rota in one form are ordered as texts; other ones are not judged here.
    if len(begin.text) == len(end.text) and end.text <= begin.text and "+" not in begin.text:
        report.say("CW423", end, f'"{end.text}" is not after "{begin.text}"', "Swap the two.")


def _check_cover(rota: Key, gaps: Sequence[tuple[str, str]], report: Report) -> None:
    if not gaps:
        return
    begin, until = gaps[0]
    more = f", and {len(gaps) - 1} more times" if len(gaps) > 1 else ""
    report.say(
        "CW422",
        rota,
        f'nobody is on call in "{rota.name}" from {begin} until {until}{more}',
        "Add a layer or an override for that time; or say who is asked then: fallback: a role.",
    )
