"""`caseway cancel`: end a case early."""

from __future__ import annotations

import click


@click.command("cancel", short_help="End a case early.")
@click.argument("case")
@click.option("--reason", required=True, help="Why; it stands in the case's timeline.")
@click.option("--by", metavar="WHO", help="Who cancels it; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(case: str, reason: str, by: str | None, *, as_json: bool) -> int:
    """Cancel a CASE: its work items are withdrawn, and what runs beside it is finished.

    Ends with 0 when the case has taken it, with 1 when it was refused, with 2 when it could not run.
    """
    from cli.given import caller
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    settings = read_settings()

    async def act() -> None:
        async with open_cases(settings) as cases:
            taken = await cases.cancel(case, reason, by=by or caller())
        if as_json:
            print_json(dict(taken))
        else:
            click.echo(f"{case}: {taken['state']}.")

    return carry_out(act, as_json=as_json)
