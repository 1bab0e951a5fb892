"""What the logs of our processes say: one line of JSON per event."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import logging
from temporalio.exceptions import ApplicationError
from logs import log_to_stderr
log_to_stderr()
log = logging.getLogger("temporalio.activity")
try:
    raise {error}
except Exception:
    log.warning("Completing activity as failed", exc_info=True, extra={{"activity_id": "1"}})
"""


def logged(error: str) -> list[dict[str, object]]:
    """The lines of a process in which an activity fails with this error."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(error=error)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_what_another_system_answered_is_one_short_line() -> None:
    """A missing page is no reason for forty lines of our code."""
    (line,) = logged("ApplicationError('GET https://kb.example.org answered 404', type='NotFound')")

    assert line["event"] == (
        "Completing activity as failed: NotFound: GET https://kb.example.org answered 404"
    )
    assert "exception" not in line


def test_what_nobody_expected_keeps_its_stack() -> None:
    """A bug is found by the place where it happened."""
    (line,) = logged("LookupError('a bug')")

    assert "LookupError: a bug" in str(line["exception"])
