"""`caseway show`: everything about one case."""

from __future__ import annotations

import click


@click.command("show", short_help="Show where a case stands.")
@click.argument("case")
@click.option("--all", "whole", is_flag=True, help="The whole timeline.")
@click.option("--case", "record", is_flag=True, help="Only what expressions see as $case, as JSON.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(case: str, *, whole: bool, record: bool, as_json: bool) -> int:
    """Show a CASE: status, work items, clocks and what happened; times are those of this machine.

    Ends with 0; with 1 when there is no such case; with 2 when it could not run.
    """
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json
    from cli.showing import case_text

    settings = read_settings()

    async def act() -> None:
        async with open_cases(settings) as cases:
            view = await cases.show(case)
        if record:
            print_json(view["case"])
        elif as_json:
            print_json(view)
        else:
            click.echo(case_text(view, whole=whole))

    return carry_out(act, as_json=as_json or record)
