"""Moving running cases to another version of their definition: looked at first, then done."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from cases.bundles.store import BundleStore
from cases.errors import CaseEnded, DefinitionNotFound, Refused
from cases.standing import standing
from cases.temporal_errors import answered_within
from cases.updates import update
from language.bundle import Bundle

LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one case: `state` is would-migrate, migrated, accepted, refused or same.

    `accepted` is of a case whose running actions were not over in time: it moves when they are.
    """

    case: str
    state: str
    version: str | None = None
    """The version on which it runs now."""
    to: str | None = None
    obstacles: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    at: str = ""
    """Where it stands."""

    def to_json(self) -> dict[str, Any]:
        """As doors tell it."""
        return {
            "case": self.case,
            "state": self.state,
            "from": self.version,
            "to": self.to,
            "at": self.at,
            "obstacles": [dict(each) for each in self.obstacles],
        }


async def target(bundles: BundleStore, definition: str, to: str) -> Bundle:
    """The version to move to.

    Raises:
        DefinitionNotFound: it is not published.
    """
    bundle = await bundles.newest(definition, to)
    if bundle is None:
        raise DefinitionNotFound(definition, to, await bundles.names())
    return bundle


async def look(
    client: Client, case: str, bundle: Bundle, step_map: Mapping[str, Any], seconds: float
) -> Move:
    """What moving a case would do; nothing is changed.

    Raises:
        Refused: the map or the version cannot be.
        CaseNotFound, CaseEnded, WorkerSilent, ServerUnavailable.
    """
    there = await standing(client, case, seconds)
    if there is not None and not there.runs:
        raise CaseEnded(case)
    async with answered_within(client, case, seconds):
        told: dict[str, Any] = await client.get_workflow_handle(case).query(
            "migration",
            {"plan": dict(bundle.pinned), "map": dict(step_map)},
            result_type=dict,
            rpc_timeout=timedelta(seconds=seconds),
        )
    if "refused" in told:
        raise Refused(str(told["refused"]))
    before = told["from"]
    if before["digest"] == bundle.digest:
        return Move(case, "same", before["version"], bundle.version, at=told["at"])
    state = "refused" if told["obstacles"] else "would-migrate"
    obstacles = tuple(told["obstacles"])
    return Move(case, state, before["version"], bundle.version, obstacles, told["at"])


async def move(
    client: Client,
    case: str,
    bundle: Bundle,
    step_map: Mapping[str, Any],
    *,
    by: str,
    reason: str | None,
    seconds: float,
    request_id: str | None = None,
) -> Move:
    """Move a case, as a whole or not at all; waits a while for actions that are under way.

    Raises:
        As `look`.
    """
    looked = await look(client, case, bundle, step_map, seconds)
    if looked.state != "would-migrate":
        return looked
    request = {
        "id": request_id or uuid.uuid4().hex,
        "plan": dict(bundle.pinned),
        "map": dict(step_map),
        "by": by,
        "reason": reason,
    }
    try:
        await update(client, case, "migrate", request, seconds)
    except Refused:
        # It went on between the look and the word.
        again = await look(client, case, bundle, step_map, seconds)
        if again.state == "refused":
            return again
        raise
    for _ in range(int(seconds / LOOK_EVERY)):
        async with answered_within(client, case, seconds):
            view: dict[str, Any] = await client.get_workflow_handle(case).query(
                "show", result_type=dict, rpc_timeout=timedelta(seconds=seconds)
            )
        done = view.get("migrated") or {}
        if done.get("id") == request["id"]:
            return Move(
                case, done["state"], looked.version, bundle.version, tuple(done["obstacles"]), looked.at
            )  # fmt: skip
        await asyncio.sleep(LOOK_EVERY)
    return Move(case, "accepted", looked.version, bundle.version, at=looked.at)
