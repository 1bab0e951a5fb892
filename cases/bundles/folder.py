"""Published definitions and organization data in a folder.

    definitions/<name>/<version>          the digest that this version has
    content/<digest>.json                 the bundle
    organization/current                  the digest of the document in force
    organization/documents/<digest>.json
    organization/calendars/<digest>.json

Everything but `current` is written once. Content is checked against its digest when it is read.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cases.bundles.files import read, write_new, write_over
from cases.bundles.versions import Version, in_range
from cases.errors import BundleConflict, BundleDamaged
from language.bundle import Bundle
from language.digest import canonical_json, digest
from service.digests import canonical, digest_of

KEPT_IN_MEMORY = 128
"""Bundles, and calendars, that need not be read again."""

Value = TypeVar("Value")

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,253}[A-Za-z0-9])?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FolderBundles:
    """The stores of bundles and of organization data, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bundles: OrderedDict[str, Bundle] = OrderedDict()
        self._calendars: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._organization: tuple[str, Mapping[str, Any]] | None = None

    # --- definitions ----------------------------------------------------------------------------

    def publish(self, bundle: Bundle) -> bool:
        """Keep a bundle under its own version; False where exactly this one is there already.

        Raises:
            BundleConflict: the version is there with other content.
        """
        version = str(Version.parse(bundle.version))
        content = self._folder / "content" / f"{bundle.digest}.json"
        write_new(content, canonical_json(bundle.to_json()).encode("utf-8", "surrogatepass"))
        if write_new(self._place(bundle.name) / version, bundle.digest.encode()):
            return True
        if self._digest_of_version(bundle.name, version) != bundle.digest:
            raise BundleConflict(bundle.name, version)
        return False

    def publish_development(self, bundle: Bundle) -> str | None:
        """Keep a bundle under the next development version, and give that version.

        None where its content is the newest one already.
        """
        while True:
            published = self._versions(bundle.name)
            if published:
                newest = self._read_version(bundle.name, published[0])
                if newest is not None and newest.content_digest == bundle.content_digest:
                    return None
            version = str(_next_development(Version.parse(bundle.version), published))
            try:
                self.publish(bundle.under_version(version))
            except BundleConflict:
                # Another process took the number in between.
                continue
            return version

    async def newest(self, name: str, version: str | None = None) -> Bundle | None:
        """The newest bundle of a name within a range of versions, or None."""
        return await asyncio.to_thread(self._newest, name, version)

    async def by_digest(self, digest: str) -> Bundle | None:
        """The bundle with this digest, or None."""
        return await asyncio.to_thread(self._read_bundle, digest)

    async def names(self) -> Sequence[str]:
        """Names of all published definitions, sorted."""
        return await asyncio.to_thread(self._names)

    async def versions(self, name: str) -> Sequence[str]:
        """All published versions of a name, newest first."""
        return [str(each) for each in await asyncio.to_thread(self._versions, name)]

    def _newest(self, name: str, wanted: str | None) -> Bundle | None:
        try:
            found = [each for each in self._versions(name) if in_range(each, wanted)]
        except ValueError:
            return None
        return self._read_version(name, found[0]) if found else None

    def _names(self) -> list[str]:
        place = self._folder / "definitions"
        return sorted(each.name for each in place.iterdir()) if place.is_dir() else []

    def _versions(self, name: str) -> list[Version]:
        """Newest first."""
        # Any text may come as a name from outside; only the form of a name may reach the disk.
        if not _NAME.fullmatch(name):
            return []
        place = self._place(name)
        if not place.is_dir():
            return []
        found = [each.name for each in place.iterdir() if not each.name.startswith(".")]
        return sorted((Version.parse(each) for each in found), reverse=True)

    def _read_version(self, name: str, version: Version) -> Bundle | None:
        found = self._digest_of_version(name, str(version))
        return None if found is None else self._read_bundle(found)

    def _digest_of_version(self, name: str, version: str) -> str | None:
        content = read(self._place(name) / version)
        return None if content is None else content.decode("ascii", "replace").strip()

    def _read_bundle(self, digest: str) -> Bundle | None:
        known = self._bundles.get(digest)
        if known is not None:
            return known
        if not _DIGEST.fullmatch(digest):
            return None
        place = self._folder / "content" / f"{digest}.json"
        content = read(place)
        if content is None:
            return None
        try:
            bundle = Bundle.from_json(json.loads(content))
            intact = bundle.digest == digest
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BundleDamaged(str(place)) from error
        if not intact:
            raise BundleDamaged(str(place))
        _keep(self._bundles, digest, bundle)
        return bundle

    def _place(self, name: str) -> Path:
        return self._folder / "definitions" / name

    # --- organization ---------------------------------------------------------------------------

    def put_organization(self, document: Mapping[str, Any]) -> str:
        """Make this document the one in force; its digest."""
        place = self._folder / "organization"
        named = digest(document)
        for calendar in (document.get("calendars") or {}).values():
            # By the digest that readings of the calendar carry, for clocks that keep theirs.
            write_new(
                place / "calendars" / f"{digest_of(calendar)}.json", canonical(calendar).encode()
            )
        write_new(place / "documents" / f"{named}.json", canonical_json(document).encode())
        if read(place / "current") != named.encode():
            write_over(place / "current", named.encode())
        return named

    async def current(self) -> Mapping[str, Any]:
        """The document in force; an empty one where none was ever put."""
        return await asyncio.to_thread(self._current)

    async def calendar(self, digest: str) -> Mapping[str, Any] | None:
        """A calendar by the digest that readings of it carry, from any document, or None."""
        return await asyncio.to_thread(self._read_calendar, digest)

    def _current(self) -> Mapping[str, Any]:
        place = self._folder / "organization"
        content = read(place / "current")
        if content is None:
            return {}
        named = content.decode("ascii", "replace").strip()
        known = self._organization
        if known is not None and known[0] == named:
            return known[1]
        file = place / "documents" / f"{named}.json"
        document = _read_json(file)
        if document is None or digest(document) != named:
            raise BundleDamaged(str(file))
        self._organization = (named, document)
        return document

    def _read_calendar(self, digest: str) -> Mapping[str, Any] | None:
        known = self._calendars.get(digest)
        if known is not None:
            return known
        if not _DIGEST.fullmatch(digest):
            return None
        file = self._folder / "organization" / "calendars" / f"{digest}.json"
        calendar = _read_json(file)
        if calendar is None:
            return None
        if digest_of(calendar) != digest:
            raise BundleDamaged(str(file))
        _keep(self._calendars, digest, calendar)
        return calendar


def _next_development(base: Version, published: Sequence[Version]) -> Version:
    """The development version after all published ones on the way to `base`.

    A published release needs a new number to lead up to: the first free patch after it.
    """
    base = base.release
    while base in published:
        base = base.next_patch()
    numbers = [each.development_number or 0 for each in published if each.release == base]
    return base.development(max(numbers, default=0) + 1)


def _read_json(file: Path) -> Mapping[str, Any] | None:
    content = read(file)
    if content is None:
        return None
    try:
        document: Mapping[str, Any] = json.loads(content)
    except ValueError as error:
        raise BundleDamaged(str(file)) from error
    return document


def _keep(kept: OrderedDict[str, Value], key: str, value: Value) -> None:
    kept[key] = value
    while len(kept) > KEPT_IN_MEMORY:
        kept.popitem(last=False)
