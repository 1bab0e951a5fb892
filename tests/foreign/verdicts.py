"""What can be said about a foreign case: right, refused by the profile, not in this version, or wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["right", "refused", "not yet", "wrong"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One case and what came of it. `said` names the feature of a refusal, or what is wrong."""

    case: str
    kind: Kind
    said: str = ""

    def __str__(self) -> str:
        return f"{self.case}: {self.kind}{': ' if self.said else ''}{self.said}"


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of one corpus."""

    corpus: str
    how: str
    verdicts: tuple[Verdict, ...]

    def count(self, kind: Kind) -> int:
        """How many cases are of a kind."""
        return sum(each.kind == kind for each in self.verdicts)

    def features(self, kind: Kind) -> list[tuple[str, int]]:
        """What was left out, each with the number of cases, most often first."""
        counted = Counter(each.said for each in self.verdicts if each.kind == kind)
        return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))

    def wrong(self) -> list[Verdict]:
        """Every case that is wrong."""
        return [each for each in self.verdicts if each.kind == "wrong"]


def tally(corpus: str, how: str, verdicts: Iterable[Verdict]) -> Tally:
    """The figures of one corpus."""
    return Tally(corpus, how, tuple(verdicts))
