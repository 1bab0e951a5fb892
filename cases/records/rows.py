"""From the projection of a case, as its workflow tells it, to rows of the tables, and back. Pure.

A projection is `{case, row, items, audit, messages, bookings?, rounds?, closed?}`: what the activity `records.write`
gets. The query `show` tells the same in other words, see `projection_of`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.records.events import begin_row, end_row, event_row
from cases.records.votes import rows_of_round
from service.drill import is_drill
from service.instants import read_instant, write_instant

Row = dict[str, Any]


def projection_of(view: Mapping[str, Any]) -> Row:
    """The projection that a case would write now, made from its answer to the query `show`."""
    row = view["row"]
    projection: Row = {
        "case": row["case"],
        "row": row,
        "items": [*(view.get("items") or ()), *(view.get("operatorItems") or ())],
        "audit": view.get("timeline") or [],
        "messages": view.get("messages") or [],
        "bookings": view.get("bookings") or [],
        "rounds": view.get("rounds") or [],
    }
    if view.get("ended") is not None:
        projection["closed"] = view["ended"]
    return projection


def run_of(projection: Mapping[str, Any]) -> str:
    """Id of the first run of the case that a projection is of."""
    return str(projection["row"].get("run") or "")


def rows_of(projection: Mapping[str, Any], at: datetime) -> dict[str, list[Row]]:
    """All rows of a projection by table; `at` is when they are written."""
    row = case_row(projection, at)
    case, run, n = row["case_id"], row["run"], row["n"]
    items = list(projection.get("items") or ())
    found = [message_row(case, each) for each in projection.get("messages") or ()]
    return {
        "cases": [row],
        "tickets": [{"ticket": row["ticket"], "case_id": case}] if row["ticket"] else [],
        "items": [item_row(case, run, n, each) for each in items],
        "candidates": [line for each in items for line in candidate_rows(case, run, each)],
        "votes": [
            line
            for each in projection.get("rounds") or ()
            for line in rows_of_round(case, run, n, each)
        ],
        "turns": [line for each in items for line in turn_rows(row, each)],
        "events": _event_rows(projection, case, run, at),
        "audit": [audit_row(case, run, each) for each in projection.get("audit") or ()],
        "messages": [each for each in found if each is not None],
        "bookings": [booking_row(case, run, n, each) for each in projection.get("bookings") or ()],
    }


def _event_rows(projection: Mapping[str, Any], case: str, run: str, at: datetime) -> list[Row]:
    told = [event_row(case, run, each, at) for each in projection.get("audit") or ()]
    told.append(begin_row(case, run, read_instant(projection["row"]["startedAt"]), at))
    closed = projection.get("closed")
    if closed is not None:
        told.append(end_row(case, run, closed, at))
    return [each for each in told if each is not None]


def case_row(projection: Mapping[str, Any], at: datetime) -> Row:
    """The row of `cases`."""
    row = projection["row"]
    closed = projection.get("closed")
    return {
        "case_id": row["case"],
        "run": run_of(projection),
        "n": int(row.get("n") or 0),
        "definition": row["definition"],
        "version": row.get("version"),
        "digest": row.get("digest"),
        "key": row["key"],
        "status": _text(row.get("status")),
        "phase": row["phase"],
        "step": _text(row.get("step")),
        "priority": _text(row.get("priority")),
        "type": _text(row.get("type")),
        "subject": _text(row.get("subject")),
        "requester": row.get("requester"),
        "sender": sender(row.get("requester")),
        "customer": row.get("customer"),
        "case_group": _text(row.get("group")),
        "owner": _text(row.get("owner")),
        "ticket": _text(row.get("ticket")),
        "matter": str(row.get("matter") or row["case"])[:1000],
        "links": list(row.get("links") or []),
        "due_at": _time(row.get("due")),
        "started_at": read_instant(row["startedAt"]),
        "updated_at": at,
        "closed_at": _time(row.get("endedAt")),
        "ended_as": row.get("endedAs"),
        "closing": dict(closed) if closed is not None else None,
    }


def item_row(case: str, run: str, n: int, item: Mapping[str, Any]) -> Row:
    """The row of `items`; `n` is the number of the write."""
    return {
        "case_id": case,
        "run": run,
        "item": item["id"],
        "n": n,
        "task": item.get("task"),
        "title": _text(item.get("title")),
        "state": item["state"],
        "person": _holder(item),
        "delegate": _text(item.get("delegate")),
        "opened_at": _time(item.get("openedAt")),
        "due_at": _time(item.get("dueAt")),
        # Whom a notice has reached is of the case alone: it changes after each mail, and nobody
        # asks the records for it.
        "document": {name: value for name, value in item.items() if name != "told"},
    }


def candidate_rows(case: str, run: str, item: Mapping[str, Any]) -> list[Row]:
    """The rows of `candidates`: who may do the item, as in the search attribute CasewayFor."""
    who = [f"g.{group}" for group in item.get("groups") or ()]
    who += [f"u.{person}" for person in item.get("people") or ()]
    who += [f"r.{role}" for role in item.get("roles") or ()]
    approval = item.get("approval") or {}
    if approval.get("delegates") not in (None, "none"):
        # Whoever stands in for an absent member finds the vote by this.
        who.append(f"d.{approval['seat']}")
    shown = dict.fromkeys(each[:258] for each in who)
    return [{"case_id": case, "run": run, "item": item["id"], "who": each} for each in shown]


def booking_row(case: str, run: str, n: int, booking: Mapping[str, Any]) -> Row:
    """The row of `bookings`; `n` is the number of the write.

    Of one that was given back before it was made, nothing but its id is known.
    """
    apart = ("number", "released")
    return {
        "case_id": case,
        "run": run,
        "booking": booking["id"],
        "n": n,
        "number": int(booking["number"]),
        "begins_at": _time(booking.get("from")),
        "ends_at": _time(booking.get("to")),
        "released": bool(booking.get("released")),
        "title": _text(booking.get("title")),
        "document": {name: value for name, value in booking.items() if name not in apart},
    }


def turn_rows(row: Row, item: Mapping[str, Any]) -> list[Row]:
    """The rows of `turns`: whom strategies have chosen for the item of a case (its own row)."""
    return [
        {
            "case_id": row["case_id"],
            "run": row["run"],
            "item": item["id"],
            "step": each["step"],
            "definition": row["definition"],
            "task": item["task"],
            "person": each["person"],
            "number": int(each["number"]),
            "at": read_instant(each["at"]),
        }
        for each in item.get("turns") or ()
    ]


def audit_row(case: str, run: str, line: Mapping[str, Any]) -> Row:
    """The row of `audit`."""
    known = ("n", "at", "kind", "by", "text")
    return {
        "case_id": case,
        "run": run,
        "n": int(line["n"]),
        "at": read_instant(line["at"]),
        "kind": line["kind"],
        "by": _text(line.get("by")),
        "text": _text(line.get("text")),
        "detail": {name: value for name, value in line.items() if name not in known} or None,
    }


def message_row(case: str, message: Mapping[str, Any]) -> Row | None:
    """The row of `messages`; None where the message has no id."""
    message_id = message.get("messageId")
    if not message_id:
        return None
    return {
        "message_id": with_brackets(str(message_id))[:998],
        "case_id": case,
        "direction": message.get("direction") or "out",
        "at": _time(message.get("at")),
    }


def case_line(row: Mapping[str, Any]) -> Row:
    """A row of `cases` as lists show it."""
    return {
        "case": row["case_id"],
        "key": row["key"],
        "drill": is_drill(row["case_id"]),
        "definition": row["definition"],
        "version": row["version"],
        "status": row["status"],
        "phase": row["phase"],
        "step": row["step"],
        "priority": row["priority"],
        "type": row["type"],
        "subject": row["subject"],
        "requester": row["requester"],
        "group": row["case_group"],
        "owner": row["owner"],
        "ticket": row["ticket"],
        "matter": row["matter"] or row["case_id"],
        "links": row["links"] or [],
        "due": _written(row["due_at"]),
        "startedAt": _written(row["started_at"]),
        "endedAt": _written(row["closed_at"]),
        "endedAs": row["ended_as"],
    }


def audit_line(row: Mapping[str, Any]) -> Row:
    """A row of `audit` as the case's timeline has it."""
    line = {
        "n": row["n"],
        "at": _written(row["at"]),
        "kind": row["kind"],
        "text": row["text"],
        "by": row["by"],
    }
    return {name: value for name, value in line.items() if value is not None} | dict(
        row["detail"] or {}
    )


def quarantine_line(row: Mapping[str, Any]) -> Row:
    """A row of `quarantine` as lists show it."""
    return {
        "id": row["id"],
        "source": row["source"],
        "at": _written(row["at"]),
        "reason": row["reason"],
        "detail": row["detail"],
        "messageId": row["message_id"],
        "sender": row["sender"],
        "subject": row["subject"],
        "case": row["case_id"],
        "file": row["file"],
    }


def sender(requester: Any) -> str | None:
    """The requester's address in lower case, or the id of a person of ours."""
    if isinstance(requester, Mapping):
        mail = requester.get("mail")
        return str(mail).lower() if mail else _text(requester.get("id"))
    return str(requester).lower() if requester else None


def with_brackets(message_id: str) -> str:
    """A Message-ID as its header has it."""
    return f"<{message_id.strip().strip('<>')}>"


def _holder(item: Mapping[str, Any]) -> str | None:
    """Who has the item: the claimer, or the only one to whom it was given."""
    if item.get("person"):
        return str(item["person"])
    people = list(item.get("people") or ())
    return str(people[0]) if len(people) == 1 else None


def _text(value: Any) -> str | None:
    """What a definition has set, which may be any JSON, as a text that a column holds."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _time(value: Any) -> datetime | None:
    return read_instant(value) if value else None


def _written(value: datetime | None) -> str | None:
    return write_instant(value) if value else None
