"""How a command says that it could not run at all."""

from __future__ import annotations

from typing import IO, Any

import click


class CannotRun(click.ClickException):
    """One sentence that says what to do; exit status 2, as opposed to 1 for findings and refusals."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence to standard error."""
        click.echo(f"caseway: {self.message}", file=file, err=file is None)
