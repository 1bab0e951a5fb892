"""`caseway worker`: one worker process in the foreground, for production and for a second machine."""

from __future__ import annotations

import os
import sys

import click


@click.command(name="worker")
def command() -> None:
    """Run one worker process until it is asked to stop (SIGTERM or Ctrl-C).

    Settings come from CASEWAY_* and TEMPORAL_* variables. It ends with a status other than 0 when it cannot go on.
    """
    # The composition root lies outside the packages and is never imported: the process becomes it.
    os.execv(sys.executable, [sys.executable, "-m", "worker"])
