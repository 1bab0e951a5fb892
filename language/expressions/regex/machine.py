"""Matching by backtracking, on a stack of our own, each step charged to the budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from language.expressions.budget import Meter
from language.expressions.regex.classes import Test, is_word
from language.expressions.regex.syntax import (
    Anchor,
    Atomic,
    Back,
    Choice,
    Group,
    One,
    Part,
    Pattern,
    Repeat,
    Sequence,
    failure,
)

MAX_INSTRUCTIONS = 20_000
_STEPS_PER_CHARGE = 2
"""Instructions per step of the budget: they are smaller than a step of the language."""
_REMEMBERED_CHARACTERS = 512

# Instructions are tuples that begin with one of these.
_ONE, _SPLIT, _JUMP, _SAVE, _ANCHOR, _LOOK, _ATOMIC, _BACK, _LOOP, _MARK, _MOVED, _DONE = range(12)
_PUTS = (_SAVE, _MARK)

Instruction = tuple[Any, ...]
Slots = tuple[Any, ...]
Runs = dict[int, tuple[int, int]]
"""Of a loop over one character, by its identity: the stretch of the text that it took last, whole.
What begins inside of it ends there too."""


class Taken(dict[str, bool]):
    """Whether a test takes a character, asked once for each: tests of classes are slow."""

    __slots__ = ("_test",)

    def __init__(self, test: Test) -> None:
        super().__init__()
        self._test = test

    def __missing__(self, char: str) -> bool:
        if len(self) >= _REMEMBERED_CHARACTERS:
            self.clear()
        taken = self[char] = self._test(char)
        return taken


class Program:
    """The instructions of a pattern. Slots: start and end of each group, then loop marks."""

    __slots__ = ("first", "instructions", "names", "slots")

    def __init__(self, pattern: Pattern) -> None:
        self.names = pattern.names
        self.slots = 2 * (len(pattern.names) + 1)
        self.instructions: list[Instruction] = []
        self.add(self.instructions, pattern.part)
        self.instructions.append((_DONE,))
        self.first = _first_text(pattern.part)

    def add(self, code: list[Instruction], part: Part) -> None:
        """Append the instructions of a part."""
        if len(code) > MAX_INSTRUCTIONS:
            failure("too many instructions")
        if isinstance(part, One):
            code.append((_ONE, Taken(part.test)))
        elif isinstance(part, Sequence):
            for inner in part.parts:
                self.add(code, inner)
        elif isinstance(part, Choice):
            self.add_choice(code, part)
        elif isinstance(part, Group):
            code.append((_SAVE, 2 * part.number))
            self.add(code, part.part)
            code.append((_SAVE, 2 * part.number + 1))
        elif isinstance(part, Repeat):
            self.add_repeat(code, part)
        elif isinstance(part, Anchor):
            code.append((_ANCHOR, part.kind))
        elif isinstance(part, Back):
            code.append((_BACK, part.numbers, part.fold))
        elif isinstance(part, Atomic):
            code.append((_ATOMIC, self.inner(part.part)))
        else:
            width = _width(part.part) if part.behind else (0, 0)
            if width[1] is None:
                failure("invalid pattern in look-behind")
            code.append((_LOOK, self.inner(part.part), part.behind, part.negative, width))

    def inner(self, part: Part) -> list[Instruction]:
        """The instructions of a part that is run on its own."""
        code: list[Instruction] = []
        self.add(code, part)
        code.append((_DONE,))
        return code

    def add_choice(self, code: list[Instruction], part: Choice) -> None:
        """Append alternatives, each tried when the one before fails."""
        ends = []
        for index, inner in enumerate(part.parts):
            if index == len(part.parts) - 1:
                self.add(code, inner)
                break
            split = len(code)
            code.append(())
            self.add(code, inner)
            ends.append(len(code))
            code.append(())
            code[split] = (_SPLIT, split + 1, len(code))
        for end in ends:
            code[end] = (_JUMP, len(code))

    def add_repeat(self, code: list[Instruction], part: Repeat) -> None:
        """Append a part as often as it must stand, then as often as it may."""
        inner = part.part
        if isinstance(inner, One):
            code.append((_LOOP, Taken(inner.test), part.least, part.most, part.greedy))
            return
        for _ in range(part.least):
            self.add(code, inner)
        if part.most is None:
            # A round that takes no character ends the loop.
            mark = self.slots
            self.slots += 1
            split = len(code)
            code.append(())
            code.append((_MARK, mark))
            self.add(code, inner)
            code.append((_MOVED, mark))
            code.append((_JUMP, split))
            code[split] = self.split(split + 1, len(code), part.greedy)
            return
        splits = []
        for _ in range(part.most - part.least):
            splits.append(len(code))
            code.append(())
            self.add(code, inner)
        for split in splits:
            code[split] = self.split(split + 1, len(code), part.greedy)

    @staticmethod
    def split(inside: int, after: int, greedy: bool) -> Instruction:
        """The choice between another round and going on."""
        return (_SPLIT, inside, after) if greedy else (_SPLIT, after, inside)

    def search(
        self, text: str, start: int, meter: Meter, runs: Runs, *, longest: bool, not_empty: bool
    ) -> Slots | None:
        """The slots of the first match at or after `start`; None when there is none.

        `runs` belongs to this text: the same for all searches in it.
        """
        place = start
        while place <= len(text):
            if self.first is not None:
                found_at = text.find(self.first, place)
                meter.charge(((len(text) if found_at < 0 else found_at) - place) >> 6)
                if found_at < 0:
                    return None
                place = found_at
            found = self.match(text, place, meter, runs, longest, not_empty)
            if found is not None:
                return found
            place += 1
        return None

    def match(
        self, text: str, start: int, meter: Meter, runs: Runs, longest: bool, not_empty: bool
    ) -> Slots | None:
        """The slots of the match that begins at `start`; None when there is none."""
        blank = (None,) * self.slots
        if not longest and not not_empty:
            found = _run(self.instructions, text, start, blank, meter, runs, _accept_any)
            return None if found is None else (start, found[0], *found[1][2:])
        best: list[Slots] = []

        def accept(at: int, slots: Slots) -> bool:
            if at == start and not_empty:
                return False
            if not best or at > best[0][1]:
                best[:] = [(start, at, *slots[2:])]
            return not longest

        _run(self.instructions, text, start, blank, meter, runs, accept)
        return best[0] if best else None


def _first_text(part: Part) -> str | None:
    """The fixed character that every match begins with, if there is one."""
    while True:
        if isinstance(part, One):
            return part.text
        if isinstance(part, Sequence) and part.parts:
            part = part.parts[0]
        elif isinstance(part, Group | Atomic) or (isinstance(part, Repeat) and part.least):
            part = part.part
        else:
            return None


def _width(part: Part) -> tuple[int, int | None]:
    """The least and the most characters that a part takes; None where there is no limit."""
    if isinstance(part, One):
        return 1, 1
    if isinstance(part, Sequence):
        widths = [_width(inner) for inner in part.parts]
        most = None if any(w[1] is None for w in widths) else sum(w[1] or 0 for w in widths)
        return sum(w[0] for w in widths), most
    if isinstance(part, Choice):
        widths = [_width(inner) for inner in part.parts]
        most = None if any(w[1] is None for w in widths) else max(w[1] or 0 for w in widths)
        return min(w[0] for w in widths), most
    if isinstance(part, Repeat):
        least, widest = _width(part.part)
        if part.most is None or widest is None:
            return least * part.least, None
        return least * part.least, widest * part.most
    if isinstance(part, Group | Atomic):
        return _width(part.part)
    return (0, None) if isinstance(part, Back) else (0, 0)


Accept = Callable[[int, Slots], bool]


def _run(
    code: list[Instruction],
    text: str,
    at: int,
    slots: Slots,
    meter: Meter,
    runs: Runs,
    accept: Accept,
) -> tuple[int, Slots] | None:
    """Runs instructions from a place; the end and the slots of the first accepted match."""
    size = len(text)
    pc = 0
    # What to try when the way taken fails: (instruction, place, slots), or a loop that can give
    # back or take one more character: (instruction, place, slots, limit, step, taken).
    stack: list[tuple[Any, ...]] = []
    count = 0
    while True:
        count += 1
        if count & 255 == 0:
            meter.charge(256 // _STEPS_PER_CHARGE)
        step = code[pc]
        op = step[0]
        good = True
        if op == _ONE:
            if at < size and step[1][text[at]]:
                at += 1
                pc += 1
            else:
                good = False
        elif op == _LOOP:
            reached = _loop(step, text, at, runs)
            count += reached - at if reached is not None else 0
            if reached is None:
                good = False
            else:
                least = at + step[2]
                pc += 1
                if step[4]:
                    if reached > least:
                        stack.append((pc, reached - 1, slots, least, -1, None))
                    at = reached
                else:
                    most = size if step[3] is None else min(size, at + step[3])
                    if least < most:
                        stack.append((pc, least, slots, most, 1, step[1]))
                    at = least
        elif op == _SPLIT:
            stack.append((step[2], at, slots))
            pc = step[1]
        elif op == _JUMP:
            pc = step[1]
        elif op in _PUTS:
            slot = step[1]
            slots = (*slots[:slot], at, *slots[slot + 1 :])
            pc += 1
        elif op == _MOVED:
            good = slots[step[1]] != at
            # An empty round leaves the loop: past the jump back.
            pc += 1 if good else 2
            good = True
        elif op == _ANCHOR:
            good = _holds(step[1], text, at)
            pc += 1
        elif op == _BACK:
            end = _repeated(step, text, at, slots)
            good = end is not None
            if end is not None:
                count += end - at
                at = end
                pc += 1
        elif op == _ATOMIC:
            inner = _run(step[1], text, at, slots, meter, runs, _accept_any)
            good = inner is not None
            if inner is not None:
                at, slots = inner
                pc += 1
        elif op == _LOOK:
            looked = _look(step, text, at, slots, meter, runs)
            good = (looked is None) is step[3]
            if looked is not None and not step[3]:
                slots = looked
            pc += 1
        else:
            good = accept(at, slots)
            if good:
                meter.charge(count % 256 // _STEPS_PER_CHARGE + 1)
                return at, slots
        if good:
            continue
        while stack:
            back = stack.pop()
            pc, at, slots = back[:3]
            if len(back) == 3:
                break
            limit, by, taken = back[3:]
            if by < 0:
                if at > limit:
                    stack.append((pc, at - 1, slots, limit, -1, None))
                break
            if taken[text[at]]:
                at += 1
                if at < limit:
                    stack.append((pc, at, slots, limit, 1, taken))
                break
        else:
            meter.charge(count % 256 // _STEPS_PER_CHARGE + 1)
            return None


def _accept_any(at: int, slots: Slots) -> bool:
    return True


def _loop(step: Instruction, text: str, at: int, runs: Runs) -> int | None:
    """How far a loop over one character reaches; None where it cannot take its least."""
    taken, least, most, greedy = step[1:]
    size = len(text)
    if not greedy:
        most = least
    limit = size if most is None else min(size, at + most)
    begin, end = runs.get(id(step), (size, -1))
    if begin <= at <= end:
        place = min(end, limit)
    else:
        place = at
        while place < limit and taken[text[place]]:
            place += 1
        if place < limit or limit == size:
            runs[id(step)] = (at, place)
    return place if place - at >= least else None


def _holds(kind: str, text: str, at: int) -> bool:
    size = len(text)
    if kind == "A":
        return at == 0
    if kind == "^":
        return at == 0 or (text[at - 1] == "\n" and at < size)
    if kind == "z":
        return at == size
    if kind == "Z":
        return at == size or (at == size - 1 and text[at] == "\n")
    if kind == "$":
        return at == size or text[at] == "\n"
    if kind == "G":
        return at == 0
    before = at > 0 and is_word(text[at - 1])
    after = at < size and is_word(text[at])
    return (before is not after) is (kind == "b")


def _repeated(step: Instruction, text: str, at: int, slots: Slots) -> int | None:
    """Where the text of a group, once more, ends."""
    for number in step[1]:
        start, end = slots[2 * number], slots[2 * number + 1]
        if start is None or end is None:
            continue
        wanted = text[start:end]
        found = text[at : at + len(wanted)]
        if found == wanted or (step[2] and found.casefold() == wanted.casefold()):
            return at + len(wanted)
        return None
    return None


def _look(
    step: Instruction, text: str, at: int, slots: Slots, meter: Meter, runs: Runs
) -> Slots | None:
    """The slots when the part matches here, or ends here; None when it does not."""
    code, behind, _, width = step[1:]
    if not behind:
        found = _run(code, text, at, slots, meter, runs, _accept_any)
        return found[1] if found is not None else None
    for length in range(width[0], min(width[1], at) + 1):
        found = _run(code, text, at - length, slots, meter, runs, lambda end, _: end == at)
        if found is not None:
            return found[1]
    return None
