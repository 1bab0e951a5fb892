"""Spreadsheets on disk: CSV and XLSX files as rows of cells. Only `caseway table` reads and writes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cli.problem import CannotRun

LARGEST = 10_000_000
MOST_ROWS, MOST_COLUMNS = 10_000, 200
KINDS = (".csv", ".xlsx")


class SheetUnreadable(Exception):
    """A file that is no sheet, or a cell whose value cannot be known; in a sentence."""


def read_sheet(file: Path, sheet: str | None) -> list[list[Any]]:
    """The rows of a file; empty cells are None.

    Raises:
        CannotRun: the file cannot be read.
        SheetUnreadable: what it holds is no sheet of cells.
    """
    if file.suffix.lower() not in KINDS:
        raise CannotRun(f"{file} is neither CSV nor XLSX: save it as one of them.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CannotRun(f"{file} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise SheetUnreadable(f"{file} is larger than {LARGEST:,} bytes")
    if file.suffix.lower() == ".csv":
        return _csv(content, file)
    return _workbook(content, file, sheet)


def write_sheet(file: Path, rows: Sequence[Sequence[Any]], title: str) -> None:
    """Write rows as CSV (UTF-8, as spreadsheets open it) or XLSX, by the file's name.

    Raises:
        CannotRun: the file cannot be written.
    """
    if file.suffix.lower() not in KINDS:
        raise CannotRun(f"{file} is neither CSV nor XLSX: name it .csv or .xlsx.")
    try:
        if file.suffix.lower() == ".csv":
            with file.open("w", encoding="utf-8-sig", newline="") as out:
                csv.writer(out).writerows(["" if c is None else c for c in row] for row in rows)
            return
        from openpyxl import Workbook

        book = Workbook()
        page = book.active
        assert page is not None
        page.title = title[:31]
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row, 1):
                cell = page.cell(number, place)
                cell.value = value
                if isinstance(value, str):
                    # "= 3" is no formula, and "2..5" no date.
                    cell.data_type = "s"
        book.save(file)
    except OSError as error:
        raise CannotRun(f"{file} cannot be written: {error.strerror}.") from error


def _csv(content: bytes, file: Path) -> list[list[Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetUnreadable(f"{file} is not UTF-8: save it as “CSV UTF-8”, or as XLSX") from error
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return _bounded([[cell if cell.strip() else None for cell in row] for row in rows], file)


def _workbook(content: bytes, file: Path, sheet: str | None) -> list[list[Any]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        shown = load_workbook(io.BytesIO(content), data_only=True)
        written = load_workbook(io.BytesIO(content))
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise SheetUnreadable(f"{file} is no workbook that can be read: {error}") from error
    names = [each.title for each in shown.worksheets]
    wanted = names[0] if sheet is None else sheet
    if wanted not in names:
        raise SheetUnreadable(f'{file} has no sheet "{wanted}"; it has {", ".join(names)}')
    page, formulas = shown[wanted], written[wanted]
    if page.merged_cells.ranges:
        places = ", ".join(str(each) for each in page.merged_cells.ranges)
        raise SheetUnreadable(
            f"the cells {places} are merged: only the first of them has a value, and the others "
            "would mean every fact. Write the value into each of them"
        )
    if (page.max_row or 0) > MOST_ROWS or (page.max_column or 0) > MOST_COLUMNS:
        raise SheetUnreadable(
            f"the sheet is larger than {MOST_ROWS:,} rows, {MOST_COLUMNS} columns"
        )
    rows: list[list[Any]] = []
    for line in page.iter_rows():
        row: list[Any] = []
        for cell in line:
            formula = formulas[cell.coordinate].data_type == "f"
            if cell.data_type == "e":
                raise SheetUnreadable(f"{cell.coordinate} shows the error {cell.value}")
            if formula and cell.value is None:
                raise SheetUnreadable(
                    f"{cell.coordinate} holds a formula whose value is not in the file: open and "
                    "save it in the spreadsheet program, or write the value"
                )
            value = cell.value
            row.append(None if isinstance(value, str) and not value.strip() else value)
        rows.append(row)
    return _bounded(rows, file)


def _bounded(rows: list[list[Any]], file: Path) -> list[list[Any]]:
    if len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows):
        raise SheetUnreadable(f"{file} is larger than {MOST_ROWS:,} rows, {MOST_COLUMNS} columns")
    return rows
