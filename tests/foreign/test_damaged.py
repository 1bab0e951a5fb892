"""What the standard's schema refuses is found here as well, wherever a file is damaged."""

from __future__ import annotations

import pytest

from tests.foreign.corpora import needed
from tests.foreign.damage import damaged, missed
from tests.foreign.samples import of_files
from tests.foreign.test_samples import PATTERNS

MOST_MISSED = 0.01
"""Share of what may stay unfound: places where an expression or a number is taken that the standard
takes as text only."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("corpus", ["examples", "java-samples"])
def test_damage_that_the_standard_sees_is_found(corpus: str) -> None:
    """Definitions with something deleted, renamed, replaced or added at any place."""
    needed("schema", "*.yaml")
    samples = of_files(needed(corpus, *PATTERNS))

    refused, unfound = missed(damaged(samples, seed=1, count=800))

    assert refused > 0
    assert len(unfound) <= MOST_MISSED * refused, unfound
