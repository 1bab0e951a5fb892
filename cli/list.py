"""`caseway list`: which cases there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cases.records.cursors import Page

COLUMNS = {
    "case": "CASE", "drill": "DRILL", "phase": "PHASE", "status": "STATUS", "priority": "PRIORITY", "step": "AT", "owner": "OWNER",
    "due": "DUE", "subject": "SUBJECT",
}  # fmt: skip


@click.command("list", short_help="List cases.")
@click.option("--definition", help="Of this definition.")
@click.option("--phase", help="open, waiting, resolved, closed, held or cancelled.")
@click.option("--status", help="In this status of their definition.")
@click.option("--priority", help="With this priority.")
@click.option("--type", "type_", help="Of this type.")
@click.option("--group", help="Of this group.")
@click.option("--owner", help="Of this owner.")
@click.option("--person", help="Owned by this person, or with work that they have.")
@click.option("--requester", help="For this person: an address or an id.")
@click.option("--ticket", help="About this ticket.")
@click.option("--matter", help="Of this root case's matter; own: one line for each matter.")
@click.option("--key", help="With this key.")
@click.option("--drill/--no-drill", default=None, help="Only drills, or none of them.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--cursor", help="Where the page before ended.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    *,
    limit: int,
    cursor: str | None,
    as_json: bool,
    type_: str | None,
    drill: bool | None,
    **given: str | None,
) -> int:
    """List the cases that match all that is given, newest first, closed ones included.

    The list comes from the records, which follow the cases within a second or so; no worker and no
    server is needed. Ends with 0, with 1 when a filter is refused, with 2 when it could not run.
    """
    from cli.installation import open_records, read_settings
    from cli.outcome import carry_out, print_json

    filters = {name: value for name, value in {**given, "type": type_}.items() if value}
    if drill is not None:
        filters["drill"] = "true" if drill else "false"
    settings = read_settings()

    async def act() -> None:
        async with open_records(settings) as records:
            page = await records.list_cases(filters, cursor, limit)
        if as_json:
            print_json({"cases": [dict(each) for each in page.items], "next": page.cursor})
        else:
            _print(page)

    return carry_out(act, as_json=as_json)


def _print(page: Page) -> None:
    from cli.outcome import say
    from cli.showing import columns

    if not page.items:
        say("No case matches.")
        return
    click.echo(columns([list(COLUMNS.values()), *_lines(page.items)]))
    if page.cursor is not None:
        say(f"There are more: --cursor {page.cursor}")


def _cell(name: str, value: Any) -> str:
    from cli.showing import as_text, local_time

    if name == "drill":
        return "drill" if value else ""
    return local_time(value) if name == "due" else as_text(value)


def _lines(cases: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    return [[_cell(name, each[name]) for name in COLUMNS] for each in cases]
