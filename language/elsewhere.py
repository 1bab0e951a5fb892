"""Functions and schemas of other files and addresses, each read and checked once per definition."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from language.resources import (
    Resource,
    ResourceLater,
    ResourceMissing,
    Resources,
    absolute,
    is_address,
    machine_readable,
)
from language.source import Node, Source, read_source

if TYPE_CHECKING:
    from language.draft import Draft

DEEPEST = 20
"""Functions that call functions of other files: more is no design, but a chain without an end."""


class LoginUnusable(Exception):
    """A login that publishing cannot carry out; the argument says why."""


@dataclass(slots=True)
class Elsewhere:
    """What one definition reads from elsewhere. Shared by it and the functions that it uses."""

    resources: Resources
    sources: dict[str, Source | ResourceMissing | ResourceLater] = field(default_factory=dict)
    texts: dict[str, Resource | ResourceMissing | ResourceLater] = field(default_factory=dict)
    """Documents that are not in our YAML: those of OpenAPI."""
    functions: dict[str, Draft] = field(default_factory=dict)
    """Address -> the function, as a draft of its own. Grows while drafts are checked."""
    used: dict[str, Resource] = field(default_factory=dict)
    """What the plan was made of, by address."""

    def source(self, reference: str, base: str, login: Mapping[str, str]) -> tuple[str, Source]:
        """The document that a reference means, read once; with its address.

        Raises:
            ResourceMissing, ResourceLater: it cannot be had, or not yet.
        """
        address = machine_readable(absolute(reference, base))
        found = self.sources.get(address)
        if found is None:
            found = self.sources[address] = self._read(address, base, login)
        if not isinstance(found, Source):
            raise found
        return address, found

    def text(self, reference: str, base: str, login: Mapping[str, str]) -> Resource:
        """The document that a reference means as it was read, in whatever language, read once.

        Raises:
            ResourceMissing, ResourceLater: it cannot be had, or not yet.
        """
        address = machine_readable(absolute(reference, base))
        found = self.texts.get(address)
        if found is None:
            found = self.texts[address] = self._document(address, base, login)
        if not isinstance(found, Resource):
            raise found
        return found

    def _read(
        self, address: str, base: str, login: Mapping[str, str]
    ) -> Source | ResourceMissing | ResourceLater:
        resource = self._document(address, base, login)
        if not isinstance(resource, Resource):
            return resource
        return read_source(resource.text, resource.file or address)

    def _document(
        self, address: str, base: str, login: Mapping[str, str]
    ) -> Resource | ResourceMissing | ResourceLater:
        if is_address(base) and not is_address(address):
            return ResourceMissing("a document of an address cannot name a file of this machine")
        try:
            resource = self.resources.read(address, login)
        except (ResourceMissing, ResourceLater) as error:
            return error
        self.used[address] = resource
        return resource

    def all_functions(self) -> Iterator[Draft]:
        """Every function that was read, those that functions call included."""
        seen = 0
        while seen < len(self.functions):
            # Checking one may bring others.
            yield list(self.functions.values())[seen]
            seen += 1

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be fetched."""
        read = (*self.sources.values(), *self.texts.values())
        return not any(isinstance(each, ResourceLater) for each in read)


def login_of(endpoint: Node | None, policies: Node) -> dict[str, str]:
    """The headers for an endpoint, as far as what is written in the definition suffices.

    Raises:
        LoginUnusable: it needs a secret, or more than one request.
    """
    authentication = endpoint.get("authentication") if endpoint is not None else None
    if authentication is None:
        return {}
    name = authentication.get("use")
    policy = policies.get(name.text or "") if name is not None else authentication
    if policy is None:
        return {}
    basic, bearer = policy.get("basic"), policy.get("bearer")
    if basic is not None and basic.get("username") is not None:
        user, password = (str((basic.get(key) or basic).scalar) for key in ("username", "password"))
        return {
            "Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        }
    if bearer is not None and (token := bearer.get("token")) is not None:
        if token.text is not None and not token.text.lstrip().startswith("${"):
            return {"Authorization": f"Bearer {token.text}"}
    raise LoginUnusable(
        "its login needs a secret or a server of its own, which publishing does not have"
    )
