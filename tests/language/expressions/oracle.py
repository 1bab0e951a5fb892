"""libjq in a process of its own: what freezes or ends it cannot freeze or end a test."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """Outputs of a program, and the error that ended them, as a value or None."""

    outputs: list[Any]
    failed: bool
    message: str = ""


class Oracle:
    """Asks libjq; gives None where it did not answer in time or died."""

    def __init__(self, seconds: float = 2.0) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def ask(self, program: str, value: Any) -> Answer | None:
        """The answer of libjq."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        question = {"program": program, "input": value, "seconds": self.seconds}
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.close()
            return None
        return Answer(*json.loads(line))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._process


def _answer(program: str, value: Any) -> Answer:
    import jq

    outputs = []
    try:
        for output in jq.compile(program).input_value(value):
            outputs.append(output)  # noqa: PERF402 - the ones before an error count
    except ValueError as error:
        return Answer(outputs, True, str(error))
    return Answer(outputs, False)


def _serve() -> None:
    """Answer questions; the kernel ends the process where an answer takes too long or too much."""
    import resource
    import signal

    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        question = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, question["seconds"])
        answer = _answer(question["program"], question["input"])
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
