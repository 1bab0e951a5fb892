"""`caseway api`: one API process in the foreground, for production and for a second machine."""

from __future__ import annotations

import os
import sys

import click


@click.command(name="api")
def command() -> None:
    """Run one API process until it is asked to stop (SIGTERM or Ctrl-C).

    Settings come from CASEWAY_* and TEMPORAL_* variables.
    """
    # The server's composition root lies outside the packages and is never imported: the process becomes it.
    os.execv(sys.executable, [sys.executable, "-m", "server"])
