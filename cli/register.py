"""`caseway register`: what is to become better, and whether it has."""

from __future__ import annotations

import click

from reports.improvements import statuses as meant


@click.command("register", short_help="The improvement register.")
@click.option("--status", "statuses", type=click.Choice(meant()), multiple=True,
              help="Only entries with this status; may be given several times.")  # fmt: skip
@click.option(
    "--open", "only_open", is_flag=True, help="Only entries that are not done or dropped."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(statuses: tuple[str, ...], *, only_open: bool, as_json: bool) -> int:
    """List the improvement register: owner, baseline, target, what was measured last.

    A figure that does not count what the baseline has counted is not comparable. No server is
    needed. Ends with 0, and with 2 when it could not run.
    """
    from cli.installation import open_records, read_settings
    from cli.outcome import carry_out, print_json, say
    from cli.showing import as_text, columns
    from reports.improvements import COLUMNS, row

    wanted = meant(statuses, only_open=only_open)

    async def act() -> int:
        async with open_records(read_settings()) as records:
            found = await records.improvements(wanted) if wanted else []
        if as_json:
            print_json({"entries": list(found)})
        elif found:
            told = [[as_text(cell) for cell in row(each)] for each in found]
            click.echo(columns([list(COLUMNS), *told]))
        else:
            say("The register has no such entry.")
        return 0

    return carry_out(act, as_json=as_json)
