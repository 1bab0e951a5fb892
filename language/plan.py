"""The compiled form of a definition: frozen values that a case keeps for its whole life.

`language.compile` makes a plan, `workflows.interpreter` walks it, and the first event of every
case's history holds it. Nothing here reads a clock, a file or the environment.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

FORMAT = 1
"""Number of the stored form. A change of shape raises it and adds a step to `plan_migrations`."""

ENGINE_SEMANTICS = 16
"""Level of the interpreter's behavior with which new cases start; `workflows.interpreter.levels`
says what each level changed. A case keeps the level that came with its start for its whole life."""

Json = Any
"""JSON as Python holds it: None, bool, int, float, str, list, dict with str keys."""


# --- templates: values of a definition in which expressions may stand ---------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A value without any expression inside."""

    value: Any


@dataclass(frozen=True, slots=True)
class Expression:
    """jq source as it stood between `${` and `}` (or bare, where the standard allows it)."""

    source: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class ListTemplate:
    """A list in which expressions stand."""

    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class MapTemplate:
    """An object in which expressions stand."""

    entries: tuple[tuple[str, Template], ...]

    def get(self, key: str) -> Template | None:
        """The template under a key, or None."""
        for name, value in self.entries:
            if name == key:
                return value
        return None


Template = Literal | Expression | ListTemplate | MapTemplate


# --- tasks --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transform:
    """One of the standard's data points: a JSON Schema (or None) and a template (or None)."""

    schema: Any = None
    value: Template | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """Tasks before and after the task that holds it. `when` None is always."""

    name: str
    when: Expression | None = None
    before: tuple[Task, ...] = ()
    after: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What every task has. `path` is the JSON pointer of the task in its file (`/do/0/rate`)."""

    kind: ClassVar[str]

    name: str
    path: str
    line: int = 0
    condition: Expression | None = None
    input: Transform = Transform()
    output: Transform = Transform()
    export: Transform = Transform()
    timeout: Template | None = None
    """Duration (standard's object or ISO 8601 string) after which the task fails with 408."""
    then: str = "continue"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    undo: tuple[Task, ...] = ()
    extensions: tuple[Extension, ...] = ()
    definition: Any = None
    """The task as it was written, only where an expression of the file reads `$task.definition`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Task):
    """A block of tasks in sequence."""

    kind: ClassVar[str] = "do"
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Task):
    """A value that becomes the task's output."""

    kind: ClassVar[str] = "set"
    value: Template


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a switch. `when` None is the default."""

    name: str
    when: Expression | None
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Task):
    """Cases, each with a place where the flow goes."""

    kind: ClassVar[str] = "switch"
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class For(Task):
    """Tasks that run once per item."""

    kind: ClassVar[str] = "for"
    each: str = "item"
    at: str = "index"
    items: Template
    condition: Expression | None = None
    while_: Expression | None = None
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork(Task):
    """Branches side by side."""

    kind: ClassVar[str] = "fork"
    branches: tuple[Task, ...]
    compete: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """The standard's retry policy. Durations are templates; counts are whole numbers."""

    when: Expression | None = None
    except_when: Expression | None = None
    delay: Template | None = None
    backoff: str = "constant"
    """constant | linear | exponential"""
    jitter_from: Template | None = None
    jitter_to: Template | None = None
    attempts: int | None = None
    attempt_duration: Template | None = None
    duration: Template | None = None


@dataclass(frozen=True, slots=True)
class Catch:
    """What a `try` catches and does then. None matches every error."""

    errors_with: Template | None = None
    variable: str = "error"
    when: Expression | None = None
    except_when: Expression | None = None
    retry: Retry | None = None
    tasks: tuple[Task, ...] = ()
    then: str = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try(Task):
    """Tasks whose errors are caught."""

    kind: ClassVar[str] = "try"
    tasks: tuple[Task, ...]
    catch: Catch


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise(Task):
    """An error of the definition's own."""

    kind: ClassVar[str] = "raise"
    error: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Task):
    """A span of elapsed time."""

    kind: ClassVar[str] = "wait"
    duration: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Task):
    """A function of the catalog, `http` included, pinned to the version found at publish."""

    kind: ClassVar[str] = "call"
    function: str
    version: str
    arguments: Template
    secrets: bool = False
    """Whether an expression of the arguments names `$secrets`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWorkflow(Task):
    """Another definition as a part of the case."""

    kind: ClassVar[str] = "run"
    namespace: str
    workflow: str
    version: str = "latest"
    value: Template
    wait: bool = True
    on_cancel: str = "cancel"
    """cancel | abandon"""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What an event must be like: attribute -> literal or expression (`with` of the standard)."""

    attributes: MapTemplate | Literal
    correlate: tuple[tuple[str, Expression, Template | None], ...] = ()
    """(name, from, expect)"""


@dataclass(frozen=True, slots=True)
class EventStrategy:
    """Which events are consumed, and when that is over: `one`, `all` or `any` of the filters.

    `any` without filters takes every event, and without an `until` it ends with the first one.
    """

    mode: str
    filters: tuple[EventFilter, ...]
    until: Expression | None = None
    """A condition on what was consumed so far."""
    until_mode: str = "one"
    until_filters: tuple[EventFilter, ...] = ()
    """Events that end it, and are no part of what was consumed."""

    @property
    def is_open(self) -> bool:
        """Whether it goes on after an event, until something ends it."""
        return self.mode == "any" and (self.until is not None or bool(self.until_filters))


@dataclass(frozen=True, slots=True)
class EventStart:
    """`schedule.on`: each set of events that fits the strategy starts a case."""

    strategy: EventStrategy
    read: str = "envelope"
    """data | envelope | raw: what of the events is the case's input"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(Task):
    """Events of the outside that are waited for."""

    kind: ClassVar[str] = "listen"
    mode: str = "one"
    """one | all | any"""
    filters: tuple[EventFilter, ...]
    read: str = "data"
    """data | envelope | raw"""
    until: Expression | None = None
    until_mode: str = "one"
    until_filters: tuple[EventFilter, ...] = ()
    foreach_item: str = "item"
    foreach_at: str = "index"
    foreach_tasks: tuple[Task, ...] = ()
    foreach_output: Transform = Transform()
    foreach_export: Transform = Transform()

    @property
    def strategy(self) -> EventStrategy:
        """Which events it waits for."""
        return EventStrategy(
            self.mode, self.filters, self.until, self.until_mode, self.until_filters
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit(Task):
    """An event that is published."""

    kind: ClassVar[str] = "emit"
    event: Template


TASK_TYPES: tuple[type[Task], ...] = (
    Do, Set, Switch, For, Fork, Try, Raise, Wait, Call, RunWorkflow, Listen, Emit,
)  # fmt: skip
"""All twelve (the standard's `call: http` and functions are both `Call`)."""


# --- rules of the case: document.metadata -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts, stops or pauses something: exactly one of status, phase, event."""

    status: str | None = None
    phase: str | None = None
    event: str | None = None
    match: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """What a status means, and its title per language."""

    phase: str
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A point of a clock: percent of the target elapsed, or so long before the deadline."""

    name: str
    elapsed_percent: float | None = None
    remaining: Any = None
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockRules:
    """A clock that `document.metadata.clocks` declares."""

    name: str
    runs_from: tuple[Trigger, ...]
    until: tuple[Trigger, ...]
    paused_in: tuple[Trigger, ...] = ()
    restarts_on: tuple[Trigger, ...] = ()
    on_reopen: str = "resume"
    target: Template = Literal(None)
    """A duration, or an object {table, facts, output}."""
    calendar: str | None = None
    at: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class ReactionRules:
    """What happens beside the flow on an event or from time to time."""

    name: str
    on: Trigger | None = None
    every: Any = None
    go_to: str | None = None
    tasks: tuple[Task, ...] = ()
    at_most: int = 1
    """How many events are worked on at the same time."""


@dataclass(frozen=True, slots=True)
class StartRules:
    """Key and record of a new case, and what happens when the key is taken."""

    key: Expression | None = None
    record: Template | None = None
    when_running: str = "join"
    when_closed: str = "new"


@dataclass(frozen=True, slots=True)
class ReopenRules:
    """How long and where a closed case can be gone on with."""

    window: Any
    at: str
    when: tuple[Trigger, ...] = ()
    most_per_hour: int | None = None
    """None is the limit for mails, and none for other events."""


@dataclass(frozen=True, slots=True)
class CaseRules:
    """What `document.metadata` says about every case of the definition."""

    owner: str | None = None
    calendar: str | None = None
    on_error: str = "fail"
    """hold | fail"""
    record: str = "own"
    """own | matter"""
    start: StartRules = StartRules()
    reopen: ReopenRules | None = None
    ticket_mirror: tuple[str, ...] = ()
    statuses: Mapping[str, Status] = field(default_factory=dict)
    clocks: tuple[ClockRules, ...] = ()
    reactions: tuple[ReactionRules, ...] = ()
    access: Mapping[str, Any] = field(default_factory=dict)
    schedules: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """A JSON Schema and, per language, field -> text."""

    schema: Any
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A definition as the interpreter sees it.

    `messages` names each message file and the paths of `case` that its templates read, so that
    an action carries those values and no more. `functions` is name -> pinned version.
    """

    namespace: str
    name: str
    version: str
    tasks: tuple[Task, ...]
    title: str = ""
    dsl: str = "1.0.3"
    input: Transform = Transform()
    output: Transform = Transform()
    timeout: Template | None = None
    rules: CaseRules = CaseRules()
    forms: Mapping[str, Form] = field(default_factory=dict)
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    schedule: Any = None
    definition: Any = None
    """The file as it was written, only where an expression reads `$workflow.definition`."""
    starts_on: EventStart | None = None
    format: int = FORMAT


def task_field_names(task_type: type[Task]) -> tuple[str, ...]:
    """Names of all fields of a task type, in order."""
    return tuple(each.name for each in dataclasses.fields(task_type))


def inner_tasks(task: Task) -> tuple[Task, ...]:
    """The tasks that stand directly inside of a task."""
    if isinstance(task, Do | For):
        return task.tasks
    if isinstance(task, Fork):
        return task.branches
    if isinstance(task, Try):
        return (*task.tasks, *task.catch.tasks)
    return task.foreach_tasks if isinstance(task, Listen) else ()


def all_tasks(tasks: Iterable[Task]) -> Iterator[Task]:
    """These tasks and all inside of them, in the order in which they are written."""
    for task in tasks:
        yield task
        yield from all_tasks(inner_tasks(task))
