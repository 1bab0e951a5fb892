"""`case.start`: another case with a key of its own, linked to this one."""

from __future__ import annotations

from typing import Any

from workflows.effects import CaseStart
from workflows.functions.call import FunctionCall


async def run(call: FunctionCall) -> Any:
    """Returns `case` and `started`; a case that runs or ran already counts as success."""
    run = call.run
    arguments = call.arguments
    wanted = {name: arguments.get(name) for name in ("definition", "version", "input", "key")}
    if run.is_drill or arguments.get("drill") is True:
        # What a drill starts is one as well.
        wanted["drill"] = True
    prepared = await call.read("definition.start", wanted)
    kind = arguments.get("link") or "related"
    start = CaseStart(
        definition=arguments["definition"],
        version=prepared["version"],
        id=prepared["id"],
        input=arguments.get("input"),
        link={"kind": kind, "case": run.state.id},
        summary=call.summary,
    )
    started = await call.frame.once("started", lambda: run.start_case(start))
    if "linked" not in call.frame:
        call.frame["linked"] = True
        links = run.state.record.get("links") or []
        link = {"kind": kind, "case": prepared["id"]}
        if link not in links:
            # The record's values are replaced and never changed: the recorder keeps what it told.
            run.state.record["links"] = [*links, link]
        run.trace(starts=arguments["definition"], started=started)
        run.note("linked", f"{kind} {prepared['id']}", task=call.task.name)
        run.events.happened("case.linked", link)
        run.recorder.keep()
    return {"case": prepared["id"], "started": started}
