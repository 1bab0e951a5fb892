"""How long expressions take, beside the `jq` package, and what the worst ones can take.

.venv/bin/python -m bench.expressions

Prints three tables: medians of a warm program with a Python value in and
out, the time to compile, and the wall time of hostile programs at the budget of a case.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from language.expressions import ExpressionError, evaluate, parse
from language.expressions.program import Program

SMALL: dict[str, Any] = {
    "id": 7, "priority": "P1", "status": "open", "subject": "Printer on fire",
    "requester": {"name": "Ada", "email": "ada@example.org"}, "createdAt": "2026-03-02T09:00:00Z",
    "items": [{"name": "paper", "price": 3, "count": 2}, {"name": "ink", "price": 40, "count": 1}],
}  # fmt: skip


def _ticket() -> dict[str, Any]:
    """A ticket of about 2 kB."""
    comments = [
        {"by": f"person-{index}", "at": f"2026-03-0{index + 2}T10:15:00Z", "public": index % 2 == 0,
         "text": "The printer on the second floor does not answer; the lamp blinks twice. " * 2}
        for index in range(5)
    ]  # fmt: skip
    items = [
        {"name": f"part {index}", "price": 10 + index, "count": index + 1, "status": "open" if index % 3 else "done"}
        for index in range(8)
    ]  # fmt: skip
    return {**SMALL, "items": items, "comments": comments, "tags": ["hardware", "floor-2", "vip"]}


LARGE = _ticket()


class Subject(NamedTuple):
    """An expression of the kind that definitions hold."""

    name: str
    source: str


SUBJECTS: tuple[Subject, ...] = (
    Subject("condition", '.priority == "P1" and .requester.email != null'),
    Subject("path with default", '.requester.manager.name // "nobody"'),
    Subject("filter and count", "[.items[] | select(.count > 1)] | length"),
    Subject("build an object", "{id, who: .requester.name, total: (.items | map(.price * .count) | add)}"),
    Subject("text", '"Ticket \\(.id) of \\(.requester.name): \\(.subject)"'),
    Subject("reduce", "reduce .items[] as $i (0; . + $i.price * $i.count)"),
    Subject("regular expression", '.requester.email | test("^[a-z.]+@[a-z.]+[.](org|com)$")'),
    Subject("substitute", '.subject | gsub("[^A-Za-z]+"; "-") | ascii_downcase'),
    Subject("date", ".createdAt | fromdate | . + 86400 | todate"),
    Subject("sort and group", "[.items | group_by(.count > 1)[] | map(.name) | sort]"),
    Subject("change a copy", '.status = "closed" | .items[0].count |= . + 1'),
    Subject("entries", 'with_entries(select(.key != "items")) | keys'),
    Subject("split and join", '.requester.email | split("@") | reverse | join(" at ")'),
    Subject("any", "any(.items[]; .price > 30) and (.items | length) < 10"),
)  # fmt: skip

HOSTILE: dict[str, tuple[str, Any]] = {
    "endless call": ("def f: f; f", None),
    "deep call": ("def f: 1 + f; f", None),
    "endless stream": ("[repeat(1)]", None),
    "nested loops": ("[range(1e4) as $a | range(1e4) as $b | range(1e4)] | length", None),
    "doubled text": ('reduce range(60) as $x ("a"; . + .) | length', None),
    "doubled list": ("reduce range(60) as $x ([1]; [., .]) | tojson", None),
    "doubled object": ("reduce range(40) as $x ({}; {a: ., b: .}) | . == .", None),
    "long text again and again": ('("x" * 100000) as $x | [range(1e9) | $x | length]', None),
    "case of a long text": ('("x" * 100000) as $x | [range(1e9) | $x | ascii_upcase | length]', None),
    "search in a long text": ('("ab" * 50000) as $x | [range(1e9) | $x | index("ba")]', None),
    "split of a long text": ('("a," * 50000) as $x | [range(1e9) | $x | split(",") | length]', None),
    "long texts compared": ('("x" * 100000) as $x | [range(1e9) | ($x + "a") == ($x + "b")]', None),
    "long keys": ('("x" * 10000) as $x | [range(1e9) | {($x): 1} | has($x)]', None),
    "sort": ("[range(1e9) as $x | [range(2000) | -(. * 7919 % 1000)] | sort]", None),
    "sort of lists": ("[range(1e9) as $x | [range(200) | [. % 7, . % 3]] | sort]", None),
    "unique": ("[range(1e9) as $x | [range(2000) | . % 10] | unique]", None),
    "lists subtracted": ("[range(3000)] as $x | $x - $x", None),
    "paths": ("[range(300)] | [paths] | length, ([paths(. > 1)] | length)", None),
    "change of every place": ("[range(3000)] | map_values(. + 1) | .[] += 1", None),
    "deletion of every place": ("[range(3000)] | del(.[])", None),
    "one place at a time": ("reduce range(1e9) as $i ([range(5000)]; .[$i % 5000] = 1)", None),
    "nested alternatives": ('("a" * 30) | test("^(a|a)*$|^(a|aa)+b$")', None),
    "nested repeats": ('("a" * 40) | test("(a+)+b")', None),
    "repeats in a row": ('("a" * 200) | test("a*a*a*a*a*a*a*a*b")', None),
    "look around": ('("a" * 2000) | [scan("(?=(a+))(?!b)")] | length', None),
    "look around by class": ('("a" * 2000) | [scan("(?=([[:alpha:]]+))(?!b)")] | length', None),
    "back references": ('("a" * 400) | test("^(a*)(a*)(a*)\\\\1\\\\2\\\\3b$")', None),
    "large classes": ('("é" * 3000) | gsub("[\\\\p{L}&&[^a-z]]"; "x") | length', None),
    "many matches": ('("a" * 20000) | gsub("a"; "b") | length', None),
    "many patterns": ('[range(1e9) | "a" | test("a{1,900}" + ("b?" * 60))]', None),
    "large numbers": ("[range(1e9) | 1e308 * 10, pow(2; 1000), tojson]", None),
    "long digits": ('("9" * 2000) as $x | [range(1e9) | $x | tonumber | tojson | length]', None),
    "text to JSON": ('("[" * 5000 + "]" * 5000) as $x | [range(1e9) | $x | fromjson]', None),
    "combinations": ("[range(20) | [0, 1]] | [combinations] | length", None),
    "flattening": ("reduce range(60) as $x ([1]; [., .]) | flatten | length", None),
    "walk": ("reduce range(60) as $x ([1]; [., .]) | walk(.)", None),
    "recursion over everything": ("reduce range(60) as $x ([1]; [., .]) | [..] | length", None),
    "transposition": ("[range(2000) | []] | .[0] = [range(1e5)] | transpose | length", None),
    "formats": ('("é" * 50000) as $x | [range(1e9) | $x | @uri | length]', None),
    "base 64": ('("é" * 50000) as $x | [range(1e9) | $x | @base64 | @base64d | length]', None),
    "dates": ("[range(1e9) | todate | fromdate]", None),
    "long date formats": ('("%c" * 5000) as $x | [range(1e9) | strftime($x) | length]', None),
    "streams": ("[range(1e9) | [range(100)] | [tostream] | fromstream(.[])]", None),
    "contains": ("[range(200) | [range(.)]] as $x | [range(1e9) | $x | contains($x)]", None),
    "indices of lists": ("[range(3000) | 1] as $x | $x | indices([range(1500) | 1])", None),
    "implode": ("[range(3e4) | 97] as $x | [range(1e9) | $x | implode | explode | length]", None),
    "wide objects": ("[range(2e4) | {key: tostring, value: .}] | from_entries | keys | length", None),
    "growing object": ("reduce range(1e9) as $i ({}; . + {($i | tostring): $i})", None),
    "growing list": ("reduce range(1e9) as $i ([]; . + [$i])", None),
    "growing text": ('reduce range(1e9) as $i (""; . + "x")', None),
    "many outputs": ("range(1e9)", None),
    "large outputs": ("[range(3e4)] as $x | range(1e9) | $x", None),
    "ltrimstr": ('("x" * 100000) as $x | [range(1e9) | $x | ltrimstr("x") | length]', None),
    "trim": ('(" " * 100000) as $x | [range(1e9) | $x | trim]', None),
    "startswith": ('("x" * 100000) as $x | [range(1e9) | $x | startswith($x)]', None),
    "error values": ('("x" * 100000) as $x | [range(1e9) | try error($x) catch length]', None),
    "destructuring": ("[range(1e9) as $x | [[1, [2]]] as [[$a, [$b]]] ?// $a | $a]", None),
    "labels": ("[range(1e9) | label $l | range(1e9) | if . > 3 then break $l else . end]", None),
    "limits": ("[range(1e9) | limit(3; repeat(1))]", None),
    "getpath": ("[range(5000) | 0] as $p | [range(1e9) | getpath($p)]", None),
    "join": ('[range(3000) | tostring] as $x | [range(1e9) | $x | join(",") | length]', None),
    "utf-8 length": ('("é" * 100000) as $x | [range(1e9) | $x | utf8bytelength]', None),
    "min and max": ("[range(3e4)] as $x | [range(1e9) | $x | min, max, add]", None),
    "reverse": ("[range(3e4)] as $x | [range(1e9) | $x | reverse | length]", None),
    "slices": ("[range(3e4)] as $x | [range(1e9) | $x[1:] | length]", None),
    "text slices": ('("x" * 100000) as $x | [range(1e9) | $x[1:] | length]', None),
    "any and all": ("[range(3e4)] as $x | [range(1e9) | $x | any(. == null)]", None),
    "to_entries": ("[range(1e4)] as $x | [range(1e9) | $x | to_entries | length]", None),
}  # fmt: skip


def _median_us(action: Callable[[], object], rounds: int) -> float:
    """The median of one call in microseconds, over rounds of calls that take about a millisecond."""
    action()
    started = time.perf_counter()
    action()
    once = max(time.perf_counter() - started, 1e-7)
    calls = max(1, int(0.001 / once))
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(calls):
            action()
        times.append((time.perf_counter() - started) / calls)
    return statistics.median(times) * 1e6


def compare(rounds: int) -> None:
    """Print the medians of both for each expression and document, and of all together."""
    import jq  # noqa: PLC0415 - hostile programs can be timed without it

    print(f"{'expression':24}{'document':>10}{'ours µs':>10}{'jq µs':>10}{'ratio':>8}")
    ours_total = theirs_total = 0.0
    for subject in SUBJECTS:
        program = parse(subject.source)
        theirs_program = jq.compile(subject.source)
        for size, document in (("small", SMALL), ("2 kB", LARGE)):
            ours, theirs = _both(program, theirs_program, document, rounds)
            ours_total += ours
            theirs_total += theirs
            print(f"{subject.name:24}{size:>10}{ours:10.1f}{theirs:10.1f}{ours / theirs:8.2f}")
    ratio = ours_total / theirs_total
    print(f"{'all together':24}{'':>10}{ours_total:10.1f}{theirs_total:10.1f}{ratio:8.2f}")


def _both(program: Program, theirs_program: Any, document: Any, rounds: int) -> tuple[float, float]:
    """Our time and libjq's in microseconds, after both gave the same."""
    if evaluate(program, document) != theirs_program.input_value(document).all():
        raise SystemExit(f"{program.source} does not give what libjq gives")
    ours = _median_us(lambda: evaluate(program, document), rounds)
    theirs = _median_us(lambda: theirs_program.input_value(document).all(), rounds)
    return ours, theirs


def compile_times(rounds: int) -> None:
    """Print how long it takes to read and compile each expression, beside libjq."""
    import jq  # noqa: PLC0415

    ours, theirs = [], []
    for subject in SUBJECTS:
        ours.append(_median_us(lambda s=subject.source: parse.__wrapped__(s), rounds))  # type: ignore[misc]
        theirs.append(_median_us(lambda s=subject.source: jq.compile(s), max(3, rounds // 5)))  # type: ignore[misc]
    print(
        f"compile: {statistics.median(ours):.0f} µs [{min(ours):.0f} .. {max(ours):.0f}], "
        f"jq {statistics.median(theirs):.0f} µs"
    )


def hostile(shown: int) -> float:
    """Print the slowest hostile programs at the budget of a case; gives the worst in milliseconds."""
    found = []
    for name, (source, value) in HOSTILE.items():
        program = parse(source)
        best, end = float("inf"), ""
        for _ in range(3):
            started = time.perf_counter()
            try:
                evaluate(program, value)
                end = "ends"
            except ExpressionError as error:
                end = error.kind
            best = min(best, (time.perf_counter() - started) * 1000)
        found.append((best, name, end))
    found.sort(reverse=True)
    print(f"hostile programs: {len(found)}, the slowest:")
    for spent, name, end in found[:shown]:
        print(f"  {name:28}{spent:8.1f} ms  {end}")
    return found[0][0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="rounds of about a millisecond each")
    parser.add_argument("--shown", type=int, default=10, help="how many hostile programs to show")
    chosen = parser.parse_args(arguments)
    compare(chosen.rounds)
    compile_times(chosen.rounds)
    hostile(chosen.shown)


if __name__ == "__main__":
    main()
