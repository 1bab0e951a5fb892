"""What a case asks of the store of definitions: its own plan, and how another case is started."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from temporalio.exceptions import ApplicationError

from activities.ports import BundleStore, CaseDoor, Json

SHOWN_NAMES = 10


class Definitions:
    """Reads of published definitions."""

    def __init__(self, bundles: BundleStore, cases: CaseDoor, *, announces: bool = False) -> None:
        self._bundles = bundles
        self._cases = cases
        self._announces = announces

    async def load(self, request: Mapping[str, Json]) -> Json:
        """`definition.load`: {name, version} -> what a case keeps, see `Bundle.pinned`.

        `announces` says that there is a sink for the case's lifecycle events.

        Raises:
            ApplicationError: type `DefinitionNotFound`, not retried: the name or version is wrong.
        """
        name, version = request["name"], request.get("version")
        bundle = await self._bundles.newest(name, version)
        if bundle is None:
            known = await self._bundles.names()
            raise ApplicationError(
                _not_found(name, version, known), type="DefinitionNotFound", non_retryable=True
            )
        return bundle.pinned | ({"announces": True} if self._announces else {})

    async def start(self, request: Mapping[str, Json]) -> Json:
        """`definition.start`: {definition, version, input, key, drill?} -> {version, key, id}."""
        prepared = await self._cases.prepare(
            request["definition"],
            request.get("version"),
            request.get("input"),
            request.get("key"),
            drill=request.get("drill") is True,
        )
        return {"version": prepared.version, "key": prepared.key, "id": prepared.id}


def _not_found(name: str, version: str | None, known: Sequence[str]) -> str:
    if name in known:
        return f'No published version of "{name}" fits "{version}".'
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        hint = f'Did you mean "{close[0]}"?'
    elif known:
        hint = f"Published: {', '.join(known[:SHOWN_NAMES])}."
    else:
        hint = "Nothing is published yet."
    return f'No definition "{name}" is published. {hint}'
