"""The figures of rehearsals are taken from rehearsals that really run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bench.rehearsals import alone, rehearsals

DEFINITIONS = Path(__file__).resolve().parents[2] / "definitions"


def test_every_rehearsal_is_found_and_runs() -> None:
    """What is timed passes, and knows how much time of the case it covers."""
    found = list(rehearsals(DEFINITIONS))

    assert len(found) == len(list(DEFINITIONS.glob("*/rehearsals/*.yaml")))
    assert max(each.lasts for each in found) > timedelta(days=2)
    assert found[0].run().passed
    assert alone(found[0], times=1) > 0
