"""Whether two addresses belong to one server."""

from __future__ import annotations

import httpx


def same_origin(left: httpx.URL, right: httpx.URL) -> bool:
    """Whether scheme, host and port are the same."""
    return _origin(left) == _origin(right)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
