"""How long validation takes: 200 definitions as one process, and one file alone.

.venv/bin/python -m bench.validation
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from bench.measure import Spread

ROOT = Path(__file__).resolve().parents[1]
MANY = 200
MANY_TARGET_SECONDS = 2.0
ONE_TARGET_SECONDS = 0.2

# Each of the copies has its own name and words, so that nothing is read once for all of them.
TEMPLATE = """\
document:
  dsl: '1.0.3'
  namespace: bench
  name: request-{n}
  version: '1.0.{n}'
  title: Request of kind {n}
  metadata:
    owner: support-manager
    calendar: office-taipei
    onError: hold
    start: {{ key: '${{ .number{n} }}', record: {{ subject: '${{ "Request " + .subject{n} }}', requester: '${{ .requester }}' }} }}
    statuses: {{ received: {{ phase: open }}, waiting: {{ phase: waiting }}, done: {{ phase: closed }} }}
    clocks:
      resolution: {{ runsFrom: received, until: done, pausedIn: {{ phase: waiting }}, target: {{ businessHours: 8 }} }}
input:
  schema:
    document:
      type: object
      required: [number{n}, subject{n}, requester]
      properties:
        number{n}: {{ type: string }}
        subject{n}: {{ type: string }}
        requester: {{ type: object, required: [mail], properties: {{ mail: {{ type: string }} }} }}
do:
  - judge{n}:
      call: work-item
      with:
        title: '${{ "Judge request {n}: " + $case.subject }}'
        assign: {{ group: service-desk }}
        due: {{ businessHours: 4 }}
        onDue: {{ reassign: {{ role: support-lead }} }}
        outcomes: {{ granted: {{}}, refused: {{}}, ask: {{}} }}
  - judged{n}:
      switch:
        - asks: {{ when: '${{ $case.results.judge{n}.outcome == "ask" and $case.runs.judge{n} < {n} + 3 }}', then: ask{n} }}
        - other: {{ then: tell{n} }}
  - ask{n}: {{ call: status, with: {{ to: waiting }} }}
  - answer{n}: {{ call: wait-for, with: {{ event: message.received, match: {{ from: customer }}, due: {{ businessDays: 5 }} }}, then: judge{n} }}
  - tell{n}: {{ call: mail.send, with: {{ to: requester, subject: '${{ $case.subject }}', text: '${{ "Request {n}: " + $case.results.judge{n}.outcome }}' }} }}
  - finish{n}: {{ call: status, with: {{ to: done }} }}
"""


def make(folder: Path, number: int) -> int:
    """Write so many definitions beside the sample organization; gives their lines."""
    shutil.copytree(ROOT / "definitions" / "organization", folder / "organization")
    lines = 0
    for n in range(number):
        text = TEMPLATE.format(n=n)
        lines += text.count("\n")
        file = folder / f"request-{n}" / "process.yaml"
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    return lines


def as_process(path: Path, times: int) -> Spread:
    """Seconds that `caseway validate` takes, from start to exit; it must find nothing."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        command = [sys.executable, "-m", "cli.main", "validate", str(path)]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        taken.append(time.perf_counter() - begun)
    return Spread.of(taken)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="bench.validation", description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--many", type=int, default=MANY)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        definitions = Path(folder)
        lines = make(definitions, arguments.many)
        many = as_process(definitions, arguments.times)
        one = as_process(definitions / "request-0" / "process.yaml", arguments.times)
    click.echo(
        f"{arguments.many} definitions, {lines:,} lines, as one process: {many.show(2, 's')}"
        f", {lines / many.median:,.0f} lines/s (target: under {MANY_TARGET_SECONDS:.0f} s)"
    )
    click.echo(f"one of them alone: {one.show(2, 's')} (target: under {ONE_TARGET_SECONDS:.1f} s)")


if __name__ == "__main__":
    main()
