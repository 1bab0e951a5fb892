"""The sentences that say what is wrong with a value, in the languages of Caseway.

Each stands after the name of the field, and none has a full stop, so that callers can join them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

Words = Mapping[str, str]

_ENGLISH: Words = MappingProxyType(
    {
        "type": " must be {expected}, but is {value}",
        "enum": " must be one of {allowed}, but is {value}",
        "const": " must be {limit}, but is {value}",
        "empty": " must not be empty",
        "minLength": " must have at least {limit} characters",
        "maxLength": " must have at most {limit} characters, but has {count}",
        "minimum": " must be at least {limit}, but is {value}",
        "maximum": " must be at most {limit}, but is {value}",
        "exclusiveMinimum": " must be more than {limit}, but is {value}",
        "exclusiveMaximum": " must be less than {limit}, but is {value}",
        "multipleOf": " must be a multiple of {limit}, but is {value}",
        "pattern": " must match the pattern {limit}, but is {value}",
        "format": " must be {expected}, but is {value}",
        "minItems": " must have at least {limit} entries",
        "maxItems": " must have at most {limit} entries, but has {count}",
        "uniqueItems": " must not hold the same entry twice",
        "contains": " does not hold the entries that are asked for",
        "minProperties": " must have at least {limit} fields",
        "dependentRequired": " lacks fields that go with the others: {message}",
        "not": " must not be {value}",
        "alternatives": " fits none of the allowed forms, or more than one; it is {value}",
        "forbidden": " is not allowed here",
        "other": " is not allowed: {message}",
        "missing": " is missing",
        "unknown": " is not a field here",
        "meant": ', did you mean "{near}"?',
        "known": " (known: {known})",
        "value": "the value",
        "quoted": '"{name}"',
        "entry": "entry {number} of {of}",
        "inside": "{name} of {of}",
        "or": " or ",
        "string": "text",
        "number": "a number",
        "integer": "a whole number",
        "boolean": "true or false",
        "array": "a list",
        "object": "an object",
        "null": "empty",
        "date": "a date like 2026-03-02",
        "date-time": "a time with offset like 2026-03-02T09:00:00+08:00",
        "time": "a time of day like 09:00:00Z",
        "email": "a mail address like amy@example.org",
        "uri": "an address like https://example.org/path",
        "joined": "; ",
    }
)
_CHINESE: Words = MappingProxyType(
    {
        "type": "必須是{expected}，現在是 {value}",
        "enum": "必須是以下之一：{allowed}；現在是 {value}",
        "const": "必須是 {limit}，現在是 {value}",
        "empty": "不可空白",
        "minLength": "至少要有 {limit} 個字",
        "maxLength": "最多 {limit} 個字，現在有 {count} 個字",
        "minimum": "不可小於 {limit}，現在是 {value}",
        "maximum": "不可大於 {limit}，現在是 {value}",
        "exclusiveMinimum": "必須大於 {limit}，現在是 {value}",
        "exclusiveMaximum": "必須小於 {limit}，現在是 {value}",
        "multipleOf": "必須是 {limit} 的倍數，現在是 {value}",
        "pattern": "的格式必須符合 {limit}，現在是 {value}",
        "format": "必須是{expected}，現在是 {value}",
        "minItems": "至少要有 {limit} 項",
        "maxItems": "最多 {limit} 項，現在有 {count} 項",
        "uniqueItems": "不可有重複的項目",
        "contains": "缺少要求的項目",
        "minProperties": "至少要填 {limit} 個欄位",
        "dependentRequired": "缺少須一併填寫的欄位：{message}",
        "not": "不可以是 {value}",
        "alternatives": "不符合任何一種允許的形式，或同時符合多種；現在是 {value}",
        "forbidden": "在這裡不允許",
        "other": "不允許：{message}",
        "missing": "未填寫",
        "unknown": "不是這裡的欄位",
        "meant": "，是否指「{near}」？",
        "known": "（可用的欄位：{known}）",
        "value": "這個值",
        "quoted": "「{name}」",
        "entry": "{of}第 {number} 項",
        "inside": "{of}的{name}",
        "or": "或",
        "string": "文字",
        "number": "數字",
        "integer": "整數",
        "boolean": "是或否",
        "array": "清單",
        "object": "一組欄位",
        "null": "空白",
        "date": "日期，例如 2026-03-02",
        "date-time": "帶時區的時間，例如 2026-03-02T09:00:00+08:00",
        "time": "時刻，例如 09:00:00Z",
        "email": "電子郵件地址，例如 amy@example.org",
        "uri": "網址，例如 https://example.org/path",
        "joined": "；",
    }
)
ENGLISH = _ENGLISH
"""Also for languages that nobody has written yet."""


def words(language: str | None) -> Words:
    """The sentences of a language; `zh`, `zh-TW` and `zh-Hant-TW` are one."""
    return _CHINESE if str(language or "").lower().split("-")[0] == "zh" else _ENGLISH


def place(steps: Sequence[str | int], titles: Sequence[str | None], said: Words) -> str:
    """Where something is, outermost last: `"Amount" of entry 2 of "Lines"`.

    `titles` are what the fields are called, one for each step.
    """
    name = ""
    for step, title in zip(steps, titles, strict=True):
        if isinstance(step, int):
            name = said["entry"].format(number=step + 1, of=name or said["value"])
            continue
        own = said["quoted"].format(name=title or step)
        name = said["inside"].format(name=own, of=name) if name else own
    return name or said["value"]
