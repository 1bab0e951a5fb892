"""Where the passes over one file put their findings."""

from __future__ import annotations

from typing import Protocol

from language.findings import Finding


class Place(Protocol):
    """Anything of a file that has a place: a key, a value, a finding."""

    @property
    def line(self) -> int:
        """Line, from 1."""

    @property
    def column(self) -> int:
        """Column, from 1."""

    @property
    def length(self) -> int:
        """Characters it takes on that line."""


class Report:
    """Collects the findings of one file; one finding per place and code."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._said: dict[tuple[int, int, str], None] = {}

    def say(self, code: str, place: Place, message: str, hint: str = "") -> None:
        """Add a finding about a key or a value."""
        self.say_at(code, place.line, place.column, message, hint, place.length)

    def say_at(
        self, code: str, line: int, column: int, message: str, hint: str = "", length: int = 1
    ) -> None:
        """Add a finding about a line and column."""
        if (line, column, code) in self._said:
            return
        self._said[line, column, code] = None
        self.findings.append(Finding(code, self.file, line, column, message, hint, length))


class OneCode(Report):
    """Says everything under one code: what is checked is the sense of data, whatever its shape."""

    def __init__(self, report: Report, code: str) -> None:
        super().__init__(report.file)
        self._inner = report
        self._code = code

    def say_at(
        self, code: str, line: int, column: int, message: str, hint: str = "", length: int = 1
    ) -> None:
        """Add a finding under the one code."""
        self._inner.say_at(self._code, line, column, message, hint, length)
