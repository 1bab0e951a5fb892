"""Frames: where a case stands, as a tree of JSON objects inside its state.

A frame belongs to one running task (or list of tasks). A walker writes what it must not do again
into its frame before it waits, and reads it when it starts from a snapshot.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


class Frame:
    """A view on one JSON object of the position tree."""

    __slots__ = ("data",)

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        """The value under a key, or the default."""
        return self.data.get(key, default)

    def child(self, key: str) -> Frame:
        """The frame under a key, made empty where there is none."""
        return Frame(self.data.setdefault(key, {}))

    def drop(self, key: str) -> None:
        """Forget what stands under a key: that part is finished."""
        self.data.pop(key, None)

    async def once(self, key: str, step: Callable[[], Awaitable[Any]]) -> Any:
        """The result of a step, carried out at most once however often the walker restarts.

        The result is stored in the same step of the event loop in which the awaited call returns,
        so no snapshot can fall between.
        """
        if key not in self.data:
            self.data[key] = await step()
        return self.data[key]
