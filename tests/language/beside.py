"""Documents that lie beside a definition, for tests: nothing is read from disk or network."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from language.resources import Resource, ResourceLater, ResourceMissing, is_address


class Beside:
    """Files and addresses by name; addresses may be out of reach, as in `caseway validate`."""

    def __init__(self, documents: Mapping[str, str], *, online: bool = True) -> None:
        self._documents = documents
        self._online = online
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def read(self, address: str, login: Mapping[str, str]) -> Resource:
        """Give the document."""
        self.asked.append((address, login))
        if is_address(address) and not self._online:
            raise ResourceLater
        text = self._documents.get(address)
        if text is None:
            raise ResourceMissing("it answers 404 Not Found" if is_address(address) else "no file")
        return Resource(address, text, hashlib.sha256(text.encode()).hexdigest())


class StandIn:
    """In place of the functions and schemas that foreign files name, and that are not at hand.

    A function gives back what it is given; a JSON Schema, which its address tells, asks for nothing.
    """

    def read(self, address: str, login: Mapping[str, str]) -> Resource:
        """Give the one or the other."""
        del login
        text = "{}\n" if "schema" in address.lower() else "set: '${ . }'\n"
        return Resource(address, text, hashlib.sha256(text.encode()).hexdigest())
