"""What a case that is a drill does instead of writing anywhere.

Reads are made. Notices go to those on the drill list only (`addressed`). Everything else is not
done: `instead` gives a result of the same form, and `would` a sentence for the case's history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.instants import write_instant
from service.people import resolve
from service.register import result_of

KEY = "drill~"
"""How the key of a drill begins: so it never is, joins or follows a real case."""

SUBJECT = "[Drill / 演練] "
LOOKING = ("case.find", "conflict.check", "report.kpi", "ticket.find")
TELLING = ("mail.reply", "mail.send", "notify")
_SAFE_METHODS = ("get", "head", "options")


def is_drill(case: str) -> bool:
    """Whether a case is a drill, by its id; parts of one and what it starts are drills as well."""
    return KEY in case


def is_done(function: str, arguments: Mapping[str, Any]) -> bool:
    """Whether an action is carried out: it only looks, it tells people, or it stays in the drill."""
    if function in LOOKING or function in TELLING or function.endswith(".announce"):
        return True
    if function == "case.send":
        return is_drill(str(arguments.get("case")))
    return function == "http" and str(arguments.get("method", "get")).lower() in _SAFE_METHODS


def instead(
    function: str, arguments: Mapping[str, Any], key: str, at: datetime
) -> dict[str, Any] | None:
    """The result of an action that is not done; None where its body would only be made up."""
    name = "DRILL-" + hashlib.sha256(key.encode()).hexdigest()[:8]
    now = write_instant(at)
    match function:
        case "ticket.create":
            return _ticket(name, now, arguments)
        case "ticket.update" | "ticket.close":
            known = arguments.get("ticket")
            own = known.get("id") if isinstance(known, Mapping) else known
            return _ticket(str(own or name), now, arguments.get("set") or {"status": "closed"})
        case "ticket.comment":
            return {"id": name, "at": now}
        case "ticket.link":
            return {"linked": True}
        case "calendar.book":
            window = arguments["window"]
            return {"id": name, "window": dict(window), "booked": True, "conflicts": []}
        case "calendar.release":
            return {"released": arguments.get("booking") is not None}
        case "calendar.invite":
            return {"deliveries": []}
        case "register.add":
            return {"id": name, "status": arguments.get("status") or "proposed"}
        case "register.update":
            own = str(arguments.get("entry") or name)
            return result_of(own, {"status": arguments.get("status") or "proposed"})
        case "case.send":
            return {"state": "delivered", "reason": "a drill tells no real case"}
        case "events.publish":
            return {"published": True}
        case "schedule.follow":
            return {"state": "over", "at": None}
        case _:
            return None


def would(function: str, arguments: Mapping[str, Any]) -> str:
    """What an action would have done, in a few words."""
    about = next(
        (
            arguments[name]
            for name in (
                "subject",
                "title",
                "text",
                "event",
                "resolution",
                "booking",
                "entry",
                "set",
            )
            if arguments.get(name)
        ),
        None,
    )
    endpoint = arguments.get("endpoint")
    if endpoint is not None:
        address = endpoint.get("uri") if isinstance(endpoint, Mapping) else endpoint
        about = f"{arguments.get('method', 'get')} {address}"
    said = f": {about.get('type') if isinstance(about, Mapping) and 'type' in about else about}"
    return f"would have called {function}{said if about is not None else ''}"[:300]


def drill_list(organization: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """Address in lower case -> address of everybody who hears of drills.

    Raises:
        ServiceError: the list names somebody who is not there.
    """
    who = (organization.get("drill") or {}).get("to")
    if not who:
        return {}
    people = resolve(organization, who, {}, at).people
    return {str(each["mail"]).lower(): str(each["mail"]) for each in people if each.get("mail")}


def addressed(known: Mapping[str, str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Who gets a mail of a drill: those on the list whom it is for, or else the whole list."""
    mine = tuple(known[each.lower()] for each in wanted if each.lower() in known)
    return mine or tuple(known.values())


def marked(text: str, wanted: Sequence[str], got: Sequence[str]) -> str:
    """The text of a mail with what it is, and for whom it was meant where that is somebody else."""
    lines = ["This is a drill. 這是演練。"]
    missed = [each for each in wanted if each.lower() not in {one.lower() for one in got}]
    if missed:
        names = ", ".join(missed)
        lines.append(f"It would have gone to: {names} / 原收件人：{names}")
    return "\n".join(lines) + "\n\n" + text


def _ticket(name: str, now: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "system": "drill",
        "id": name,
        "url": None,
        "subject": str(given.get("subject") or "drill"),
        "status": str(given.get("status") or "new"),
        "priority": given.get("priority"),
        "requester": given.get("requester"),
        "owner": given.get("owner"),
        "group": given.get("group"),
        "fields": given.get("fields") or {},
        "version": 1,
        "updatedAt": now,
    }
