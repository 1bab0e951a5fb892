"""The HTTP API as the story uses it: the same requests that any other program would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote

import httpx

from cli.demo.patience import StoryFailed

NOT_NOW = frozenset({404, 408, 502, 503, 504})
"""Nothing there yet, or nobody who could answer right now: look again later."""


class Door:
    """The API with a person's or a system's token."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    async def __aenter__(self) -> Self:
        """Open the connections."""
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        await self._http.aclose()

    async def case(self, case: str) -> Mapping[str, Any] | None:
        """Return where a case stands; None while nobody can say."""
        view: Mapping[str, Any] | None = await self._read(f"/cases/{quote(case, safe='')}")
        return view

    async def cases(self, **filters: str) -> Sequence[Mapping[str, Any]]:
        """List cases."""
        found = await self._read("/cases", filters)
        return found["cases"] if found is not None else []

    async def claim(self, case: str, item: str, by: str) -> None:
        """Take a work item out of its pool."""
        await self._post(
            f"/cases/{quote(case, safe='')}/work-items/{quote(item, safe='')}/claim", {"by": by}
        )

    async def answer(
        self, case: str, item: str, by: str, outcome: str, values: Mapping[str, Any]
    ) -> None:
        """Answer a work item."""
        body = {"by": by, "outcome": outcome, "values": dict(values)}
        await self._post(
            f"/cases/{quote(case, safe='')}/work-items/{quote(item, safe='')}/answer", body
        )

    async def alert(self, payload: Mapping[str, Any]) -> list[str]:
        """Send a notification as Alertmanager does; returns what became of each alert."""
        answer = await self._post("/hooks/alertmanager", payload)
        return [str(each["result"]) for each in answer["alerts"]]

    async def open_page(self, address: str) -> str:
        """Follow a link as a browser does, without a token; returns the page."""
        async with httpx.AsyncClient(timeout=30, trust_env=False) as browser:
            answer = await browser.get(address)
        _require_success(answer)
        return answer.text

    async def press(self, address: str, outcome: str) -> str:
        """Press a button of the page as a browser does; returns the next page."""
        async with httpx.AsyncClient(timeout=30, trust_env=False, follow_redirects=True) as browser:
            answer = await browser.post(address, data={"outcome": outcome})
        _require_success(answer)
        return answer.text

    async def _read(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        try:
            answer = await self._http.get(path, params=query)
        except httpx.TransportError:
            return None
        if answer.status_code in NOT_NOW:
            return None
        _require_success(answer)
        return answer.json()

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = await self._http.post(path, json=body)
        _require_success(answer)
        return answer.json()


def _require_success(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    said = answer.text
    if "json" in answer.headers.get("content-type", ""):
        said = answer.json().get("detail", said)
    raise StoryFailed(
        f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {said[:300]}"
    )
