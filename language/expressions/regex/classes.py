"""Which characters a class of a regular expression takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Test = Callable[[str], bool]


def is_word(char: str) -> bool:
    """A letter, mark, digit or connector, as `\\w` takes it."""
    return char.isalnum() or char == "_" or unicodedata.category(char) in ("Mn", "Mc", "Pc")


def is_digit(char: str) -> bool:
    """A decimal digit of any script, as `\\d` takes it."""
    return char.isdecimal()


def is_space(char: str) -> bool:
    """White space as `\\s` takes it."""
    return char in "\t\n\x0b\x0c\r \x85" or unicodedata.category(char) in ("Zs", "Zl", "Zp")


def _category(*prefixes: str) -> Test:
    return lambda char: unicodedata.category(char).startswith(prefixes)


POSIX: dict[str, Test] = {
    "alnum": str.isalnum,
    "alpha": _category("L", "M", "Nl"),
    "ascii": lambda char: char < "\x80",
    "blank": lambda char: char == "\t" or unicodedata.category(char) == "Zs",
    "cntrl": _category("Cc", "Cf", "Cn", "Co", "Cs"),
    "digit": is_digit,
    "graph": lambda char: not is_space(char) and not unicodedata.category(char).startswith("C"),
    "lower": str.islower,
    "print": lambda char: not unicodedata.category(char).startswith("C"),
    "punct": lambda char: unicodedata.category(char).startswith("P") or char in "$+<=>^`|~",
    "space": is_space,
    "upper": str.isupper,
    "word": is_word,
    "xdigit": lambda char: char in "0123456789abcdefABCDEF",
}
"""Tests of `[:name:]`; all but general categories of `\\p{name}` too."""

_CATEGORIES = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "C",
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
    ]
)
_LONG_NAMES = {
    "letter": "L", "uppercaseletter": "Lu", "lowercaseletter": "Ll", "mark": "M", "number": "N",
    "punctuation": "P", "symbol": "S", "separator": "Z", "other": "C",
}  # fmt: skip
_RANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "han": (
        (0x2E80, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029),
        (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9),
        (0x16FF0, 0x16FF1), (0x20000, 0x323AF),
    ),
    "hiragana": ((0x3041, 0x3096), (0x309D, 0x309F)),
    "katakana": ((0x30A1, 0x30FA), (0x30FD, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9D)),
    "hangul": ((0x1100, 0x11FF), (0x3131, 0x318E), (0xAC00, 0xD7A3)),
    "cyrillic": ((0x400, 0x484), (0x487, 0x52F), (0x1C80, 0x1C88), (0x2DE0, 0x2DFF)),
    "greek": ((0x370, 0x373), (0x375, 0x377), (0x37A, 0x37D), (0x384, 0x3E1), (0x1F00, 0x1FFE)),
}  # fmt: skip


def named_property(name: str) -> Test | None:
    """The test of `\\p{name}`; None for a name that is not there."""
    negated = name.startswith("^")
    plain = name.removeprefix("^").replace("_", "").replace(" ", "").replace("-", "")
    test: Test | None = None
    if plain in _CATEGORIES or plain.lower() in _LONG_NAMES:
        test = _category(_LONG_NAMES.get(plain.lower(), plain))
    elif plain.lower() in POSIX:
        test = POSIX[plain.lower()]
    elif plain.lower() == "any":
        test = bool
    elif plain.lower() in _RANGES:
        ranges = _RANGES[plain.lower()]
        test = lambda char: any(low <= ord(char) <= high for low, high in ranges)  # noqa: E731
    elif plain.lower() == "latin":
        test = lambda char: unicodedata.name(char, "").startswith("LATIN ")  # noqa: E731
    if test is None:
        return None
    return negate(test) if negated else test


def negate(test: Test) -> Test:
    """The test for all other characters."""
    return lambda char: not test(char)


def either_case(test: Test) -> Test:
    """The test for characters that pass in one of their cases."""
    return lambda char: (
        test(char) or test(char.lower()) or test(char.upper())
        if (len(char.lower()) == len(char.upper()) == 1)
        else test(char)
    )
