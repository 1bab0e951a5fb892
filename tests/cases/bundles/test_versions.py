"""Versions by precedence of semver 2.0, and ranges."""

from __future__ import annotations

import itertools

import pytest

from cases.bundles.versions import Version, in_range

ORDER = [
    "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
    "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-dev.2", "1.0.0-dev.10", "1.0.0",
    "1.0.1-dev.1", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
]  # fmt: skip


def test_precedence() -> None:
    """Numbers by value and before words, a pre-release before its release."""
    for earlier, later in itertools.combinations(ORDER, 2):
        assert Version.parse(earlier) < Version.parse(later)
        assert not Version.parse(later) < Version.parse(earlier)


@pytest.mark.parametrize(
    "text", ["1", "1.0", "01.0.0", "1.0.0-", "v1.0.0", "1.0.0.0", "latest", ""]
)
def test_what_is_not_a_version(text: str) -> None:
    """Only complete semantic versions are versions of a definition."""
    with pytest.raises(ValueError, match="is not a version"):
        Version.parse(text)


@pytest.mark.parametrize(
    ("wanted", "fits", "does_not"),
    [
        (None, ["0.0.1", "9.0.0-dev.1"], []),
        ("latest", ["0.0.1", "9.0.0"], []),
        ("1.2.0", ["1.2.0"], ["1.2.1", "1.2.0-dev.1"]),
        ("1.2.0-dev.1", ["1.2.0-dev.1"], ["1.2.0"]),
        ("1", ["1.0.0", "1.9.3"], ["2.0.0", "0.9.0", "2.0.0-dev.1"]),
        ("1.2.x", ["1.2.0", "1.2.9"], ["1.3.0", "1.1.0"]),
        ("^1.2", ["1.2.0", "1.10.0", "1.2.1-dev.3"], ["2.0.0", "1.1.9", "2.0.0-dev.1"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]),
        (">=1.0.0 <2.0.0", ["1.0.0", "1.9.9"], ["2.0.0", "0.9.9", "2.0.0-dev.1"]),
        (">1.2", ["1.3.0"], ["1.2.9", "1.2.0"]),
        ("<=1.2", ["1.2.9", "0.1.0"], ["1.3.0"]),
        ("> 1.0.0, <= 1.2.0", ["1.2.0", "1.0.1"], ["1.0.0", "1.2.1"]),
    ],
)
def test_ranges(wanted: str | None, fits: list[str], does_not: list[str]) -> None:
    """A range holds what its words say, development versions of its releases included."""
    assert [each for each in fits if not in_range(Version.parse(each), wanted)] == []
    assert [each for each in does_not if in_range(Version.parse(each), wanted)] == []


@pytest.mark.parametrize("wanted", ["newest", "1.0.0 or 2", ">=", "^x", "1.0.0beta"])
def test_what_is_not_a_range(wanted: str) -> None:
    """It is refused instead of guessed."""
    with pytest.raises(ValueError, match="is not a version or a range"):
        in_range(Version.parse("1.0.0"), wanted)
