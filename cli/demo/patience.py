"""Waits that end: each says what it waited for when it did not come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY_SECONDS = 0.25


class StoryFailed(Exception):
    """The story cannot go on; says where it stood."""


async def until(
    what: str, look: Callable[[], Awaitable[T | None]], limit_seconds: float = 60.0
) -> T:
    """Look again and again until there is something, and return it.

    Raises:
        StoryFailed: nothing within the limit.
    """
    deadline = time.monotonic() + limit_seconds
    while (found := await look()) is None:
        if time.monotonic() > deadline:
            raise StoryFailed(f"waited {limit_seconds:.0f} s in vain for {what}")
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return found


def require(holds: bool, what: str) -> None:
    """Go on only if something holds.

    Raises:
        StoryFailed: it does not.
    """
    if not holds:
        raise StoryFailed(what)
