"""`publish`: definitions of a folder become bundles that cases can start from.

What has errors is not published; what is published never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cases.errors import BundleConflict, DefinitionInvalid
from cases.fetching import Fetching
from language.bundle import Bundle
from language.files import (
    DEFINITION,
    Compiled,
    Fetch,
    compile_folder,
    definition_folders,
    find_organization,
    read_organization,
)
from language.findings import Finding, has_errors
from language.organization import Organization

if TYPE_CHECKING:
    from cases.bundles.store import BundleStore, OrganizationStore


@dataclass(frozen=True, slots=True)
class Published:
    """A bundle that is now in the store. `new` is False where exactly it was there before."""

    name: str
    version: str
    digest: str
    new: bool


class Publication:
    """All definitions under some paths, compiled; nothing is stored before `store` is called.

    Their organization data belong to it. A path to nothing but organization data means just that.

    `findings` has what is wrong with any of them, warnings included, and `texts` the files that
    the findings quote.
    """

    def __init__(self, paths: Sequence[Path], fetch: Fetch | None = None) -> None:
        """Compile; `fetch` reads what a definition names by address, by default over the network."""
        self.texts: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.organizations: list[Organization] = []
        self.compiled: list[Compiled] = []
        known: dict[Path | None, Organization | None] = {None: None}

        def organization_at(place: Path | None) -> Organization | None:
            if place not in known:
                known[place] = self._read_organization(place)
            return known[place]

        with Fetching() as network:
            self._compile(paths, organization_at, fetch or network.resource)

    def _compile(
        self,
        paths: Sequence[Path],
        organization_at: Callable[[Path | None], Organization | None],
        fetch: Fetch,
    ) -> None:
        for path in paths:
            folders = list(_folders(path))
            if not folders:
                organization_at(_own_organization(path))
            for folder in folders:
                organization = organization_at(find_organization(folder))
                names = [each.name for each in definition_folders(folder.resolve().parent)]
                compiled = compile_folder(folder, organization, names, fetch)
                self.compiled.append(compiled)
                self.findings += compiled.findings
                self.texts |= compiled.texts

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """The bundles of all definitions without errors, in order of their folders."""
        return tuple(each.bundle for each in self.compiled if each.bundle is not None)

    async def store(
        self, bundles: BundleStore, organizations: OrganizationStore
    ) -> list[Published]:
        """Publish everything, or nothing where any definition has errors or a version is taken.

        Raises:
            DefinitionInvalid: a definition, or the organization data, has errors.
            BundleConflict: a version is published with other content.
        """
        if has_errors(self.findings):
            name = next(
                (each.file.parent.name for each in self.compiled if each.bundle is None),
                "organization",
            )
            raise DefinitionInvalid(name, self.findings)
        for bundle in self.bundles:
            there = await bundles.newest(bundle.name, bundle.version)
            if there is not None and there.digest != bundle.digest:
                raise BundleConflict(bundle.name, bundle.version)
        for organization in self.organizations:
            organizations.put_organization(organization.to_json())
        published = []
        for bundle in self.bundles:
            new = bundles.publish(bundle)
            published.append(Published(bundle.name, bundle.version, bundle.digest, new))
        return published

    def _read_organization(self, place: Path | None) -> Organization | None:
        if place is None:
            return None
        organization, findings = read_organization(place)
        self.findings += findings
        self.organizations.append(organization)
        return organization


def _folders(path: Path) -> Iterator[Path]:
    """The definitions that a path means: a process.yaml, its folder, or a folder of many.

    Raises:
        FileNotFoundError: there is nothing at the path.
    """
    if not path.exists():
        raise FileNotFoundError(str(path))
    if path.is_file():
        yield path.parent if path.name == DEFINITION else path
        return
    yield from definition_folders(path)


def _own_organization(path: Path) -> Path | None:
    """The organization data at a path or right below it, none from further away."""
    place = find_organization(path)
    if place is not None and place.resolve() in (path.resolve(), path.resolve() / "organization"):
        return place
    return None
