"""`caseway retry`: go on with a case that is held at a task that failed."""

from __future__ import annotations

import click


@click.command("retry", short_help="Go on with a held case.")
@click.argument("case")
@click.option("--task", help="Name or path of the held task, where more than one is held.")
@click.option("--skip", is_flag=True, help="Do not try it again: go on after it.")
@click.option("--value", "given", metavar="JSON", help="With --skip: the result it then has.")
@click.option("--fail", is_flag=True, help="Do not try it again: let its error go on.")
@click.option("--reason", help="Why; it stands in the case.")
@click.option("--by", metavar="WHO", help="Who decides; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    case: str,
    task: str | None,
    given: str | None,
    reason: str | None,
    by: str | None,
    *,
    skip: bool,
    fail: bool,
    as_json: bool,
) -> int:
    """Try the held task of a CASE again, or skip it with a result, or let it fail.

    `caseway show CASE` says what is held and why. Ends with 0 when the case goes on, with 1 when it
    was refused, with 2 when it could not run.
    """
    from cli.given import caller, read_value
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    if skip and fail:
        raise click.UsageError("--skip goes on after the task, --fail does not: give one of them.")
    if given is not None and not skip:
        raise click.UsageError("--value is the result of a skipped task: write --skip too.")
    decision = "skip" if skip else "fail" if fail else "retry"
    value = read_value(given, "--value")
    settings = read_settings()

    async def act() -> None:
        async with open_cases(settings) as cases:
            taken = await cases.operate(
                case, task, decision, by=by or caller(), reason=reason, value=value
            )
        if as_json:
            print_json({"case": case, **taken})
        else:
            click.echo(f"{taken['task']}: {taken['act']}, {taken['state']}.")

    return carry_out(act, as_json=as_json)
