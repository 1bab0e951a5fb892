"""Subscriptions and events for tests of routing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from language.plan import EventFilter, Listen
from service.instants import write_instant
from tests.workflows.event_scenarios import written
from workflows.routing.subscriptions import subscription

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def filters(text: str) -> tuple[EventFilter, ...]:
    """Compile filters from a list as `any` has it, in flow style."""
    plan = written("filters", f"do:\n  - a:\n      listen: {{ to: {{ any: {text} }} }}\n")
    task = plan.tasks[0]
    assert isinstance(task, Listen)
    return task.filters


def told(
    id: str = "s1",
    text: str = "[ { with: { type: placed } } ]",
    *,
    to: str = "order:1",
    run: str | None = "run",
    since: datetime = MONDAY,
    expected: Mapping[str, Any] | None = None,
    names: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a router is told of a listener."""
    known = dict(names or {})
    return subscription(
        id, to, run, write_instant(since), filters(text), expected or {}, known.__getitem__
    )


def event(id: str = "e1", data: Any = None, type: str = "placed", **more: Any) -> dict[str, Any]:
    """A CloudEvent."""
    return {
        "specversion": "1.0", "id": id, "source": "https://shop.example", "type": type,
        "data": data, **more,
    }  # fmt: skip


def later(**span: float) -> datetime:
    """A time after the start."""
    return MONDAY + timedelta(**span)
