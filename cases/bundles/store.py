"""What a store of published definitions offers, wherever it keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from language.bundle import Bundle


class BundleStore(Protocol):
    """Published definitions. A bundle never changes once it is there.

    Several processes may read and publish at the same time. Publishing happens on a terminal or
    beside a file watcher, so it blocks; reading happens in servers, so it is awaited.
    """

    def publish(self, bundle: Bundle) -> bool:
        """Keep a bundle under its own version; False where exactly this one is there already.

        Raises:
            BundleConflict: the version is there with other content.
        """
        ...

    def publish_development(self, bundle: Bundle) -> str | None:
        """Keep a bundle under the next development version, and give that version.

        None where its content is the newest one already. Development versions lead up to the
        version that the bundle names, or, where that one is published, to the patch after it.
        """
        ...

    async def newest(self, name: str, version: str | None = None) -> Bundle | None:
        """The newest bundle of a name within a range of versions, or None.

        Newest by precedence of semantic versions. `version` is None or `latest` for the newest of
        all, an exact version, or a range such as `^1.2` or `>=1.0.0 <2.0.0`. What is not a range
        fits nothing.
        """
        ...

    async def by_digest(self, digest: str) -> Bundle | None:
        """The bundle with this digest, or None."""
        ...

    async def names(self) -> Sequence[str]:
        """Names of all published definitions, sorted."""
        ...

    async def versions(self, name: str) -> Sequence[str]:
        """All published versions of a name, newest first."""
        ...


class OrganizationStore(Protocol):
    """Organization documents: one is in force, none is ever forgotten."""

    def put_organization(self, document: Mapping[str, Any]) -> str:
        """Make this document the one in force; its digest."""
        ...

    async def current(self) -> Mapping[str, Any]:
        """The document in force; an empty one where none was ever put."""
        ...

    async def calendar(self, digest: str) -> Mapping[str, Any] | None:
        """A calendar by the digest that readings of it carry, from any document, or None."""
        ...
