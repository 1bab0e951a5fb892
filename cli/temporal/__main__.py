"""`python -m cli.temporal`: make sure that there is a Temporal server, and say which one and why."""

from __future__ import annotations

import sys

import click

from cli.problem import CannotRun
from cli.temporal.chain import Configured, Machine, find_server


def main() -> int:
    """Walk the chain; 0 with a server, 2 without."""
    try:
        found = find_server(Machine(say=click.echo))
    except CannotRun as error:
        error.show()
        return error.exit_code
    if isinstance(found, Configured):
        click.echo(f"Temporal: the server at {found.address}, because {found.why}.")
    else:
        click.echo(f"Temporal: {found.path}, {found.version}, because {found.why}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
