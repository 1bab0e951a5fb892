"""`document.metadata`: the rules of every case of a definition, closed by a schema of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.functions.schemas import (
    DURATION,
    EVENT,
    JSON_OBJECT,
    MATCH,
    Schema,
    choice,
    list_of,
    map_of,
    named,
    record,
    text,
)
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
from language.tasks.base import TASK_LIST
from language.templates import expression, template

if TYPE_CHECKING:
    from language.build import Builder

PHASES = ("open", "waiting", "resolved", "closed")

_PHASE = choice(*PHASES, doc="what the status means")
_TRIGGER_OBJECT = record(
    {"status": named("status"), "phase": _PHASE, "event": EVENT, "match": MATCH},
    exactly_one=("status", "phase", "event"),
)
_TRIGGER_ONE: Schema = {
    "anyOf": [named("status"), _TRIGGER_OBJECT],
    "x-says": "a status, { phase } or { event, match }",
}
TRIGGERS: Schema = {
    "anyOf": [named("status"), _TRIGGER_OBJECT, list_of(_TRIGGER_ONE, minItems=1)],
    "x-says": "a status, { phase }, { event, match } or a list of those",
}
_EVENT_TRIGGER = record({"event": EVENT, "match": MATCH}, ["event"])

CASE_RECORD_FIELDS = (
    "subject", "requester", "customer", "ticket", "priority", "type", "group", "owner",
    "watchers", "assets", "tags", "data", "links",
)  # fmt: skip

_START = record(
    {
        "key": text("what makes a case one of its kind"),
        "record": record({name: {} for name in CASE_RECORD_FIELDS}),
        "whenRunning": choice("join", "refuse"),
        "whenClosed": choice("reopen", "refuse", "new", "join"),
    }
)
_REOPEN = record(
    {
        "window": {**DURATION, "description": "how long after its end a case can go on"},
        "at": named("top-level task", "the task at which it goes on"),
        "when": TRIGGERS,
    },
    ["window", "at"],
)
_TARGET: Schema = {
    "anyOf": [
        *DURATION["anyOf"],
        record(
            {"table": named("table", literal=True), "facts": JSON_OBJECT, "output": text()},
            ["table", "facts", "output"],
        ),
    ],
    "description": "how long it may take",
    "x-says": "a duration, or { table, facts, output }",
}
_PERCENT: Schema = {
    "type": "string",
    "pattern": r"^\d+(\.\d+)?\s*%$",
    "x-says": "a share of the target such as 75%",
}
_THRESHOLD = record(
    {"elapsed": _PERCENT, "remaining": DURATION, "do": {**TASK_LIST, "description": "what then"}},
    ["do"],
    exactly_one=("elapsed", "remaining"),
)
_CLOCK = record(
    {
        "title": {},
        "runsFrom": {**TRIGGERS, "description": "what starts it"},
        "until": {**TRIGGERS, "description": "what ends it"},
        "pausedIn": TRIGGERS,
        "restartsOn": TRIGGERS,
        "onReopen": choice("resume", "restart", "new"),
        "target": _TARGET,
        "calendar": named("calendar"),
        "at": list_of(_THRESHOLD),
    },
    ["runsFrom", "until", "target"],
)
_EVERY: Schema = record(
    {**DURATION["anyOf"][0]["properties"], "while": TRIGGERS, "max": {"type": "integer"}},
    minProperties=1,
)
_REACTION: Schema = record(
    {
        "on": _EVENT_TRIGGER,
        "every": _EVERY,
        "goTo": named("top-level task"),
        "do": TASK_LIST,
    },
    exactly_one=("on", "every"),
    anyOf=[{"required": ["do"]}, {"required": ["goTo"]}],
)
_NAMES = list_of(named("group or role"))
_SCHEDULE = record(
    {
        "rule": text(),
        "every": JSON_OBJECT,
        "cron": text(),
        "months": list_of({"type": "integer", "minimum": 1, "maximum": 12}),
        "at": text(),
        "timezone": text(),
        "holiday": choice("skip", "previous", "next", "run"),
        "overlap": choice("skip", "buffer-one", "allow"),
        "catchUp": DURATION,
        "jitter": DURATION,
        "input": {},
    },
    exactly_one=("rule", "every", "cron"),
)

METADATA = record(
    {
        "owner": named("role or person", "the role or person that answers for the process"),
        "calendar": named("calendar"),
        "onError": choice("hold", "fail"),
        "record": choice("own", "matter"),
        "access": record({"see": _NAMES, "start": _NAMES, "answer": _NAMES}),
        "start": _START,
        "reopen": _REOPEN,
        "ticket": record(
            {"mirror": list_of(choice("status", "priority", "group", "owner", "subject"))}
        ),
        "statuses": map_of(
            record({"phase": _PHASE, "title": {"anyOf": [text(), map_of(text())]}}, ["phase"])
        ),
        "clocks": map_of(_CLOCK),
        "reactions": map_of(_REACTION),
        "schedules": map_of(_SCHEDULE),
    }
)
"""The JSON Schema of `document.metadata`."""

NATURAL = (("start", "key"),)
EXPRESSIONS = (("start", "key"), ("start", "record"), ("clocks", "*", "target"))
"""Where expressions stand in metadata."""


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
    )
