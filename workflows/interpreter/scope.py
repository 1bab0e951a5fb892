"""What an expression of a running task can see, and the evaluation of templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from language.expressions import (
    Budget,
    ExpressionError,
    evaluate_counted,
    evaluate_one,
    parse,
    truthy,
)
from language.plan import Expression, ListTemplate, Literal, MapTemplate, Task, Template
from service.instants import read_instant
from workflows.interpreter.case_data import case_data
from workflows.interpreter.errors import CaseError
from workflows.interpreter.times import started_at

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

_BEFORE_10 = Budget(nesting=10_000)
RUNTIME = {"name": "caseway", "version": "1"}

ABSENT: Any = object()
"""The value of an argument that expressions at a place do not have."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Names and catchers around a task. Rebuilt from the frames when a case starts again."""

    names: Mapping[str, Any] = field(default_factory=dict)
    """Loop variables and the caught error, by name without `$`."""
    catchers: tuple[Callable[[dict[str, Any]], bool], ...] = ()
    """One question per enclosing `try`: would you catch this error?"""
    beside: bool = False
    """Whether this is a reaction, threshold or undo, which never touches the flow."""
    undo: int | None = None
    """Number of the undo that this is a part of."""
    lane: int | None = None
    """Number of this run of a reaction that has several at the same time."""
    forked: bool = False
    """Whether other branches run at the same time."""
    raw: Any = None
    """The innermost task's input before `input.from`."""
    since: str | None = None
    """When the innermost task began."""
    n: int = 0
    """Its occurrence."""
    attempts: str = ""
    """In which attempts of the `try` tasks around it, where that is not the first."""

    def named(self, **names: Any) -> Scope:
        """This scope with more names."""
        return replace(self, names={**self.names, **names})

    def of_task(self, raw: Any, since: str, n: int = 0) -> Scope:
        """This scope inside a task that has begun."""
        return replace(self, raw=raw, since=since, n=n)

    def branch(self) -> Scope:
        """This scope inside a branch of a fork."""
        return replace(self, forked=True)

    def caught_by(self, catcher: Callable[[dict[str, Any]], bool], attempt: int = 1) -> Scope:
        """This scope inside one more `try`."""
        attempts = self.attempts if attempt == 1 else f"{self.attempts}~{attempt}"
        return replace(self, catchers=(*self.catchers, catcher), attempts=attempts)

    def place_of(self, task: Task) -> str:
        """Under which name a task is held: several rounds and runs have the same tasks."""
        number = self.lane if self.undo is None else self.undo
        return task.path if number is None else f"{task.path}~{number}"

    def catches(self, error: dict[str, Any]) -> bool:
        """Whether any enclosing `try` would catch the error."""
        return any(catcher(error) for catcher in self.catchers)


@dataclass(frozen=True, slots=True)
class Point:
    """A place where expressions are evaluated: the run, the scope and the task's own values."""

    run: CaseRun
    scope: Scope = Scope()
    instance: str = "/"
    input: Any = ABSENT
    output: Any = ABSENT
    task: Task | None = None
    raw: Any = None
    raw_output: Any = None
    since: str | None = None

    @classmethod
    def inside(cls, run: CaseRun, task: Task, scope: Scope, given: Any) -> Point:
        """Where the expressions of a task's own body stand."""
        if run.level < 2:
            return cls(run, scope, task.path, given, task=task, raw=given)
        return cls(run, scope, task.path, given, task=task, raw=scope.raw, since=scope.since)

    def evaluate(self, template: Template | None, value: Any) -> Any:
        """The value of a template; `.` is `value`.

        Raises:
            CaseError: type `expression`, with the jq error and the task's pointer.
        """
        return self._value(template, value, {})

    def holds(self, condition: Expression, value: Any) -> bool:
        """Whether a condition is true (jq's sense: neither false nor null)."""
        return truthy(self._expression(condition, value, {}))

    def describe(self, output: Any) -> dict[str, Any]:
        """The standard's descriptor of the task."""
        assert self.task is not None
        since = read_instant(self.since) if self.since else self.run.now()
        return {
            "name": self.task.name,
            "reference": self.task.path,
            "definition": self.task.definition,
            "input": self.raw,
            "output": output,
            "startedAt": started_at(since),
        }

    def _value(self, template: Template | None, value: Any, known: dict[str, Any]) -> Any:
        match template:
            case None:
                return value
            case Literal():
                return template.value
            case Expression():
                return self._expression(template, value, known)
            case ListTemplate():
                return [self._value(item, value, known) for item in template.items]
            case MapTemplate():
                return {name: self._value(item, value, known) for name, item in template.entries}

    def _expression(self, expression: Expression, value: Any, known: dict[str, Any]) -> Any:
        """The value of an expression; `known` holds variables of the same instant."""
        try:
            program = parse(expression.source)
            for name in program.variables:
                if name not in known:
                    known[name] = self.variable(name)
            if self.run.level < 10:
                return evaluate_one(program, value, known, _BEFORE_10)
            found, cost = evaluate_counted(program, value, known)
            self.run.spent(cost)
            return found
        except ExpressionError as error:
            self.run.spent(error.cost)
            place = f" (line {expression.line})" if expression.line else ""
            raise CaseError.of(
                "expression", f"${{ {expression.source} }}{place}: {error}", self.instance
            ) from error

    def variable(self, name: str) -> Any:
        """The value of a variable, by its name without `$`.

        Raises:
            CaseError: type `expression`: it is not known here.
        """
        run = self.run
        match name:
            case _ if name in self.scope.names:
                return self.scope.names[name]
            case "case":
                return case_data(run)
            case "context":
                return run.state.context
            case "input" if self.input is not ABSENT:
                return self.input
            case "output" if self.output is not ABSENT:
                return self.output
            case "input" | "output" if run.level < 2:
                return None
            case "task" if self.task is not None:
                return self.describe(self.raw_output)
            case "workflow":
                return {
                    "id": run.state.id,
                    "definition": run.document(),
                    "input": run.state.input,
                    "startedAt": started_at(read_instant(run.state.started_at)),
                }
            case "runtime":
                return {**RUNTIME, "metadata": {"case": case_data(run)}}
            case _:
                raise CaseError.of(
                    "expression", f"there is no ${name} at this place", self.instance
                )
