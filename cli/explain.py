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
    """Say when something happens, and why."""


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


@command.command()
@click.argument("case", required=False)
@click.argument("clock", required=False)
@click.option(
    "--from", "since", metavar="TIME", help="A question: from when, in the calendar's zone."
)
@click.option("--target", metavar="DURATION", help='A question: "3 business days", PT4H or JSON.')
@click.option("--calendar", "named", metavar="NAME", help="A question: in which calendar.")
@click.option(
    "--organization",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A question: of this folder, else of definitions/organization, else as published.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def deadline(
    case: str | None,
    clock: str | None,
    *,
    since: str | None,
    target: str | None,
    named: str | None,
    organization: Path | None,
    as_json: bool,
) -> int:
    """Say how a deadline was counted: day by day, with pauses, holidays and targets.

    Either for a CLOCK of a CASE, or as a question that needs no server:

      caseway explain deadline service-desk-case:T-1 resolution

      caseway explain deadline --from 2026-03-06T17:00 --target "3 business days"
      --calendar office-taipei

    Ends with 0; with 1 where there is no such case, clock or calendar; with 2 when it could not run.
    """
    from cli.deadlines import asked, print_explanation
    from cli.outcome import carry_out

    if (case is None) == (target is None):
        raise click.UsageError("name a CASE and its CLOCK, or ask with --target and --calendar.")
    if case is not None and clock is None:
        raise click.UsageError(f'which clock of "{case}"? `caseway show {case}` lists them.')

    async def act() -> None:
        if target is not None:
            found = await asked(since, target, named, organization)
            print_explanation(found, None, as_json=as_json)
            return
        from cli.installation import open_cases, read_settings

        assert case is not None
        assert clock is not None
        async with open_cases(read_settings()) as cases:
            found = await cases.explain_deadline(case, clock)
        print_explanation(found, f"{clock} of {case}", as_json=as_json)

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
