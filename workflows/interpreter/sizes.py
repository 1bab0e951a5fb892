"""How much one command of a case may carry: what is larger, no server takes, however often it is tried.

Temporal refuses a payload of more than 2 MB (`limit.blobSize.error`), and the SDK then fails the
workflow task, for ever. So a case looks first, and fails with an error that says what was too large.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.sizes import json_size
from workflows.effects import ActionFailed

LARGEST = 2_000_000
"""Bytes of a value as JSON; the rest of 2 MB is left to what is written around it."""

LONGEST_TEXT = 20_000
"""Characters that a case's last error keeps of each of its texts."""


def too_large(what: str, value: Any) -> str | None:
    """Say that something does not fit into a command; None where it does."""
    found = json_size(value)
    return None if found <= LARGEST else _said(what, found)


def _said(what: str, found: int) -> str:
    return (
        f"{what} has {found:,} bytes; at most {LARGEST:,} can be handed on. "
        "Select what is needed, or keep what is large in a file and hand on its address."
    )


def hold_to_size(what: str, value: Any) -> int:
    """The bytes of what is handed on.

    Raises:
        ActionFailed: kind `TooLarge`, with HTTP's status for it.
    """
    found = json_size(value)
    if found > LARGEST:
        raise ActionFailed("TooLarge", _said(what, found), 413)
    return found


def shortened(error: Mapping[str, Any]) -> dict[str, Any]:
    """An error object whose texts are cut, so that it fits into the last command of a case."""
    return {
        name: f"{value[:LONGEST_TEXT]} …"
        if isinstance(value, str) and len(value) > LONGEST_TEXT
        else value
        for name, value in error.items()
    }
