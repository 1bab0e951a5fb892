"""The definitions that the benchmark validates."""

from __future__ import annotations

from pathlib import Path

from bench.validation import make
from language.files import check_paths


def test_the_definitions_of_the_benchmark_are_clean_and_forty_lines_long(tmp_path: Path):
    """What is measured is the validation of right files, of the size that the target speaks of."""
    lines = make(tmp_path, 3)
    checked = check_paths([tmp_path])

    assert checked.findings == ()
    assert lines == 3 * 40
