"""`case.link`: link two cases; a duplicate is merged into the other one and ends."""

from __future__ import annotations

from typing import Any

from service.drill import is_drill
from workflows.functions.call import FunctionCall
from workflows.interpreter.bell import wait_until
from workflows.interpreter.errors import CaseError
from workflows.interpreter.linking import REQUEST


async def run(call: FunctionCall) -> Any:
    """Returns `linked`; a case that links itself as a duplicate ends here.

    Raises:
        CaseError: type `communication`, title `Conflict`: a circle, or a case that cannot be linked.
    """
    run = call.run
    arguments = call.arguments
    case = arguments.get("case") or run.state.id
    if arguments["to"] == case:
        raise _refused(call, "a case cannot be linked to itself")
    if run.is_drill and not (is_drill(arguments["to"]) and is_drill(case)):
        # A real case is not even told that somebody practices.
        if "spared" not in call.frame:
            call.frame["spared"] = True
            kind, to = arguments["kind"], arguments["to"]
            run.note("drill", f"would have linked {case}: {kind} {to}", task=call.task.name)
        return {"linked": True}
    request = {
        "id": call.key,
        "to": arguments["to"],
        "kind": arguments["kind"],
        "reason": arguments.get("reason"),
        "by": None,
    }
    if case == run.state.id:
        run.linking.request(request)
    elif "asked" not in call.frame:
        event = {
            "id": call.key,
            "type": REQUEST,
            "data": {**request, "by": run.state.id, "reply": run.state.id},
        }
        state = await run.send(case, event)
        call.frame["asked"] = True
        if state == "refused":
            call.frame["gone"] = True
    if "gone" in call.frame:
        raise _refused(call, f"{case} has ended: a link of it cannot be changed any more")
    await wait_until(run.effects, run.bell, lambda: run.linking.answer_to(call.key) is not None)
    answer = run.linking.answer_to(call.key) or {}
    if not answer.get("linked"):
        raise _refused(call, str(answer.get("reason")))
    if (
        run.state.merged is not None
        and case == run.state.id
        and arguments["kind"] == "duplicate-of"
    ):
        # The case is over; whoever drives the flow ends it here.
        await wait_until(run.effects, run.bell, lambda: False)
    return {"linked": True}


def _refused(call: FunctionCall, why: str) -> CaseError:
    return CaseError.of(
        "communication", f"case.link: {why}", call.task.path, status=409, title="Conflict"
    )
