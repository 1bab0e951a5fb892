"""What a case has booked, as its state holds it and its records are told.

A booking is {id, case, title, assets, people, from, to, conflicts, number, released}, and who was
`invited`. One that is being made has no times yet, and nobody is told of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

REMEMBERED = 50
"""Bookings given back that a case remembers; the records know all of them."""


def begun(run: CaseRun, id: str) -> int:
    """Write down that a booking is being made; its number."""
    run.state.booked += 1
    number = run.state.booked
    run.state.bookings[id] = {
        "id": id, "case": run.state.id, "number": number, "released": False,
    }  # fmt: skip
    return number


def made(run: CaseRun, booking: Mapping[str, Any]) -> None:
    """A booking came to be, or something about it is new; the case's others are given back."""
    bookings = run.state.bookings
    for other in list(bookings.values()):
        if other["id"] != booking["id"]:
            give_back(run, other["id"], "replaced by another booking")
    number = bookings[booking["id"]]["number"]
    bookings[booking["id"]] = {**booking, "number": number, "released": False}
    run.recorder.booking(bookings[booking["id"]])


def gone(run: CaseRun, id: str) -> None:
    """A booking certainly never came to be."""
    run.state.bookings.pop(id, None)


def give_back(run: CaseRun, id: str, reason: str) -> None:
    """A booking is not needed any more, or nobody knows whether it was made."""
    bookings = run.state.bookings
    booking = bookings.get(id)
    if booking is None or booking["released"]:
        return
    bookings[id] = {**booking, "released": True}
    run.recorder.booking(bookings[id])
    if booking.get("to", "") > run.now_text():
        # What is over already is no news.
        run.note("given-back", f"{booking['title']}: {reason}", booking=id)
    for old in [each["id"] for each in bookings.values() if each["released"]][:-REMEMBERED]:
        del bookings[old]


def give_back_all(run: CaseRun, reason: str) -> None:
    """The case ends: whatever it has booked is given back."""
    for name in list(run.state.bookings):
        give_back(run, name, reason)


def told(run: CaseRun) -> list[dict[str, Any]]:
    """The bookings that the records are to know."""
    return [each for each in run.state.bookings.values() if "from" in each or each["released"]]
