"""Functions, schemas and documents that foreign definitions name: addresses are fetched from the stub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from cases.fetching import Fetching
from language.resources import Resource, is_address
from tests.foreign.stub import Stub
from tests.language.beside import StandIn

Json = Any


class Elsewhere:
    """What publishing reads: the real fetching up to its transport, and files beside the definition.

    A file that is not at hand, because the folder holds a part of its corpus, is stood in for.
    """

    def __init__(self, documents: Mapping[str, Json], folder: Path | None = None) -> None:
        stub = Stub(documents=documents)
        self._fetching = Fetching(httpx.MockTransport(stub.answer))
        self._folder = folder

    def read(self, address: str, login: Mapping[str, str]) -> Resource:
        """The document."""
        if is_address(address):
            return self._fetching.resource(address, login)
        file = None if self._folder is None else self._folder / address
        if file is not None and file.is_file():
            text = file.read_text(encoding="utf-8")
            return Resource(address, text, StandIn().read(address, login).digest)
        return StandIn().read(address, login)
