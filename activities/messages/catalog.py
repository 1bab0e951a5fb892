"""Finds the message that a task names in the bundle of its case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from activities.messages.rendering import NAMES, SYSTEM, Rendered, own_texts, render
from activities.messages.times import UTC, zone_of
from activities.ports import BundleStore
from activities.request import Request
from integrations.errors import Refused, Unavailable


class Messages:
    """Messages of published bundles, and those that come with Caseway."""

    def __init__(self, bundles: BundleStore) -> None:
        self._bundles = bundles

    async def zone(
        self, request: Request, organization: Mapping[str, Any], person: str | None
    ) -> ZoneInfo:
        """The clock of a reader; of the definition's calendar for people from outside."""
        bundle = await self._bundles.by_digest(request.digest)
        calendar = None if bundle is None else bundle.plan.rules.calendar
        return zone_of(organization, person, calendar)

    async def render(
        self,
        request: Request,
        name: str,
        language: str | None,
        zone: ZoneInfo = UTC,
        *,
        organization: Mapping[str, Any] | None = None,
        link: str | None = None,
    ) -> Rendered:
        """A message of the case's own bundle, for a reader with a language and a clock.

        The organization knows the names of people.

        Raises:
            Refused: the bundle has no such message, or it cannot be rendered.
            Unavailable: the bundle is not in the store.
        """
        bundle = await self._bundles.by_digest(request.digest)
        if bundle is None:
            raise Unavailable(SYSTEM, f"the bundle {request.digest[:12]} is not in the store")
        texts = bundle.messages.get(name)
        if not texts:
            known = ", ".join(sorted(bundle.messages)) or "none"
            raise Refused(SYSTEM, f'there is no message "{name}"; {bundle.name} has: {known}')
        seen = _seen(request, request.arguments.get("values"), link)
        return render(name, texts, language, {**seen, NAMES: _names(organization)}, zone)

    def render_own(
        self,
        request: Request,
        name: str,
        language: str | None,
        zone: ZoneInfo = UTC,
        *,
        link: str | None,
        values: Mapping[str, Any],
    ) -> Rendered:
        """A message that comes with Caseway.

        Raises:
            Refused: there is no such message.
        """
        texts = own_texts(name)
        if not texts:
            raise Refused(SYSTEM, f'Caseway has no message "{name}" of its own')
        return render(name, texts, language, _seen(request, values, link), zone)


def _names(organization: Mapping[str, Any] | None) -> dict[str, Any]:
    people = (organization or {}).get("people") or {}
    return {name: entry["name"] for name, entry in people.items() if entry.get("name")}


def _seen(request: Request, values: Mapping[str, Any] | None, link: str | None) -> dict[str, Any]:
    # Facts are what the bundle's own messages read; the rest of the case's fields is there for ours.
    case = {**request.case, **(request.case.get("facts") or {})}
    return {"case": case, "values": values or {}, "link": link}
