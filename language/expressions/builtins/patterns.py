"""Functions of regular expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from language.expressions import tree
from language.expressions.budget import Meter
from language.expressions.builtins.calling import Native, on_values
from language.expressions.code import Code, Env
from language.expressions.errors import Raised
from language.expressions.operators import add
from language.expressions.values import described, kind_name

if TYPE_CHECKING:
    from language.expressions.regex.machine import Program, Runs, Slots


@lru_cache(maxsize=1024)
def _compiled(pattern: str, fold: bool, extended: bool, dot_all: bool) -> Program:
    # Few expressions have a pattern: the others need not load what reads one.
    from language.expressions.regex.machine import Program  # noqa: PLC0415
    from language.expressions.regex.syntax import Options, read_pattern  # noqa: PLC0415

    return Program(read_pattern(pattern, Options(fold, extended, dot_all)))


class _Search:
    """One pattern with its flags on one text."""

    def __init__(self, meter: Meter, text: Any, pattern: Any, flags: Any) -> None:
        if text.__class__ is not str:
            raise Raised(f"{described(text)} cannot be matched, as it is not a string")
        if pattern.__class__ is not str:
            raise Raised(f"{described(pattern)} is not a string")
        if flags is None:
            flags = ""
        if flags.__class__ is not str:
            raise Raised(f"{described(flags)} is not a string")
        if any(flag not in "gixsnpl" for flag in flags):
            raise Raised(f"{flags} is not a valid modifier string")
        meter.charge(len(pattern) >> 2)
        self.meter = meter
        self.text: str = text
        self.all = "g" in flags
        self.longest = "l" in flags
        self.not_empty = "n" in flags
        self.runs: Runs = {}
        self.program = _compiled(pattern, "i" in flags, "x" in flags, "p" in flags)

    def matches(self) -> Iterator[Slots]:
        """The slots of each match: one, or all that do not overlap."""
        start = 0
        while start <= len(self.text):
            found = self.program.search(
                self.text,
                start,
                self.meter,
                self.runs,
                longest=self.longest,
                not_empty=self.not_empty,
            )
            if found is None:
                return
            self.meter.charge(1 + len(self.program.names))
            yield found
            if not self.all:
                return
            start = found[1] if found[1] > found[0] else found[0] + 1

    def described(self, slots: Slots) -> dict[str, Any]:
        """A match as jq shows it."""
        start, end = slots[0], slots[1]
        captures = []
        for number, name in enumerate(self.program.names, 1):
            first, last = slots[2 * number], slots[2 * number + 1]
            if first is None or last is None:
                captures.append({"offset": -1, "string": None, "length": 0, "name": name})
            else:
                captures.append(
                    {
                        "offset": first,
                        "length": last - first,
                        "string": self.text[first:last],
                        "name": name,
                    }
                )
        return {
            "offset": start,
            "length": end - start,
            "string": self.text[start:end],
            "captures": captures,
        }

    def captured(self, slots: Slots) -> dict[str, Any]:
        """The texts of the named groups."""
        found = {}
        for number, name in enumerate(self.program.names, 1):
            if name is not None:
                first, last = slots[2 * number], slots[2 * number + 1]
                found[name] = None if first is None or last is None else self.text[first:last]
        return found


def _pattern_and_flags(value: Any) -> tuple[Any, Any]:
    """The two parts of `pattern` or `[pattern, flags]`, as one argument gives them."""
    if value.__class__ is str:
        return value, None
    if value.__class__ is list and value:
        return value[0], value[1] if len(value) > 1 else None
    raise Raised(f"{kind_name(value)} not a string or array")


def _argued(meter: Meter, value: Any, arguments: tuple[Any, ...]) -> _Search:
    pattern, flags = arguments if len(arguments) == 2 else _pattern_and_flags(arguments[0])
    return _Search(meter, value, pattern, flags)


def _test(meter: Meter, value: Any, *arguments: Any) -> bool:
    return next(_argued(meter, value, arguments).matches(), None) is not None


def _each(
    arguments: list[Code], node: tree.Call, function: Any, *, first_outermost: bool = True
) -> Code:
    """Code that gives many outputs per combination of arguments."""
    combined = on_values(function, first_outermost=first_outermost)(arguments, node)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for found in combined.many(env, value):
            yield from found

    return Code(many=many, height=combined.height + 1)


def _match(arguments: list[Code], node: tree.Call) -> Code:
    def function(meter: Meter, value: Any, *given: Any) -> Iterator[Any]:
        search = _argued(meter, value, given)
        return map(search.described, list(search.matches()))

    return _each(arguments, node, function, first_outermost=False)


def _capture(arguments: list[Code], node: tree.Call) -> Code:
    def function(meter: Meter, value: Any, *given: Any) -> Iterator[Any]:
        search = _argued(meter, value, given)
        return map(search.captured, list(search.matches()))

    return _each(arguments, node, function, first_outermost=False)


def _scan(arguments: list[Code], node: tree.Call) -> Code:
    def function(meter: Meter, value: Any, pattern: Any, flags: Any = None) -> Iterator[Any]:
        search = _Search(meter, value, pattern, add("g", flags, meter))
        for found in list(search.matches()):
            shown = search.described(found)
            captures = shown["captures"]
            yield [capture["string"] for capture in captures] if captures else shown["string"]

    return _each(arguments, node, function)


def _pieces(meter: Meter, value: Any, pattern: Any, flags: Any) -> list[str]:
    search = _Search(meter, value, pattern, add(flags, "g", meter))
    pieces = []
    at = 0
    for found in search.matches():
        pieces.append(search.text[at : found[0]])
        at = found[1]
    pieces.append(search.text[at:])
    return pieces


def _splits(arguments: list[Code], node: tree.Call) -> Code:
    def function(meter: Meter, value: Any, pattern: Any, flags: Any = None) -> list[str]:
        return _pieces(meter, value, pattern, flags)

    return _each(arguments, node, function)


def _substitute(every: bool) -> Native:
    """`sub` and `gsub`: the n-th output of the replacement goes into the n-th result."""

    def make(arguments: list[Code], node: tree.Call) -> Code:
        replacement = arguments[1]

        def replaced(env: Env, search: _Search) -> Iterable[str]:
            results: list[str] = []
            at = 0
            for found in search.matches():
                gap = search.text[at : found[0]]
                for index, text in enumerate(replacement.many(env, search.captured(found))):
                    before = results[index] + gap if index < len(results) else gap
                    joined = add(before, text, env[0])
                    if index < len(results):
                        results[index] = joined
                    else:
                        results.append(joined)
                at = found[1]
            rest = search.text[at:]
            for result in results:
                env[0].charge(len(result) >> 4)
                yield result + rest
            if not results:
                yield search.text

        def many(env: Env, value: Any) -> Iterable[Any]:
            flags = arguments[2] if len(arguments) == 3 else None
            for pattern in arguments[0].many(env, value):
                for given in (None,) if flags is None else flags.many(env, value):
                    wanted = add(given, "g", env[0]) if every else given
                    yield from replaced(env, _Search(env[0], value, pattern, wanted))

        return Code(many=many, height=node.depth + 3)

    return make


PATTERNS: dict[tuple[str, int], Native] = {
    ("test", 1): on_values(_test, first_outermost=True),
    ("test", 2): on_values(_test),
    ("match", 1): _match,
    ("match", 2): _match,
    ("capture", 1): _capture,
    ("capture", 2): _capture,
    ("scan", 1): _scan,
    ("scan", 2): _scan,
    ("splits", 1): _splits,
    ("splits", 2): _splits,
    ("split", 2): on_values(_pieces, first_outermost=True),
    ("sub", 2): _substitute(every=False),
    ("sub", 3): _substitute(every=False),
    ("gsub", 2): _substitute(every=True),
    ("gsub", 3): _substitute(every=True),
}
