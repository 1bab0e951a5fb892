"""Signed links in mails: who has one may answer one work item as one person, until it expires.

A token is `<key id>.<claims>.<signature>`: base64url without padding, HMAC-SHA256. The newest key
signs; older ones still open the links that they have signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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


class Links:
    """Makes and reads the links of one installation.

    Args:
        keys: Key id -> key, the newest first; see `cases.link_keys`.
        base_url: Where people reach the API.
        valid_for: How long a link opens its page.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        base_url: str,
        *,
        valid_for: timedelta = VALID_FOR,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._keys = keys
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


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
