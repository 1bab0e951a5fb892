"""Pattern text to a tree of what is to be matched, in the syntax that jq uses (Perl's)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn

from language.expressions.errors import Raised
from language.expressions.regex.classes import (
    POSIX,
    Test,
    either_case,
    is_digit,
    is_space,
    is_word,
    named_property,
    negate,
)

MAX_NESTING = 50
MAX_REPEAT = 1_000


@dataclass(frozen=True, slots=True)
class One:
    """One character that passes a test; `text` where it is a fixed one."""

    test: Test
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first alternative that leads to a match."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times; `most` is None where there is no limit."""

    part: Part
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A part whose place is remembered under a number."""

    part: Part
    number: int


@dataclass(frozen=True, slots=True)
class Atomic:
    """A part that is not tried again once it matched."""

    part: Part


@dataclass(frozen=True, slots=True)
class Look:
    """A condition on what follows, or on what stands before."""

    part: Part
    behind: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """A condition on the place: ^ $ A Z z b B G."""

    kind: str


@dataclass(frozen=True, slots=True)
class Back:
    """What one of the groups matched, once more."""

    numbers: tuple[int, ...]
    fold: bool


Part = One | Sequence | Choice | Repeat | Group | Atomic | Look | Anchor | Back


@dataclass(frozen=True, slots=True)
class Options:
    """`(?imsx)` at one place of the pattern."""

    fold: bool = False
    extended: bool = False
    dot_all: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """The tree, and the name of each group, None for those without."""

    part: Part
    names: tuple[str | None, ...]


def read_pattern(source: str, options: Options) -> Pattern:
    """The tree of a pattern; raises the error that jq gives for a bad one."""
    reader = _Reader(source)
    part = reader.choice(options, 0)
    if reader.at < len(source):
        failure("unmatched close parenthesis")
    reader.check_references()
    return Pattern(part, tuple(reader.names))


def failure(what: str) -> NoReturn:
    """Raises jq's error for a bad pattern."""
    raise Raised(f"Regex failure: {what}")


_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\x0b", "a": "\x07", "e": "\x1b"}
_SETS: dict[str, Test] = {
    "w": is_word, "W": negate(is_word), "d": is_digit, "D": negate(is_digit),
    "s": is_space, "S": negate(is_space),
}  # fmt: skip


class _Reader:
    """Recursive descent over one pattern."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.names: list[str | None] = []
        self.references: list[int | str] = []

    def peek(self, size: int = 1) -> str:
        return self.source[self.at : self.at + size]

    def check_references(self) -> None:
        for reference in self.references:
            if isinstance(reference, str):
                if reference not in self.names:
                    failure(f"undefined name <{reference}> reference")
            elif reference > len(self.names):
                failure("invalid backref number/name")

    def choice(self, options: Options, depth: int) -> Part:
        if depth > MAX_NESTING:
            failure("too deep nest level")
        alternatives: list[Part] = []
        parts: list[Part] = []
        while self.at < len(self.source):
            char = self.peek()
            if char == "|":
                self.at += 1
                alternatives.append(_sequence(parts))
                parts = []
                continue
            if char == ")":
                break
            if options.extended and (char.isspace() or char == "#"):
                self.skip_comment(char)
                continue
            if self.peek(2) == "(?":
                changed = self.inline_options(options)
                if changed is not None:
                    # Options without a colon hold to the end of the group, alternatives included.
                    parts.append(self.choice(changed, depth + 1))
                    continue
            part = self.atom(options, depth)
            if part is not None:
                parts.append(self.repeats(part, options))
        alternatives.append(_sequence(parts))
        return alternatives[0] if len(alternatives) == 1 else Choice(tuple(alternatives))

    def skip_comment(self, char: str) -> None:
        if char == "#":
            end = self.source.find("\n", self.at)
            self.at = len(self.source) if end < 0 else end + 1
        else:
            self.at += 1

    def inline_options(self, options: Options) -> Options | None:
        """The options of `(?im-x)`, read; None where something else stands here."""
        end = self.at + 2
        while end < len(self.source) and self.source[end] in "imsx-":
            end += 1
        if end == self.at + 2 or self.source[end : end + 1] != ")":
            return None
        changed = _with_options(options, self.source[self.at + 2 : end])
        self.at = end + 1
        return changed

    # Atoms

    def atom(self, options: Options, depth: int) -> Part | None:
        char = self.peek()
        self.at += 1
        if char == "(":
            return self.group(options, depth)
        if char == "[":
            test = self.bracket(options, 0)
            return One(either_case(test) if options.fold else test)
        if char == ".":
            return One(_any) if options.dot_all else One(_not_newline)
        if char == "^":
            return Anchor("^" if options.lines else "A")
        if char == "$":
            return Anchor("$" if options.lines else "Z")
        if char == "\\":
            return self.escape(options)
        if char in "*+?":
            failure("target of repeat operator is not specified")
        return _character(char, options)

    def group(self, options: Options, depth: int) -> Part | None:
        if self.peek() != "?":
            return self.capture(None, options, depth)
        for opening, make in _GROUPS.items():
            if self.source.startswith(opening, self.at):
                self.at += len(opening)
                return make(self.closed(options, depth))
        if self.peek(2) == "?#":
            end = self.source.find(")", self.at)
            if end < 0:
                failure("end pattern in group")
            self.at = end + 1
            return None
        if self.peek(2) in ("?<", "?P", "?'"):
            return self.capture(self.name(), options, depth)
        end = self.at + 1
        while end < len(self.source) and self.source[end] in "imsx-":
            end += 1
        if self.source[end : end + 1] == ":":
            changed = _with_options(options, self.source[self.at + 1 : end])
            self.at = end + 1
            return self.closed(changed, depth)
        if end >= len(self.source):
            failure("end pattern in group")
        failure("undefined group option")

    def name(self) -> str:
        opening = self.peek(3)
        start = self.at + (3 if opening == "?P<" else 2)
        closing = "'" if opening.startswith("?'") else ">"
        end = self.source.find(closing, start)
        name = self.source[start:] if end < 0 else self.source[start:end]
        if end < 0 or not name or not (name[0].isalpha() or name[0] == "_"):
            failure(f"invalid group name <{name}>" if name else "group name is empty")
        if not all(is_word(char) for char in name):
            failure(f"invalid char in group name <{name}>")
        self.at = end + 1
        return name

    def capture(self, name: str | None, options: Options, depth: int) -> Part:
        self.names.append(name)
        number = len(self.names)
        return Group(self.closed(options, depth), number)

    def closed(self, options: Options, depth: int) -> Part:
        part = self.choice(options, depth + 1)
        if self.peek() != ")":
            failure("end pattern with unmatched parenthesis")
        self.at += 1
        return part

    def escape(self, options: Options) -> Part:
        char = self.peek()
        if not char:
            failure("end pattern at escape")
        self.at += 1
        if char in _SETS:
            return One(_SETS[char])
        if char in "AZzbBG":
            return Anchor(char)
        if char in "pP":
            return One(self.property(char == "P"))
        if char == "k":
            return self.named_reference(options)
        if char == "Q":
            end = self.source.find("\\E", self.at)
            stop = len(self.source) if end < 0 else end
            quoted = self.source[self.at : stop]
            self.at = stop if end < 0 else stop + 2
            return _sequence([_character(one, options) for one in quoted])
        if char == "R":
            return _NEWLINE
        if char == "K":
            failure("not supported: \\K")
        if char in "123456789":
            digits = char
            while self.peek().isdigit() and int(digits + self.peek()) <= max(9, len(self.names)):
                digits += self.peek()
                self.at += 1
            self.references.append(int(digits))
            return Back((int(digits),), options.fold)
        return _character(self.escaped(char), options)

    def named_reference(self, options: Options) -> Part:
        closing = {"<": ">", "'": "'"}.get(self.peek())
        end = self.source.find(closing, self.at + 1) if closing else -1
        if end < 0:
            failure("invalid backref number/name")
        name = self.source[self.at + 1 : end]
        self.at = end + 1
        if name.isdigit():
            self.references.append(int(name))
            return Back((int(name),), options.fold)
        self.references.append(name)
        numbers = tuple(i + 1 for i, known in enumerate(self.names) if known == name)
        return Back(tuple(reversed(numbers)), options.fold)

    def escaped(self, char: str) -> str:
        """The character that `\\` and `char` stand for."""
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char == "0":
            digits = self.digits("01234567", 2)
            return chr(int(digits or "0", 8))
        if char == "x":
            if self.peek() == "{":
                end = self.source.find("}", self.at)
                digits = self.source[self.at + 1 : end] if end > 0 else ""
                if not digits or any(one not in _HEX for one in digits) or len(digits) > 6:
                    failure("invalid code point value")
                self.at = end + 1
            else:
                digits = self.digits(_HEX, 2) or "0"
            code = int(digits, 16)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                failure("too big wide-char value")
            return chr(code)
        return char

    def digits(self, allowed: str, most: int) -> str:
        start = self.at
        while self.at - start < most and self.peek() and self.peek() in allowed:
            self.at += 1
        return self.source[start : self.at]

    def property(self, negated: bool) -> Test:
        end = self.source.find("}", self.at)
        if self.peek() != "{" or end < 0:
            failure("invalid character property name {" + self.peek() + "}")
        name = self.source[self.at + 1 : end]
        self.at = end + 1
        test = named_property(name)
        if test is None:
            failure(f"invalid character property name {{{name}}}")
        return negate(test) if negated else test

    # Brackets

    def bracket(self, options: Options, depth: int) -> Test:
        if depth > MAX_NESTING:
            failure("too deep nest level")
        negated = self.peek() == "^"
        if negated:
            self.at += 1
        both: list[Test] = []
        chars: set[str] = set()
        ranges: list[tuple[str, str]] = []
        tests: list[Test] = []
        first = True
        while True:
            char = self.peek()
            if not char:
                failure("premature end of char-class")
            if char == "]" and not first:
                self.at += 1
                break
            if self.peek(2) == "&&":
                self.at += 2
                both.append(_member(chars, ranges, tests))
                chars, ranges, tests = set(), [], []
                first = False
                continue
            first = False
            self.member(char, options, depth, chars, ranges, tests)
        both.append(_member(chars, ranges, tests))
        test = both[0] if len(both) == 1 else _all_of(both)
        return negate(test) if negated else test

    def member(
        self,
        char: str,
        options: Options,
        depth: int,
        chars: set[str],
        ranges: list[tuple[str, str]],
        tests: list[Test],
    ) -> None:
        self.at += 1
        if char == "[":
            if self.peek() == ":":
                end = self.source.find(":]", self.at)
                if end >= 0:
                    tests.append(_posix(self.source[self.at + 1 : end]))
                    self.at = end + 2
                    return
            tests.append(self.bracket(options, depth + 1))
            return
        if char == "\\":
            escape = self.peek()
            if not escape:
                failure("end pattern at escape")
            self.at += 1
            if escape in _SETS:
                tests.append(_SETS[escape])
                return
            if escape in "pP":
                tests.append(self.property(escape == "P"))
                return
            char = "\b" if escape == "b" else self.escaped(escape)
        if self.peek() == "-" and self.peek(2)[1:] not in ("", "]", "["):
            self.at += 1
            last = self.peek()
            self.at += 1
            if last == "\\":
                escape = self.peek()
                self.at += 1
                if escape in _SETS:
                    chars.update((char, "-"))
                    tests.append(_SETS[escape])
                    return
                last = self.escaped(escape)
            if last < char:
                failure("empty range in char class")
            ranges.append((char, last))
            return
        chars.add(char)

    # Repeats

    def repeats(self, part: Part, options: Options) -> Part:
        while True:
            char = self.peek()
            if options.extended and char and (char.isspace() or char == "#"):
                self.skip_comment(char)
                continue
            bounds = self.bounds(char)
            if bounds is None:
                return part
            least, most = bounds
            if isinstance(part, Anchor | Look) and char != "{":
                least = min(least, 1)
            mark = self.peek()
            greedy = mark != "?"
            possessive = mark == "+" and char != "{"
            if mark == "?" or possessive:
                self.at += 1
            part = Repeat(part, least, most, greedy)
            if possessive:
                part = Atomic(part)

    def bounds(self, char: str) -> tuple[int, int | None] | None:
        """How often the part before may stand, read; None where no repeat stands here."""
        if char == "*":
            self.at += 1
            return 0, None
        if char == "+":
            self.at += 1
            return 1, None
        if char == "?":
            self.at += 1
            return 0, 1
        if char != "{":
            return None
        end = self.source.find("}", self.at)
        inside = self.source[self.at + 1 : end] if end > 0 else ""
        low, comma, high = inside.partition(",")
        if not low.isdigit() or not low.isascii() or (high and not high.isdigit()):
            return None
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if max(least, most or 0) > MAX_REPEAT:
            failure("too big number range")
        if most is not None and most < least:
            failure("upper is smaller than lower in repeat range")
        self.at = end + 1
        return least, most


_HEX = "0123456789abcdefABCDEF"
_GROUPS: dict[str, Callable[[Part], Part]] = {
    "?:": lambda part: part,
    "?>": Atomic,
    "?=": lambda part: Look(part, behind=False, negative=False),
    "?!": lambda part: Look(part, behind=False, negative=True),
    "?<=": lambda part: Look(part, behind=True, negative=False),
    "?<!": lambda part: Look(part, behind=True, negative=True),
}


def _any(char: str) -> bool:
    return True


def _not_newline(char: str) -> bool:
    return char != "\n"


def _character(char: str, options: Options) -> Part:
    if options.fold and (char.lower() != char or char.upper() != char):
        folded = char.casefold()
        return One(lambda other: other == char or other.casefold() == folded)
    return One(lambda other: other == char, char)


_NEWLINE = Choice(
    (
        Sequence((_character("\r", Options()), _character("\n", Options()))),
        One(lambda char: char in "\n\x0b\x0c\r\x85\u2028\u2029"),
    )
)


def _sequence(parts: list[Part]) -> Part:
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def _with_options(options: Options, letters: str) -> Options:
    on = True
    for letter in letters:
        if letter == "-":
            on = False
        elif letter == "i":
            options = replace(options, fold=on)
        elif letter == "x":
            options = replace(options, extended=on)
        elif letter == "s":
            options = replace(options, dot_all=on)
        else:
            options = replace(options, lines=on)
    return options


def _posix(name: str) -> Test:
    test = POSIX.get(name.removeprefix("^"))
    if test is None:
        failure("invalid POSIX bracket type")
    return negate(test) if name.startswith("^") else test


def _member(chars: set[str], ranges: list[tuple[str, str]], tests: list[Test]) -> Test:
    fixed = frozenset(chars)
    spans = tuple(ranges)
    others = tuple(tests)
    if not spans and not others:
        return lambda char: char in fixed

    def test(char: str) -> bool:
        if char in fixed:
            return True
        for low, high in spans:
            if low <= char <= high:
                return True
        return any(other(char) for other in others)

    return test


def _all_of(tests: list[Test]) -> Test:
    return lambda char: all(test(char) for test in tests)
