"""`calendar.book`, `calendar.release`: the case remembers what it has booked, and tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from service.booking_acts import booking_id
from service.bookings import all_described, booking_of, wanted_from
from workflows.functions.call import FunctionCall
from workflows.interpreter import bookings
from workflows.interpreter.errors import CaseError


async def book(call: FunctionCall) -> Any:
    """Book, replace what the case has booked before, and invite.

    What is asked for is written down first: a booking that is withdrawn while it is made is given
    back, whether it came to be or not.
    """
    run = call.run
    frame = call.frame
    if "booking" not in frame:
        # A retry is another booking: nobody knows what became of the one before.
        tries = frame["tries"] = frame.get("tries", 0) + 1
        frame["booking"] = booking_id(f"{call.key}/{tries}")
        frame["number"] = bookings.begun(run, frame["booking"])
    named: str = frame["booking"]
    try:
        result = await call.act(arguments=_asked(call, named))
        if "told" not in frame:
            frame["told"] = True
            _tell(call, named, result)
        if result["booked"] and call.arguments.get("invite") and not run.is_drill:
            made = run.state.bookings[named]
            guests = _guests(call, made)
            invited = await _invite(call, made, "request", guests)
            result = {**result, "invited": invited}
            # Who was invited to the time before, and is not to this one.
            gone = [each for each in frame.get("guests", ()) if each not in guests]
            await _invite(call, made, "cancel", gone)
    except asyncio.CancelledError:
        if not run.dropped:
            bookings.give_back(run, named, "no longer needed")
        raise
    except CaseError:
        bookings.give_back(run, named, "it could not be made")
        for name in ("booking", "number"):
            frame.drop(name)
        raise
    return result


def _asked(call: FunctionCall, id: str) -> dict[str, Any]:
    return {
        **{name: value for name, value in call.arguments.items() if name != "invite"},
        "booking": id,
        "number": call.frame["number"],
        "run": call.run.state.first_run,
        "calendar": call.run.plan.rules.calendar,
    }


def _tell(call: FunctionCall, id: str, result: Mapping[str, Any]) -> None:
    run = call.run
    found = result["conflicts"]
    if not result["booked"]:
        bookings.gone(run, id)
        run.note("conflict", f"{call.task.name}: {all_described(found)}", task=call.task.name)
        return
    if run.is_drill:
        # Nobody is kept from anything by a drill.
        bookings.gone(run, id)
        return
    call.frame["guests"] = [
        guest
        for each in run.state.bookings.values()
        if not each["released"]
        for guest in each.get("invited") or ()
    ]
    wanted = wanted_from(run.state.id, {**call.arguments, "window": result["window"]})
    booking = booking_of(wanted, id, str(call.arguments["title"]), found)
    bookings.made(run, booking)
    override = call.arguments.get("override")
    if found and override:
        run.note(
            "override",
            f"{call.task.name}: {all_described(found)}",
            by=_name(override["by"]),
            reason=override["reason"],
            task=call.task.name,
        )
    what = ", ".join([*booking["assets"], *booking["people"]])
    run.note(
        "booked",
        f"{what}, {booking['from']} to {booking['to']}",
        task=call.task.name,
        booking=id,
    )


async def release(call: FunctionCall) -> Any:
    """Give a booking of the case back, and tell those who were invited."""
    run = call.run
    booking = run.state.bookings.get(call.arguments.get("booking") or "")
    result = await call.act(arguments={**call.arguments, "run": run.state.first_run})
    if booking is not None:
        bookings.give_back(run, booking["id"], call.arguments.get("reason") or "given back")
        if booking.get("invited"):
            await _invite(call, booking, "cancel", booking["invited"])
    return result


def _guests(call: FunctionCall, booking: Mapping[str, Any]) -> list[Any]:
    """Who is invited, as a list of Who."""
    invite = call.arguments.get("invite")
    if invite is True:
        return [{"person": each} for each in booking["people"]]
    return list(invite) if isinstance(invite, list) else [invite] if invite else []


async def _invite(
    call: FunctionCall, booking: Mapping[str, Any], method: str, to: list[Any]
) -> Any:
    """Send the invitation, or take it back; that somebody could not be told is noted."""
    run = call.run
    if not to:
        return []
    step = "invited" if method == "request" else "uninvited"
    arguments = {"method": method, "booking": dict(booking), "to": to}
    try:
        sent = await call.act(
            step, "calendar.invite", arguments, summary=f"invitation: {booking['title']}"
        )
    except CaseError as error:
        call.frame[step] = {"deliveries": []}
        run.note("notice", f"{call.task.name}: nobody invited: {error}", task=call.task.name)
        return []
    if method == "request":
        bookings.made(run, {**booking, "invited": to})
    return sent["deliveries"]


def _name(person: Any) -> str:
    return str(person.get("id") if isinstance(person, Mapping) else person)
