"""`caseway resume`: let a suspended case go on."""

from __future__ import annotations

import click


@click.command("resume", short_help="Let a suspended case go on.")
@click.argument("case")
@click.option("--reason", help="Why; it stands in the case's timeline.")
@click.option("--by", metavar="WHO", help="Who resumes it; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(case: str, reason: str | None, by: str | None, *, as_json: bool) -> int:
    """Resume a suspended CASE: what was answered, happened or came due meanwhile counts now.

    Ends with 0 when the case goes on, with 1 when it was refused, with 2 when it could not run.
    """
    from cli.given import caller
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    settings = read_settings()

    async def act() -> None:
        async with open_cases(settings) as cases:
            taken = await cases.resume(case, by=by or caller(), reason=reason)
        if as_json:
            print_json(dict(taken))
        else:
            click.echo(f"{case}: {taken['state']}.")

    return carry_out(act, as_json=as_json)
