"""`caseway answer`: a person's answer to a work item."""

from __future__ import annotations

import click


@click.command("answer", short_help="Answer a work item.")
@click.argument("case")
@click.argument("item")
@click.argument("outcome")
@click.option("--values", "given", metavar="JSON", help="The form's values: JSON, @FILE, or @-.")
@click.option("--by", required=True, metavar="PERSON", help="Who answers: an id of people.yaml.")
@click.option("--on-behalf-of", metavar="PERSON", help="For whom, where it is somebody else.")
@click.option("--reason", help="Why, where an overseer answers in place of those it is for.")
@click.option("--effort", metavar="DURATION", help="How long it took: PT30M is half an hour.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    case: str,
    item: str,
    outcome: str,
    given: str | None,
    by: str,
    on_behalf_of: str | None,
    reason: str | None,
    effort: str | None,
    *,
    as_json: bool,
) -> int:
    """Answer the work item ITEM of a CASE with one of its outcomes.

    `caseway show CASE` lists the open items with their outcomes. Ends with 0 when the answer was
    taken, with 1 when it was refused, with 2 when it could not run.
    """
    from cli.given import read_object
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    values = read_object(given, "--values")
    settings = read_settings()

    async def act() -> None:
        async with open_cases(settings) as cases:
            taken = await cases.answer(
                case,
                item,
                outcome,
                values,
                by=by,
                on_behalf_of=on_behalf_of,
                reason=reason,
                effort=effort,
                via="cli",
            )
        if as_json:
            print_json({"case": case, **taken})
        else:
            click.echo(f"{item}: {outcome}, {taken['state']}.")

    return carry_out(act, as_json=as_json)
