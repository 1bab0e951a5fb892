"""What a checker says of a mutant: found, on the right line, with the right hint."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.mutations.corpus import Case, House, kind_of
from bench.mutations.mutants import Mutant, mutants
from bench.mutations.valid import is_another_valid_file
from language.findings import Finding


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one mutant."""

    case: str
    source: str
    file: str
    mutant: Mutant
    group: str
    """checked, free or literal as the grammar has it; valid where nothing is wrong with the result."""
    found: bool
    line: bool
    hint: bool
    findings: tuple[Finding, ...] = ()

    @property
    def kind(self) -> str:
        """How the report calls it."""
        return f"{self.mutant.kind} {self.mutant.place}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mutant before it is judged."""

    case: Case
    file: str
    mutant: Mutant


def draw(cases: Sequence[Case], seed: int, share: float) -> Iterator[Drawn]:
    """Mutants of the cases; of each file the same ones for the same seed and share."""
    for case in cases:
        for file, text in case.files.items():
            dice = random.Random(f"{seed} {case.name} {file}")
            for mutant in mutants(text, kind_of(file), dice):
                if mutant.text != text and _taken(seed, file, mutant, share):
                    yield Drawn(case, file, mutant)


def _taken(seed: int, file: str, mutant: Mutant, share: float) -> bool:
    if share >= 1:
        return True
    told = f"{seed} {file} {mutant.kind} {mutant.text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:4]) / 2**32 < share


class Judge:
    """Checks mutants; remembers what is said of the whole files."""

    def __init__(self) -> None:
        self._before: dict[str, Counter[tuple[str, str, str]]] = {}
        self._meanings: dict[tuple[str, str], str | None] = {}

    def __call__(self, drawn: Drawn) -> Judged | None:
        """Judge one; None when it means the same as before."""
        case, file, mutant = drawn.case, drawn.file, drawn.mutant
        if case.name not in self._before:
            self._before[case.name] = Counter(map(_says, case.check(case.files)))
        files = {**case.files, file: mutant.text}
        before = self._before[case.name].copy()
        new = []
        for finding in case.check(files, file):
            if before[_says(finding)] > 0:
                before[_says(finding)] -= 1
            else:
                new.append(finding)
        if not any(str(each.severity) == "error" for each in new) and self._same(case, files, file):
            return None
        if not new and mutant.kind in ("misspell", "swap") and _renames(drawn):
            return None
        group = "valid" if is_another_valid_file(drawn) else mutant.group
        group = "valid" if is_another_valid_file(drawn) else mutant.group
        return Judged(
            case.name, case.source, file, mutant, group, bool(new),
            bool(new) and _on_line(new[0], drawn), any(_names(each, mutant) for each in new), tuple(new),
        )  # fmt: skip

    def _same(self, case: Case, files: dict[str, str], file: str) -> bool:
        kind = file if kind_of(file) in ("rehearsal", "message") else ""
        key = (case.name, kind)
        if key not in self._meanings:
            self._meanings[key] = case.meaning(case.files, file)
        return case.meaning(files, file) == self._meanings[key]


def _says(finding: Finding) -> tuple[str, str, str]:
    return finding.file, finding.code, finding.message


def _renames(drawn: Drawn) -> bool:
    """Whether a name of the author's own was changed that stands nowhere else.

    A task, a status or an outcome that nothing refers to may be called as one likes.
    """
    mutant = drawn.mutant
    if (
        mutant.kind != "misspell"
        or mutant.place not in ("key", "value", "item")
        or not mutant.words
    ):
        return False
    word = re.compile(rf"(?<![\w-]){re.escape(mutant.words[0])}(?![\w-])")
    texts = [*drawn.case.files.values()]
    return sum(len(word.findall(text)) for text in texts) == 1


def _on_line(finding: Finding, drawn: Drawn) -> bool:
    """Whether a finding stands where the text was changed, or where what was changed is named."""
    mutant = drawn.mutant
    if finding.file == drawn.file:
        text = mutant.text
        if any(text.count("\n", 0, at) + 1 == finding.line for at in mutant.at):
            return True
    else:
        text = drawn.case.files.get(finding.file, "")
        if not text and isinstance(drawn.case, House):
            text = next(
                (d.files[finding.file] for d in drawn.case.definitions if finding.file in d.files),
                "",
            )
    lines = text.split("\n")
    line = lines[finding.line - 1] if finding.line <= len(lines) else ""
    return any(
        re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", line) for each in mutant.words if each
    )


def _names(finding: Finding, mutant: Mutant) -> bool:
    told = f"{finding.message} {finding.hint}".lower()
    return any(name.lower() in told for name in mutant.names)
