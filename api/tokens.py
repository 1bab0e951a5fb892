"""The tokens that open the API: made here, shown once, kept as hashes in a file of mode 0600."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

Scope = Literal["admin", "agent", "intake"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""`admin` does everything; `agent` works on cases; `intake` starts cases and sends events."""

_PREFIX = "cw"


class TokensDamaged(Exception):
    """The token file is there but cannot be read as one."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not a token file. Restore it, or remove it and run `caseway up` for new tokens."
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. With `person` set, the token acts as this person only."""

    label: str
    scope: Scope
    person: str | None = None

    def may(self, *scopes: Scope) -> bool:
        """Whether this caller has one of the scopes; `admin` has all."""
        return self.scope == "admin" or self.scope in scopes


class Tokens:
    """A token file. It is read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._entries: Mapping[str, Mapping[str, Any]] = {}

    def make_first(self) -> dict[Scope, str]:
        """One token per scope, if there is no file yet; else none.

        Returns:
            Scope -> token. This is the only time that they can be seen.
        """
        if self._path.exists():
            return {}
        return {scope: self.make(label=scope, scope=scope) for scope in SCOPES}

    def make(self, *, label: str, scope: Scope, person: str | None = None) -> str:
        """A new token, kept as a hash. `label` stands for it in audit and logs."""
        name, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        entry = {
            "hash": _hash(secret),
            "label": label,
            "scope": scope,
            "person": person,
            "madeAt": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        self._write({**self._read(), name: entry})
        return f"{_PREFIX}_{name}_{secret}"

    def revoke(self, token: str) -> None:
        """Let a token open nothing any more."""
        name = token.split("_", 2)[1]
        self._write({each: entry for each, entry in self._read().items() if each != name})

    def caller(self, token: str) -> Caller | None:
        """Whose token this is; None where it is not one of ours."""
        prefix, _, rest = token.partition("_")
        name, _, secret = rest.partition("_")
        entry = self._read().get(name, {})
        # Compared even where there is no entry, so that time tells nothing.
        known = hmac.compare_digest(str(entry.get("hash", "")), _hash(secret))
        if not known or prefix != _PREFIX:
            return None
        return Caller(entry["label"], entry["scope"], entry.get("person"))

    def _read(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return {}
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._entries, self._stamp = self._entries_in_file(), stamp
        return self._entries

    def _entries_in_file(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            entries = json.loads(self._path.read_text("utf-8"))["tokens"]
        except (ValueError, KeyError, TypeError) as error:
            raise TokensDamaged(self._path) from error
        if not isinstance(entries, dict):
            raise TokensDamaged(self._path)
        return entries

    def _write(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A temporary file is 0600 from its first byte, and replaces the old one whole.
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".tokens-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"tokens": dict(entries)}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._path)


def _hash(secret: str) -> str:
    # The secret has 256 random bits: a plain digest cannot be guessed backwards.
    return hashlib.sha256(secret.encode()).hexdigest()
