"""What people and operators do with a case: answers, claims, cancel, decisions on held tasks.

A check may run as a validator and must not change anything; an act records and returns at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service import work_items
from service.errors import AnswerInvalid, Refused
from service.forms import check
from service.work_items import WorkItem

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


def check_answer(run: CaseRun, request: Mapping[str, Any]) -> None:
    """Whether an answer can be accepted now.

    Raises:
        Refused: with the reason in a sentence.
    """
    if request.get("id") in run.state.answered:
        return
    item = _item(run, request)
    _answered(run, item, request)
    form = item.form
    schema = run.plan.forms[form].schema if isinstance(form, str) else form
    if schema is not None and _needs_form(item, request):
        problems = check(schema, request.get("values") or {})
        if problems:
            raise AnswerInvalid(problems)


def answer(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take an answer. The same id again gives the first result.

    Raises:
        Refused: as `check_answer`.
    """
    given = run.state.answered.get(request["id"])
    if given is not None:
        return {**given, "state": "duplicate"}
    check_answer(run, request)
    item = _answered(run, _item(run, request), request)
    data = item.to_json()
    data["by"] = request["by"]
    data["onBehalfOf"] = request.get("onBehalfOf")
    run.state.items[item.id] = data
    result = {"item": item.id, "outcome": request["outcome"], "state": "accepted"}
    run.remember(request["id"], result)
    run.note(
        "answered",
        f"{item.title}: {request['outcome']}",
        by=request["by"],
        onBehalfOf=request.get("onBehalfOf"),
        item=item.id,
        via=request.get("via"),
    )
    run.trace(answers=item.id, outcome=request["outcome"], by=request["by"])
    run.recorder.item(data)
    run.events.happened(
        "item.answered",
        {"item": item.id, "task": item.task, "outcome": request["outcome"], "by": request["by"]},
    )
    return result


def claim(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take an item out of its pool for one person."""
    return _change(run, request, "claimed", work_items.claim)


def release(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item back to its pool."""
    return _change(run, request, "released", work_items.release)


def draft(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what was filled in so far."""
    return _change(
        run, request, "", work_items.save_draft, values=dict(request.get("values") or {})
    )


def cancel(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """End the case as cancelled.

    Raises:
        Refused: it has ended already.
    """
    given = run.state.answered.get(request["id"])
    if given is not None:
        return dict(given)
    if run.state.ended is not None:
        raise Refused(f"the case has ended as {run.state.ended['as']}")
    run.state.cancel = {"reason": request.get("reason") or "cancelled", "by": request.get("by")}
    result = {"case": run.state.id, "state": "cancelling"}
    run.remember(request["id"], result)
    run.note("cancel", run.state.cancel["reason"], by=request.get("by"))
    run.changed()
    return result


def operate(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Decide about a held task: retry, skip (with a value) or fail.

    Raises:
        Refused: no task is held under that name, or more than one is.
    """
    given = run.state.answered.get(request["id"])
    if given is not None:
        return dict(given)
    wanted = request.get("task")
    found = [
        path
        for path, held in run.state.held.items()
        if "decision" not in held and wanted in (None, path, held["task"])
    ]
    if len(found) != 1:
        known = ", ".join(run.state.held) or "none"
        raise Refused(f"name one held task; held now: {known}")
    if request.get("act") not in ("retry", "skip", "fail"):
        raise Refused("an operator can retry, skip or fail a held task")
    run.state.held[found[0]]["decision"] = {
        name: request.get(name) for name in ("act", "value", "by", "reason")
    }
    result = {"task": found[0], "act": request["act"], "state": "accepted"}
    run.remember(request["id"], result)
    run.changed()
    return result


def _item(run: CaseRun, request: Mapping[str, Any]) -> WorkItem:
    if run.state.ended is not None:
        raise Refused(f"the case has ended as {run.state.ended['as']}")
    data = run.state.items.get(request.get("item", ""))
    if data is None:
        known = ", ".join(
            name for name, item in run.state.items.items() if item["state"] in ("open", "claimed")
        )
        raise Refused(f"there is no work item {request.get('item')!r}; open: {known or 'none'}")
    return WorkItem.from_json(data)


def _answered(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> WorkItem:
    return work_items.answer(
        item,
        at=run.now_text(),
        by=request["by"],
        outcome=request["outcome"],
        values=dict(request.get("values") or {}),
        answer_id=request["id"],
        on_behalf_of=request.get("onBehalfOf"),
    )


def _needs_form(item: WorkItem, request: Mapping[str, Any]) -> bool:
    """An outcome that requires nothing may be given without filling in the form."""
    outcome = item.outcomes.get(request["outcome"]) or {}
    return bool(request.get("values")) or bool(outcome.get("requires"))


def _change(
    run: CaseRun, request: Mapping[str, Any], kind: str, act: Any, **more: Any
) -> dict[str, Any]:
    given = run.state.answered.get(request["id"])
    if given is not None:
        return dict(given)
    item = act(_item(run, request), at=run.now_text(), by=request["by"], **more)
    data = item.to_json()
    run.state.items[item.id] = data
    result = {"item": item.id, "state": data["state"], "person": data.get("person")}
    run.remember(request["id"], result)
    if kind:
        run.note(kind, item.title, by=request["by"], item=item.id)
        run.events.happened(f"item.{kind}", {"item": item.id, "task": item.task})
    run.recorder.item(data)
    run.changed()
    return result
