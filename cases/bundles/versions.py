"""Semantic versions of definitions: precedence (semver 2.0 section 11) and ranges."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)
_PART = re.compile(
    r"(<=|>=|<|>|=|\^|~)?\s*v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(-[0-9A-Za-z.-]+)?"
)
DEVELOPMENT = "dev"


@functools.total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version; comparison is precedence, so `1.0.0-dev.2 < 1.0.0-dev.10 < 1.0.0`."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that a text spells.

        Raises:
            ValueError: it is not a semantic version.
        """
        found = _VERSION.fullmatch(text)
        if not found:
            raise ValueError(f'"{text}" is not a version. Write for example 1.2.0')
        pre = tuple(found[4].split(".")) if found[4] else ()
        return cls(int(found[1]), int(found[2]), int(found[3]), pre)

    def __str__(self) -> str:
        base = f"{self.major}.{self.minor}.{self.patch}"
        return f"{base}-{'.'.join(self.pre)}" if self.pre else base

    def __lt__(self, other: Version) -> bool:
        return self._precedence() < other._precedence()

    def _precedence(self) -> tuple[object, ...]:
        # No pre-release sorts after any; numbers before words; fewer parts before more.
        parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, parts)

    @property
    def release(self) -> Version:
        """This version without what follows the hyphen."""
        return Version(self.major, self.minor, self.patch)

    @property
    def development_number(self) -> int | None:
        """N of `<base>-dev.N`, or None where it is no development version."""
        if len(self.pre) == 2 and self.pre[0] == DEVELOPMENT and self.pre[1].isdigit():
            return int(self.pre[1])
        return None

    def development(self, number: int) -> Version:
        """Development version number `number` on the way to this release."""
        return Version(self.major, self.minor, self.patch, (DEVELOPMENT, str(number)))

    def next_patch(self) -> Version:
        """The release after this one that changes nothing else."""
        return Version(self.major, self.minor, self.patch + 1)


@dataclass(frozen=True, slots=True)
class Range:
    """Versions from `low` up to but not including `high`, unless marked inclusive."""

    exact: Version | None = None
    low: Version | None = None
    low_included: bool = True
    high: Version | None = None
    high_included: bool = False

    def holds(self, version: Version) -> bool:
        """Whether the version lies in the range."""
        if self.exact is not None:
            return version == self.exact
        if self.low is not None:
            if version < self.low or (version == self.low and not self.low_included):
                return False
        if self.high is not None:
            if version == self.high:
                return self.high_included
            # A development version of the first excluded release is excluded with it.
            compared = version if self.high_included or self.high.pre else version.release
            return compared < self.high
        return True


def in_range(version: Version, wanted: str | None) -> bool:
    """Whether a version fits `None`, `latest`, `1.2.0`, `1`, `1.x`, `^1.2`, `~1.2.3`, `>=1 <3`.

    Raises:
        ValueError: `wanted` is none of these.
    """
    if wanted is None or wanted.strip() in ("", "latest", "*", "x"):
        return True
    return all(part.holds(version) for part in _parts(wanted.strip()))


def _parts(text: str) -> list[Range]:
    parts: list[Range] = []
    position = 0
    while position < len(text):
        if text[position] in " ,":
            position += 1
            continue
        found = _PART.match(text, position)
        end = found.end() if found else position
        if not found or (end < len(text) and text[end] not in " ,"):
            raise ValueError(
                f'"{text}" is not a version or a range. Write for example 1.2.0, ^1.2, >=1.0.0 <2.0.0'
            )
        parts.append(_part(found))
        position = end
    return parts


def _part(found: re.Match[str]) -> Range:
    operator, major, minor, patch, pre = found.groups()
    minor = None if minor in ("x", "*") else minor
    patch = None if minor is None or patch in ("x", "*") else patch
    low = Version(
        int(major), int(minor or 0), int(patch or 0), tuple(pre[1:].split(".")) if pre else ()
    )
    after = _after(low, minor, patch)
    match operator:
        case ">=":
            return Range(low=low)
        case ">":
            return Range(low=after or low, low_included=after is not None)
        case "<":
            return Range(high=low)
        case "<=":
            return Range(high=after or low, high_included=after is None)
        case "^":
            if low.major or minor is None:
                return Range(low=low, high=Version(low.major + 1, 0, 0))
            if low.minor or patch is None:
                return Range(low=low, high=Version(0, low.minor + 1, 0))
            return Range(low=low, high=Version(0, 0, low.patch + 1))
        case "~":
            if minor is None:
                return Range(low=low, high=Version(low.major + 1, 0, 0))
            return Range(low=low, high=Version(low.major, low.minor + 1, 0))
        case _:
            return Range(low=low, high=after) if after else Range(exact=low)


def _after(low: Version, minor: str | None, patch: str | None) -> Version | None:
    """The first version after all those that a shortened one means; None where it is complete."""
    if minor is None:
        return Version(low.major + 1, 0, 0)
    if patch is None:
        return Version(low.major, low.minor + 1, 0)
    return None
