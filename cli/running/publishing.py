"""Publishes what `caseway up` watches: clean definitions as development versions, findings of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cases.fetching import Fetching
from language.bundle import Bundle
from language.files import compile_folder, definition_folders, find_organization, read_organization
from language.findings import as_text, has_errors
from language.organization import Organization
from outgoing.rules import Rules


class Store(Protocol):
    """The part of the bundle store that `up` uses."""

    def publish_development(self, bundle: Bundle) -> str | None:
        """Keep the bundle under the next development version; None where its content is the newest already."""
        ...

    def put_organization(self, document: dict[str, Any]) -> object:
        """Make this the organization document in force."""
        ...


@dataclass(slots=True)
class Publisher:
    """Publishes a folder of definitions, again and again."""

    folder: Path
    store: Store
    say: Callable[[str], None]
    amend: Callable[[dict[str, Any]], dict[str, Any]] = lambda document: document
    """What this run changes in the organization document before it is in force."""
    rules: Rules = field(default_factory=Rules)
    """Which addresses may be fetched from."""

    def publish(self, changed: Collection[Path] | None = None) -> None:
        """Publish everything that is clean, and print the findings of what is not.

        Args:
            changed: The files that changed: only findings in their definitions are printed. None prints all.
        """
        place = find_organization(self.folder)
        organization = None
        if place is not None:
            organization = self._publish_organization(place, changed)
            if organization is None:
                return
        folders = definition_folders(self.folder)
        known = [each.name for each in folders]
        with Fetching(rules=self.rules) as network:
            for each in folders:
                self._publish_one(each, organization, known, changed, network)

    def _publish_organization(
        self, place: Path, changed: Collection[Path] | None
    ) -> Organization | None:
        organization, findings = read_organization(place)
        if has_errors(findings):
            self.say(as_text(findings, {}))
            self.say("The organization data were not taken; the last good ones stay in force.")
            return None
        self.store.put_organization(self.amend(organization.to_json()))
        if changed and any(path.is_relative_to(place) for path in changed):
            self.say("The organization data were taken.")
        return organization

    def _publish_one(
        self,
        folder: Path,
        organization: Organization | None,
        known: list[str],
        changed: Collection[Path] | None,
        network: Fetching,
    ) -> None:
        compiled = compile_folder(folder, organization, known, network.resource)
        if compiled.bundle is None:
            if changed is None or any(path.is_relative_to(folder) for path in changed):
                self.say(as_text(compiled.findings, compiled.texts))
                self.say(f"{folder.name} was not published; its last good version stays.")
            return
        version = self.store.publish_development(compiled.bundle)
        if version is not None:
            self.say(f"Published {compiled.bundle.name}@{version}.")
