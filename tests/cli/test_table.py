"""`caseway table`: tables from spreadsheets, and back; what is wrong is said by its cell."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from cli.spreadsheets import read_sheet, write_sheet
from cli.table import as_yaml, command
from language.organization import merge_files
from language.table_sheets import named, sheet_of, table_of
from service.tables import decide, table_from

LEVELS = """priority,users (integer),then within
P1,,4 hours
P2 | P3,≥ 10,1 business days
P2 | P3,2..9,2 business days
,,3 business days
"""


def table(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command, [str(each) for each in arguments], standalone_mode=False)


def sheet(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a CSV file."""
    file = tmp_path / "levels.csv"
    file.write_bytes(text.encode(encoding))
    return file


def workbook(tmp_path: Path, rows: list[list[Any]]) -> Path:
    """Write a workbook as a spreadsheet program would."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    file = tmp_path / "levels.xlsx"
    book.save(file)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_sheet_becomes_a_table_that_decides(tmp_path: Path, mark: str, encoding: str) -> None:
    """The cells of people become conditions, lists, ranges and durations."""
    out = tmp_path / "levels.yaml"

    done = table(
        "import",
        sheet(tmp_path, LEVELS.replace(",", mark), encoding),
        "--name",
        "levels",
        "--to",
        out,
    )

    assert (done.return_value, done.output) == (0, f"{out}: 4 rows, 2 inputs.\n")
    assert merge_files([(out.read_text(), "levels.yaml", "levels")])[1] == ()
    read = table_from("levels", yaml.safe_load(out.read_text())["table"])
    assert read.inputs == {"priority": "string", "users": "integer"}
    decided = [
        decide(read, {"priority": priority, "users": users})["within"]
        for priority, users in (("P1", 1), ("P3", 10), ("P2", 9), ("P2", 1), ("P9", 50))
    ]
    assert decided == [
        "4 hours",
        "1 business days",
        "2 business days",
        "3 business days",
        "3 business days",
    ]


def test_a_workbook_keeps_its_numbers_and_dates(tmp_path: Path) -> None:
    """What a spreadsheet holds as a date or a number is one, and values that each row names are listed."""
    file = workbook(tmp_path, [
        ["start", "vip", "size (low | high)", "then share", "then until"],
        [date(2026, 3, 2), True, "low", 0.5, datetime(2026, 4, 1)],  # noqa: DTZ001 (as a workbook holds it)
        [">= 2026-03-03", False, "high", 2, date(2026, 5, 1)],
        [None, None, None, 1.0, date(2026, 6, 1)],
    ])  # fmt: skip
    out = tmp_path / "dates.yaml"

    assert table("import", file, "--name", "dates", "--to", out).return_value == 0

    written = yaml.safe_load(out.read_text())["table"]
    assert written["inputs"] == {
        "start": "date",
        "vip": "boolean",
        "size": {"enum": ["low", "high"]},
    }
    assert written["outputs"] == {"share": "number", "until": "date"}
    assert written["rows"][0]["then"] == {"share": 0.5, "until": "2026-04-01"} or written["rows"][
        0
    ]["then"]["until"] == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("priority,then within\nP1,\n", 'B2: the output "within" is empty'),
        ("priority,within\nP1,x\n", "A1: there is no output"),
        ("then within\nx\n", "A1: there is no input"),
        ("priority,priority,then w\nP1,P2,x\n", 'B1: the column "priority" stands there twice'),
        ("the priority!,then w\nP1,x\n", 'A1: "the priority!" is no name of a column'),
        ("priority (text),then w\nP1,x\n", 'A1: "text" is no type'),
        ("priority,then w\nP1 |,x\n", 'A2: "P1 |": something is missing'),
        ("priority,then w\nP1,x,y\n", "C2: there is no name above"),
        ("size,then w\n3,x\nmany,y\n", 'A3: the column "size" mixes'),
        ("priority,then w\n", "A2: there is no row"),
        ("", "A2: there is no row"),
        ("size (integer),then w\n>= 3,x\n", "no row applies to size 2"),
        ("size (integer),then w\n>= 3,x\n", "Line 11 comes from row 2 of the sheet."),
        ("size (integer),then w\n5..2,x\n,y\n", "CW264"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_by_its_cell(tmp_path: Path, text: str, said: str) -> None:
    """And nothing is written."""
    out = tmp_path / "levels.yaml"

    done = table("import", sheet(tmp_path, text), "--name", "levels", "--to", out)

    assert (done.return_value, said in done.output) == (1, True), done.output
    assert not out.exists()


def test_cells_whose_value_nobody_knows_are_refused(tmp_path: Path) -> None:
    """Merged cells would mean every fact, a formula nothing; an old encoding would be nonsense."""
    merged = Workbook()
    page = merged.active
    assert page is not None
    for row in (["priority", "then within"], ["P1", "1 hours"], [None, "2 hours"]):
        page.append(row)
    page.merge_cells("A2:A3")
    merged.save(tmp_path / "merged.xlsx")
    formula = workbook(tmp_path, [["size", "-> within"], [1, "=1+1"]])
    (tmp_path / "broken.xlsx").write_bytes(b"no zip")

    results = {
        name: table("import", tmp_path / name, "--name", "x", "--to", tmp_path / "x.yaml")
        for name in ("merged.xlsx", formula.name, "broken.xlsx")
    }
    old = table(
        "import",
        sheet(tmp_path, "優先,then w\nP1,x\n", "big5"),
        "--name",
        "x",
        "--to",
        tmp_path / "x.yaml",
    )

    assert all(each.return_value == 1 for each in (*results.values(), old))
    assert "A2:A3 are merged" in results["merged.xlsx"].stderr
    assert "B2 holds a formula" in results[formula.name].stderr
    assert "no workbook" in results["broken.xlsx"].stderr
    assert "CSV UTF-8" in old.stderr


def test_a_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    """A table that people maintain by hand may stand there."""
    out = tmp_path / "levels.yaml"
    out.write_text("mine")
    file = sheet(tmp_path, LEVELS)

    refused = table("import", file, "--name", "levels", "--to", out)
    forced = table("import", file, "--name", "levels", "--to", out, "--force")

    assert "there already" in str(refused.exception)
    assert (forced.return_value, "rows:" in out.read_text()) == (0, True)


CELLS = st.one_of(
    st.sampled_from(
        ["P1", "yes", "0o17", "1e3", "null", "it's", "a: b", "#x", "!= P1", "P1 | P2", "說明", '""']
    ),
    st.none(),
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(CELLS, st.sampled_from(["x", "4 hours", "no", "1", "- a"])),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_is_what_was_read(rows: list[tuple[str | None, str]]) -> None:
    """Whatever a text looks like, the file has it as a text, and the sheet of the table is the same again."""
    cells: list[list[Any]] = [["code (string)", "then result (string)"], *map(list, rows)]
    found = table_of("codes", "1.0.0", "collect", cells)
    assert found.table is not None

    organization, _ = merge_files([(as_yaml(found.table), "codes.yaml", "codes")])

    assert organization.table("codes") == found.table
    assert sheet_of(found.table)[1:] == cells[1:]
    assert table_of("codes", "1.0.0", "collect", sheet_of(found.table)).table == found.table


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_shipped_table_survives_the_way_to_a_spreadsheet_and_back(
    tmp_path: Path, kind: str
) -> None:
    """Same inputs, outputs and conditions; durations mean the same."""
    folder = Path(__file__).parents[2] / "definitions" / "organization"
    for file in sorted((folder / "tables").glob("*.yaml")):
        before = yaml.safe_load(file.read_text())["table"]
        place = tmp_path / f"{file.stem}.{kind}"
        out = tmp_path / f"{file.stem}.yaml"

        exported = table("export", file.stem, "--to", place, "--organization", folder)
        imported = table("import", place, "--name", file.stem, "--to", out, "--hit", before["hit"])

        assert (exported.return_value, imported.return_value) == (0, 0), imported.output
        after = yaml.safe_load(out.read_text())["table"]
        assert (after["inputs"], after["outputs"]) == (before["inputs"], before["outputs"])
        assert sheet_of(after) == sheet_of(before)
        assert _texts(sheet_of(before)) == _texts(read_sheet(place, None))


def _texts(rows: list[list[Any]]) -> list[list[str | None]]:
    """CSV knows texts only."""
    return [[None if cell is None else str(cell) for cell in row] for row in rows]


def test_cells_are_named_as_people_name_them() -> None:
    """Columns after Z have two letters."""
    assert [named(2, place) for place in (0, 25, 26, 701, 702)] == [
        "A2",
        "Z2",
        "AA2",
        "ZZ2",
        "AAA2",
    ]


def test_a_sheet_is_written_as_text(tmp_path: Path) -> None:
    """A spreadsheet program must not take a condition for a formula."""
    write_sheet(tmp_path / "x.xlsx", [["a", "then b"], ["= 5", "x"]], "x")

    assert read_sheet(tmp_path / "x.xlsx", None) == [["a", "then b"], ["= 5", "x"]]
