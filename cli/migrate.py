"""`caseway migrate`: move running cases to another version of their definition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cases.cases import Cases

SAYS = {
    "would-migrate": "can move",
    "migrated": "moved",
    "accepted": "moves when its running actions are over",
    "refused": "stays",
    "same": "runs on it already",
    "error": "not asked",
}


@click.command("migrate", short_help="Move running cases to another version.")
@click.argument("cases", nargs=-1, metavar="CASE...")
@click.option("--definition", help="All running cases of this definition.")
@click.option("--status", help="With --definition: only those in this status.")
@click.option("--to", "to", required=True, metavar="VERSION", help="A published version.")
@click.option(
    "--map",
    "map_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What has another name now: { tasks: { old: new }, clocks: { old: new } }, in YAML.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
@click.option(
    "--batch",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="How many cases are asked at the same time.",
)
@click.option("--reason", help="Why; it stands in the cases.")
@click.option("--by", metavar="WHO", help="Who moves them; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    cases: tuple[str, ...],
    definition: str | None,
    status: str | None,
    to: str,
    map_file: Path | None,
    batch: int,
    reason: str | None,
    by: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Move each CASE, or all running cases of a definition, to a VERSION of it.

    A case moves as a whole or not at all: where a task at which it stands, an open work item, a
    running clock or something else that it needs has no counterpart in the VERSION, all reasons are
    listed and it stays as it is. Names that have changed go into the --map. What was done stays done:
    actions keep their keys.

    Ends with 0 when every case can move or has moved, with 1 when one stays, with 2 when it could
    not run.
    """
    from cli.given import caller
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    if bool(cases) == bool(definition):
        raise click.UsageError("Name the cases, or a --definition whose cases all move.")
    if not dry_run and not reason:
        raise click.UsageError("Moving cases needs a --reason; --dry-run only looks.")
    step_map = {} if map_file is None else _read_map(map_file)
    settings = read_settings()

    async def act() -> int:
        async with open_cases(settings) as rooms:
            found = [each async for each in _meant(rooms, cases, definition, status)]
            gate = asyncio.Semaphore(batch)

            async def one(case: str) -> dict[str, Any]:
                async with gate:
                    return await _moved(
                        rooms, case, to, step_map, by or caller(), reason, dry_run=dry_run
                    )

            report = await asyncio.gather(*map(one, found))
        if as_json:
            print_json({"to": to, "dryRun": dry_run, "cases": list(report)})
        else:
            _print(report, dry_run=dry_run)
        return 0 if all(each["state"] not in ("refused", "error") for each in report) else 1

    return carry_out(act, as_json=as_json)


async def _meant(
    rooms: Cases, cases: Sequence[str], definition: str | None, status: str | None
) -> AsyncIterator[str]:
    from cases.selecting import open_cases

    if definition is None:
        for case in dict.fromkeys(cases):
            yield case
        return
    filters = {"definition": definition}
    if status is not None:
        filters["status"] = status
    async for case in open_cases(rooms, filters):
        yield case


async def _moved(
    rooms: Cases,
    case: str,
    to: str,
    step_map: Mapping[str, Any],
    by: str,
    reason: str | None,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    from cases.errors import CaseEnded, CaseNotFound, Refused, WorkerSilent

    try:
        move = (
            await rooms.look_at_move(case, to, step_map)
            if dry_run
            else await rooms.move(case, to, step_map, by=by, reason=reason)
        )
    except (CaseEnded, CaseNotFound, Refused, WorkerSilent) as error:
        why = {"place": "/", "reason": str(error)}
        return {
            "case": case,
            "state": "error",
            "from": None,
            "to": to,
            "at": "",
            "obstacles": [why],
        }
    return move.to_json()


def _read_map(file: Path) -> dict[str, Any]:
    import yaml

    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise click.UsageError(f"{file} cannot be read: {error}") from error
    good = isinstance(given, dict) and all(
        name in ("tasks", "clocks")
        and isinstance(names, dict)
        and all(isinstance(text, str) for pair in names.items() for text in pair)
        for name, names in given.items()
    )
    if not good:
        raise click.UsageError(
            f"{file} is no map: write tasks: {{ old: new }} and clocks: {{ old: new }}, "
            "each with names of the old and of the new version."
        )
    return dict(given)


def _print(report: Sequence[Mapping[str, Any]], *, dry_run: bool) -> None:
    from cli.outcome import say
    from cli.showing import as_text, columns

    if not report:
        say("No case runs.")
        return
    rows = [["CASE", "", "FROM", "TO", "AT"]]
    for each in report:
        facts = [as_text(each[name]) for name in ("from", "to", "at")]
        rows.append([each["case"], SAYS[each["state"]], *facts])
    click.echo(columns(rows))
    for each in report:
        for obstacle in each["obstacles"]:
            line = f" (line {obstacle['line']})" if obstacle.get("line") else ""
            click.echo(f"{each['case']}: {obstacle['place']}{line}: {as_text(obstacle['reason'])}")
            if obstacle.get("hint"):
                click.echo(f"  {as_text(obstacle['hint'])}")
    counts: dict[str, int] = {}
    for each in report:
        counts[SAYS[each["state"]]] = counts.get(SAYS[each["state"]], 0) + 1
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    say(f"{len(report)} cases: {told}." + (" Nothing was changed." if dry_run else ""))
