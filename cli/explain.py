"""`caseway explain`: why something happens, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from language.plan import Plan

MOST_TIMES = 1000


@click.group("explain", short_help="Say when something happens, and why.")
def command() -> None:
    """Say when something happens, and why. No server is needed."""


@command.command()
@click.argument("definition")
@click.option("--name", metavar="SCHEDULE", help="Only this one; else all of the definition.")
@click.option("--from", "since", metavar="DATE", help="After this day or time; else after now.")
@click.option("--count", type=click.IntRange(1, MOST_TIMES), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def schedule(
    definition: str, *, name: str | None, since: str | None, count: int, as_json: bool
) -> int:
    """Say when a DEFINITION starts cases by itself next, and why a day is moved or left out.

    DEFINITION is a folder, its process.yaml, or the name of a published one. Ends with 0, with 1
    when it has findings, or has no schedule, and with 2 when it could not run.
    """
    from cases.schedules.upcoming import foretell
    from cli.outcome import carry_out, print_json, say

    after = _instant(since)
    place = Path(definition)
    folder = place.parent if place.is_file() else place if place.is_dir() else None

    async def act() -> int:
        found = await _published(definition) if folder is None else _read(folder)
        if found is None:
            return 1
        plan, organization = found
        told = foretell(plan, organization, after, count, name)
        if as_json:
            document = [each.to_json() for each in told]
            print_json({"definition": plan.name, "schedules": document})
        for each in told if not as_json else ():
            click.echo(f"{each.schedule.name}: {each.schedule.says}")
            for one in each.times:
                click.echo(f"  {one.local:27}{one.why}".rstrip())
        if not told:
            called = f'no schedule "{name}"' if name else "no schedule"
            say(f'caseway: "{plan.name}" has {called}.')
        return int(not told)

    return carry_out(act, as_json=as_json)


async def _published(definition: str) -> tuple[Plan, Mapping[str, Any]]:
    from cases.bundles.folder import FolderBundles
    from cases.errors import DefinitionNotFound
    from cli.installation import read_settings

    store = FolderBundles(read_settings().bundles_folder)
    bundle = await store.newest(definition)
    if bundle is None:
        raise DefinitionNotFound(definition, None, await store.names())
    return bundle.plan, await store.current()


def _read(folder: Path) -> tuple[Plan, Mapping[str, Any]] | None:
    """The plan and its organization; None where it has findings, which are printed."""
    from language.files import (
        compile_folder,
        definition_folders,
        find_organization,
        read_organization,
    )
    from language.findings import as_text, in_order

    place = find_organization(folder)
    organization, found = (None, []) if place is None else read_organization(place)
    known = [each.name for each in definition_folders(folder.resolve().parent)]
    compiled = compile_folder(folder, organization, known)
    if compiled.bundle is None:
        click.echo(as_text(in_order([*found, *compiled.findings]), compiled.texts))
        return None
    return compiled.bundle.plan, {} if organization is None else organization.to_json()


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f'"{text}" is not a date such as 2026-03-02.', param_hint="--from"
        ) from error
    return found.astimezone(UTC)
