"""Rounds of approvals as a case keeps them: the round, and of each seat a work item.

A vote closes its round in the same step in which it is taken, so that none can come after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service import approvals, work_items
from service.approvals import Round
from service.eligibility import Actor, permission
from service.errors import Refused
from service.work_items import OPEN, WorkItem

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


def of(run: CaseRun, name: str) -> Round:
    """A round of the case."""
    return Round.from_json(run.state.rounds[name])


def items_of(run: CaseRun, name: str) -> list[WorkItem]:
    """The work items of a round, in the order of its seats."""
    return [
        WorkItem.from_json(item)
        for item in run.state.items.values()
        if (item.get("approval") or {}).get("round") == name
    ]


def keep(run: CaseRun, voting: Round) -> None:
    """Remember how a round stands; where it is over, take back what nobody has to vote on."""
    data = voting.to_json()
    run.state.rounds[voting.id] = data
    run.recorder.round(data)
    if voting.state != "open":
        asked = items_of(run, voting.id)
        for item in asked:
            if item.state in OPEN:
                keep_item(run, work_items.withdraw(item, run.now_text(), _ending(voting)))
        if asked and voting.missing:
            run.withdrawals.tell_voters(voting.task, announcement(run, voting, "withdrawn"))
        run.escalations.item_closed(voting.id, _ending(voting))
        if voting.state == "closed":
            run.note(
                "decided",
                f"{voting.title}: {voting.decision}, {voting.reason}",
                task=voting.task,
                round=voting.id,
                decision=voting.decision,
            )
            run.trace(closes=voting.id, decision=voting.decision, reason=voting.reason)
        else:
            run.note("withdrawn", f"{voting.title}: {voting.reason}", round=voting.id)
            run.trace(withdraws=voting.id, reason=voting.reason)
    run.changed()


def announcement(run: CaseRun, voting: Round, kind: str) -> dict[str, Any]:
    """What `approval.announce` gets: the round, and the seats that have not voted."""
    data = voting.to_json()
    said = {
        name: data[name]
        for name in (
            "id", "title", "description", "version", "files", "delegates", "exclude", "dueAt",
            "decision", "reason",
        )
    }  # fmt: skip
    items = {str((each.approval or {})["seat"]): each.id for each in items_of(run, voting.id)}
    return {
        "round": {**said, "roster": list(voting.roster)},
        "kind": kind,
        "seats": [{"seat": seat, "item": items.get(seat)} for seat in voting.missing],
    }


def keep_item(run: CaseRun, item: WorkItem) -> None:
    """Remember the work item of a seat."""
    data = item.to_json()
    run.state.items[item.id] = data
    run.recorder.item(data)


def judged(
    run: CaseRun, item: WorkItem, actor: Actor, request: Mapping[str, Any]
) -> tuple[Round, WorkItem]:
    """The round and the seat's item after a vote. Nothing is kept here.

    Raises:
        Refused: as `approvals.cast`, or the seat is for others.
    """
    seat = str((item.approval or {})["seat"])
    voting = of(run, str((item.approval or {})["round"]))
    approvals.must_be_open(voting)
    granted = permission(item, actor)
    values = request.get("values") or {}
    comment = values.get("comment") if isinstance(values, Mapping) else None
    behalf = granted.on_behalf_of or (seat if granted.override else None)
    after = approvals.cast(
        voting,
        seat=seat,
        by=actor.by,
        vote=str(request.get("outcome") or ""),
        at=run.now_text(),
        vote_id=str(request["id"]),
        on_behalf_of=behalf,
        comment=None if comment is None else str(comment),
        via=request.get("via"),
        override=granted.override,
    )
    vote = after.vote_of(seat)
    if after is voting or vote is None:
        return voting, item
    done = work_items.voted(
        item,
        vote.at,
        by=vote.by,
        on_behalf_of=vote.on_behalf_of,
        vote=vote.vote,
        comment=vote.comment,
        answer_id=vote.id,
        via=vote.via,
        reason=actor.reason,
        override=vote.override or None,
    )
    return after, done


def cast(run: CaseRun, item: WorkItem, actor: Actor, request: Mapping[str, Any]) -> None:
    """Take a vote, and close the round where that decides it.

    Raises:
        Refused: as `judged`.
    """
    after, done = judged(run, item, actor, request)
    vote = after.vote_of(str((item.approval or {})["seat"]))
    if done is item or vote is None:
        return
    keep_item(run, done)
    run.note(
        "voted",
        f"{after.title}: {vote.vote}" + (f", {vote.comment}" if vote.comment else ""),
        by=vote.by,
        onBehalfOf=vote.on_behalf_of,
        seat=vote.seat,
        vote=vote.vote,
        round=after.id,
        item=item.id,
        via=vote.via,
        reason=actor.reason,
        override=vote.override or None,
    )
    run.trace(votes=after.id, vote=vote.vote, by=vote.by, seat=vote.seat)
    keep(run, after)
    run.events.happened(
        "item.answered",
        {"item": item.id, "task": item.task, "outcome": vote.vote, "by": vote.by},
    )


def no_pool(item: WorkItem, act: str) -> None:
    """Check that an act is about a work item that can be given to others.

    Raises:
        Refused: it is a vote, which belongs to its seat.
    """
    if item.approval is not None:
        raise Refused(
            f"“{item.title}” is the vote of {item.approval['seat']}: "
            f"there is nothing to {act}; a deputy of an absent member votes in their place"
        )


def described(voting: Mapping[str, Any]) -> str:
    """How a round stands, in one line: who has voted, who is missing, until when."""
    one = Round.from_json(voting)
    said = [
        f"{vote.by} {vote.vote}" + (f" for {vote.seat}" if vote.by != vote.seat else "")
        for vote in one.votes
    ]
    voted = f"{len(one.votes)} of {len(one.seats)} voted" + (
        f" ({', '.join(said)})" if said else ""
    )
    return f"{one.title}: {voted}, missing {', '.join(one.missing)}, due {one.due_at}"


def _ending(voting: Round) -> str:
    if voting.state == "withdrawn":
        return str(voting.reason)
    return f"{voting.decision}: {'the time was over' if voting.reason == 'due' else voting.reason}"
