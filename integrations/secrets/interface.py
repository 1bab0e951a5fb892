"""What Caseway needs from a store of secrets: the value behind a name, at the moment of a call."""

from __future__ import annotations

from typing import Any, Protocol


class Secrets(Protocol):
    """Secrets by the names that definitions declare under `use.secrets`."""

    async def read(self, name: str) -> Any:
        """The secret's value: a text, or JSON where it holds several things.

        Read at every call, so that a secret can be changed while cases run.

        Raises:
            NotAuthorized: status 403, which is the standard's authorization error; there is no such secret, or we may not read it. The text
                names the secret and says how to provide it; it never holds a value.
            Unavailable: the store does not answer now.
        """
        ...
