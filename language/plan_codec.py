"""Plans as JSON and back: what a bundle stores and the first event of every case carries.

What stands at its default is left out. Templates are tagged lists (`["e", source, line, column]`
for an expression), so that no data of a definition can ever be taken for an expression.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import types
import typing
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from language import plan as plans
from language.plan import (
    FORMAT,
    TASK_TYPES,
    Expression,
    ListTemplate,
    Literal,
    MapTemplate,
    Plan,
    Task,
    Template,
)

_Convert = Callable[[Any], Any]
Part = typing.TypeVar("Part")


class PlanFormatUnknown(Exception):
    """A stored plan of a format that this program does not read."""

    def __init__(self, format: object) -> None:
        super().__init__(
            f"The plan has format {format!r}; this program reads format {FORMAT}. "
            "Run the version of Caseway that published it, or a newer one."
        )
        self.format = format


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON; `plan_from_json` gives back an equal plan."""
    encoded: dict[str, Any] = _record_codec(Plan).encode(plan)
    return {"format": plan.format, **encoded}


def pack_plan(plan: Plan) -> str:
    """The plan as a history carries it: base64 of compressed JSON."""
    raw = json.dumps(plan_to_json(plan), separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def unpack_plan(packed: str) -> Plan:
    """The plan that `pack_plan` wrote.

    Raises:
        PlanFormatUnknown: It was written by a program that knew another shape.
    """
    return plan_from_json(json.loads(zlib.decompress(base64.b64decode(packed))))


def plan_from_json(data: Mapping[str, Any]) -> Plan:
    """The plan that `plan_to_json` wrote.

    Raises:
        PlanFormatUnknown: It was written by a program that knew another shape.
    """
    if data.get("format") != FORMAT:
        raise PlanFormatUnknown(data.get("format"))
    decoded: Plan = _record_codec(Plan).decode(data)
    return decoded


def part_to_json(part: Any) -> Any:
    """A part of a plan, such as an event filter; `part_from_json` gives back an equal one."""
    return _codec(type(part)).encode(part)


def part_from_json(kind: type[Part], data: Any) -> Part:
    """The part that `part_to_json` wrote."""
    decoded: Part = _codec(kind).decode(data)
    return decoded


class _Codec(NamedTuple):
    encode: _Convert
    decode: _Convert


class _Field(NamedTuple):
    name: str
    codec: _Codec
    default: Any
    has_default: bool


def _same(value: Any) -> Any:
    return value


_AS_IS = _Codec(_same, _same)


def _encode_template(template: Any) -> Any:
    match template:
        case Literal(value):
            return ["l", value]
        case Expression(source, line, column):
            return ["e", source, line, column]
        case ListTemplate(items):
            return ["a", *[_encode_template(each) for each in items]]
        case MapTemplate(entries):
            return ["m", *[part for key, each in entries for part in (key, _encode_template(each))]]
        case _:
            raise TypeError(f"not a template: {type(template).__name__}")


def _decode_template(data: Any) -> Template:
    tag = data[0]
    if tag == "l":
        return Literal(data[1])
    if tag == "e":
        return Expression(data[1], data[2], data[3])
    if tag == "a":
        return ListTemplate(tuple([_decode_template(each) for each in data[1:]]))
    if tag == "m":
        return MapTemplate(
            tuple([(data[at], _decode_template(data[at + 1])) for at in range(1, len(data), 2)])
        )
    raise ValueError(f"not a template: {tag!r}")


_TEMPLATE = _Codec(_encode_template, _decode_template)
_TEMPLATE_TYPES = (Literal, Expression, ListTemplate, MapTemplate)


_record_codecs: dict[type, _Codec] = {}


def _record_codec(record: type) -> _Codec:
    """How a dataclass is written: its fields by name, those at their default left out."""
    if record not in _record_codecs:
        _record_codecs[record] = _make_record_codec(record)
    return _record_codecs[record]


def _make_record_codec(record: type) -> _Codec:
    hints = typing.get_type_hints(record, vars(plans))
    fields = [
        _Field(each.name, _codec(hints[each.name]), *_default(each))
        for each in dataclasses.fields(record)
    ]

    def encode(value: Any) -> dict[str, Any]:
        encoded = {}
        for name, codec, default, has_default in fields:
            part = getattr(value, name)
            if has_default and part == default and type(part) is type(default):
                continue
            encoded[name] = codec.encode(part)
        return encoded

    def decode(data: Mapping[str, Any]) -> Any:
        return record(
            **{name: codec.decode(data[name]) for name, codec, _, _ in fields if name in data}
        )

    return _Codec(encode, decode)


def _default(field: dataclasses.Field[Any]) -> tuple[Any, bool]:
    if field.default is not dataclasses.MISSING:
        return field.default, True
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory(), True
    return None, False


_TASKS_BY_KIND = {each.kind: each for each in TASK_TYPES}


def _encode_task(task: Task) -> dict[str, Any]:
    return {"kind": task.kind, **_record_codec(type(task)).encode(task)}


def _decode_task(data: Mapping[str, Any]) -> Any:
    return _record_codec(_TASKS_BY_KIND[data["kind"]]).decode(data)


_TASK = _Codec(_encode_task, _decode_task)


def _codec(hint: Any) -> _Codec:
    """How a value of an annotated type is written."""
    if hint is Task:
        return _TASK
    if hint in _TEMPLATE_TYPES:
        return _TEMPLATE
    if dataclasses.is_dataclass(hint):
        return _record_codec(typing.cast("type", hint))
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        others = [each for each in arguments if each is not type(None)]
        codec = _TEMPLATE if any(each in _TEMPLATE_TYPES for each in others) else _codec(others[0])
        return _or_none(codec) if len(others) < len(arguments) else codec
    if origin is tuple:
        return _tuple_codec(arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_codec(_codec(arguments[1]))
    return _AS_IS


def _or_none(codec: _Codec) -> _Codec:
    if codec is _AS_IS:
        return codec
    return _Codec(
        lambda value: None if value is None else codec.encode(value),
        lambda data: None if data is None else codec.decode(data),
    )


def _tuple_codec(arguments: tuple[Any, ...]) -> _Codec:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        codec = _codec(arguments[0])
        return _Codec(
            lambda values: [codec.encode(each) for each in values],
            lambda data: tuple([codec.decode(each) for each in data]),
        )
    codecs = [_codec(each) for each in arguments]
    return _Codec(
        lambda values: [each.encode(value) for each, value in zip(codecs, values, strict=True)],
        lambda data: tuple([each.decode(part) for each, part in zip(codecs, data, strict=True)]),
    )


def _mapping_codec(codec: _Codec) -> _Codec:
    if codec is _AS_IS:
        return _Codec(dict, dict)
    return _Codec(
        lambda values: {key: codec.encode(value) for key, value in values.items()},
        lambda data: {key: codec.decode(value) for key, value in data.items()},
    )
