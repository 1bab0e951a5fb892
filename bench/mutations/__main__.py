"""Prints the mutation score: `make mutations`.

.venv/bin/python -m bench.mutations --share 0.1
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from bench.mutations.corpus import FOREIGN, Case, foreign, kind_of, shipped
from bench.mutations.judge import Judge, Judged, draw
from bench.mutations.plain_schema import PlainSchema
from bench.mutations.report import Tally, one_row, rows, table, tally

GROUPS = {
    "checked": "Keywords, names, references, structure",
    "free": "Free text and data of the author's own",
    "literal": "Literals inside of expressions",
    "valid": "Other valid files: left out, repeated or reordered where the grammar allows it",
}


def main() -> int:
    """Take the figures and print them as Markdown; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="bench.mutations", description=__doc__)
    parser.add_argument("--share", type=float, default=0.05, help="of all mutants, 1 for every one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--plain", type=float, default=0.1, help="share of them for plain JSON Schema"
    )
    parser.add_argument("--misses", type=Path, help="write down every mutant that is not found")
    arguments = parser.parse_args()
    cases = [*shipped(), *foreign()]
    begun = time.perf_counter()
    judge, judged, same = Judge(), [], 0
    compared, beside = Tally(), Tally()
    plain = PlainSchema(FOREIGN)
    every = max(1, round(1 / arguments.plain)) if arguments.plain else 0
    definitions = 0
    for drawn in draw(cases, arguments.seed, arguments.share):
        verdict = judge(drawn)
        if verdict is None:
            same += 1
            continue
        judged.append(verdict)
        if kind_of(drawn.file) == "definition" and verdict.group == "checked" and plain.there:
            definitions += 1
            if every and definitions % every == 0:
                compared.add(verdict.found, verdict.line, verdict.hint)
                beside.add(*plain(drawn.mutant))
    seconds = time.perf_counter() - begun
    _print(cases, judged, same, seconds, compared, beside)
    if arguments.misses:
        missed = [each for each in judged if each.group == "checked"]
        arguments.misses.write_text(
            "\n".join(_shown(each, cases) for each in missed if not (each.found and each.line and each.hint)),
            encoding="utf-8",
        )  # fmt: skip
    found, line, _ = tally([each for each in judged if each.group == "checked"]).shares()
    return 0 if found >= 0.95 and line >= 0.9 and not _false_alarms(cases) else 1


def _print(
    cases: Sequence[Case],
    judged: Sequence[Judged],
    same: int,
    seconds: float,
    compared: Tally,
    beside: Tally,
) -> None:
    sources = {each.source: sum(c.source == each.source for c in cases) for each in cases}
    told = ", ".join(f"{number} {source}" for source, number in sources.items())
    click.echo(
        f"{len(judged):,} mutants of {len(cases)} sets of files ({told}); "
        f"{same:,} more mean the same and are left out; {seconds:.0f} s.\n"
    )
    for group, title in GROUPS.items():
        click.echo(table(title, rows([each for each in judged if each.group == group])))
        click.echo()
    lines = [one_row("Caseway", compared), one_row("jsonschema, schema/workflow.yaml", beside)]
    click.echo(table("The same sample of damaged definitions", lines))
    alarms = _false_alarms(cases)
    click.echo(f"\nFindings on unchanged files of ours: {len(alarms)} {', '.join(alarms)}")
    warned = _warned(cases)
    click.echo(f"Warnings on {sources_of_others(cases)} unchanged files of others: {len(warned)}")
    click.echo("\n".join(["", *warned]))


def sources_of_others(cases: Sequence[Case]) -> int:
    """How many files of others there are."""
    return sum(each.source not in ("shipped", "docs") for each in cases)


def _false_alarms(cases: Sequence[Case]) -> list[str]:
    """Shipped files with findings; those of others must have no errors to be here at all."""
    return [
        each.name for each in cases if each.source in ("shipped", "docs") and each.check(each.files)
    ]


def _warned(cases: Sequence[Case]) -> list[str]:
    """Warnings about files of others, which a reader may judge."""
    found = [
        (each.name, finding)
        for each in cases
        if each.source not in ("shipped", "docs")
        for finding in each.check(each.files)
    ]
    return [f"- {name}:{each.line}: {each.message} [{each.code}]" for name, each in found]


def _shown(judged: Judged, cases: Sequence[Case]) -> str:
    before = next(each for each in cases if each.name == judged.case).files[judged.file]
    lines = difflib.unified_diff(
        before.split("\n"), judged.mutant.text.split("\n"), lineterm="", n=0
    )
    changes = [f"   {line[:160]}" for line in lines if not line.startswith(("---", "+++", "@@"))]
    said = [
        f"   => {each.code} {each.file}:{each.line} {each.message} | {each.hint[:100]}"
        for each in judged.findings[:3]
    ]
    missed = "not found" if not judged.found else "line" if not judged.line else "hint"
    head = f"{missed}: {judged.kind} [{judged.mutant.what}] {judged.file}"
    return "\n".join([head, *changes[:8], *said])


if __name__ == "__main__":
    sys.exit(main())
