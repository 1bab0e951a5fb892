"""`decide`: a decision table of the organization, read at use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.functions.call import FunctionCall


async def run(call: FunctionCall) -> Any:
    """The outputs of the row that applies, with `explain`: row, table, digest."""
    result = await call.read("table.decide", call.arguments)
    explain = result.get("explain", {})
    call.run.note(
        "decided",
        f"{call.task.name}: {explain.get('table')} row {explain.get('row')}{_outputs(result)}",
        task=call.task.name,
        digest=explain.get("digest"),
    )
    return result


def _outputs(result: Mapping[str, Any]) -> str:
    """What was decided, as far as it is short."""
    short = [
        f"{name} {value}"
        for name, value in result.items()
        if isinstance(value, str | int | float) and len(str(value)) <= 40
    ]
    return f": {', '.join(short)}" if short else ""
