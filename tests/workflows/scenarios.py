"""Small plans with scripts, to be run in every runtime."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from language.compile import compile_definition
from language.findings import as_text
from language.plan import (
    ENGINE_SEMANTICS,
    Call,
    Case,
    CaseRules,
    Catch,
    ClockRules,
    Do,
    Expression,
    For,
    Fork,
    ListTemplate,
    Literal,
    MapTemplate,
    Plan,
    Raise,
    ReactionRules,
    ReopenRules,
    Retry,
    RunWorkflow,
    Set,
    Status,
    Switch,
    Task,
    Template,
    Threshold,
    Transform,
    Trigger,
    Try,
    Wait,
)
from tests.language.beside import Beside

ORGANIZATION: Mapping[str, Any] = {
    "people": {
        "chen": {"name": "Chen", "mail": "chen@example.org", "groups": ["desk"]},
        "lin": {"name": "Lin", "mail": "lin@example.org", "groups": ["desk"]},
    },
    "groups": {"desk": {"lead": "lin"}},
    "calendars": {
        "office": {"timezone": "UTC", "week": {"mon-sun": ["00:00-24:00"]}},
    },
    "tables": {
        "levels": {
            "name": "levels",
            "hit": "first",
            "inputs": {"priority": {"enum": ["P1", "P2"]}},
            "outputs": {"resolution": "duration"},
            "rows": [
                {"when": {"priority": "P1"}, "then": {"resolution": {"seconds": 2}}},
                {"then": {"resolution": {"seconds": 60}}},
            ],
        }
    },
}


def template(value: Any) -> Template:
    """Turn plain data into a template; text in `${ }` is an expression."""
    if isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        return Expression(value[2:-1].strip())
    if isinstance(value, dict):
        return MapTemplate(tuple((name, template(each)) for name, each in value.items()))
    if isinstance(value, list):
        return ListTemplate(tuple(template(each) for each in value))
    return Literal(value)


def call(name: str, function: str, at: str, **more: Any) -> Call:
    """Build a call of a function; `arguments` and the fields of a task."""
    arguments = template(more.pop("arguments", {}))
    return Call(name=name, path=f"{at}/{name}", function=function, version="1.0.0", arguments=arguments, **more)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """What a person or system does when something has happened in the case.

    `when` is a work item that opens, `phase` one that the case reaches; `after` are seconds from
    then.
    """

    when: str | None = None
    phase: str | None = None
    after: float = 0
    answer: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] | None = None
    publish: Mapping[str, Any] | None = None
    """An event that names no case."""
    cancel: str | None = None
    operate: str | None = None
    act: tuple[str, Mapping[str, Any]] | None = None
    """What else is done with the item `when`: claim, delegate ..., and with what."""
    state: str = "open"
    """In which state the item `when` is waited for."""
    by: str = "chen"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A plan, its input, what happens to it, and how it must end."""

    name: str
    tasks: tuple[Task, ...]
    input: Any = None
    rules: CaseRules = field(default_factory=CaseRules)
    steps: tuple[Step, ...] = ()
    ends: str = "completed"
    output: Any = None
    actions: tuple[tuple[str, str], ...] = ()
    """(function, key without the first run) in order."""
    failing: Mapping[str, int] = field(default_factory=dict)
    """function -> how many of its calls are refused."""
    written: Plan | None = None
    """The plan of a scenario that is written as a definition."""
    error: Mapping[str, Any] = field(default_factory=dict)
    """What the error object of a failed case must have at least."""
    parts: tuple[Scenario, ...] = ()
    """Definitions that this one runs."""
    announces: bool = False
    """Whether there is a sink for lifecycle events."""
    schedule: str | None = None
    """Kind of the schedule that has started the case."""
    level: int = ENGINE_SEMANTICS
    """Level of the interpreter that its case starts with."""

    @property
    def plan(self) -> Plan:
        """The plan of the scenario."""
        return self.written or Plan("tests", self.name, "1.0.0", self.tasks, rules=self.rules)


def definition(
    name: str,
    text: str,
    metadata: str = "{}",
    documents: Mapping[str, str] | None = None,
    **more: Any,
) -> Scenario:
    """Make a scenario of a definition; `text` is what follows `document:`.

    Args:
        name: Of the definition and of the scenario.
        text: What follows `document:`.
        metadata: Of the document, in YAML.
        documents: Functions and schemas of other files and addresses.
        more: Fields of the scenario.

    Raises:
        AssertionError: the definition has errors.
    """
    head = f"document: {{ dsl: '1.0.3', namespace: tests, name: {name}, version: '1.0.0', metadata: {metadata} }}\n"
    plan, findings = compile_definition(
        head + textwrap.dedent(text), f"{name}.yaml", resources=Beside(documents or {})
    )
    assert plan is not None, as_text(findings, {f"{name}.yaml": head + textwrap.dedent(text)})
    return Scenario(name, (), written=plan, **more)


def comment(name: str, text: Any, at: str = "/do/0", **more: Any) -> Call:
    """Build an action whose argument is an expression or text."""
    arguments = {"ticket": "T-1", "text": text, "visibility": "internal"}
    return call(name, "ticket.comment", at, arguments=arguments, **more)


def item(name: str, at: str, **arguments: Any) -> Call:
    """Build a work item for the desk with the outcomes done and again."""
    given = {
        "title": f"Please {name}",
        "assign": {"group": "desk"},
        "due": {"hours": 8},
        "onDue": "keep",
        "outcomes": {"done": {}, "again": {}},
        **arguments,
    }
    return call(name, "work-item", at, arguments=given)


STATUSES = {"open": Status("open"), "closed": Status("closed")}

LATER = ReactionRules(
    name="later",
    on=Trigger(status="open"),
    tasks=(
        Wait(name="pause", path="/later/do/0/pause", duration=Literal({"milliseconds": 500})),
        comment("tell", "goodbye", "/later/do/1"),
    ),
)
"""A reaction that is still under way when the flow ends."""

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "sequence",
        (
            Set(name="red", path="/do/0/red", value=template({"colors": ["red"]})),
            Set(
                name="blue",
                path="/do/1/blue",
                value=template({"colors": '${ .colors + ["blue"] }'}),
            ),
        ),
        output={"colors": ["red", "blue"]},
    ),
    Scenario(
        "backwards",
        (
            Set(name="add", path="/do/0/add", value=template({"n": "${ .n + 1 }"})),
            Switch(
                name="more",
                path="/do/1/more",
                cases=(Case("yes", Expression(".n < 3"), "add"), Case("no", None, "end")),
            ),
        ),
        input={"n": 0},
        output={"n": 3},
    ),
    Scenario(
        "rounds",
        (
            For(
                name="each",
                path="/do/0/each",
                items=template("${ .list }"),
                tasks=(comment("say", '${ "\\($index): \\($item)" }', "/do/0/each/for/do/0"),),
            ),
        ),
        input={"list": ["a", "b"]},
        output={"id": "c2", "at": "then"},
        actions=(
            ("ticket.comment", "/do/0/each/for/do/0/say#1"),
            ("ticket.comment", "/do/0/each/for/do/0/say#2"),
        ),
    ),
    Scenario(
        "branches",
        (
            Fork(
                name="both",
                path="/do/0/both",
                branches=(
                    Set(name="left", path="/do/0/both/fork/branches/0/left", value=Literal("l")),
                    Set(name="right", path="/do/0/both/fork/branches/1/right", value=Literal("r")),
                ),
            ),
        ),
        output=["l", "r"],
    ),
    Scenario(
        "race",
        (
            Fork(
                name="first",
                path="/do/0/first",
                compete=True,
                branches=(
                    Wait(
                        name="slow",
                        path="/do/0/first/fork/branches/0/slow",
                        duration=Literal({"hours": 9}),
                    ),
                    Wait(
                        name="fast",
                        path="/do/0/first/fork/branches/1/fast",
                        duration=Literal({"milliseconds": 20}),
                    ),
                ),
            ),
        ),
        input={"x": 1},
        output={"x": 1},
    ),
    Scenario(
        "caught",
        (
            Try(
                name="attempt",
                path="/do/0/attempt",
                tasks=(comment("say", "hello", "/do/0/attempt/try/0"),),
                catch=Catch(
                    errors_with=template({"status": 422}),
                    retry=Retry(delay=Literal({"milliseconds": 10}), attempts=1),
                    tasks=(
                        Set(
                            name="sorry",
                            path="/do/0/attempt/catch/do/0/sorry",
                            value=template({"got": "${ $error.title }"}),
                        ),
                    ),
                ),
            ),
        ),
        failing={"ticket.comment": 2},
        output={"got": "Refused"},
        actions=(
            ("ticket.comment", "/do/0/attempt/try/0/say#1"),
            ("ticket.comment", "/do/0/attempt/try/0/say#1"),
        ),
    ),
    Scenario(
        "fault",
        (
            Raise(
                name="no",
                path="/do/0/no",
                error=template({"type": "about:blank", "status": 400, "title": "No"}),
            ),
        ),
        ends="failed",
    ),
    Scenario(
        "late",
        (
            Wait(
                name="long",
                path="/do/0/long",
                duration=Literal({"hours": 1}),
                timeout=Literal({"milliseconds": 20}),
            ),
        ),
        ends="failed",
    ),
    Scenario(
        "asked",
        (
            item("look", "/do/0"),
            Switch(
                name="again",
                path="/do/1/again",
                cases=(Case("yes", Expression('$case.results.look.outcome == "again"'), "look"),),
            ),
            comment("say", "${ $case.results.look.by }", "/do/2"),
        ),
        rules=CaseRules(statuses=STATUSES),
        steps=(
            Step(when="look", answer="again"),
            Step(when="look#2", answer="done", values={"note": "ok"}),
        ),
        output={"id": "c1", "at": "then"},
        actions=(
            ("work-item.announce", "/do/0/look#1:announced"),
            ("work-item.announce", "/do/0/look#2:announced"),
            ("ticket.comment", "/do/2/say#1"),
        ),
    ),
    Scenario(
        "unanswered",
        (item("look", "/do/0", due={"milliseconds": 50}, onDue={"answer": "done"}),),
        rules=CaseRules(statuses=STATUSES),
        actions=(("work-item.announce", "/do/0/look#1:announced"),),
        output=...,
    ),
    Scenario(
        "buffered",
        (
            item("look", "/do/0"),
            call(
                "reply",
                "wait-for",
                "/do/1",
                arguments={
                    "event": "message.received",
                    "match": {"from": "customer"},
                    "due": {"hours": 1},
                },
            ),
        ),
        steps=(
            Step(
                when="look",
                event={"id": "e1", "type": "message.received", "data": {"from": "customer"}},
            ),
            Step(
                when="look",
                event={"id": "e1", "type": "message.received", "data": {"from": "customer"}},
            ),
            Step(when="look", answer="done"),
        ),
        actions=(("work-item.announce", "/do/0/look#1:announced"),),
        output=...,
    ),
    Scenario(
        "moved",
        (
            item("look", "/do/0"),
            comment("skipped", "never", "/do/1"),
            comment("after", "recovered", "/do/2"),
        ),
        rules=CaseRules(
            statuses=STATUSES,
            reactions=(
                ReactionRules(name="recovers", on=Trigger(event="alert.resolved"), go_to="after"),
            ),
        ),
        steps=(Step(when="look", event={"id": "e1", "type": "alert.resolved", "data": {}}),),
        actions=(
            ("work-item.announce", "/do/0/look#1:announced"),
            ("ticket.comment", "/do/2/after#1"),
        ),
        output={"id": "c1", "at": "then"},
    ),
    Scenario(
        "cancelled",
        (item("look", "/do/0"),),
        rules=CaseRules(statuses=STATUSES),
        steps=(Step(when="look", cancel="not needed"),),
        ends="cancelled",
        actions=(("work-item.announce", "/do/0/look#1:announced"),),
    ),
    Scenario(
        "held",
        (comment("say", "hello", "/do/0"),),
        rules=CaseRules(statuses=STATUSES, on_error="hold"),
        failing={"ticket.comment": 1},
        steps=(Step(operate="retry"),),
        output={"id": "c1", "at": "then"},
        actions=(("ticket.comment", "/do/0/say#1"), ("ticket.comment", "/do/0/say#1")),
    ),
    Scenario(
        "clocked",
        (
            call("rate", "case.update", "/do/0", arguments={"priority": "P1"}),
            item("look", "/do/1"),
            call("end", "status", "/do/2", arguments={"to": "closed"}),
        ),
        rules=CaseRules(
            calendar="office",
            statuses=STATUSES,
            clocks=(
                ClockRules(
                    name="resolution",
                    runs_from=(Trigger(status="open"),),
                    until=(Trigger(status="closed"),),
                    target=template(
                        {
                            "table": "levels",
                            "facts": {"priority": "${ $case.priority }"},
                            "output": "resolution",
                        }
                    ),
                    at=(
                        Threshold(
                            name="half",
                            elapsed_percent=50,
                            tasks=(
                                comment(
                                    "warn", "${ $case.clocks.resolution.state }", "/clock/half/do/0"
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        steps=(Step(when="look", after=1.6, answer="done"),),
        output=...,
        actions=(
            ("work-item.announce", "/do/1/look#1:announced"),
            ("ticket.comment", "/clock/half/do/0/warn#1"),
        ),
    ),
    Scenario(
        "clocks-side-by-side",
        (item("look", "/do/0"), call("end", "status", "/do/1", arguments={"to": "closed"})),
        rules=CaseRules(
            calendar="office",
            statuses=STATUSES,
            clocks=tuple(
                ClockRules(
                    name=name,
                    runs_from=(Trigger(status="open"),),
                    until=(Trigger(status="closed"),),
                    paused_in=(Trigger(phase="waiting"),),
                    target=Literal({"hours": hours}),
                )
                for name, hours in (("response", 1), ("update", 2), ("resolution", 8))
            ),
        ),
        steps=(Step(when="look", answer="done"),),
        output=...,
        actions=(("work-item.announce", "/do/0/look#1:announced"),),
    ),
    Scenario(
        "block",
        (
            Do(
                name="group",
                path="/do/0/group",
                tasks=(
                    Set(
                        name="one",
                        path="/do/0/group/do/0/one",
                        value=Literal({"v": 1}),
                        then="exit",
                    ),
                    Set(name="two", path="/do/0/group/do/1/two", value=Literal({"v": 2})),
                ),
                output=Transform(value=template("${ {w: .v} }")),
            ),
        ),
        output={"w": 1},
    ),
    Scenario(
        "no-table",
        (
            Try(
                name="attempt",
                path="/do/0/attempt",
                tasks=(
                    call(
                        "rate",
                        "decide",
                        "/do/0/attempt/try/0",
                        arguments={"table": "nowhere", "facts": {}},
                    ),
                ),
                catch=Catch(
                    tasks=(
                        Set(
                            name="sorry",
                            path="/do/0/attempt/catch/do/0/sorry",
                            value=template({"got": "${ $error.title }"}),
                        ),
                    ),
                ),
            ),
            comment("say", "${ .got }", "/do/1"),
        ),
        output={"id": "c1", "at": "then"},
        actions=(("ticket.comment", "/do/1/say#1"),),
    ),
    Scenario(
        "lost-part",
        (
            Try(
                name="attempt",
                path="/do/0/attempt",
                tasks=(
                    RunWorkflow(
                        name="part",
                        path="/do/0/attempt/try/0/part",
                        namespace="tests",
                        workflow="nowhere",
                        value=Literal(None),
                    ),
                ),
                catch=Catch(
                    tasks=(
                        Set(
                            name="sorry",
                            path="/do/0/attempt/catch/do/0/sorry",
                            value=template({"got": "${ $error.title }"}),
                        ),
                    ),
                ),
            ),
        ),
        output={"got": "DefinitionNotFound"},
    ),
    Scenario(
        "last-words",
        (comment("say", "hello", then="end"), comment("never", "never", "/do/1")),
        rules=CaseRules(statuses=STATUSES, reactions=(LATER,)),
        output={"id": "c1", "at": "then"},
        actions=(
            ("ticket.comment", "/do/0/say#1"),
            ("ticket.comment", "/later/do/1/tell#1"),
        ),
    ),
    Scenario(
        "last-words-of-a-fault",
        (comment("say", "hello"),),
        rules=CaseRules(statuses=STATUSES, reactions=(LATER,)),
        failing={"ticket.comment": 1},
        ends="failed",
        actions=(
            ("ticket.comment", "/do/0/say#1"),
            ("ticket.comment", "/later/do/1/tell#1"),
        ),
    ),
    Scenario(
        "reopened",
        (
            item("look", "/do/0"),
            comment("say", "${ $case.results.look.outcome }", "/do/1"),
            call("end", "status", "/do/2", arguments={"to": "closed"}),
        ),
        rules=CaseRules(
            statuses=STATUSES,
            reopen=ReopenRules(
                window={"seconds": 8},
                at="look",
                when=(Trigger(event="message.received", match={"from": "customer"}),),
            ),
            reactions=(
                ReactionRules(
                    name="hears",
                    on=Trigger(event="message.received"),
                    tasks=(comment("heard", "${ .data.text }", "/hears/do/0"),),
                ),
            ),
        ),
        steps=(
            Step(when="look", answer="done"),
            Step(
                phase="closed",
                event={
                    "id": "e1",
                    "type": "message.received",
                    "data": {"from": "customer", "text": "again"},
                },
            ),
            Step(when="look#2", answer="again"),
        ),
        output=...,
        actions=(
            ("work-item.announce", "/do/0/look#1:announced"),
            ("ticket.comment", "/do/1/say#1"),
            ("ticket.comment", "/hears/do/0/heard#1"),
            ("work-item.announce", "/do/0/look#2:announced"),
            ("ticket.comment", "/do/1/say#2"),
        ),
    ),
    Scenario(
        "chained",
        (comment("say", "swept"),),
        schedule="after",
        output={"id": "c1", "at": "then"},
        actions=(("ticket.comment", "/do/0/say#1"), ("schedule.follow", "schedule.follow")),
    ),
    Scenario(
        "chained-fault",
        (comment("say", "swept"),),
        rules=CaseRules(statuses=STATUSES),
        schedule="after",
        failing={"ticket.comment": 1},
        ends="failed",
        actions=(("ticket.comment", "/do/0/say#1"), ("schedule.follow", "schedule.follow")),
    ),
    Scenario(
        "chained-in-vain",
        (Wait(name="pause", path="/do/0/pause", duration=Literal({"seconds": 1})),),
        schedule="after",
        failing={"schedule.follow": 1},
        actions=(("schedule.follow", "schedule.follow"),),
    ),
    Scenario(
        "every-hour",
        (comment("say", "it is time"),),
        schedule="every",
        output={"id": "c1", "at": "then"},
        actions=(("ticket.comment", "/do/0/say#1"),),
    ),
    Scenario(
        "secret",
        (
            Wait(name="pause", path="/do/0/pause", duration=Literal({"seconds": 1})),
            call(
                "ask",
                "http",
                "/do/1",
                secrets=True,
                arguments={
                    "method": "get",
                    "endpoint": "https://kb.example.org/{id}",
                    "headers": {"X-Key": '${ "k " + $secrets.key }', "X-Who": "${ .who }"},
                    "query": {"page": "${ $input.page + ($secrets.first | length) }"},
                },
            ),
        ),
        input={"id": 7, "who": "amy", "page": 3},
        output={"deliveries": []},
        actions=(("http", "/do/1/ask#1"),),
    ),
)
