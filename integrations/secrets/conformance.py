"""What every store of secrets must do; each implementation's test subclasses the suite."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from integrations.errors import NotAuthorized
from integrations.secrets.interface import Secrets


class SecretsConformance(ABC):
    """Tests of one store; `holding` gives one that holds these values."""

    @abstractmethod
    def holding(self, values: Mapping[str, Any]) -> Secrets:
        """A store with these secrets."""

    def test_texts_and_objects_come_back(self) -> None:
        """A secret is one text, or JSON with several."""
        values = {"key": "s3cret word", "login": {"username": "u", "password": "p"}}
        store = self.holding(values)
        for name, value in values.items():
            assert asyncio.run(store.read(name)) == value

    def test_a_missing_secret_is_named(self) -> None:
        """Whoever runs Caseway reads which one is missing; no other one is shown."""
        store = self.holding({"other": "s3cret word"})
        for name in ("missing", "other/../other", "../other", ".", "", "a\x00b"):
            error = asyncio.run(_refusal(store, name))
            assert error.status == 403
            assert "s3cret" not in str(error)
            assert repr(name)[1:-1] in str(error)


async def _refusal(store: Secrets, name: str) -> NotAuthorized:
    try:
        await store.read(name)
    except NotAuthorized as error:
        return error
    raise AssertionError(f"there is no secret {name!r}")
