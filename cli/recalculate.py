"""`caseway recalculate`: count a deadline anew, after a calendar or a target has changed."""

from __future__ import annotations

import click


@click.command("recalculate", short_help="Count a deadline anew.")
@click.argument("case")
@click.argument("clock")
@click.option("--target", is_flag=True, help="Decide the target anew as well, by its table.")
@click.option("--reason", required=True, help="Why; it stands in the case.")
@click.option("--by", metavar="WHO", help="Who decides; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    case: str, clock: str, *, target: bool, reason: str, by: str | None, as_json: bool
) -> int:
    """Count the deadline of a CLOCK of a CASE anew, in its calendar as it is published now.

    A running clock keeps the calendar that it was counted in first: an edit moves no deadline
    behind anybody's back. This moves it, and the case keeps both deadlines, who and why. Ends with
    0, with 1 when it was refused, with 2 when it could not run.
    """
    from cli.given import caller
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json
    from cli.showing import local_time

    settings = read_settings()

    async def act() -> None:
        async with open_cases(settings) as cases:
            done = await cases.recalculate(
                case, clock, by=by or caller(), reason=reason, decide=target
            )
        if as_json:
            print_json({"case": case, **done})
        elif done["state"] == "accepted":
            click.echo(f"{clock}: accepted; `caseway show {case}` says when it is done.")
        else:
            was, now = (local_time(done[each]) or "none" for each in ("was", "deadline"))
            click.echo(f"{clock}: {was} -> {now}")

    return carry_out(act, as_json=as_json)
