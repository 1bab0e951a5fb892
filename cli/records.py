"""`caseway records`: keep what Caseway knows outside Temporal in order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cases.records.rebuild import Rebuilt


@click.group("records", short_help="Rebuild, forget or erase records.")
def command() -> None:
    """Keep the records in order: lists, worklists and closed cases.

    Running cases are in Temporal only; their records can be made again at any time.
    """


@command.command()
@click.option("--only-look", is_flag=True, help="Say what differs, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def rebuild(*, only_look: bool, as_json: bool) -> int:
    """Write what every running case tells, and note the end of those that have gone.

    A worker must run. Ends with 0 when the records are now as the cases tell (with --only-look:
    when they were), with 1 when some case could not be asked or differs, with 2 when it could not
    run.
    """
    from cases.connect import connect
    from cases.records.rebuild import rebuild as make_again
    from cases.records.running import RunningCases
    from cli.installation import open_records, read_settings
    from cli.outcome import carry_out, print_json

    settings = read_settings()

    async def act() -> int:
        async with open_records(settings) as records:
            client = await connect(settings.temporal_address)
            done = await make_again(RunningCases(client), records, only_look=only_look)
        if as_json:
            print_json(_document(done))
        else:
            _print(done, only_look=only_look)
        return int(bool(done.silent) or (only_look and not done.equal))

    return carry_out(act, as_json=as_json)


@command.command()
@click.option(
    "--older-than", "days", type=click.IntRange(1), required=True, metavar="DAYS",
    help="What ended longer ago than this many days.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def forget(days: int, *, as_json: bool) -> int:
    """Remove closed cases of an age, with their items, audit and mails. There is no way back."""
    from dataclasses import asdict

    from cli.installation import open_records, read_settings
    from cli.outcome import carry_out, print_json

    settings = read_settings()

    async def act() -> None:
        async with open_records(settings) as records:
            gone = await records.forget(timedelta(days=days))
        if as_json:
            print_json(asdict(gone))
        else:
            click.echo(
                f"Removed: {gone.cases} closed cases, {gone.mails} mails sent, "
                f"{gone.quarantined} put aside, {gone.answers} kept answers."
            )

    return carry_out(act, as_json=as_json)


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def erase(names: tuple[str, ...], *, as_json: bool) -> int:
    """Take a person out of all closed cases, by id and mail addresses. There is no way back.

    Ends with 1 where running cases still name the person: close them, then erase again.
    """
    from dataclasses import asdict

    from cli.installation import open_records, read_settings
    from cli.outcome import carry_out, print_json

    settings = read_settings()

    async def act() -> int:
        async with open_records(settings) as records:
            erased = await records.erase(names)
        if as_json:
            print_json(asdict(erased))
        else:
            click.echo(f"Changed: {erased.cases} closed cases, {erased.quarantined} put aside.")
            for case in erased.running:
                click.echo(f"Still names the person: {case}")
        return 1 if erased.running else 0

    return carry_out(act, as_json=as_json)


def _print(done: Rebuilt, *, only_look: bool) -> None:
    found = "differ" if only_look else "differed and are as the cases tell now"
    click.echo(f"{done.cases} running cases; {len(done.differences)} rows {found}.")
    for case, ending in done.ended:
        click.echo(f"  {case}: {ending.how}, and had not told it")
    for case, reason in done.silent:
        click.echo(f"  {case}: {reason}")


def _document(done: Rebuilt) -> dict[str, Any]:
    return {
        "cases": done.cases,
        "equal": done.equal,
        "differences": [
            {"case": each.case, "table": each.table, "key": dict(each.key)}
            for each in done.differences
        ],
        "ended": [{"case": case, "as": ending.how} for case, ending in done.ended],
        "silent": [{"case": case, "reason": reason} for case, reason in done.silent],
    }
