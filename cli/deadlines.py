"""How `caseway explain deadline` is asked without a case, and how its answer reads on a terminal."""

from __future__ import annotations

import asyncio
import json
import textwrap
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cases.deadlines import Explanation, Line

WIDTH = 80
ORGANIZATION = Path("definitions/organization")


async def asked(
    since: str | None, target: str, named: str | None, folder: Path | None
) -> Explanation:
    """Explain a duration from a time in a calendar of the organization.

    Raises:
        Refused: there is no such calendar, or the duration cannot be read.
    """
    from cases.deadlines import ask

    place = folder or await asyncio.to_thread(_usual)
    known = await _published() if place is None else _read(place)
    try:
        return ask(known, since, _duration(target), named)
    except ValueError as error:
        raise click.BadParameter(
            f'"{since}" is not a time such as 2026-03-02T09:00.', param_hint="--from"
        ) from error


def print_explanation(found: Explanation, what: str | None, *, as_json: bool) -> None:
    """Print an explanation for people, or as one JSON document."""
    from cli.outcome import print_json

    if as_json:
        print_json(found.to_json())
    else:
        click.echo("\n".join(_lines(found, what)))


def _usual() -> Path | None:
    return ORGANIZATION if ORGANIZATION.is_dir() else None


def _read(folder: Path) -> Mapping[str, Any]:
    """Calendars of a folder by name."""
    from language.files import read_organization

    organization, _ = read_organization(folder)
    found: Mapping[str, Any] = organization.to_json()["calendars"]
    return found


async def _published() -> Mapping[str, Any]:
    """Calendars that are published, by name."""
    from cases.bundles.folder import FolderBundles
    from cli.installation import read_settings

    document = await FolderBundles(read_settings().bundles_folder).current()
    return document.get("calendars") or {}


def _duration(target: str) -> Any:
    """A duration as people type it: text, or a JSON object as in a definition."""
    if target.lstrip().startswith("{"):
        try:
            return json.loads(target)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param_hint="--target") from error
    return target


def _lines(found: Explanation, what: str | None) -> Iterator[str]:
    from cases.deadlines import said

    calendar = found.calendar
    zone = "UTC" if calendar is None else str(calendar.zone)
    yield f"{what or 'Deadline'}: {_verdict(found)} ({zone})"
    yield ""
    yield from _wrapped("target", _target(found.target))
    for each in found.targets[:-1]:
        at = _time(found, datetime.fromisoformat(each["at"]))
        yield from _wrapped("", f"until then, from {at}: {_target(each['target'])}")
    if calendar is not None:
        yield from _wrapped("calendar", f"{calendar.name}, digest {calendar.digest[:12]}")
        if found.edited:
            yield from _wrapped(
                "",
                "It has been edited since: a running clock keeps the calendar it was counted in. "
                "`caseway recalculate` counts it anew.",
            )
    yield from _wrapped("from", _time(found, found.start))
    if found.rounds > 1:
        yield from _wrapped("", f"This is round {found.rounds}: what ran before does not count.")
    if found.state is not None:
        left = "" if found.remaining is None else f", {said(found.remaining)} left"
        yield from _wrapped("counted", f"{said(found.elapsed)}{left}")
    yield ""
    for line in found.lines:
        yield from _told(line)
    yield ""
    for rule in found.rules:
        yield from textwrap.wrap(rule, WIDTH)


def _verdict(found: Explanation) -> str:
    if found.deadline is not None:
        late = "" if found.breached_at is None else ", breached"
        return f"due {_time(found, found.deadline)}{late}"
    if found.breached_at is not None:
        return f"{found.state}, passed {_time(found, found.breached_at)}"
    return str(found.state or "never due")


def _wrapped(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"{name:10}", subsequent_indent=" " * 10)


def _target(target: Any) -> str:
    """A duration as people say it."""
    if not isinstance(target, Mapping):
        return "none" if target is None else str(target)
    words = []
    for unit, count in target.items():
        if unit == "calendar":
            continue
        name = unit.replace("business", "business ").lower()
        words.append(f"{count} {name}")
    where = f" in {target['calendar']}" if target.get("calendar") else ""
    return " ".join(words) + where


def _time(found: Explanation, at: datetime) -> str:
    return f"{at.astimezone(found.zone):%a %Y-%m-%d %H:%M}"


def _told(line: Line) -> Iterator[str]:
    """One line of the count: day, hours that lie in it, what it adds, the sum."""
    from cases.deadlines import said

    begin, end = line.begin, line.end
    if line.kind == "off":
        days = f"{begin:%a %Y-%m-%d}"
        assert end is not None
        last = end - timedelta(hours=12)
        if last.date() > begin.date():
            days += f" to {last:%a %m-%d}"
        yield from _noted(f"  {days:28}not worked", line.why)
        return
    if line.kind != "counted":
        until = "" if end is None else f" to {end:%a %m-%d %H:%M}"
        yield from _noted(f"  {begin:%a %Y-%m-%d %H:%M}{until}  {line.kind}", line.why)
        return
    assert end is not None
    whole = begin.date() == end.date() or (end - begin <= timedelta(days=1) and end.hour == 0)
    if line.hours and whole:
        parts = " ".join(_clipped(line))
        head = f"  {begin:%a %Y-%m-%d}  {parts}"
    else:
        head = f"  {begin:%a %Y-%m-%d %H:%M} to {end:%a %m-%d %H:%M}"
    figures = f"{said(line.counted):>9}{said(line.total):>11}"
    if len(head) > WIDTH - len(figures) - 1:
        yield head
        head = ""
    yield f"{head:{WIDTH - len(figures) - 1}} {figures}"
    if line.why:
        yield from _noted(" " * 18, line.why, mark="")


def _clipped(line: Line) -> Iterator[str]:
    """The hours of the day, as far as they lie in the line."""
    assert line.end is not None
    begin = f"{line.begin:%H:%M}"
    end = f"{line.end:%H:%M}" if line.end.date() == line.begin.date() else "24:00"
    for hours in line.hours:
        low, high = hours.split("-")
        low, high = max(low, begin), min(high, end)
        if low < high:
            yield f"{low}-{high}"


def _noted(head: str, why: str, mark: str = ": ") -> list[str]:
    text = f"{head}{mark if why else ''}{why}"
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * 20, drop_whitespace=True) or [""]
