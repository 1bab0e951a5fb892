"""`caseway schedules`: what starts cases by itself, and how it is stopped for a while."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cases.schedules.schedules import Listed, Schedules

COLUMNS = ("DEFINITION", "SCHEDULE", "WHEN", "NEXT", "LAST CASE", "STATE")


@click.group("schedules", invoke_without_command=True, short_help="What starts cases by itself.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> int | None:
    """List what starts cases by itself: when next, which case it was last, whether it is paused.

    The list comes from Temporal. Ends with 0, and with 2 when it could not run.
    """
    from cli.outcome import carry_out, print_json, say
    from cli.showing import columns

    if context.invoked_subcommand is not None:
        return None

    async def act() -> None:
        async with _open() as schedules:
            found = await schedules.list()
        if as_json:
            print_json({"schedules": [each.to_json() for each in found]})
        elif found:
            click.echo(columns([list(COLUMNS), *(_line(each) for each in found)]))
        else:
            say("Nothing starts cases by itself.")

    return carry_out(act, as_json=as_json)


@command.command()
@click.argument("definition")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands beside the schedule.")
@click.option("--by", metavar="WHO", help="Who decides; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def pause(definition: str, name: str, *, reason: str, by: str | None, as_json: bool) -> int:
    """Let the schedule NAME of a DEFINITION start nothing until it is resumed."""
    from cli.given import caller

    async def act(schedules: Schedules) -> Listed:
        return await schedules.pause(definition, name, by=by or caller(), reason=reason)

    return _carry_out(act, "is paused", as_json=as_json)


@command.command()
@click.argument("definition")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands beside the schedule.")
@click.option("--by", metavar="WHO", help="Who decides; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def resume(definition: str, name: str, *, reason: str, by: str | None, as_json: bool) -> int:
    """Let the schedule NAME of a DEFINITION start cases again. What was missed stays missed.

    The one of `schedule.after` starts the next case where none runs.
    """
    from cli.given import caller

    async def act(schedules: Schedules) -> Listed:
        return await schedules.resume(definition, name, by=by or caller(), reason=reason)

    return _carry_out(act, "goes on", as_json=as_json)


@command.command()
@click.argument("definition")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def trigger(definition: str, name: str, *, as_json: bool) -> int:
    """Start a case of the schedule NAME of a DEFINITION now, whatever day it is.

    Its overlap rule counts all the same: where the case before keeps it from starting, it ends with 1.
    """

    async def act(schedules: Schedules) -> Listed:
        return await schedules.trigger(definition, name)

    return _carry_out(act, "starts a case now", as_json=as_json)


def _carry_out(
    act: Callable[[Schedules], Awaitable[Listed]], becomes: str, *, as_json: bool
) -> int:
    from cli.outcome import carry_out, print_json
    from cli.showing import local_time

    async def run() -> None:
        async with _open() as schedules:
            found = await act(schedules)
        if as_json:
            print_json(found.to_json())
            return
        after = f"; next {local_time(found.next[0])}" if found.next and not found.paused else ""
        click.echo(f"{found.name} of {found.definition} {becomes}{after}.")

    return carry_out(run, as_json=as_json)


@asynccontextmanager
async def _open() -> AsyncIterator[Schedules]:
    from cases.bundles.folder import FolderBundles
    from cases.connect import connect
    from cases.schedules.schedules import Schedules
    from cli.installation import read_settings

    settings = read_settings()
    bundles = FolderBundles(settings.bundles_folder)
    yield Schedules(await connect(settings.temporal_address), bundles, bundles)


def _line(each: Listed) -> list[str]:
    from cli.showing import as_text, local_time

    state = f"paused: {each.note}" if each.paused else ""
    if each.missed:
        state = f"{state}; {each.missed} missed".removeprefix("; ")
    return [
        each.definition,
        each.name,
        str(each.says.get("says") or ""),
        local_time(each.next[0]) if each.next and not each.paused else "",
        each.last["case"] if each.last else "",
        as_text(state),
    ]
