"""What a rehearsal expects, held against what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from service.durations import parse_duration
from service.instants import read_instant

Line = Mapping[str, Any]


def compare(
    expect: Mapping[str, Any],
    lines: Sequence[Line],
    outcome: Mapping[str, Any],
    clocks: Mapping[str, Any],
    zone: tzinfo,
    data: Mapping[str, Any] | None = None,
) -> list[str]:
    """What did not come out as expected, one sentence each.

    `data` is `$case.data` at the end.
    """
    problems = _ends(expect.get("ends") or {}, outcome, zone)
    if "output" in expect:
        problems += _value("output", expect["output"], outcome["output"])
    if "data" in expect:
        problems += _value("data", expect["data"], data or {})
    place = 0
    for wanted in expect.get("timeline") or ():
        times = wanted.get("times")
        if times is not None:
            count = sum(1 for line in lines if matches(wanted, line, zone))
            if count != times:
                problems.append(f"timeline: {say(wanted)} happened {count} times")
        found = next((n for n in range(place, len(lines)) if matches(wanted, lines[n], zone)), None)
        if found is None:
            if times != 0:
                problems.append(
                    f"timeline: {say(wanted)} did not happen{_hint(wanted, lines, zone)}"
                )
        else:
            place = found + 1
    for unwanted in expect.get("never") or ():
        seen = next((line for line in lines if matches(unwanted, line, zone)), None)
        if seen is not None:
            problems.append(f"never: {say(unwanted)} happened at {_local(seen['at'], zone)}")
    for name, wanted in (expect.get("clocks") or {}).items():
        problems += _clock(name, wanted, clocks.get(name) or {})
    return problems


def matches(wanted: Line, line: Line, zone: tzinfo) -> bool:
    """Whether a line has everything that is wanted of it; `in` names another case's definition."""
    if wanted.get("in") != line.get("in"):
        return False
    for name, value in wanted.items():
        if name == "times":
            continue
        if name == "at":
            if not _local(line["at"], zone).startswith(_wanted_time(value, zone)):
                return False
        elif name not in line:
            return False
        elif isinstance(line[name], list) and not isinstance(value, list):
            if value not in line[name]:
                return False
        elif line[name] != value:
            return False
    return True


def say(line: Line) -> str:
    """A line in the form of the file."""
    return "{ " + ", ".join(f"{name}: {_written(value)}" for name, value in line.items()) + " }"


def _written(value: Any) -> str:
    """A value as people write it in the file: what is inside of a line has the form of a line."""
    if isinstance(value, Mapping):
        return say(value)
    if isinstance(value, list):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _ends(wanted: Mapping[str, Any], outcome: Mapping[str, Any], zone: tzinfo) -> list[str]:
    problems: list[str] = []
    for name in ("as", "status"):
        if name in wanted and wanted[name] != outcome[name]:
            detail = ""
            if name == "as" and outcome.get("error"):
                detail = f" ({outcome['error'].get('detail') or outcome['error'].get('title')})"
            came = outcome[name] if outcome[name] is not None else "none"
            problems.append(f"ends.{name} is {came}, not {wanted[name]}{detail}")
    if "at" in wanted:
        at = _local(outcome["at"], zone)
        if not at.startswith(_wanted_time(wanted["at"], zone)):
            problems.append(f"ends.at is {at}, not {wanted['at']}")
    return problems


def _value(place: str, wanted: Any, found: Any) -> list[str]:
    """Where a value is not as wanted: of objects the wanted keys count, all else must be equal."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return [
            problem
            for name, value in wanted.items()
            for problem in (
                _value(f"{place}.{name}", value, found[name])
                if name in found
                else [f"{place}.{name} is missing"]
            )
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [
            problem
            for number, (one, other) in enumerate(zip(wanted, found, strict=True))
            for problem in _value(f"{place}[{number}]", one, other)
        ]
    # In Python True is 1, in JSON it is not.
    if isinstance(wanted, bool) is isinstance(found, bool) and wanted == found:
        return []
    is_, not_ = (json.dumps(each, ensure_ascii=False) for each in (found, wanted))
    return [f"{place} is {is_}, not {not_}"]


def _clock(name: str, wanted: Mapping[str, Any], clock: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    if "state" in wanted and wanted["state"] != clock.get("state", "idle"):
        problems.append(f"clock {name} is {clock.get('state', 'idle')}, not {wanted['state']}")
    if "elapsed" in wanted:
        duration = parse_duration(wanted["elapsed"])
        seconds = (duration.business_time or duration.elapsed).total_seconds()
        if abs(clock.get("elapsed", 0) - seconds) >= 1:
            problems.append(
                f"clock {name}: elapsed {clock.get('elapsed', 0) / 60:g} min, not {seconds / 60:g}"
            )
    return problems


def _hint(wanted: Line, lines: Sequence[Line], zone: tzinfo) -> str:
    """Where something similar happened: same first key and value."""
    name, value = next(((n, v) for n, v in wanted.items() if n != "at"), ("", None))
    near = [line for line in lines if name in line and line[name] == value]
    if not near:
        return ""
    return "; near: " + "; ".join(
        say(
            {
                "at": _local(line["at"], zone),
                **{n: v for n, v in line.items() if n not in ("at", "case")},
            }
        )
        for line in near[:3]
    )


def _local(text: str, zone: tzinfo) -> str:
    return read_instant(text).astimezone(zone).isoformat()


def _wanted_time(text: str, zone: tzinfo) -> str:
    """The given time in the zone of comparison, to the precision given."""
    body = text.replace("Z", "+00:00")
    head, _, tail = body.partition("T")
    if not tail:
        return body
    has_offset = "+" in tail or "-" in tail
    if not has_offset:
        return body
    precision = len(tail.split("+")[0].split("-")[0])
    local = read_instant(body).astimezone(zone).isoformat()
    return local[: len(head) + 1 + precision]
