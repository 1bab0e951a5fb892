"""`caseway table`: decision tables from spreadsheets, and as spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.problem import CannotRun

if TYPE_CHECKING:
    from language.table_sheets import Sheet

TABLES = Path("definitions/organization/tables")
SCHEMA = "# yaml-language-server: $schema=../../../docs/schemas/organization.json\n"


@click.group("table", short_help="Decision tables from spreadsheets, and back.")
def command() -> None:
    """Import a decision table from a CSV or XLSX file, or export one. No server is needed."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="Name of the table, such as service-levels.")
@click.option(
    "--hit", type=click.Choice(["first", "unique", "collect"]), default="first", show_default=True
)
@click.option("--version", default="1.0.0", show_default=True, help="Version of the table.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; the first one without it.")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help="File to write; else the table of that name in definitions/organization/tables.",
)
@click.option("--force", is_flag=True, help="Replace the file where it is there already.")
def import_(
    file: Path,
    name: str,
    hit: str,
    version: str,
    sheet: str | None,
    target: Path | None,
    *,
    force: bool,
) -> int:
    """Make the YAML file of a table from the spreadsheet FILE.

    Row 1 names the columns: an input as it is, an output after the word then, a type in brackets. What cannot
    be read is said by its cell; then, and where validation finds an error in the table, nothing is
    written. Ends with 0, with 1 where something is to be repaired, with 2 when it could not run.
    """
    from cli.outcome import say
    from cli.spreadsheets import SheetUnreadable, read_sheet
    from language.table_sheets import table_of

    place = target or TABLES / f"{name}.yaml"
    try:
        found = table_of(name, version, hit, read_sheet(file, sheet))
    except SheetUnreadable as error:
        say(f"{file}: {error}.")
        return 1
    for problem in found.problems:
        click.echo(f"{file}: {problem.cell}: {problem.message}")
    if found.table is None:
        say(f"{len(found.problems)} cells to repair; nothing was written.")
        return 1
    text = SCHEMA + as_yaml(found.table)
    if not _passes(text, name, place, found):
        say("Nothing was written.")
        return 1
    if place.exists() and not force:
        raise CannotRun(f"{place} is there already: --force replaces it.")
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{place} cannot be written: {error.strerror}.") from error
    click.echo(f"{place}: {len(found.rows)} rows, {len(found.table['inputs'])} inputs.")
    return 0


@command.command()
@click.argument("name")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write: .csv or .xlsx.",
)
@click.option(
    "--organization",
    type=click.Path(path_type=Path),
    default=TABLES.parent,
    show_default=True,
    help="Folder of the organization.",
)
def export(name: str, target: Path, organization: Path) -> int:
    """Write the table NAME as a spreadsheet, which import reads again.

    Bounds of numbers, titles and notes stay in the YAML file. Ends with 0, with 1 where there is no
    such table or a cell cannot be told in a sheet, with 2 when it could not run.
    """
    from cli.outcome import say
    from cli.spreadsheets import write_sheet
    from language.files import read_organization
    from language.findings import has_errors
    from language.table_sheets import sheet_of

    if not organization.is_dir():
        raise CannotRun(f"there is no folder {organization}.")
    known, findings = read_organization(organization)
    table = known.table(name)
    if table is None:
        say(f'There is no table "{name}"; there are {", ".join(known.names("table")) or "none"}.')
        return 1
    if has_errors([each for each in findings if Path(each.file).stem == name]):
        say(f'The table "{name}" has errors: `caseway validate {organization}` says which.')
        return 1
    try:
        rows = sheet_of(table)
    except ValueError as error:
        say(f"{name}: {error}.")
        return 1
    write_sheet(target, rows, name)
    click.echo(f"{target}: {len(rows) - 1} rows.")
    return 0


def as_yaml(table: Mapping[str, Any]) -> str:
    """The file of a table: a row of the table on each line."""
    head = [
        "table:", f"  name: {_flow(table['name'])}", f"  version: {_flow(table['version'])}",
        f"  hit: {table['hit']}",
    ]  # fmt: skip
    for part in ("inputs", "outputs"):
        head.append(f"  {part}:")
        head += [f"    {name}: {_flow(column)}" for name, column in table[part].items()]
    return "\n".join([*head, "  rows:", *(f"    - {_flow(row)}" for row in table["rows"])]) + "\n"


def _flow(value: Any) -> str:
    """A value on one line. Texts that are more than a word are quoted, whatever they look like."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{name}: {_flow(each)}" for name, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    return str(value)


def _text(text: str) -> str:
    import json
    import re

    if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", text) and text.lower() not in (
        "true", "false", "null", "yes", "no", "on", "off", "y", "n",
    ):  # fmt: skip
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text)


def _passes(text: str, name: str, place: Path, sheet: Sheet) -> bool:
    """Whether validation finds no error in the table; its findings are said, with the sheet's row."""
    from language.findings import as_text, has_errors
    from language.organization import merge_files

    organization, findings = merge_files([(text, str(place), name)])
    if organization.table(name) != sheet.table and not has_errors(findings):
        raise CannotRun(f"{place}: the table does not read as the sheet says; please report this.")
    if findings:
        click.echo(as_text(findings, {str(place): text}))
        first = next(n for n, line in enumerate(text.splitlines(), 1) if line == "  rows:") + 1
        for each in findings:
            if 0 <= each.line - first < len(sheet.rows):
                click.echo(
                    f"Line {each.line} comes from row {sheet.rows[each.line - first]} of the sheet."
                )
    return not has_errors(findings)
