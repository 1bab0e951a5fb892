"""How values, times, tables and a whole case read on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

TIMELINE_LINES = 20
"""How much of the timeline is shown when not all is asked for."""


def case_text(view: Mapping[str, Any], *, whole: bool = False) -> str:
    """A case for people: where it stands, what it waits for, clocks, what happened."""
    return "\n".join(_case_lines(view, whole=whole))


def as_text(value: Any) -> str:
    """A value on one line: texts as they are, without control characters; the rest as JSON."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def local_time(text: str | None) -> str:
    """A time of a case in the time zone of this machine."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows under each other, columns side by side; the last one as long as it is."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        padded = [
            cell + " " * (width - cell_len(cell))
            for cell, width in zip(row, widths, strict=True)
            if width
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _case_lines(view: Mapping[str, Any], *, whole: bool) -> Iterator[str]:
    case = view["case"]
    subject = as_text(case.get("subject"))
    yield f"{case['id']}{f'  {subject}' if subject else ''}"
    yield ""
    yield columns([row for row in _facts(view) if row[1]])
    for path, held in view["held"].items():
        error = held.get("error") or {}
        yield ""
        yield f"Held at {path}: {as_text(error.get('detail') or error.get('title'))}"
    if view["held"]:
        yield f"After the repair: caseway retry {case['id']}"
    items = [_item_row(each) for each in view["items"]]
    if items:
        yield from ("", "Work items")
        yield _indented(columns(items))
    votes = [_round_row(each) for each in view.get("rounds") or ()]
    if votes:
        yield from ("", "Votes")
        yield _indented(columns(votes))
    ladders = [_ladder_row(each) for each in view.get("ladders") or ()]
    if ladders:
        yield from ("", "Ladders")
        yield _indented(columns(ladders))
    waiting = [
        [each["task"], ", ".join(each["people"]), f"from {local_time(each['at'])} on"]
        for each in view.get("heldNotices") or ()
    ]
    if waiting:
        yield from ("", "Notices held back by quiet hours")
        yield _indented(columns(waiting))
    bookings = [_booking_row(each) for each in view.get("bookings") or () if "from" in each]
    if bookings:
        yield from ("", "Bookings")
        yield _indented(columns(bookings))
    clocks = [_clock_row(name, clock) for name, clock in view["clocks"].items() if clock]
    if clocks:
        yield from ("", "Clocks")
        yield _indented(columns(clocks))
    timeline = view["timeline"] if whole else view["timeline"][-TIMELINE_LINES:]
    if timeline:
        left_out = len(view["timeline"]) - len(timeline)
        yield from ("", f"Timeline{f' (--all shows {left_out} earlier lines)' if left_out else ''}")
        yield _indented(columns([_timeline_row(each) for each in timeline]))


def _facts(view: Mapping[str, Any]) -> Iterator[list[str]]:
    case = view["case"]
    status, phase = as_text(view.get("status")), as_text(view.get("phase"))
    yield ["drill", "yes: nothing is written outside" if case.get("drill") else ""]
    yield ["status", f"{status} ({phase})" if status else phase]
    if view.get("ended"):
        yield ["ended", f"{view['ended']['as']}, {local_time(view['ended']['at'])}"]
    suspended = view.get("suspended")
    if suspended:
        by = f" by {suspended['by']}" if suspended.get("by") else ""
        since = local_time(suspended["since"])
        yield ["suspended", f"since {since}{by}: {as_text(suspended['reason'])}"]
    error = view.get("error") or {}
    yield ["error", as_text(error.get("detail") or error.get("title"))]
    yield ["error type", " ".join(as_text(error.get(name)) for name in ("status", "type")).strip()]
    yield ["error at", as_text(error.get("instance"))]
    yield ["at", as_text("; ".join(view.get("waits") or ()) or view.get("step"))]
    yield ["definition", f"{view['definition']} {as_text(view.get('version'))}".rstrip()]
    for name in ("priority", "type", "requester", "group", "owner", "assignees", "ticket", "links"):
        yield [name, as_text(_brief(case.get(name)))]
    yield ["started", local_time(case.get("startedAt"))]


def _brief(value: Any) -> Any:
    """People and tickets by what names them."""
    if isinstance(value, Mapping):
        for name in ("name", "mail", "case", "id"):
            if value.get(name):
                return value[name]
    if isinstance(value, list):
        return ", ".join(as_text(_brief(each)) for each in value)
    return value


def _ladder_row(ladder: Mapping[str, Any]) -> list[str]:
    level = ladder.get("level")
    return [
        as_text(ladder["ladder"]), as_text(ladder["state"]), f"level {level}" if level else "",
        as_text(ladder.get("by")), f"since {local_time(ladder['at'])}", as_text(ladder.get("item")),
        ladder["case"],
    ]  # fmt: skip


def _choices(outcomes: Mapping[str, Any]) -> list[str]:
    """What a person can answer; not what only time or an event gives."""
    return [name for name, rules in outcomes.items() if not (rules or {}).get("automatic")]


def _round_row(voting: Mapping[str, Any]) -> list[str]:
    """A round of an approval: how it stands, who has voted how, who is missing."""
    votes = voting.get("votes") or ()
    given = [
        f"{as_text(each['by'])} {each['vote']}"
        + (f" for {as_text(each['seat'])}" if each["by"] != each["seat"] else "")
        for each in votes
    ]
    voted = [each["seat"] for each in votes]
    seats = [as_text(each["person"]) for each in voting.get("seats") or ()]
    missing = ", ".join(each for each in seats if each not in voted)
    decision, reason = as_text(voting.get("decision")), as_text(voting.get("reason"))
    state = f"{decision}, {reason}" if decision else as_text(voting.get("state"))
    return [voting["id"], state, "; ".join(given), f"missing: {missing}" if missing else ""]


def _item_row(item: Mapping[str, Any]) -> list[str]:
    open_ = item["state"] in ("open", "claimed")
    who = item.get("person") or ", ".join(
        [*(item.get("people") or []), *(item.get("groups") or [])]
    )
    if item.get("delegate"):
        who = f"{item['delegate']} for {who}"
    if open_:
        due = f"due {local_time(item['dueAt'])}" if item.get("dueAt") else ""
        ways = f"answers: {', '.join(_choices(item.get('outcomes') or {}))}"
    else:
        due, ways = "", f"{as_text(item.get('outcome'))} {as_text(item.get('by'))}".strip()
    return [
        item["id"], item["state"], as_text(who) if open_ else "", due,
        as_text(item.get("title")), ways,
    ]  # fmt: skip


def _booking_row(booking: Mapping[str, Any]) -> list[str]:
    what = ", ".join([*booking.get("assets", ()), *booking.get("people", ())])
    return [
        "given back" if booking["released"] else "booked",
        f"{local_time(booking['from'])} to {local_time(booking['to'])}",
        as_text(what),
        as_text(booking.get("title")),
    ]


def _clock_row(name: str, clock: Mapping[str, Any]) -> list[str]:
    deadline = clock.get("deadline")
    return [
        name,
        as_text(clock.get("state")),
        f"until {local_time(deadline)}" if deadline else "",
    ]


def _timeline_row(line: Mapping[str, Any]) -> list[str]:
    by = f" ({as_text(line['by'])})" if line.get("by") else ""
    return [local_time(line["at"]), as_text(line["kind"]), f"{as_text(line.get('text'))}{by}"]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
