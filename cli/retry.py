"""`caseway retry`: go on with cases that are held at a task that failed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cases.cases import Cases
    from cases.deciding import Decided

_SPAN = re.compile(r"(\d+)\s*(m|h|d)\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@click.command("retry", short_help="Go on with held cases.")
@click.argument("cases", nargs=-1, metavar="CASE...")
@click.option("--task", help="Name or path of the held task, where more than one is held.")
@click.option("--definition", help="All held tasks of the cases of this definition.")
@click.option("--status", help="Of all held cases in this status.")
@click.option("--error", help="Only where the error's title, type or text has this in it.")
@click.option("--older-than", metavar="SPAN", help="Only what is held for longer: 30m, 2h, 3d.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
@click.option("--skip", is_flag=True, help="Do not try it again: go on after it.")
@click.option("--value", "given", metavar="JSON", help="With --skip: the result it then has.")
@click.option("--fail", is_flag=True, help="Do not try it again: let its error go on.")
@click.option("--reason", help="Why; it stands in the case.")
@click.option("--by", metavar="WHO", help="Who decides; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    cases: tuple[str, ...],
    task: str | None,
    definition: str | None,
    status: str | None,
    error: str | None,
    older_than: str | None,
    given: str | None,
    *,
    reason: str | None,
    by: str | None,
    dry_run: bool,
    skip: bool,
    fail: bool,
    as_json: bool,
) -> int:
    """Try the held task of a CASE again, or skip it with a result, or let it fail.

    `caseway show CASE` says what is held and why, `caseway list --phase held` which cases are. With
    several cases, or with --definition, --status, --error or --older-than, all held tasks that match
    are decided the same way, with a line for each; that needs a --reason. --dry-run only lists them.
    Ends with 0 when the cases go on, with 1 when one was refused, with 2 when it could not run.
    """
    from cli.given import caller, read_value
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    if skip and fail:
        raise click.UsageError("--skip goes on after the task, --fail does not: give one of them.")
    if given is not None and not skip:
        raise click.UsageError("--value is the result of a skipped task: write --skip too.")
    if cases and (definition or status):
        raise click.UsageError("Name cases, or say of which definition or status: not both.")
    named = {"definition": definition, "status": status}
    filters = {name: value for name, value in named.items() if value}
    many = len(cases) != 1 or bool(error or older_than or dry_run)
    if not cases and not (filters or error or older_than):
        raise click.UsageError(
            "Name a case, or say which: --definition, --status, --error, --older-than."
        )
    if many and not (reason or dry_run):
        raise click.UsageError(
            "Deciding about many cases needs a --reason; --dry-run only lists them."
        )
    before = None if older_than is None else datetime.now(UTC) - _span(older_than)
    decision = "skip" if skip else "fail" if fail else "retry"
    value = read_value(given, "--value")
    settings = read_settings()

    async def act() -> int:
        async with open_cases(settings) as rooms:
            if not many:
                taken = await rooms.operate(
                    cases[0], task, decision, by=by or caller(), reason=reason, value=value
                )
                if as_json:
                    print_json({"case": cases[0], **taken})
                else:
                    click.echo(f"{taken['task']}: {taken['act']}, {taken['state']}.")
                return 0
            report = await _all(
                rooms, cases, filters, task, error, before,
                {"act": decision, "by": by or caller(), "reason": reason, "value": value,
                 "dry_run": dry_run},
            )  # fmt: skip
        if as_json:
            print_json({"dryRun": dry_run, "tasks": [each.to_json() for each in report]})
        else:
            _print(report, dry_run=dry_run)
        return 1 if any(each.state == "refused" for each in report) else 0

    return carry_out(act, as_json=as_json)


async def _all(
    rooms: Cases,
    cases: Sequence[str],
    filters: Mapping[str, str],
    task: str | None,
    error: str | None,
    before: datetime | None,
    decision: Mapping[str, Any],
) -> list[Decided]:
    from cases.deciding import decide_all
    from cases.selecting import held_tasks

    # Of one definition also reactions that are held: they leave the phase of their case as it is.
    wanted = dict(filters) if "definition" in filters else {**filters, "phase": "held"}
    names = list(dict.fromkeys(cases))
    held = [
        each
        async for each in held_tasks(rooms, names, wanted, task=task, error=error, before=before)
    ]
    return await decide_all(rooms, held, **decision)


def _span(text: str) -> timedelta:
    found = _SPAN.match(text.strip())
    if found is None:
        raise click.UsageError(f'"{text}" is no span of time: write 30m, 2h or 3d.')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _print(report: Sequence[Decided], *, dry_run: bool) -> None:
    from cli.outcome import say
    from cli.showing import as_text, columns, local_time

    if not report:
        say("No held task matches.")
        return
    rows = [["CASE", "TASK", "", "SINCE", "ERROR"]]
    for each in report:
        error = each.held.error
        state = f"would {each.act}" if each.state == "would-be" else f"{each.act}, {each.state}"
        rows.append(
            [each.held.case, each.held.place, state, local_time(each.held.since),
             as_text(error.get("detail") or error.get("title"))]
        )  # fmt: skip
    click.echo(columns(rows))
    for each in report:
        if each.reason is not None:
            click.echo(f"{each.held.case}: {as_text(each.reason)}")
    refused = sum(each.state == "refused" for each in report)
    told = f"{len(report)} held tasks" + (f", {refused} refused" if refused else "")
    say(f"{told}." + (" Nothing was changed." if dry_run else ""))
