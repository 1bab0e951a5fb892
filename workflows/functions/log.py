"""`log`: a line in the case's timeline."""

from __future__ import annotations

import re
from typing import Any

from workflows.functions.call import FunctionCall

LONGEST_LINE = 1_000
_PLACE = re.compile(r"\{(TIMESTAMP|LEVEL|CONTEXT|MESSAGE)\}")


async def run(call: FunctionCall) -> Any:
    """Write it once. Returns the line as `text`, its `level` and the time of writing `at`.

    `{CONTEXT}` is the case and the task. What a value brings in braces is text, and stays as it is.
    """
    run = call.run
    given = call.arguments
    level = str(given.get("level") or "information")
    if "line" not in call.frame:
        at = run.now_text()
        values = {
            "TIMESTAMP": at if given.get("timestamp", True) else "",
            "LEVEL": level,
            "CONTEXT": f"{run.state.id} {call.task.name}",
            "MESSAGE": str(given["message"]),
        }
        template = str(given.get("format") or "{MESSAGE}")
        line = _PLACE.sub(lambda found: values[found.group(1)], template)[:LONGEST_LINE]
        call.frame["line"] = {"text": line, "level": level, "at": at}
        run.note("log", line, task=call.task.name, level=level)
        run.trace(logs=line, task=call.task.name)
        run.changed()
    return call.frame["line"]
