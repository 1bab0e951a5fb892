"""Signed links in mails: who has one may answer one work item as one person, until it expires.

A token is `<key id>.<claims>.<signature>`: base64url without padding, HMAC-SHA256. Keys lie in one
file, the newest first; older ones still open the links that they have signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

VALID_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LinkClaims:
    """What a signed link says: this person may answer this work item of this case."""

    case: str
    item: str
    person: str


class LinkExpired(Exception):
    """The link was valid once."""


class LinkInvalid(Exception):
    """The link is not one of ours, or was changed."""


class LinkKeysDamaged(Exception):
    """The key file is there but cannot be read as one."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not a file of link keys. Restore it, or remove it: "
            "links in mails that were sent before will not open any more."
        )
        self.path = path


class Links:
    """Makes and reads the links of one installation."""

    def __init__(
        self,
        keys: Mapping[str, bytes],
        base_url: str,
        *,
        valid_for: timedelta = VALID_FOR,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._keys = dict(keys)
        self._base_url = base_url.rstrip("/")
        self._valid_for = valid_for
        self._now = now

    def answer(self, case: str, item: str, person: str) -> str:
        """Address of the page where this person answers this work item."""
        expires = int((self._now() + self._valid_for).timestamp())
        claims = json.dumps([case, item, person, expires], separators=(",", ":"))
        name = next(iter(self._keys))
        signed = f"{name}.{_encode(claims.encode())}"
        return f"{self._base_url}/l/{signed}.{_encode(self._sign(name, signed))}"

    def read(self, token: str) -> LinkClaims:
        """What a token says.

        Raises:
            LinkExpired: it was valid once.
            LinkInvalid: it is not ours.
        """
        signed, _, signature = token.rpartition(".")
        name, _, claims = signed.partition(".")
        if name not in self._keys:
            raise LinkInvalid
        expected = _encode(self._sign(name, signed)).encode()
        if not hmac.compare_digest(expected, signature.encode("utf-8", "replace")):
            raise LinkInvalid
        # Only what we have signed is read any further.
        case, item, person, expires = json.loads(_decode(claims))
        if self._now().timestamp() >= expires:
            raise LinkExpired
        return LinkClaims(case, item, person)

    def case_of(self, token: str) -> str | None:
        """The case that a token names; None where it is not ours or too old."""
        try:
            return self.read(token).case
        except (LinkExpired, LinkInvalid):
            return None

    def _sign(self, name: str, text: str) -> bytes:
        return hmac.new(self._keys[name], text.encode("utf-8", "replace"), hashlib.sha256).digest()


def read_keys(path: Path) -> Mapping[str, bytes]:
    """The keys of a file, the newest first; made, for its owner only, where there is none.

    Raises:
        LinkKeysDamaged: it is not a file of keys.
        OSError: it cannot be read or written.
    """
    if not path.exists():
        _make(path)
    try:
        keys = {
            str(each["id"]): bytes.fromhex(each["key"])
            for each in json.loads(path.read_text("utf-8"))["keys"]
        }
    except (ValueError, KeyError, TypeError) as error:
        raise LinkKeysDamaged(path) from error
    if not keys or any(len(key) < 32 for key in keys.values()):
        raise LinkKeysDamaged(path)
    return keys


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A temporary file is 0600 from its first byte.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".links-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            keys = [{"id": secrets.token_hex(3), "key": secrets.token_hex(32)}]
            json.dump({"keys": keys}, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            # Another process was faster: its keys count.
            return
    finally:
        Path(draft).unlink(missing_ok=True)


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise LinkInvalid from error
