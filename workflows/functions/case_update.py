"""`case.update`: write the case's record; `data` is merged."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall
from workflows.functions.status import mirror

MERGED = ("data",)
NOT_FIELDS = ("reason",)


async def run(call: FunctionCall) -> Any:
    """Returns `changed`: field -> from, to. An argument that is null leaves its field alone."""
    run = call.run
    record = run.state.record
    changed: dict[str, Any] = {}
    if "changed" in call.frame:
        changed = call.frame["changed"]
    else:
        for name, value in call.arguments.items():
            if name in NOT_FIELDS or value is None:
                continue
            before = record.get(name)
            after = {**(before or {}), **value} if name in MERGED else value
            if after != before:
                record[name] = after
                changed[name] = {"from": before, "to": after}
        call.frame["changed"] = changed
        if changed:
            run.note("updated", ", ".join(changed), task=call.task.name)
            run.events.happened("case.updated", {"changed": changed})
            run.clocks.facts_changed()
            run.recorder.keep()
    await mirror(call, {name: each["to"] for name, each in changed.items()})
    return {"changed": changed}
