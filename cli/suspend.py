"""`caseway suspend`: let nothing begin in a case until it is resumed."""

from __future__ import annotations

import click


@click.command("suspend", short_help="Let nothing begin in a case for a while.")
@click.argument("case")
@click.option("--reason", required=True, help="Why; it stands in the case's timeline.")
@click.option("--pause-clocks", is_flag=True, help="Its clocks stand still as well.")
@click.option("--by", metavar="WHO", help="Who suspends it; else your name on this machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(case: str, reason: str, by: str | None, *, pause_clocks: bool, as_json: bool) -> int:
    """Suspend a CASE: no task begins until `caseway resume`.

    What people answer and what happens outside is taken and kept. Times run on; what is due
    meanwhile happens when the case is resumed. Parts of the case are suspended with it.
    Ends with 0 when the case is suspended, with 1 when it was refused, with 2 when it could not run.
    """
    from cli.given import caller
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    settings = read_settings()

    async def act() -> None:
        async with open_cases(settings) as cases:
            taken = await cases.suspend(case, reason, by=by or caller(), pause_clocks=pause_clocks)
        if as_json:
            print_json(dict(taken))
        else:
            click.echo(f"{case}: {taken['state']}.")

    return carry_out(act, as_json=as_json)
