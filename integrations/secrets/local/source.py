"""Secrets of this machine: variables of the environment, then files of a folder."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from integrations.errors import NotAuthorized, Unavailable

SYSTEM = "secrets"
PREFIX = "CASEWAY_SECRET_"
LARGEST = 100_000

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_NOT_IN_VARIABLES = re.compile(r"[^A-Z0-9]")


class LocalSecrets:
    """Reads `CASEWAY_SECRET_<NAME>`, or the file NAME, or a folder NAME with a file per field.

    A value that is a JSON object or list is read as such; anything else is a text, without the
    line break at its end. Docker and Kubernetes mount secrets as such files.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path | None) -> None:
        self._environment = environment
        self._folder = folder

    async def read(self, name: str) -> Any:
        """See `Secrets.read`."""
        given = self._environment.get(variable(name))
        if given is not None:
            return _value(given)
        if self._folder is not None and _NAME.fullmatch(name):
            found = await asyncio.to_thread(_read, self._folder / name, name)
            if found is not None:
                return found
        shown = repr(name)[1:-1]
        where = f" or write the file {shown} in {self._folder}" if self._folder else ""
        raise NotAuthorized(
            SYSTEM,
            f'there is no secret "{shown}": set {variable(name)}{where}',
            status=403,
            standard="authorization",
        )


def variable(name: str) -> str:
    """The variable of the environment that holds a secret: `my-key` is `CASEWAY_SECRET_MY_KEY`."""
    return PREFIX + _NOT_IN_VARIABLES.sub("_", name.upper())


def _read(path: Path, name: str) -> Any:
    try:
        if path.is_dir():
            # Kubernetes keeps what the links point to in files that begin with two dots.
            return {
                each.name: _value(_text(each))
                for each in sorted(path.iterdir())
                if each.is_file() and not each.name.startswith(".")
            }
        return _value(_text(path)) if path.is_file() else None
    except UnicodeDecodeError as error:
        raise NotAuthorized(SYSTEM, f'the secret "{name}" is not UTF-8 text', status=403) from error
    except PermissionError as error:
        raise NotAuthorized(
            SYSTEM, f'the secret "{name}" may not be read by this process', status=403
        ) from error
    except OSError as error:
        raise Unavailable(
            SYSTEM, f'the secret "{name}" cannot be read now: {error.strerror}'
        ) from error


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise NotAuthorized(
            SYSTEM, f"the secret {path.name} has more than {LARGEST:,} bytes", status=403
        )
    return content.decode("utf-8-sig")


def _value(text: str) -> Any:
    text = text.removesuffix("\n").removesuffix("\r")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except ValueError:
            # A password may begin with a bracket.
            return text
    return text
