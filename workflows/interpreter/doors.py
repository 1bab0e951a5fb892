"""What people and operators do with a case: answers, claims, cancel, decisions on held tasks.

A check may run as a validator and must not change anything; an act records and returns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from language.plan_codec import PlanFormatUnknown
from service import work_items
from service.durations import parse_duration
from service.eligibility import Actor
from service.errors import AnswerInvalid, DurationInvalid, FieldsMissing, Refused
from service.form_words import ENGLISH, Words, words
from service.forms import Problem, titled
from service.forms import check as form_problems
from service.requests import content_of
from service.standing import fixed, same_person
from service.work_items import Receivers, WorkItem
from workflows.interpreter import backstops, rounds
from workflows.interpreter.levels import LevelUnknown, level_of
from workflows.interpreter.migration import Given
from workflows.plans import PlanMalformed, decode_plan

if TYPE_CHECKING:
    from language.plan import Plan
    from workflows.interpreter.case_run import CaseRun


def check(run: CaseRun, act: str, request: Mapping[str, Any]) -> None:
    """Whether an act on a work item can be accepted now; other acts are judged when they come.

    Raises:
        Refused: with the reason in a sentence.
    """
    if act in ITEM_ACTS and _before(run, act, request) is None:
        ITEM_ACTS[act](run, _item(run, request), request)


def _before(run: CaseRun, act: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the same request was told the first time, or None.

    Raises:
        Refused: the id was used for something else.
    """
    named = str(request.get("id"))
    given: dict[str, Any] | None = run.state.answered.get(named)
    if given is None or run.level < 16:
        return given
    if run.state.asked.get(named) not in (None, content_of(act, request)):
        raise Refused("this was sent before with other content: the first one counts")
    return given


def answer(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take an answer. The same id again gives the first result.

    Raises:
        Refused: as `work_items.answer`, or the values do not fit the item's form.
    """
    given = _before(run, "answer", request)
    if given is not None:
        return {**given, "state": "duplicate"}
    backstops.somebody_acts(run)
    asked = _item(run, request)
    if asked.approval is not None:
        _answered(run, asked, request)
        given = {"item": asked.id, "outcome": request["outcome"], "state": "accepted"}
        _remember(run, "answer", request, given)
        rounds.cast(run, asked, _actor(run, asked, request), request)
        return given
    item = _answered(run, asked, request)
    data = item.to_json()
    run.state.items[item.id] = data
    result = {"item": item.id, "outcome": request["outcome"], "state": "accepted"}
    _remember(run, "answer", request, result)
    run.note(
        "answered",
        f"{item.title}: {request['outcome']}",
        by=request["by"],
        onBehalfOf=item.on_behalf_of,
        item=item.id,
        via=request.get("via"),
        reason=request.get("reason"),
        effort=item.effort,
    )
    run.trace(answers=item.id, outcome=request["outcome"], by=request["by"])
    run.recorder.item(data)
    run.events.happened(
        "item.answered",
        {"item": item.id, "task": item.task, "outcome": request["outcome"], "by": request["by"]},
    )
    return result


def claim(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take an item out of its pool for one person.

    Raises:
        Refused: as `work_items.claim`; likewise the other acts.
    """
    return _change(run, "claim", request, "claimed")


def release(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item back to its pool."""
    return _change(run, "release", request, "released")


def draft(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what was filled in so far."""
    return _change(run, "draft", request, None)


def reassign(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item to others: `to` is {who, groups, people}: the Who, and whom it means now.

    The task that opened the item tells both sides.
    """
    return _change(run, "reassign", request, "reassigned")


def delegate(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Let somebody else do an item, for whom has it: `to` is {person, standing}.

    The task that opened the item tells both.
    """
    return _change(run, "delegate", request, "delegated")


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
    result = {"case": run.state.id, "state": "cancelling"}
    reason, by = request.get("reason") or "cancelled", request.get("by")
    if run.level >= 16:
        ending = run.state.flow.get("ending")
        if ending is not None and ending["as"] != "cancelled":
            raise Refused(f"the case is ending as {ending['as']}; what it has done is undone now")
        if not run.cancel(reason, by):
            result["reason"] = str((run.state.cancel or {}).get("reason"))
        run.remember(request["id"], result)
        return result
    run.state.cancel = {"reason": reason, "by": by}
    run.remember(request["id"], result)
    run.note("cancel", reason, by=by)
    run.changed()
    return result


def suspend(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Let no task begin any more, until the case is resumed.

    Raises:
        Refused: it is suspended already, or at its end.
    """
    given = run.state.answered.get(request["id"])
    if given is not None:
        return dict(given)
    _refuse_at_the_end(run)
    before = run.state.suspended
    if before is not None:
        by = f" by {before['by']}" if before.get("by") else ""
        raise Refused(f"the case is suspended already, since {before['since']}{by}")
    reason = request.get("reason")
    if not isinstance(reason, str) or not reason:
        raise Refused("suspending a case needs a reason")
    pauses = request.get("pauseClocks") is True
    run.suspension.begin(request.get("by"), reason, pause_clocks=pauses)
    result = {"case": run.state.id, "state": "suspended"}
    run.remember(request["id"], result)
    return result


def resume(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Let tasks begin again.

    Raises:
        Refused: the case is not suspended, or the case of which it is a part is.
    """
    given = run.state.answered.get(request["id"])
    if given is not None:
        return dict(given)
    _refuse_at_the_end(run)
    before = run.state.suspended
    if before is None:
        raise Refused("the case is not suspended")
    if before["whole"]:
        whole = run.state.record.get("partOf")
        raise Refused(f"the case is suspended with {whole}, of which it is a part: resume that one")
    run.suspension.end(request.get("by"), request.get("reason"))
    result = {"case": run.state.id, "state": "resumed"}
    run.remember(request["id"], result)
    return result


def _refuse_at_the_end(run: CaseRun) -> None:
    state = run.state
    if state.ended is not None:
        raise Refused(f"the case has ended as {state.ended['as']}")
    if run.is_closing:
        raise Refused("the case is at its end: nothing begins in it any more")


def migration(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """What moving the case to another version would do; nothing is changed.

    Raises:
        Refused: what is given is no version of the case's definition, or no map.
    """
    new, given = _moving(run, request)
    _, obstacles = run.moves_to(new, given)
    return {
        "from": {"version": run.plan.version, "digest": run.digest},
        "to": {"version": new.version, "digest": request["plan"]["digest"]},
        "at": run.at,
        "obstacles": [each.to_json() for each in obstacles],
    }


def migrate(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Move the case to another version at its next moment without actions, as a whole or not at all.

    Raises:
        Refused: something is in the way, all of it in one text; or a migration is under way.
    """
    done = run.state.answered.get(request["id"])
    if done is not None:
        return dict(done)
    _refuse_at_the_end(run)
    if run.state.migrating is not None:
        raise Refused("the case is being moved already")
    new, given = _moving(run, request)
    if request["plan"]["digest"] == run.digest:
        raise Refused(f"the case runs on {new.version} already")
    _, obstacles = run.moves_to(new, given)
    if obstacles:
        raise Refused("; ".join(f"{each.place}: {each.reason}" for each in obstacles))
    run.state.migrating = {
        name: request.get(name) for name in ("id", "plan", "map", "by", "reason")
    }
    result = {"case": run.state.id, "state": "accepted", "version": new.version}
    run.remember(request["id"], result)
    run.bell.ring()
    return result


def _moving(run: CaseRun, request: Mapping[str, Any]) -> tuple[Plan, Given]:
    loaded, given = request.get("plan"), request.get("map") or {}
    try:
        new = decode_plan(loaded)
        level_of(loaded.get("semantics") if isinstance(loaded, dict) else None)
    except (PlanMalformed, PlanFormatUnknown, LevelUnknown, ValueError) as error:
        raise Refused(f"the version to move to cannot be read by this worker: {error}") from error
    if new.name != run.plan.name:
        raise Refused(f"{new.name} is another definition than {run.plan.name}")
    if not isinstance(given, Mapping) or set(given) - {"tasks", "clocks"}:
        raise Refused(
            "the map has tasks and clocks, each with names of the old and the new version"
        )
    return new, Given.from_json(given)


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
        known = ", ".join(run.state.held)
        raise Refused(
            f"name one held task; held now: {known}" if known else "no task of this case is held"
        )
    if request.get("act") not in ("retry", "skip", "fail"):
        raise Refused("an operator can retry, skip or fail a held task")
    run.state.held[found[0]]["decision"] = {
        name: request.get(name) for name in ("act", "value", "by", "reason")
    }
    result = {"task": found[0], "act": request["act"], "state": "accepted"}
    run.remember(request["id"], result)
    run.changed()
    return result


def recalculate(run: CaseRun, request: Mapping[str, Any]) -> dict[str, Any]:
    """Count a running clock's deadline anew, in the calendar as it is now.

    `decide` in the request: its target is decided anew as well. The line of the timeline that
    carries the request's id has the old and the new deadline.

    Raises:
        Refused: there is no such clock, or it does not run; or nobody says why.
    """
    given = run.state.answered.get(request["id"])
    if given is not None:
        return dict(given)
    if run.state.ended is not None:
        raise Refused(f"the case has ended as {run.state.ended['as']}")
    name = str(request.get("clock") or "")
    clocks = run.state.clocks
    if not run.clocks.is_open(name):
        open_ = ", ".join(each for each in clocks if run.clocks.is_open(each))
        state = run.clocks.reading(name)["state"]
        what = f"the clock {name!r} is {state}" if name in clocks else f"there is no clock {name!r}"
        raise Refused(f"{what}; counted now: {open_ or 'none'}")
    if not isinstance(request.get("reason"), str) or not request["reason"].strip():
        raise Refused("say why the deadline is counted anew: `reason` is missing")
    run.clocks.recalculate(name, request)
    result = {"clock": name, "was": run.clocks.reading(name).get("deadline"), "state": "accepted"}
    run.remember(request["id"], result)
    return result


def _remember(run: CaseRun, act: str, request: Mapping[str, Any], result: dict[str, Any]) -> None:
    """Keep the first result of a request, and what it asked."""
    run.remember(request["id"], result)
    if run.level >= 16:
        run.state.asked[request["id"]] = content_of(act, request)
        for gone in [each for each in run.state.asked if each not in run.state.answered]:
            del run.state.asked[gone]


def _receiver(item: WorkItem, happened: str) -> Any:
    """Who has the item after an act by which somebody else got it."""
    if happened == "delegated":
        return item.delegate or item.person
    return item.history[-1].get("to") if happened == "reassigned" else None


def _item(run: CaseRun, request: Mapping[str, Any]) -> WorkItem:
    closed = run.state.items.get(str(request.get("item")))
    if run.state.ended is not None and closed is not None:
        work_items.must_be_open(WorkItem.from_json(closed))
    if run.state.ended is not None:
        raise Refused(f"the case has ended as {run.state.ended['as']}")
    data = run.state.items.get(str(request.get("item")))
    if data is None:
        known = ", ".join(
            name for name, item in run.state.items.items() if item["state"] in ("open", "claimed")
        )
        raise Refused(f"there is no work item {request.get('item')!r}; open: {known or 'none'}")
    return WorkItem.from_json(data)


def _answered(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> WorkItem:
    if item.approval is not None:
        _, voted = rounds.judged(run, item, _actor(run, item, request), request)
        _must_fit(run, item, request)
        return voted
    try:
        done = work_items.answer(
            item,
            _actor(run, item, request),
            run.now_text(),
            outcome=str(request.get("outcome") or ""),
            values=_values(request),
            answer_id=request["id"],
            via=request.get("via"),
            effort=_effort(request),
        )
    except FieldsMissing as error:
        form = _form(run, item, request)
        missing = tuple(
            Problem(
                f"/{name}",
                titled(form.schema, [name], form.said, form.titles) + form.said["missing"],
            )
            for name in error.fields
        )
        reason = str(error) if form.said is ENGLISH else None
        raise AnswerInvalid(missing, form.said["joined"], reason) from error
    _must_fit(run, item, request)
    return done


def _must_fit(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> None:
    form = _form(run, item, request)
    if form.schema is None or not _needs_form(item, request):
        return
    problems = form_problems(
        form.schema, _values(request), language=form.language, titles=form.titles
    )
    if problems:
        raise AnswerInvalid(problems, form.said["joined"])


class _Form(NamedTuple):
    """The form of an item as who answers reads it."""

    schema: Any
    titles: Mapping[str, str]
    language: str
    said: Words


def _form(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> _Form:
    language = _language(run, request) or "en"
    if not isinstance(item.form, str):
        return _Form(item.form, {}, language, words(language))
    form = run.plan.forms[item.form]
    return _Form(form.schema, form.texts.get(language, {}), language, words(language))


def _language(run: CaseRun, request: Mapping[str, Any]) -> str | None:
    """The language of who answers: as the door says, else as the case knows its requester."""
    language = request.get("language")
    requester = run.state.record.get("requester")
    if language is None and isinstance(requester, Mapping):
        person = {"person": request.get("by"), "mail": request.get("by")}
        language = requester.get("language") if same_person(requester, person) else None
    return language if isinstance(language, str) else None


def _effort(request: Mapping[str, Any]) -> Any:
    """How long it took: what the answer says, else the field `effort` of the form."""
    given = request.get("effort")
    if given is None:
        return _values(request).get("effort")
    try:
        duration = parse_duration(given)
    except DurationInvalid as error:
        raise Refused(f"`effort` says how long it took: {error}") from error
    if duration.is_business:
        raise Refused("`effort` is time that was worked: hours and minutes, in no calendar")
    return given


def _values(request: Mapping[str, Any]) -> dict[str, Any]:
    values = request.get("values") or {}
    if not isinstance(values, Mapping):
        raise Refused("`values` must be an object: field and value")
    return dict(values)


def _claimed(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> WorkItem:
    rounds.no_pool(item, "claim")
    return work_items.claim(item, _actor(run, item, request), run.now_text())


def _released(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> WorkItem:
    rounds.no_pool(item, "release")
    return work_items.release(item, _actor(run, item, request), run.now_text())


def _drafted(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> WorkItem:
    rounds.no_pool(item, "save for later")
    actor = _actor(run, item, request)
    return work_items.save_draft(item, actor, run.now_text(), _values(request))


def _reassigned(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> WorkItem:
    rounds.no_pool(item, "give to others")
    to = request.get("to")
    people = to.get("people") if isinstance(to, Mapping) else None
    if not isinstance(to, Mapping) or not isinstance(people, list) or not people:
        raise Refused(f"“{item.title}” was not reassigned: there is nobody to give it to")
    receivers = Receivers(
        meant=tuple(fixed(to.get("who") or [{"person": each} for each in people], {})),
        groups=tuple(to.get("groups") or ()),
        people=tuple(map(str, people)),
        standing=to["standing"] if isinstance(to.get("standing"), Mapping) else None,
    )
    actor = _actor(run, item, request)
    granted = work_items.may_reassign(item, actor, receivers)
    return work_items.reassign(
        item, receivers, run.now_text(), by=actor.by, reason=str(actor.reason),
        override=granted.override,
    )  # fmt: skip


def _delegated(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> WorkItem:
    rounds.no_pool(item, "delegate")
    to = request.get("to")
    person = to.get("person") if isinstance(to, Mapping) else None
    if not isinstance(to, Mapping) or not isinstance(person, str) or not person:
        raise Refused(f"“{item.title}” is delegated to one person: `to` needs a person")
    standing = to.get("standing")
    actor = _actor(run, item, request)
    known = standing if isinstance(standing, Mapping) else None
    return work_items.delegate(item, actor, run.now_text(), person, known)


ITEM_ACTS: Mapping[str, Callable[[CaseRun, WorkItem, Mapping[str, Any]], WorkItem]] = {
    "answer": _answered,
    "claim": _claimed,
    "release": _released,
    "draft": _drafted,
    "delegate": _delegated,
    "reassign": _reassigned,
}
"""What people do with a work item: the item afterwards. Nothing is kept here."""


def _actor(run: CaseRun, item: WorkItem, request: Mapping[str, Any]) -> Actor:
    """Who acts, with the standing that the door found; `reason` is why an overseer steps in."""
    by = request.get("by")
    if not isinstance(by, str) or not by:
        raise Refused("the act needs a person: `by` is missing")
    standing = request.get("standing")
    reason = request.get("reason")
    return Actor(
        by=by,
        standing=standing if isinstance(standing, Mapping) else None,
        seat=request.get("onBehalfOf"),
        reason=str(reason) if reason else None,
        oversees=_oversees(run, item, standing) if isinstance(standing, Mapping) else False,
    )


def _oversees(run: CaseRun, item: WorkItem, standing: Mapping[str, Any]) -> bool:
    """Leads of the item's and the case's group, the case's owner, the definition's owner."""
    record = run.state.record
    groups = [*item.groups, record.get("group")]
    if any(group in groups for group in standing.get("leads") or ()):
        return True
    owners = [record.get("owner"), run.plan.rules.owner]
    return same_person([each for each in owners if each], standing) or (
        run.plan.rules.owner in (standing.get("roles") or ())
    )


def _needs_form(item: WorkItem, request: Mapping[str, Any]) -> bool:
    """An outcome that requires nothing may be given without filling in the form."""
    outcome = item.outcomes.get(request["outcome"]) or {}
    return bool(request.get("values")) or bool(outcome.get("requires"))


def _change(
    run: CaseRun, act: str, request: Mapping[str, Any], happened: str | None
) -> dict[str, Any]:
    given = _before(run, act, request)
    if given is not None:
        return dict(given)
    item = ITEM_ACTS[act](run, _item(run, request), request)
    data = item.to_json()
    run.state.items[item.id] = data
    result = {
        "item": item.id, "state": item.state, "person": item.person, "people": list(item.people),
    }  # fmt: skip
    if item.delegate is not None:
        result["delegate"] = item.delegate
    _remember(run, act, request, result)
    if happened == "reassigned":
        run.state.record["assignees"] = list(item.people)
        run.trace(reassigns=item.id, to=list(item.people))
    if happened == "delegated":
        run.trace(delegates=item.id, to=item.delegate or item.person, by=request["by"])
    if happened is not None:
        run.note(
            happened,
            item.title,
            by=request["by"],
            onBehalfOf=item.history[-1].get("onBehalfOf"),
            item=item.id,
            to=_receiver(item, happened),
            reason=request.get("reason"),
        )
        run.events.happened(f"item.{happened}", {"item": item.id, "task": item.task})
    run.recorder.item(data)
    run.changed()
    return result
