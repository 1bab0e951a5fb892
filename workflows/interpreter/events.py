"""Events of a case: duplicates, the buffer of early ones, and who takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from service.cloud_events import identity
from workflows.interpreter import backstops, linking, sharing
from workflows.interpreter.state import REMEMBERED_IDS

if TYPE_CHECKING:
    from language.plan import Trigger
    from workflows.interpreter.case_run import CaseRun

BUFFER_LIMIT = 200

FOR = "for listeners"
"""Key of a buffered event that somebody has heard: who is to hear it still. No attribute has blanks."""


def matches(match: Mapping[str, Any], data: Any) -> bool:
    """Whether event data has every named field with that value, or one of those values.

    A name may be a dotted path (`from.party`).
    """
    for name, wanted in match.items():
        value = data
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value not in wanted if isinstance(wanted, list) else value != wanted:
            return False
    return True


def triggered(trigger: Trigger, event: Mapping[str, Any]) -> bool:
    """Whether an event is the one that a trigger names."""
    if trigger.event is not None:
        return bool(trigger.event == event["type"]) and matches(trigger.match, event.get("data"))
    if event["type"] != "status.changed":
        return False
    data = event.get("data")
    if not isinstance(data, Mapping):
        # Anybody may give an event this type; the case's own has both fields.
        return False
    if trigger.status is not None:
        return bool(data.get("to") == trigger.status)
    return bool(data.get("toPhase") == trigger.phase)


class Events:
    """What arrives for the case.

    An event is first offered to reactions and clocks, and stays in the buffer until a waiting task
    takes it. What a reaction has answered is not kept for tasks that begin to wait later.
    """

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._interested = 0
        self._listeners: list[str] = []
        """Listening tasks that are at work, in the order in which they began."""

    def deliver(self, event: dict[str, Any], *, routed: bool = False) -> str:
        """Take an event from outside; a routed one is for this case alone, since it listens to it.

        Returns:
            `duplicate` for an id seen before, `reopened` where it lets a closed case go on,
            `refused` after the end, else `delivered` or, where nothing waits for it yet,
            `buffered`.
        """
        state = self._run.state
        if event["type"] in sharing.KINDS and not event.get("source") and self._run.level >= 16:
            return self._run.matter.take(event)
        if event["type"] in linking.KINDS and not event.get("source") and self._run.level >= 16:
            return self._run.linking.take(event)
        known = identity(event) if self._run.level >= 4 else event["id"]
        if known in state.seen_events:
            state.duplicates += 1
            return "duplicate"
        if state.ended is not None or (
            state.closed is not None and not self._run.can_reopen(event)
        ):
            return "refused"
        if not isinstance(event["type"], str):
            # A signal may come from anybody, and nobody can refuse it before it is here.
            self._run.note("event", "left one out: the type of an event is a text")
            return "refused"
        state.seen_events.append(known)
        del state.seen_events[:-REMEMBERED_IDS]
        brief = _brief(event)
        said = f" from {brief['from']}" if isinstance(brief.get("from"), str) else ""
        said += f": {brief['subject']}" if brief.get("subject") else ""
        self._run.note("event", event["type"] + said, data=brief)
        if event["type"] == "message.received":
            self._run.recorder.message(_message_id(event), "in", self._run.now_text())
        if not routed:
            self._run.matter.share(event)
        backstops.heard(self._run, event)
        if self._run.can_reopen(event):
            if backstops.quarantines(self._run, event):
                return "buffered"
            self._run.reopen(event)
            return "reopened"
        reacted = self._run.react(event)
        before = len(state.buffer)
        state.buffer.append({**event, "reacted": True} if reacted else event)
        if len(state.buffer) > BUFFER_LIMIT:
            lost = state.buffer.pop(0)
            self._run.note("event", f"dropped {lost['type']}: too many events wait")
        self._run.changed()
        if reacted:
            if not self._interested:
                state.buffer.remove(state.buffer[-1])
            return "delivered"
        return "delivered" if self._interested and before == 0 else "buffered"

    def happened(self, kind: str, data: dict[str, Any]) -> None:
        """Something of the case's own: offered to reactions and clocks, never buffered."""
        event = {"id": "", "type": kind, "data": data, "time": self._run.now_text()}
        self._run.react(event)
        self._run.changed()

    def take(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """The oldest buffered event that is wanted, which leaves the buffer; or None."""
        buffer = self._run.state.buffer
        for index, event in enumerate(buffer):
            if FOR not in event and wanted(event):
                del buffer[index]
                event.pop("reacted", None)
                self._run.matter.taken(event["id"])
                return event
        return None

    def hear(
        self, listener: str, wanted: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any] | None:
        """The oldest buffered event that a listening task wants, or None.

        All tasks that listen at the moment in which the first one takes it get a copy: to the
        standard each of them is a subscriber of its own. It stays until they have looked at it.
        """
        buffer = self._run.state.buffer
        for event in list(buffer):
            copies: list[str] | None = event.get(FOR)
            if copies is not None and listener not in copies:
                continue
            is_wanted = wanted(event)
            if copies is None and is_wanted:
                copies = event[FOR] = list(self._listeners)
            if copies is not None:
                copies.remove(listener)
                if not copies:
                    buffer.remove(event)
            if is_wanted:
                return {
                    name: value for name, value in event.items() if name not in (FOR, "reacted")
                }
        return None

    @contextmanager
    def listening(self, listener: str) -> Iterator[None]:
        """While a task listens: it gets a copy of what another one takes."""
        self._listeners.append(listener)
        try:
            with self.interest():
                yield
        finally:
            self._listeners.remove(listener)
            buffer = self._run.state.buffer
            for event in list(buffer):
                if listener in event.get(FOR, ()):
                    event[FOR].remove(listener)
                    if not event[FOR]:
                        buffer.remove(event)

    @contextmanager
    def interest(self) -> Iterator[None]:
        """While a task waits for events, those that a reaction answered are kept for it as well."""
        self._interested += 1
        try:
            yield
        finally:
            self._interested -= 1
            if not self._interested:
                buffer = self._run.state.buffer
                buffer[:] = [event for event in buffer if not event.get("reacted")]


def _brief(event: Mapping[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    if not isinstance(data, dict):
        return {}
    return {name: data[name] for name in ("from", "subject", "status") if name in data}


def _message_id(event: Mapping[str, Any]) -> Any:
    data = event.get("data")
    return data.get("messageId") if isinstance(data, dict) else None
