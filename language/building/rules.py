"""`document.metadata` becomes the plan's rules of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import expression, template
from language.plan import (
    CaseRules,
    ClockRules,
    Literal,
    ReactionRules,
    ReopenRules,
    StartRules,
    Status,
    Threshold,
    Trigger,
)
from language.source import Node

if TYPE_CHECKING:
    from language.building.builder import Builder


def build_rules(metadata: Node, builder: Builder) -> CaseRules:
    """The plan's rules of a case."""

    def text_of(key: str) -> str | None:
        found = metadata.get(key)
        return found.text if found else None

    mirror = (metadata.get("ticket") or metadata).get("mirror")
    return CaseRules(
        owner=text_of("owner"),
        calendar=text_of("calendar"),
        on_error=text_of("onError") or "fail",
        record=text_of("record") or "own",
        start=_start(metadata.get("start")),
        reopen=_reopen(metadata.get("reopen")),
        ticket_mirror=tuple(mirror.value) if mirror else (),
        statuses={key.name: _status(node) for key, node in _entries(metadata.get("statuses"))},
        clocks=tuple(
            _clock(key.name, node, builder) for key, node in _entries(metadata.get("clocks"))
        ),
        reactions=tuple(
            _reaction(key.name, node, builder) for key, node in _entries(metadata.get("reactions"))
        ),
        access=_value(metadata.get("access"), {}),
        schedules=_value(metadata.get("schedules"), {}),
    )


def _entries(node: Node | None) -> Any:
    return (node.entries if node else None) or ()


def _value(node: Node | None, default: Any) -> Any:
    return default if node is None else node.value


def _text(node: Node, key: str, default: str) -> str:
    found = node.get(key)
    return found.text or default if found else default


def triggers(node: Node | None) -> tuple[Trigger, ...]:
    """A trigger or a list of them."""
    if node is None:
        return ()
    if node.items is not None:
        return tuple(trigger for each in node.items for trigger in triggers(each))
    if node.text is not None:
        return (Trigger(status=node.text),)
    fields = node.value
    return (
        Trigger(
            status=fields.get("status"),
            phase=fields.get("phase"),
            event=fields.get("event"),
            match=fields.get("match", {}),
        ),
    )


def _start(node: Node | None) -> StartRules:
    if node is None:
        return StartRules()
    key, case_record = node.get("key"), node.get("record")
    return StartRules(
        key=None if key is None else expression(key),
        record=None if case_record is None else template(case_record),
        when_running=_text(node, "whenRunning", "join"),
        when_closed=_text(node, "whenClosed", "new"),
    )


def _reopen(node: Node | None) -> ReopenRules | None:
    if node is None:
        return None
    return ReopenRules(
        window=_value(node.get("window"), None),
        at=_text(node, "at", ""),
        when=triggers(node.get("when")),
        most_per_hour=_value(node.get("mostPerHour"), None),
    )


def _status(node: Node) -> Status:
    title = _value(node.get("title"), {})
    return Status(_text(node, "phase", "open"), {"en": title} if isinstance(title, str) else title)


def _clock(name: str, node: Node, builder: Builder) -> ClockRules:
    target = node.get("target")
    at = node.get("at")
    return ClockRules(
        name=name,
        runs_from=triggers(node.get("runsFrom")),
        until=triggers(node.get("until")),
        paused_in=triggers(node.get("pausedIn")),
        restarts_on=triggers(node.get("restartsOn")),
        on_reopen=_text(node, "onReopen", "resume"),
        target=Literal(None) if target is None else template(target),
        calendar=_value(node.get("calendar"), None),
        at=tuple(
            _threshold(each, index, builder)
            for index, each in enumerate((at.items if at else None) or ())
        ),
    )


def _threshold(node: Node, index: int, builder: Builder) -> Threshold:
    elapsed = node.get("elapsed")
    percent = float(str(elapsed.text).rstrip("% ")) if elapsed else None
    written = str(elapsed.text).replace(" ", "") if elapsed else "remaining"
    return Threshold(
        name=f"{index}-{written}",
        elapsed_percent=percent,
        remaining=_value(node.get("remaining"), None),
        tasks=builder.beside(node.get("do")),
    )


def _reaction(name: str, node: Node, builder: Builder) -> ReactionRules:
    on = triggers(node.get("on"))
    return ReactionRules(
        name=name,
        on=on[0] if on else None,
        every=_value(node.get("every"), None),
        go_to=_value(node.get("goTo"), None),
        tasks=builder.beside(node.get("do")),
        at_most=_value(node.get("atMost"), 1),
    )
