"""Damaged copies of a text: one change each, at one place, of one kind."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.mutations.grammar import (
    Group,
    expression_at,
    group_of_key,
    group_of_value,
    is_bare,
)
from bench.mutations.places import Entry, Value, holder, outer_mapping, read
from bench.mutations.tokens import Token, tags, tokens

Edit = tuple[int, int, str]
"""Characters from, up to, and what stands there instead."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged text."""

    kind: str
    """delete | misspell | duplicate | move | retype | reindent | swap | empty"""
    place: str
    """key | value | item | expression | tag"""
    group: Group | str
    """checked, free, or literal (of an expression)."""
    text: str
    at: tuple[int, ...]
    """Offsets in the new text at which a finding stands rightly."""
    names: tuple[str, ...]
    """What stood there: one of it is to be in the sentence or the hint."""
    words: tuple[str, ...] = ()
    """Names that were touched: a finding where another one refers to them is right as well."""
    what: str = ""
    """Keys on the way, with slashes."""
    may_be_meant: bool = False
    """Whether null stands there now, or a list of the one value."""


def mutants(text: str, file: str, dice: random.Random) -> Iterator[Mutant]:
    """Every mutant of a file: definition, form, texts, rehearsal, organization or message."""
    if file == "message":
        yield from _of_tags(text, dice)
        return
    root = read(text)
    for value in root.walk():
        for index, _ in enumerate(value.entries):
            yield from _of_entry(text, value, index, file, dice)
        for index, _ in enumerate(value.items):
            yield from _of_item(text, value, index, file, dice)


# --- making texts -------------------------------------------------------------------------------


def _edited(text: str, *edits: Edit) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _moved(edits: tuple[Edit, ...], offset: int) -> int:
    """Where a character of the old text stands in the new one."""
    return offset + sum(len(new) - (end - start) for start, end, new in edits if end <= offset)


def _make(  # noqa: PLR0917 (the fields of a mutant, in their order)
    kind: str,
    place: str,
    group: str,
    text: str,
    edits: tuple[Edit, ...],
    at: tuple[int, ...],
    names: tuple[str, ...],
    words: tuple[str, ...] = (),
    what: str = "",
) -> Mutant:
    new = _edited(text, *edits)
    limit = max(len(new) - 1, 0)
    where = tuple(min(_moved(edits, each), limit) for each in at)
    return Mutant(kind, place, group, new, where, tuple(n for n in names if n), words, what)


def misspelled(word: str, dice: random.Random) -> str:
    """The word with one or two slips of the finger."""
    new = word
    for _ in range(dice.choice((1, 1, 2))):
        at = dice.randrange(len(new)) if new else 0
        slip = dice.choice(("leave out", "add", "other", "turn around"))
        letter = dice.choice(string.ascii_lowercase)
        if slip == "leave out" and len(new) > 1:
            new = new[:at] + new[at + 1 :]
        elif slip == "add":
            new = new[:at] + letter + new[at:]
        elif slip == "turn around" and at + 1 < len(new):
            new = new[:at] + new[at + 1] + new[at] + new[at + 2 :]
        else:
            new = new[:at] + letter + new[at + 1 :]
    return new if new != word else word + dice.choice(string.ascii_lowercase)


def _source(text: str, part: Entry | Value) -> str:
    return text[part.start : part.end]


def _parent_places(value: Value) -> tuple[int, ...]:
    """The key above a mapping or list, and its first character."""
    above = holder(value)
    return (value.start, *((above.start,) if above else ()))


def _scalars(value: Value) -> tuple[str, ...]:
    return tuple(
        each.text
        for each in value.walk()
        if each.kind == "scalar" and each.text and " " not in each.text and len(each.text) > 2
    )


def _keys(value: Value) -> tuple[str, ...]:
    return tuple(entry.key for each in value.walk() for entry in each.entries)


# --- entries ------------------------------------------------------------------------------------


def _of_entry(
    text: str, mapping: Value, index: int, file: str, dice: random.Random
) -> Iterator[Mutant]:
    entry = mapping.entries[index]
    way = entry.value.way
    group = group_of_key(way, file)
    what = "/".join(way)
    above = _parent_places(mapping)
    touched = (entry.key, *_scalars(entry.value))

    gap = _without(text, mapping.entries, index)
    instead = "{}" if len(mapping.entries) == 1 else ""
    yield _make(
        "delete", "key", group, text, ((*gap, instead),), (gap[0], *above), (entry.key,),
        (*touched, *_keys(entry.value)), what,
    )  # fmt: skip
    key = text[entry.start : entry.key_end]
    wrong = misspelled(key, dice)
    yield _make(
        "misspell", "key", group, text, ((entry.start, entry.key_end, wrong),), (entry.start, *above),
        (entry.key,), (entry.key,), what,
    )  # fmt: skip
    copy = _beside(text, mapping, entry, _source(text, entry))
    yield _make(
        "duplicate",
        "key",
        group,
        text,
        (copy,),
        (entry.start, entry.end),
        (entry.key,),
        (entry.key,),
        what,
    )
    yield _make(
        "empty", "key", group, text, ((entry.start, entry.key_end, "''"),), (entry.start, *above),
        (entry.key, "empty"), touched, what,
    )  # fmt: skip
    if index + 1 < len(mapping.entries):
        other = mapping.entries[index + 1]
        sides = {group_of_value(entry.value.way, file), group_of_value(other.value.way, file)}
        yield _make(
            "swap", "key", "free" if sides == {"free"} else group, text,
            (
                (entry.start, entry.key_end, text[other.start : other.key_end]),
                (other.start, other.key_end, key),
            ),
            (entry.start, other.start, entry.value.start, other.value.start, *above),
            (entry.key, other.key), (*touched, other.key, *_scalars(other.value)), what,
        )  # fmt: skip
        if _both_inline(text, entry.value, other.value):
            yield _make(
                "swap", "value", "free" if sides == {"free"} else "checked", text,
                (
                    (entry.value.start, entry.value.end, _source(text, other.value)),
                    (other.value.start, other.value.end, _source(text, entry.value)),
                ),
                (entry.start, other.start, *above), (entry.key, other.key, entry.value.text, other.value.text),
                (*touched, *_scalars(other.value)), what,
            )  # fmt: skip
    yield from _moves(text, mapping, index, group, what)
    if not mapping.flow:
        yield from _reindented(text, entry, group, what, above)
    yield from _of_value(text, entry.value, entry.start, (entry.key,), file, dice, touched)


def _without(text: str, parts: list[Entry] | list[Value], index: int) -> tuple[int, int]:
    """The characters to leave out so that a part is gone and the rest stays well-formed."""
    part = parts[index]
    if index + 1 < len(parts):
        return part.start, parts[index + 1].start
    if index:
        return parts[index - 1].end, part.end
    return part.start, part.end


def _beside(text: str, holder_: Value, part: Entry | Value, source: str) -> Edit:
    """Insert a source after a part of a mapping or list."""
    if holder_.flow:
        return part.end, part.end, f", {source}"
    dash = "- " if holder_.kind == "list" else ""
    return part.end, part.end, "\n" + " " * holder_.column + dash + source


def _both_inline(text: str, one: Value, other: Value) -> bool:
    return "\n" not in _source(text, one) + _source(text, other) and one.start < one.end and other.start < other.end  # fmt: skip


def _moves(text: str, mapping: Value, index: int, group: str, what: str) -> Iterator[Mutant]:
    entry = mapping.entries[index]
    if len(mapping.entries) < 2:
        return
    source = _source(text, entry)
    targets: list[tuple[Value, Entry]] = []
    outer = outer_mapping(mapping)
    if outer is not None:
        around = next(e for e in outer.entries if e.start <= entry.start < e.end)
        targets.append((outer, around))
    for step in (-1, 1):
        near = index + step
        if 0 <= near < len(mapping.entries) and mapping.entries[near].value.entries:
            inner = mapping.entries[near].value
            targets.append((inner, inner.entries[-1]))
    for target, after in targets:
        if "\n" in source and target.flow:
            continue
        moved = _shifted(source, target.column - mapping.column)
        if moved is None:
            continue
        insert = _beside(text, target, after, moved)
        gap = _without(text, mapping.entries, index)
        if gap[0] < insert[0] < gap[1]:
            continue
        edits = ((*gap, ""), insert)
        landed = insert[0] + 1
        yield _make(
            "move", "key", group, text, edits,
            (gap[0], landed, target.start, *_parent_places(mapping), *_parent_places(target)),
            (entry.key,), (entry.key, *_scalars(entry.value), *_keys(entry.value)), what,
        )  # fmt: skip


def _shifted(source: str, by: int) -> str | None:
    """A block of lines further in or out; the first line begins where it is put."""
    first, *rest = source.split("\n")
    lines = [first]
    for line in rest:
        if by < 0 and line.strip() and line[:-by].strip():
            return None
        lines.append(" " * by + line if by > 0 and line.strip() else line[-by:] if by < 0 else line)
    return "\n".join(lines)


def _reindented(
    text: str, part: Entry | Value, group: str, what: str, above: tuple[int, ...]
) -> Iterator[Mutant]:
    """The lines of a part further in or out, as a slip of the tabulator would have it."""
    begin = text.rfind("\n", 0, part.start) + 1
    if text[begin : part.start].strip():
        return
    lines = text[begin : part.end].split("\n")
    key = part.key if isinstance(part, Entry) else ""
    for by in (2, -2, 1):
        for only_first in (False, True) if len(lines) > 1 else (False,):
            shifted = [
                line if only_first and number else _line_shifted(line, by)
                for number, line in enumerate(lines)
            ]
            if None in shifted:
                continue
            new = "\n".join(each for each in shifted if each is not None)
            below = begin + len(lines[0]) + 1 if len(lines) > 1 else part.end + 1
            edits = ((begin, part.end, new),)
            mutant = _edited(text, *edits)
            place = (begin, *(min(each, len(mutant) - 1) for each in (below, begin + len(new) + 1)))
            yield Mutant(
                "reindent", "key" if isinstance(part, Entry) else "item", group, mutant,
                tuple(min(each, len(mutant) - 1) for each in (*place, max(begin - 2, 0), *above)),
                (key, "indent"), (key,) if key else (), what,
            )  # fmt: skip


def _line_shifted(line: str, by: int) -> str | None:
    if by > 0:
        return " " * by + line if line.strip() else line
    if line.strip() and line[:-by].strip():
        return None
    return line[-by:]


# --- values -------------------------------------------------------------------------------------


def _of_value(
    text: str,
    value: Value,
    where: int,
    names: tuple[str, ...],
    file: str,
    dice: random.Random,
    touched: tuple[str, ...],
) -> Iterator[Mutant]:
    group = group_of_value(value.way, file)
    what = "/".join(value.way)
    span = (value.start, value.end)
    at = (where, value.start)
    expression = expression_at(value, text)

    def change(kind: str, new: str, kind_group: str = group) -> Mutant:
        return _make(
            kind,
            "value",
            kind_group,
            text,
            ((*span, new),),
            at,
            (*names, value.text),
            touched,
            what,
        )

    if value.kind == "scalar":
        raw = text[value.start : value.end]
        if not raw or "\n" in raw:
            return
        inside = raw[1:-1] if value.style in ("'", '"') else raw
        if expression is not None:
            yield from _of_expression(text, expression, at, what, dice)
        elif is_bare(value) and file == "definition":
            yield from _of_expression(
                text, (inside, value.start + bool(value.style)), at, what, dice
            )
        elif inside and (value.style or not _is_number(raw)):
            wrong = misspelled(inside, dice)
            quote = value.style if value.style in ("'", '"') else ""
            yield Mutant(
                "misspell", "value", group, _edited(text, (*span, f"{quote}{wrong}{quote}")), at,
                (value.text,), (value.text,), what,
            )  # fmt: skip
        shape = "checked" if group == "checked" else "free"
        yield change("empty", "", shape)
        if value.style or not _is_number(raw):
            yield change("empty", "''", shape)
        if raw in ("true", "false"):
            news = [f"'{raw}'", "7", f"[{raw}]", "null"]
        elif not value.style and _is_number(raw):
            news = [f"'{raw}'", "true", f"[{raw}]", f"{{ value: {raw} }}", "null"]
        else:
            news = ["7", "true", f"[{raw}]", f"{{ value: {raw} }}", "null"]
        for new in news:
            same = new in ("null", f"[{raw}]")
            yield replace(change("retype", new, shape), may_be_meant=same)
        return
    # An empty or retyped collection is a change of structure where its keys are.
    structure = group_of_key((*value.way, "*"), file) if value.way else "checked"
    inline = value.flow or "\n" not in text[value.start : value.end]
    start = value.start
    if not inline:
        # Behind the key, on its line.
        line = text.rfind("\n", 0, start)
        start = line if line > where else start
    space = "" if inline or start == value.start else " "
    empty = "{}" if value.kind == "mapping" else "[]"
    other = "[]" if value.kind == "mapping" else "{}"
    for kind, new in (
        ("empty", empty), ("empty", ""), ("retype", "some"), ("retype", "7"), ("retype", "true"),
        ("retype", other),
    ):  # fmt: skip
        if text[value.start : value.end] == new:
            continue
        yield _make(
            kind, "value", structure, text, ((start, value.end, space + new),), (where,), names,
            (*touched, *_keys(value)), what,
        )  # fmt: skip


def _is_number(raw: str) -> bool:
    return raw.lstrip("+-").replace(".", "", 1).isdigit()


# --- items --------------------------------------------------------------------------------------


def _of_item(
    text: str, items: Value, index: int, file: str, dice: random.Random
) -> Iterator[Mutant]:
    item = items.items[index]
    above = _parent_places(items)
    group = (
        group_of_key(items.way, file) if item.kind != "scalar" else group_of_value(items.way, file)
    )
    what = "/".join(item.way)
    name = item.entries[0].key if item.entries else item.text
    touched = (*((item.text,) if item.text else ()), *_scalars(item), *_keys(item))
    gap = _without(text, items.items, index)
    if len(items.items) == 1:
        gap, instead = (items.start, items.end), "[]"
    else:
        instead = ""
    yield _make(
        "delete", "item", group, text, ((*gap, instead),), (gap[0], *above), (name,), touched, what
    )
    yield _make(
        "duplicate", "item", group, text, (_beside(text, items, item, _source(text, item)),),
        (item.start, item.end), (name,), touched, what,
    )  # fmt: skip
    if index + 1 < len(items.items):
        other = items.items[index + 1]
        yield _make(
            "swap", "item", group, text,
            (
                (item.start, item.end, _source(text, other)),
                (other.start, other.end, _source(text, item)),
            ),
            (item.start, other.start, *above),
            (name, other.entries[0].key if other.entries else other.text),
            (*touched, *_scalars(other), *_keys(other)), what,
        )  # fmt: skip
    if not items.flow:
        begin = text.rfind("\n", 0, item.start) + 1
        if text[begin : item.start].strip() == "-":
            dash = Value("scalar", text.index("-", begin), item.end, 0, False, item.way)
            yield from _reindented(text, dash, group, what, above)
    list_key = holder(items)
    names = (item.text or name, *((list_key.key,) if list_key else ()))
    yield from _of_value(text, item, item.start, names, file, dice, touched)


# --- expressions and tags -----------------------------------------------------------------------


def _of_expression(
    text: str, expression: tuple[str, int], at: tuple[int, ...], what: str, dice: random.Random
) -> Iterator[Mutant]:
    source, offset = expression
    yield from _of_tokens(text, tokens(source, offset), "expression", at, what, dice)
    start = text.rfind("${", 0, offset)
    if start >= 0 and not text[start + 2 : offset].strip():
        end = text.index("}", offset + len(source))
        for edit, name in (((start, start + 2, ""), "${"), ((start + 1, start + 2, ""), "${"), ((end, end + 1, ""), "}")):  # fmt: skip
            yield _make("delete", "expression", "checked", text, (edit,), at, (name,), (), what)


def _of_tags(text: str, dice: random.Random) -> Iterator[Mutant]:
    for source, offset in tags(text):
        yield from _of_tokens(text, tokens(source, offset), "tag", (offset,), "", dice)
        end = offset + len(source)
        for edit, name in (
            ((offset - 2, offset, ""), "{"),
            ((offset - 1, offset, ""), "{"),
            ((end, end + 2, ""), "}"),
        ):
            yield _make("delete", "tag", "checked", text, (edit,), (offset, end), (name,))


def _of_tokens(
    text: str, found: list[Token], place: str, at: tuple[int, ...], what: str, dice: random.Random
) -> Iterator[Mutant]:
    for index, token in enumerate(found):
        group = "literal" if token.kind == "literal" else "checked"
        name = token.text.lstrip(".$")
        near = (*at, token.start)

        def make(
            kind: str,
            *edits: Edit,
            names: tuple[str, ...] = (name,),
            near: tuple[int, ...] = near,
            group: str = group,
        ) -> Mutant:
            return _make(kind, place, group, text, edits, near, names, (), what)

        yield make("delete", (token.start, token.end, ""))
        if token.kind == "literal":
            quote = token.text[0] if token.text[0] in "\"'" else ""
            inside = token.text.strip(quote) if quote else token.text
            if inside:
                yield make(
                    "misspell", (token.start, token.end, quote + misspelled(inside, dice) + quote)
                )
        elif token.kind == "operator":
            if len(token.text) > 1:
                yield make("misspell", (token.start, token.end, token.text[1:]))
        else:
            head = token.text[: len(token.text) - len(name)]
            yield make("misspell", (token.start, token.end, head + misspelled(name, dice)))
        gap = "" if token.kind in ("field", "operator") else " "
        yield make("duplicate", (token.end, token.end, gap + token.text))
        if index + 1 < len(found):
            other = found[index + 1]
            both = "literal" if {token.kind, other.kind} == {"literal"} else "checked"
            yield make(
                "swap",
                (token.start, token.end, other.text),
                (other.start, other.end, token.text),
                names=(name, other.text.lstrip(".$")),
                group=both,
            )
