"""Bundles and organization documents in a folder: one file each, written once, never changed."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from cases.bundles.versions import Version, in_range
from cases.errors import BundleConflict, BundleDamaged
from language.bundle import Bundle
from service.digests import canonical, digest_of


class FolderBundles:
    """A store in a folder: `<name>/<version>.json`, `organization/<digest>.json`, `organization/current`.

    Several processes may read and publish at once: a file appears whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(self, bundle: Bundle) -> None:
        """Keep a bundle for ever; the same one again changes nothing.

        Raises:
            BundleConflict: the version exists with other content.
        """
        place = self._place(bundle.name, bundle.version)
        if not _create(place, json.dumps(bundle.to_json(), ensure_ascii=False)):
            kept = self._read(place)
            if kept.digest != bundle.digest:
                raise BundleConflict(bundle.name, bundle.version)

    def publish_development(self, bundle: Bundle) -> str | None:
        """Keep a bundle under the next development version; None where its content is the newest.

        Where the plain version is published already, the next patch is the base.
        """
        while True:
            versions = self.versions(bundle.name)
            if versions:
                newest = self._read(self._place(bundle.name, str(versions[-1])))
                if newest.content_digest == bundle.content_digest:
                    return None
            base = Version.parse(bundle.version).release
            if base in versions:
                base = base.next_patch()
            taken = [v.development_number or 0 for v in versions if v.release == base]
            version = str(base.development(max(taken, default=0) + 1))
            try:
                self.publish(bundle.under_version(version))
            except BundleConflict:
                continue
            return version

    def versions(self, name: str) -> list[Version]:
        """All published versions of a definition, by precedence."""
        files = (self._folder / name).glob("*.json") if _is_name(name) else ()
        return sorted(Version.parse(file.stem) for file in files)

    def newest(self, name: str, version: str | None = None) -> Bundle | None:
        """The newest bundle of a name, within a range where one is given; or None."""
        wanted = None if version in (None, "latest") else version
        found = [each for each in self.versions(name) if in_range(each, wanted)]
        return self._read(self._place(name, str(found[-1]))) if found else None

    def put_organization(self, document: dict[str, Any]) -> str:
        """Make a document the one in force; returns its digest."""
        digest = digest_of(document)
        folder = self._folder / "organization"
        _create(folder / f"{digest}.json", canonical(document))
        _replace(folder / "current", digest)
        return digest

    def organization(self, digest: str | None = None) -> dict[str, Any] | None:
        """The document in force, or the one with a digest; None where there is none.

        Raises:
            BundleDamaged: the file does not have the content of its digest.
        """
        folder = self._folder / "organization"
        try:
            name = digest or (folder / "current").read_text(encoding="utf-8")
            document: dict[str, Any] = json.loads((folder / f"{name}.json").read_bytes())
        except FileNotFoundError:
            return None
        if digest_of(document) != name:
            raise BundleDamaged(str(folder / f"{name}.json"))
        return document

    def _place(self, name: str, version: str) -> Path:
        return self._folder / name / f"{version}.json"

    def _read(self, place: Path) -> Bundle:
        data = json.loads(place.read_bytes())
        bundle = Bundle.from_json(data)
        if bundle.digest != data["digest"]:
            raise BundleDamaged(str(place))
        return bundle


def _is_name(name: str) -> bool:
    """Names of definitions only: nothing that leads out of the folder."""
    return bool(name) and all(sign.isalnum() or sign == "-" for sign in name)


def _create(place: Path, text: str) -> bool:
    """Write a file that is not there yet; False where it is."""
    if place.exists():
        return False
    written = _written(place, text)
    try:
        os.link(written, place)
    except FileExistsError:
        return False
    finally:
        written.unlink()
    return True


def _replace(place: Path, text: str) -> None:
    _written(place, text).replace(place)


def _written(place: Path, text: str) -> Path:
    """The text in a file beside the place, safe on disk."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
