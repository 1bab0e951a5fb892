"""Prints the story as it happens: when, who, what, and where to look at it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

Say = Callable[[str], None]


@dataclass(slots=True)
class Narrator:
    """One story. `temporal_ui` is the address of the Temporal UI without a slash at its end."""

    say: Say
    temporal_ui: str
    namespace: str = "default"
    clock: Callable[[], datetime] = field(default=lambda: datetime.now().astimezone())
    _step: int = 0

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self.say("")
        self.say(f"== {title} ==")

    def tell(self, who: str, what: str, case: str | None = None) -> None:
        """Tell one step; with a case, its address in the Temporal UI follows."""
        self._step += 1
        head = f"{self._step:2}. {self.clock():%H:%M:%S}  {who:9} "
        for number, line in enumerate(textwrap.wrap(what, 100 - len(head)) or [""]):
            self.say((head if number == 0 else " " * len(head)) + line)
        if case is not None:
            self.say(" " * len(head) + self.address(case))

    def address(self, case: str) -> str:
        """Return the address of a case in the Temporal UI."""
        return f"{self.temporal_ui}/namespaces/{self.namespace}/workflows/{quote(case, safe='')}"
