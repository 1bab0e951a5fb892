"""`approval`: a round of votes, from opening to its decision.

Each time the task begins is a round of its own: votes on an old version of the subject say nothing
about a new one.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Any

from service import approvals, work_items
from service.approvals import Round
from service.assignment import parts
from service.instants import read_instant, write_instant
from service.standing import fixed
from service.work_items import OPEN, WorkItem
from workflows.functions.call import FunctionCall, told
from workflows.functions.reminders import Reminders
from workflows.interpreter import rounds
from workflows.interpreter.bell import wait_until
from workflows.interpreter.case_data import case_data
from workflows.interpreter.errors import CaseError
from workflows.interpreter.escalations import ACTIVE
from workflows.interpreter.events import matches

DEFAULT_EXCLUDE = ["requester"]
LABELS = {
    "approve": {"en": "Approve", "zh-TW": "同意"},
    "reject": {"en": "Reject", "zh-TW": "不同意"},
}
LONGEST_COMMENT = 4000
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""Ids of people that can stand in the id of an item; others are counted."""


async def run(call: FunctionCall) -> Any:
    """Open a round, wait until it is decided, follow `onDue`."""
    if "round" not in call.frame:
        nobody = await _open(call)
        if nobody is not None:
            return nobody
    name = call.frame["round"]
    try:
        return await _wait(call, name)
    except asyncio.CancelledError:
        _let_go(call, name, "no longer needed")
        raise
    except CaseError as error:
        _let_go(call, name, f"it failed: {error}")
        raise


def _free_name(call: FunctionCall) -> str:
    """Name of the round: the task's with its occurrence, and a number where that was tried before."""
    name = call.task.name + (f"#{call.n}" if call.n > 1 else "")
    known = call.run.state.rounds
    tries = (f"{name}.{number}" for number in range(2, len(known) + 3))
    # Votes on a round that an error took back must not meet the one that an operator begins again.
    return name if name not in known else next(each for each in tries if each not in known)


async def _open(call: FunctionCall) -> Any:
    run = call.run
    arguments = call.arguments
    subject = arguments["subject"]
    who, options = parts(arguments["roster"])
    exclude = options.get("exclude", DEFAULT_EXCLUDE)
    roster = await _people(call, who, exclude, "roster")
    veto = [] if arguments.get("veto") is None else (
        await _people(call, arguments["veto"], exclude, "veto")
    )  # fmt: skip
    due = await run.due_at(arguments["due"], f"due time of {_about(call)}")
    on_due = arguments.get("onDue")
    if isinstance(on_due, dict) and "extend" in on_due:
        # A calendar that is not there shows now, and not when the votes would be lost by it.
        await run.due_at(on_due["extend"], f"onDue of {_about(call)}")
    # Only now: of two tasks of one name that begin together, each finds what the other has taken.
    name = _free_name(call)
    voting = Round(
        id=name,
        task=call.task.name,
        title=str(subject["title"]),
        version=subject.get("version"),
        description=subject.get("description"),
        data=subject.get("data") or {},
        files=tuple(subject.get("files") or ()),
        seats=approvals.seats(roster, veto) if roster else (),
        rule=arguments["rule"],
        delegates=arguments.get("delegates") or "once",
        revocable=bool(arguments.get("revocable")),
        comments=arguments.get("comment") or "on-reject",
        exclude=tuple(fixed(exclude, case_data(run))),
        opened_at=run.now_text(),
        due_at=write_instant(due),
    )
    if not roster:
        reason = "nobody of the roster may vote"
        run.note("no-voters", f"{voting.title}: {reason}", task=call.task.name)
        run.trace(closes=name, decision="no-voters", reason=reason)
        return approvals.no_voters(voting, reason)
    voting = approvals.opened(voting)
    call.frame["round"] = name
    seats = ", ".join(voting.roster)
    run.note("opened", f"{voting.title} for {seats}", task=call.task.name, round=name)
    run.trace(opens=name, person=list(voting.roster), groups=[])
    if voting.state == "open" and run.level >= 16:
        # Nobody is asked for a vote on what is one of the past already.
        event = _superseding(call)
        if event is not None:
            voting = approvals.supersede(voting, run.now_text(), str(event["type"]))
    if voting.state == "open":
        for number, seat in enumerate(voting.roster, start=1):
            plain = seat if _PLAIN.fullmatch(seat) else str(number)
            rounds.keep_item(run, _item(voting, f"{name}:{plain}", seat))
    rounds.keep(run, voting)
    run.events.happened("item.opened", {"item": name, "task": call.task.name})
    return None


async def _people(call: FunctionCall, who: Any, exclude: Any, step: str) -> list[str]:
    """Ids of those whom a Who means now, without those who must not vote."""
    run = call.run
    data = case_data(run)
    case = {name: data[name] for name in ("requester", "owner", "assignees", "watchers", "group")}
    wanted = {
        "who": who.get("who", who) if isinstance(who, dict) else who,
        "case": case,
        "at": run.now_text(),
        "exclude": exclude if isinstance(exclude, list) else [exclude],
    }
    found = await call.read("people.resolve", wanted, step)
    return [str(person["id"]) for person in found["people"] if person.get("id")]


def _item(voting: Round, name: str, seat: str) -> WorkItem:
    """What the person of a seat has on the worklist."""
    needs = voting.comments == "on-reject", voting.comments == "always"
    comment = {"type": "string", "title": "Comment", "maxLength": LONGEST_COMMENT}
    made = WorkItem(
        id=name,
        task=voting.task,
        title=voting.title,
        description=voting.description,
        form=None
        if voting.comments == "never"
        else {"type": "object", "properties": {"comment": comment}, "additionalProperties": False},
        outcomes={
            "approve": {"label": LABELS["approve"], "requires": ["comment"] if needs[1] else []},
            "reject": {"label": LABELS["reject"], "requires": ["comment"] if any(needs) else []},
        },
        meant=({"person": seat},),
        exclude=voting.exclude,
        people=(seat,),
        opened_at=voting.opened_at,
        due_at=voting.due_at,
        approval={
            "round": voting.id,
            "seat": seat,
            "version": voting.version,
            "revocable": voting.revocable,
            "delegates": voting.delegates,
        },
    )
    return work_items.opened(made, None)


async def _wait(call: FunctionCall, name: str) -> Any:
    run = call.run
    run.waiting(call.task, f"waits for votes on {rounds.of(run, name).title}", call.scope)
    # What is announced is said once, however often the walker starts from a snapshot.
    if "announced" not in call.frame and rounds.of(run, name).state == "open":
        await _announce(call, name, "opened", "announced")
    if call.frame.get("extended") and "extended-notice" not in call.frame:
        # A snapshot came between the extension and its notice.
        if rounds.of(run, name).state == "open":
            await _announce(call, name, "extended", "extended-notice")

    async def remind(step: str, spec: dict[str, Any]) -> Any:
        return await _announce(call, name, "reminder", step, spec)

    def settled() -> bool:
        return rounds.of(run, name).state != "open" or _superseded(call, name)

    async with Reminders(call, call.arguments.get("remind"), default_to=None, send=remind):
        with run.events.interest():
            while not settled():
                if "ladder" in call.frame and not call.frame.get("taken"):
                    await wait_until(run.effects, run.bell, lambda: settled() or _is_over(call))
                    if rounds.of(run, name).state == "open":
                        _after_ladder(call, name)
                elif not await wait_until(
                    run.effects, run.bell, settled, _due(call, name), f"due: {_about(call)}"
                ):
                    await _on_due(call, name)
    return approvals.result(rounds.of(run, name), call.frame.get("event"))


def _due(call: FunctionCall, name: str) -> datetime:
    return read_instant(call.run.state.rounds[name]["dueAt"])


async def _on_due(call: FunctionCall, name: str) -> None:
    """What counts when time is over: at once, after more time, or after a ladder was called."""
    run = call.run
    on_due = call.arguments.get("onDue") or "reject"
    voting = rounds.of(run, name)
    if not call.frame.get("overdue"):
        call.frame["overdue"] = True
        run.note("overdue", voting.title, task=call.task.name, round=name)
        run.trace(overdue=name)
        run.events.happened("item.overdue", {"item": name, "task": call.task.name})
    if isinstance(on_due, str):
        _expire(call, name, on_due)
    elif call.frame.get("extended") or call.frame.get("taken"):
        _expire(call, name, on_due["then"])
    elif "escalate" in on_due:
        # A ladder is looked up and begun in one step: no snapshot falls between.
        call.frame["ladder"] = await run.escalations.start(
            call.task.name,
            on_due["escalate"],
            severity=run.state.record.get("priority"),
            item=name,
            title=voting.title,
        )
    else:
        until = await run.due_at(on_due["extend"], f"onDue of {_about(call)}")
        if rounds.of(run, name).state == "open":
            call.frame["extended"] = True
            _extend(call, name, write_instant(until))
            await _announce(call, name, "extended", "extended-notice")


def _expire(call: FunctionCall, name: str, vote: str) -> None:
    over = approvals.expire(rounds.of(call.run, name), call.run.now_text(), vote)
    rounds.keep(call.run, over)


def _is_over(call: FunctionCall) -> bool:
    """Whether the ladder has ended, whichever way."""
    case = call.frame["ladder"]
    known = call.run.state.escalations.get(case)
    return known is None or known["state"] not in ACTIVE or case not in call.run.state.children


def _after_ladder(call: FunctionCall, name: str) -> None:
    """Who has taken the vote on the ladder gets as long again; where nobody has, `then` counts."""
    run = call.run
    ladder = run.state.escalations.get(call.frame["ladder"]) or {}
    if ladder.get("state") not in ACTIVE:
        _expire(call, name, call.arguments["onDue"]["then"])
        return
    voting = run.state.rounds[name]
    span = read_instant(voting["dueAt"]) - read_instant(voting["openedAt"])
    call.frame["taken"] = True
    _extend(call, name, write_instant(run.now() + span))


def _extend(call: FunctionCall, name: str, until: str) -> None:
    run = call.run
    for item in rounds.items_of(run, name):
        if item.state in OPEN:
            rounds.keep_item(run, work_items.due_again(item, run.now_text(), until))
    data = {**run.state.rounds[name], "dueAt": until}
    run.note("extended", f"{data['title']} until {until}", task=call.task.name, round=name)
    run.trace(extends=name)
    rounds.keep(run, Round.from_json(data))


def _superseding(call: FunctionCall) -> dict[str, Any] | None:
    """The event that makes the subject one of the past, where it has come; taken, and remembered."""
    rule = call.arguments.get("supersededBy")
    if rule is None:
        return None
    match = rule.get("match") or {}
    event = call.run.events.take(
        lambda each: bool(each["type"] == rule["event"]) and matches(match, each.get("data"))
    )
    if event is not None:
        call.frame["event"] = event.get("data")
    return event


def _superseded(call: FunctionCall, name: str) -> bool:
    run = call.run
    event = _superseding(call)
    if event is None:
        return False
    over = approvals.supersede(rounds.of(run, name), run.now_text(), str(event["type"]))
    rounds.keep(run, over)
    return True


def _let_go(call: FunctionCall, name: str, reason: str) -> None:
    voting = rounds.of(call.run, name)
    if voting.state == "open":
        rounds.keep(call.run, approvals.withdraw(voting, call.run.now_text(), reason))


async def _announce(
    call: FunctionCall, name: str, kind: str, step: str, spec: dict[str, Any] | None = None
) -> Any:
    """Tell those whose votes are missing; that nobody could be told is noted and stops nothing."""
    run = call.run
    voting = rounds.of(run, name)
    arguments = rounds.announcement(run, voting, kind)
    for key in ("message", "text", "values"):
        if spec and key in spec:
            arguments[key] = spec[key]
    if spec and "to" in spec:
        arguments["who"] = spec["to"]
    try:
        result = await call.act(
            step, "approval.announce", arguments, summary=f"{kind}: {voting.title}"
        )
    except CaseError as error:
        call.frame[step] = None
        run.note("notice", f"{voting.title}: nobody told: {error}", round=name)
        return None
    if kind in ("opened", "extended") and told(result):
        run.note("told", f"{voting.title}: {kind}, {', '.join(told(result))}", round=name)
    return result


def _about(call: FunctionCall) -> str:
    """What is voted on, for a reader of the history."""
    return f"{call.task.name}: {call.arguments['subject']['title']}"[:120]
