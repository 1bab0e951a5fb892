"""What people see of a case: the query `show`, the lists' attributes, the page in the UI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.effects import View
from workflows.interpreter.bookings import told
from workflows.interpreter.case_data import case_data, phase
from workflows.interpreter.rounds import described

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

_OF_LADDERS = ("ladder", "item", "task", "state", "level", "by", "at", "severity", "triggers")

PAGE_LINES = 8
"""Lines of the timeline on the page in the Temporal UI."""
MOST_OF_A_VOTE = 1000
"""How long the line of an open vote may be: it names all who have voted and who have not."""


def show(run: CaseRun) -> dict[str, Any]:
    """Everything about the case, for the query `show`.

    `counted` holds what each clock has counted: segments, targets, rounds, and calendars by digest.
    `ended` says how and when, and `until` when the case can be reopened. What the records keep of a case follows from it: `row`, `items`, `rounds`, `bookings`, `timeline` (the audit,
    each line with its number), `messages` and `ended`.
    """
    state = run.state
    view: dict[str, Any] = {
        "case": case_data(run),
        "status": state.record.get("status"),
        "phase": phase(run),
        "step": run.at,
        "items": list(state.items.values()),
        "rounds": list(state.rounds.values()),
        "bookings": told(run),
        "clocks": {name: clock.get("shown", {}) for name, clock in state.clocks.items()},
        "counted": run.clocks.kept(),
        "definition": run.plan.name,
        "version": run.plan.version,
        "digest": run.digest,
        "timeline": state.timeline,
        "messages": state.messages,
        "duplicates": state.duplicates,
        "held": state.held,
        "ladders": [
            {"case": case, **{name: entry[name] for name in _OF_LADDERS}}
            for case, entry in state.escalations.items()
        ],
        "heldNotices": [
            {name: entry[name] for name in ("task", "item", "people", "at")}
            for entry in state.held_notices
        ],
        "operatorItems": list(state.operator_items.values()),
        "suspended": state.suspended,
        "migrated": state.migrated,
        "waits": [f"{name}: {what}" for name, what in run.waits.values()],
        "row": row(run),
    }
    ended = state.ended or state.closed
    if ended is not None:
        view["ended"] = ended
        if ended.get("error"):
            view["error"] = ended["error"]
    return view


def ticket_id(run: CaseRun) -> str | None:
    """Id of the case's ticket, in whichever form the record holds it."""
    ticket = run.state.record.get("ticket")
    if isinstance(ticket, dict):
        ticket = ticket.get("id")
    return None if ticket is None else str(ticket)


def due(run: CaseRun) -> str | None:
    """The next deadline of an open work item or a running clock."""
    times = [item["dueAt"] for item in _open_items(run) if item.get("dueAt")]
    for clock in run.state.clocks.values():
        reading = clock.get("shown", {})
        if reading.get("state") == "running" and reading.get("deadline"):
            times.append(reading["deadline"])
    return min(times) if times else None


def row(run: CaseRun) -> dict[str, Any]:
    """The case as one line of a list."""
    state = run.state
    record = state.record
    ended = state.ended or state.closed
    return {
        "case": state.id,
        "run": state.first_run,
        "n": state.written,
        "key": state.key,
        "matter": run.membership.root or state.id,
        "definition": run.plan.name,
        "version": run.plan.version,
        "digest": run.digest,
        "status": record.get("status"),
        "phase": phase(run),
        "step": f"suspended: {run.at}" if state.suspended is not None else run.at,
        "priority": record.get("priority"),
        "type": record.get("type"),
        "subject": record.get("subject"),
        "requester": record.get("requester"),
        "customer": record.get("customer"),
        "ticket": ticket_id(run),
        "group": record.get("group"),
        "owner": record.get("owner"),
        "assignees": record.get("assignees") or [],
        "links": record.get("links") or [],
        "due": due(run),
        "startedAt": state.started_at,
        "endedAt": ended["at"] if ended else None,
        "endedAs": ended["as"] if ended else None,
    }


def shown(run: CaseRun) -> View:
    """Search attributes and the page of the case."""
    state = run.state
    breached = any(c.get("shown", {}).get("state") == "breached" for c in state.clocks.values())
    people: list[str] = []
    for item in _open_items(run):
        chosen = [item["person"]] if item.get("person") else item.get("people") or []
        people += [f"u.{person}" for person in chosen]
        people += [f"u.{item['delegate']}"] if item.get("delegate") else []
        people += [f"g.{group}" for group in item.get("groups") or []]
    attributes: dict[str, Any] = {
        "CasewayDefinition": run.plan.name,
        "CasewayVersion": run.plan.version,
        "CasewayKey": state.key,
    }
    if run.recorder.keeps:
        attributes |= {
            "CasewayStatus": state.record.get("status") or phase(run),
            "CasewayStep": _step(run),
            "CasewayPriority": state.record.get("priority"),
            "CasewayTicket": ticket_id(run),
            "CasewayFor": list(dict.fromkeys(people)) or None,
            "CasewayDue": due(run),
            "CasewayBreached": breached,
        }
    return View(attributes, page(run))


def _step(run: CaseRun) -> str | None:
    names = ", ".join(run.steps)
    return f"suspended: {names}" if run.state.suspended is not None else names or None


def page(run: CaseRun) -> str:
    """Where the case stands, who has it, the next deadline: Markdown for the Temporal UI."""
    state = run.state
    lines = []
    if run.is_drill:
        lines += ["**DRILL / 演練**", ""]
    subject = state.record.get("subject")
    if subject:
        lines.append(f"**{_plain(str(subject))}**")
        lines.append("")
    status = state.record.get("status")
    lines.append(f"- status: {status or phase(run)} ({phase(run)})")
    if state.suspended is not None:
        by = f" by {state.suspended['by']}" if state.suspended.get("by") else ""
        why = _plain(state.suspended["reason"])
        lines.append(f"- suspended since {state.suspended['since']}{by}: {why}")
    if run.at:
        lines.append(f"- at: {_plain(run.at)}")
    votes = [described(each) for each in state.rounds.values() if each["state"] == "open"]
    lines += [f"- vote: {_plain(each, MOST_OF_A_VOTE)}" for each in votes]
    for item in _open_items(run):
        if item.get("approval") is not None:
            continue
        who = item.get("person") or ", ".join(
            [*(item.get("people") or []), *(item.get("groups") or [])]
        )
        who = f"{item['delegate']} for {who}" if item.get("delegate") else who
        lines.append(f"- {_plain(item['title'])}: {item['state']}, {who or 'nobody'}")
    for entry in state.escalations.values():
        by = f", {entry['by']}" if entry["by"] else ""
        at = f" at level {entry['level']}" if entry["level"] else ""
        lines.append(f"- ladder {_plain(entry['ladder'])}: {entry['state']}{at}{_plain(by)}")
    next_due = due(run)
    if next_due:
        lines.append(f"- next deadline: {next_due}")
    for path, held in state.held.items():
        detail = held["error"].get("detail") or held["error"].get("title")
        lines.append(f"- held at {path}: {_plain(str(detail))}")
    lines.append("")
    for line in state.timeline[-PAGE_LINES:]:
        by = f" ({line['by']})" if line.get("by") else ""
        lines.append(f"    {line['at']} {line['kind']}: {_plain(line['text'])}{by}")
    return "\n".join(lines)[:18_000]


def _open_items(run: CaseRun) -> list[dict[str, Any]]:
    return [item for item in run.state.items.values() if item["state"] in ("open", "claimed")]


def _plain(text: str, most: int = 200) -> str:
    """Text from outside, safe inside Markdown: no line breaks, no markup."""
    flat = " ".join(text.split())
    for sign in "\\`*_[]<>|#":
        flat = flat.replace(sign, "\\" + sign)
    return flat[:most]
