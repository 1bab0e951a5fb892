"""Takes secrets out of what a call gives back: results, errors, whatever is written down."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from activities.ports import Json

HIDDEN = "***"
SHORTEST_PART = 4
"""A shorter secret is hidden only where it is the whole value: else it would be everywhere."""


class Mask:
    """What must not be shown. Grows while a call is carried out."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        return bool(self._texts)

    def add(self, value: Json) -> None:
        """Hide every text and number inside of a value."""
        for leaf in leaves(value):
            if leaf:
                self._texts[leaf] = None
        self._pattern = None

    def clean(self, value: Json) -> Json:
        """The same JSON without what must not be shown."""
        if not self._texts:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(name)): self.clean(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.clean(each) for each in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = str(value)
            return HIDDEN if len(shown) >= SHORTEST_PART and shown in self._texts else value
        return value

    def text(self, text: str) -> str:
        """A text without what must not be shown, also where that is written in another way."""
        if text in self._texts:
            return HIDDEN
        pattern = self._compiled()
        return text if pattern is None else pattern.sub(HIDDEN, text)

    def bytes(self, content: bytes) -> bytes:
        """The same for bytes of any kind."""
        if not self._texts:
            return content
        text = content.decode("utf-8", "surrogateescape")
        return self.text(text).encode("utf-8", "surrogateescape")

    def holds(self, text: str) -> bool:
        """Whether something that must not be shown stands in a text."""
        return self.text(text) != text

    def _compiled(self) -> re.Pattern[str] | None:
        if self._pattern is None:
            forms = dict.fromkeys(
                form for text in self._texts if len(text) >= SHORTEST_PART for form in _forms(text)
            )
            if not forms:
                return None
            longest_first = sorted(forms, key=lambda each: (-len(each), each))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern


def leaves(value: Json) -> Iterator[str]:
    """Every text and number inside of a value, as text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _forms(text: str) -> Iterator[str]:
    """The ways in which a text may come back: as it is, in an address, in JSON, as base64."""
    yield text
    yield quote(text, safe="")
    yield quote(text)
    yield quote_plus(text)
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    encoded = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode().rstrip("=")
    if len(encoded) >= 2 * SHORTEST_PART:
        yield encoded
