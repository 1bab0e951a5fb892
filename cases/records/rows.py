"""From the projection of a case, as its workflow tells it, to rows of the tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.instants import read_instant, write_instant

Row = dict[str, Any]


def case_row(row: Mapping[str, Any], at: datetime) -> Row:
    """The line of `cases`; `at` is when it is written."""
    return {
        "case_id": row["case"],
        "n": int(row.get("n") or 0),
        "definition": row["definition"],
        "version": row.get("version"),
        "digest": row.get("digest"),
        "key": row["key"],
        "status": row.get("status"),
        "phase": row["phase"],
        "step": row.get("step"),
        "priority": row.get("priority"),
        "type": row.get("type"),
        "subject": row.get("subject"),
        "requester": row.get("requester"),
        "sender": sender(row.get("requester")),
        "customer": row.get("customer"),
        "case_group": row.get("group"),
        "owner": row.get("owner"),
        "ticket": row.get("ticket"),
        "links": list(row.get("links") or []),
        "due_at": _time(row.get("due")),
        "breached": row.get("breached"),
        "started_at": read_instant(row["startedAt"]),
        "updated_at": at,
        "closed_at": _time(row.get("endedAt")),
        "ended_as": row.get("endedAs"),
    }


def item_row(case: str, n: int, item: Mapping[str, Any]) -> Row:
    """The line of `items`."""
    return {
        "case_id": case,
        "item": item["id"],
        "n": n,
        "task": item.get("task"),
        "title": item.get("title"),
        "state": item["state"],
        "person": item.get("person"),
        "opened_at": _time(item.get("openedAt")),
        "due_at": _time(item.get("dueAt")),
        "document": dict(item),
    }


def candidate_rows(case: str, item: Mapping[str, Any]) -> list[Row]:
    """The lines of `candidates`: who may do the item, as in the search attribute CasewayFor."""
    who = [f"g.{group}" for group in item.get("groups") or ()]
    who += [f"u.{person}" for person in item.get("people") or ()]
    if item.get("person"):
        who.append(f"u.{item['person']}")
    return [{"case_id": case, "item": item["id"], "who": each[:258]} for each in dict.fromkeys(who)]


def audit_row(case: str, line: Mapping[str, Any]) -> Row:
    """The line of `audit`."""
    known = ("n", "at", "kind", "by", "text")
    return {
        "case_id": case,
        "n": int(line["n"]),
        "at": read_instant(line["at"]),
        "kind": line["kind"],
        "by": line.get("by"),
        "text": line.get("text"),
        "detail": {name: value for name, value in line.items() if name not in known} or None,
    }


def message_row(case: str, message: Mapping[str, Any]) -> Row | None:
    """The line of `messages`; None where the message has no id."""
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
    """A line of `cases` as lists show it."""
    return {
        "case": row["case_id"],
        "key": row["key"],
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
        "links": row["links"] or [],
        "due": _text(row["due_at"]),
        "startedAt": _text(row["started_at"]),
        "endedAt": _text(row["closed_at"]),
        "endedAs": row["ended_as"],
    }


def sender(requester: Any) -> str | None:
    """The requester's address in lower case, or the id of a person of ours."""
    if isinstance(requester, Mapping):
        mail = requester.get("mail")
        return str(mail).lower() if mail else requester.get("id")
    return str(requester).lower() if requester else None


def with_brackets(message_id: str) -> str:
    """A Message-ID as its header has it."""
    return f"<{message_id.strip().strip('<>')}>"


def _time(value: Any) -> datetime | None:
    return read_instant(value) if value else None


def _text(value: datetime | None) -> str | None:
    return write_instant(value) if value else None
