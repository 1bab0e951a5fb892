"""The figures of the foreign corpora: `python -m tests.foreign.report`, or `make foreign`.

Prints per corpus how many cases are right, refused by the profile (by feature) and wrong (each
named); exits with 1 where one is wrong. `--page FILE` also writes the figures into a page.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from language.plan import Plan
from tests.conftest import Namespace, dev_server, find_program
from tests.foreign import ctk, jq_tests
from tests.foreign.corpora import FOLDER, files
from tests.foreign.running import Run, rehearse, run_on_server
from tests.foreign.samples import judge_all, of_files, of_pages
from tests.foreign.stub import Stub
from tests.foreign.test_samples import PATTERNS
from tests.foreign.verdicts import Kind, Tally, tally

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def tallies(namespaces: Iterator[Namespace] | None, folder: Path) -> Iterator[Tally]:
    """The figures of each corpus, one after the other."""
    scenarios = [each for file in files("ctk", "*.feature") for each in ctk.scenarios(file)]
    yield tally(
        "ctk/",
        "rehearsal world",
        (
            ctk.judge(each, lambda plan, _, given: rehearse(plan, given, Stub()))
            for each in scenarios
        ),
    )
    if namespaces is not None:
        places = itertools.count()

        def on_server(plan: Plan, source: str, given: Any) -> Run:
            place = folder / str(next(places))
            return run_on_server(next(namespaces), place, plan, source, given, Stub())

        yield tally("ctk/", "Temporal server", (ctk.judge(each, on_server) for each in scenarios))
    for corpus in ("examples", "java-samples"):
        samples = of_files(files(corpus, *PATTERNS))
        yield tally(f"{corpus}/", "rehearsal world", judge_all(samples))
    pages = of_pages(files(".", "*.md"))
    yield tally("definitions on the pages", "rehearsal world", judge_all(pages))
    programs = (case for file in files("jq", "*.test") for case in jq_tests.cases(file))
    yield tally("jq/", "evaluator", map(jq_tests.judge, programs))


def as_markdown(found: list[Tally]) -> str:
    """A table, what is refused by feature, and each wrong case by name."""
    lines = ["| Corpus | Run in | Cases | Right | Refused by the profile | Not in this version | Wrong |",
             "| --- | --- | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    kinds: tuple[Kind, ...] = ("right", "refused", "not yet", "wrong")
    for each in found:
        counts = " | ".join(str(each.count(kind)) for kind in kinds)
        lines.append(f"| {each.corpus} | {each.how} | {len(each.verdicts)} | {counts} |")
    for kind, title in (("refused", "Refused by the profile"), ("not yet", "Not in this version")):
        counted = [
            f"| {each.corpus} | {feature} | {count} |"
            for each in {each.corpus: each for each in found}.values()
            for feature, count in each.features(kind)
        ]
        if counted:
            lines += ["", f"{title}, by feature:", "", "| Corpus | Feature | Cases |", "| --- | --- | ---: |", *counted]  # fmt: skip
    wrong = [f"- {case} ({each.how})" for each in found for case in each.wrong()]
    return "\n".join([*lines, "", "Wrong:", "", *(wrong or ["- none"])]) + "\n"


def main() -> int:
    """Exit status: 0, 1 where a case is wrong, 2 where there are no cases."""
    parser = argparse.ArgumentParser(prog="make foreign", description=__doc__)
    parser.add_argument("--page", type=Path, help="a Markdown page with marks around its figures")
    page: Path | None = parser.parse_args().page
    if not FOLDER.is_dir():
        sys.stderr.write(f"There are no foreign cases: {FOLDER} is not there (CASEWAY_FOREIGN).\n")
        return 2
    # What activities answer is a part of the cases: the SDK's log of it says nothing more.
    logging.disable(logging.WARNING)
    program = find_program()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if program is None:
            sys.stderr.write(
                "No Temporal server on this machine (`make setup`): that half is left out.\n"
            )
        place = folder / "temporal"
        place.mkdir()
        namespaces = stack.enter_context(dev_server(program, place)) if program else None
        found = list(tallies(namespaces, folder))
    text = as_markdown(found)
    sys.stdout.write(text)
    if page is not None:
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")
    return 1 if any(each.wrong() for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
