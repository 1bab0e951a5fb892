"""JSON text from values and back, without recursion and within the budget."""

from __future__ import annotations

import json
import re
from typing import Any

from language.expressions.budget import Budget, Meter
from language.expressions.errors import Raised
from language.expressions.numbers import LiteralNumber, literal_number, number_text, quote
from language.expressions.values import MAX_NESTING


def to_json(value: Any, meter: Meter | None = None) -> str:
    """Compact JSON of a value; nan is written as null, infinite as the largest double."""
    kind = value.__class__
    if kind is str:
        if meter is not None:
            meter.charge(len(value) >> 4)
        return quote(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is not list and kind is not dict:
        return number_text(value)
    pieces: list[str] = []
    write = pieces.append
    # Items are texts ready to be written, or 1-tuples of a value and its depth.
    stack: list[Any] = [(value, 0)]
    steps = 0
    while stack:
        item = stack.pop()
        if item.__class__ is str:
            write(item)
            continue
        inner, depth = item
        kind = inner.__class__
        steps += 1
        if kind is str:
            steps += len(inner) >> 4
            write(quote(inner))
        elif kind is dict or kind is list:
            if depth > MAX_NESTING:
                write('"<skipped: too deep>"')
            elif not inner:
                write("{}" if kind is dict else "[]")
            elif kind is dict:
                stack.append("}")
                first = True
                entries: list[Any] = []
                for key, part in inner.items():
                    entries.append(("{" if first else ",") + quote(key) + ":")
                    entries.append((part, depth + 1))
                    first = False
                entries.reverse()
                stack.extend(entries)
            else:
                stack.append("]")
                entries = []
                for part in inner:
                    entries.append(",")
                    entries.append((part, depth + 1))
                entries[0] = "["
                entries.reverse()
                stack.extend(entries)
        elif inner is None:
            write("null")
        elif kind is bool:
            write("true" if inner else "false")
        else:
            write(number_text(inner))
        if steps > 1000 and meter is not None:
            meter.charge(steps)
            steps = 0
    if meter is not None:
        meter.charge(steps)
    return "".join(pieces)


def read_json(text: str) -> Any:
    """The value of a JSON text, as jq reads its input; raises `ValueError`."""
    try:
        return from_json(text.removeprefix("\ufeff"), Meter(Budget(steps=len(text) + 1)))
    except Raised as problem:
        raise ValueError(str(problem.value)) from None


def from_json(text: str, meter: Meter) -> Any:
    """The value that a JSON text spells; numbers keep their spelling where doubles cannot."""
    meter.charge(len(text) >> 3)
    if not text.strip(" \t\r\n"):
        raise Raised(f"Expected JSON value (while parsing '{text}')")
    depth = 0
    deepest = 0
    in_text = False
    if text.count("[") + text.count("{") > 500:
        meter.charge(len(text))
        skip = False
        for char in text:
            if skip:
                skip = False
            elif in_text:
                if char == "\\":
                    skip = True
                elif char == '"':
                    in_text = False
            elif char == '"':
                in_text = True
            elif char in "[{":
                depth += 1
                deepest = max(deepest, depth)
            elif char in "]}":
                depth -= 1
        if deepest > 200:
            return _deep_json(text, deepest)
    try:
        return json.loads(
            text, parse_int=literal_number, parse_float=literal_number, parse_constant=_constant
        )
    except (ValueError, RecursionError):
        pass
    if "nan" in text.lower():
        try:
            return json.loads(
                _NAN.sub(lambda found: found.group(1) or "NaN", text),
                parse_int=literal_number,
                parse_float=literal_number,
                parse_constant=_constant,
            )
        except ValueError:
            pass
    spelled = _NUMBER.sub(_strict_number, text)
    if spelled != text:
        try:
            return json.loads(
                spelled,
                parse_int=literal_number,
                parse_float=literal_number,
                parse_constant=_constant,
            )
        except (ValueError, RecursionError):
            pass
    raise Raised(_complaint(text))


_BARE = re.compile(r"[-+.0-9][-+.0-9A-Za-z_]*")
_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|[0-9.eE+-]+')


def _strict_number(found: re.Match[str]) -> str:
    """A number that jq reads and JSON does not know, such as .5, 5. and +5, as JSON spells it."""
    written = found.group()
    sign, body = ("-", written[1:]) if written.startswith("-") else ("", written.removeprefix("+"))
    if body[:1] not in tuple("0123456789."):
        return written
    try:
        literal_number(body)
    except ValueError:
        return written
    mantissa, mark, exponent = body.lower().partition("e")
    whole, dot, fraction = mantissa.partition(".")
    fraction = f"{dot}{fraction}" if fraction else ""
    return f"{sign}{whole.lstrip('0') or '0'}{fraction}{mark}{exponent}"


_NAN = re.compile(r'("(?:[^"\\]|\\.)*")|-?\b[nN]a[nN]\b')


def _constant(name: str) -> float:
    if name == "NaN":
        return float("nan")
    return LiteralNumber(float(name), number_text(float(name)))


def _complaint(text: str) -> str:
    """jq's sentence for a text that is not JSON."""
    lines = text.split("\n")
    end = f"at EOF at line {len(lines)}, column {len(lines[-1])}"
    try:
        json.loads(text)
        what = f"Invalid numeric literal {end}"
    except json.JSONDecodeError as problem:
        place = f"at line {problem.lineno}, column {problem.colno + 1}"
        if text[problem.pos : problem.pos + 1] == "'":
            # jq reads the whole token before it names the quote that it wanted.
            place = f"at line {problem.lineno}, column {_quote_column(text)}"
            what = f"Invalid string literal; expected \", but got ' {place}"
        elif problem.msg.startswith("Unterminated string"):
            what = f"Unfinished string {end}"
        elif problem.pos >= len(text.rstrip()):
            what = f"Unfinished JSON term {end}"
        elif _BARE.fullmatch(text):
            what = f"Invalid numeric literal {end}"
        elif problem.msg == "Extra data":
            what = "Unexpected extra JSON values"
        elif problem.msg.startswith("Expecting ',' delimiter"):
            what = f"Expected separator between values {place}"
        elif text.strip().isalnum():
            what = f"Invalid {'numeric ' * (text.strip()[0] not in 'tf')}literal {end}"
        else:
            what = f"Invalid numeric literal {place}"
    return f"{what} (while parsing '{text}')"


def _quote_column(text: str) -> int:
    found = text.find("'", text.find("'") + 1)
    return found + 2 if found >= 0 else len(text)


def _deep_json(text: str, deepest: int) -> Any:
    """Reads deeply nested JSON piece by piece, with a stack of its own."""
    if deepest > MAX_NESTING:
        raise Raised(f"Exceeds depth limit for parsing at line 1, column {MAX_NESTING + 1}")
    decoder = json.JSONDecoder(parse_int=literal_number, parse_float=literal_number)
    holders: list[tuple[Any, str | None]] = []
    at = 0
    size = len(text)
    result: Any = None
    state = "value"
    key: str | None = None
    bad = Raised(f"Invalid JSON text (while parsing '{text[:100]}...')")
    try:
        while True:
            while at < size and text[at] in " \t\r\n":
                at += 1
            if at >= size:
                break
            char = text[at]
            if state == "end":
                raise bad
            if state in ("value", "first") and char in "[{":
                holders.append(({} if char == "{" else [], key))
                key = None
                at += 1
                state = "first" if char == "[" else "key or close"
                continue
            if (state in ("first", "after") and char == "]") or (
                state in ("key or close", "after") and char == "}"
            ):
                if not holders or isinstance(holders[-1][0], dict) != (char == "}"):
                    raise bad
                result, key = holders.pop()
                at += 1
            elif state == "after" and char == ",":
                state = "key" if isinstance(holders[-1][0], dict) else "value"
                at += 1
                continue
            elif state in ("key", "key or close") and char == '"':
                key, at = decoder.raw_decode(text, at)
                while at < size and text[at] in " \t\r\n":
                    at += 1
                if text[at : at + 1] != ":":
                    raise bad
                at += 1
                state = "value"
                continue
            elif state in ("value", "first"):
                result, at = decoder.raw_decode(text, at)
            else:
                raise bad
            if not holders:
                state = "end"
                continue
            holder = holders[-1][0]
            if isinstance(holder, dict):
                holder[str(key)] = result
            else:
                holder.append(result)
            state = "after"
    except ValueError:
        raise bad from None
    if state != "end":
        raise bad
    return result
