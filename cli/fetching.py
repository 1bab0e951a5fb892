"""Fetching for commands that hardly ever need it: the network is opened at the first address."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cases.fetching import Fetching
    from language.resources import Resource


class LateFetching:
    """Reads addresses like `Fetching`, which most definitions never call for."""

    @cached_property
    def _network(self) -> Fetching:
        from cases.fetching import Fetching
        from cli.installation import read_settings
        from outgoing.rules import Rules

        settings = read_settings()
        return Fetching(rules=Rules.of(settings.outgoing_hosts, settings.outgoing_networks))

    def resource(self, address: str, login: Mapping[str, str]) -> Resource:
        """As `Fetching.resource`."""
        return self._network.resource(address, login)
