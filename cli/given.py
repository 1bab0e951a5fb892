"""Values that people write on the command line: JSON, and who they are."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from cli.problem import CannotRun


def read_value(given: str | None, option: str) -> Any:
    """The JSON that an option holds; `@file` reads a file, `@-` standard input. None without one.

    Raises:
        CannotRun: it cannot be read, or is no JSON.
    """
    if given is None:
        return None
    text, place = given, option
    if given.startswith("@"):
        place = given[1:]
        try:
            text = sys.stdin.read() if place == "-" else Path(place).read_text("utf-8-sig")
        except OSError as error:
            raise CannotRun(f"{place} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CannotRun(f"{place} cannot be read: it is not UTF-8.") from error
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise CannotRun(f"{place} is not JSON: {error}.") from error


def read_object(given: str | None, option: str) -> dict[str, Any]:
    """As `read_value`, but it must be an object; an empty one where nothing is given.

    Raises:
        CannotRun: it cannot be read, or is no JSON object.
    """
    value = read_value(given, option)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CannotRun(f'{option} must be a JSON object, such as {{"reply": "done"}}.')
    return value


def caller() -> str:
    """Who calls, for the case's timeline: the name at this machine."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")
