"""Follows the value that flows from task to task, as types, and checks each expression against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from language.draft import EMPTY, Draft
from language.expressions.typing import (
    UNKNOWN,
    Checked,
    Remark,
    Type,
    check,
    condition_remark,
    join,
    meet,
    of_schema,
    of_value,
)
from language.expressions.typing.types import (
    A_NUMBER,
    NEVER,
    NOTHING,
    items_of,
    list_of,
    record_of,
)
from language.lint.case_types import (
    ERROR,
    case_type,
    event_type,
    heard_type,
    result_type,
    workflow_type,
)
from language.lint.flow import entries, jumps, successors
from language.sites import Site, sites_of
from language.source import Node
from language.tasks.for_each import variable_name
from language.tasks.try_catch import error_variable
from language.tree import TaskList, TaskNode

_CONDITIONS = (
    ("if",), ("while",), ("catch", "when"), ("catch", "exceptWhen"), ("catch", "retry", "when"),
    ("catch", "retry", "exceptWhen"),
)  # fmt: skip


class State(NamedTuple):
    """What flows between two tasks: the value, `$context`, and who made the value."""

    value: Type
    context: Type
    maker: str = ""
    """The task whose output the value is, for messages; empty where several may be."""

    def joined(self, other: State) -> State:
        """The state that is one of the two."""
        if self.value.kinds == 0:
            return other
        if other.value.kinds == 0:
            return self
        maker = self.maker if self.maker == other.maker else ""
        return State(join(self.value, other.value), join(self.context, other.context), maker)


NOWHERE = State(NEVER, NEVER)
ANYWHERE = State(UNKNOWN, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark about an expression of the file."""

    site: Site
    remark: Remark
    maker: str
    value: Type


@dataclass(slots=True)
class _Ends:
    """What leaves a list of tasks other than by its last one."""

    exits: State = NOWHERE
    workflow: State = NOWHERE


Variables = Mapping[str, Type]


@dataclass
class DataFlow:
    """One walk through a definition."""

    draft: Draft
    found: dict[int, tuple[Finding, ...]] = field(default_factory=dict)

    @cached_property
    def sites(self) -> dict[int, Site]:
        """Every readable expression by the value that it is."""
        return {
            id(site.node): site
            for site in sites_of(self.draft)
            if not site.is_text and site.program is not None
        }

    @cached_property
    def sites_of_task(self) -> dict[int, list[Site]]:
        """The same by task."""
        grouped: dict[int, list[Site]] = {}
        for site in self.sites.values():
            grouped.setdefault(id(site.task), []).append(site)
        return grouped

    def findings(self) -> Iterator[Finding]:
        """What is said of all expressions, in the order of the file."""
        self.follow()
        for node, said in self.found.items():
            if node in self.sites:
                yield from said

    def follow(self) -> None:
        """Go through the flow, then through what stands beside it."""
        draft = self.draft
        raw = self.schema_of(draft.part("input"), UNKNOWN)
        given = raw
        start = draft.part("input").get("from")
        if start is not None:
            known: Variables = {"workflow": workflow_type(raw)}
            given = self.value(start, State(raw, NOTHING), known)
        variables: Variables = {
            "case": case_type(draft, given),
            "workflow": workflow_type(raw),
        }
        ends = _Ends()
        last = self.list(draft.flow, State(given, NOTHING), variables, ends)
        output = draft.part("output")
        final = last.joined(ends.workflow)
        if output.get("as") is not None:
            self.value(output.get("as") or EMPTY, final, variables)
        for _, tasks in draft.beside:
            self.list(tasks, ANYWHERE, variables, _Ends())
        for tasks in draft.own_functions.values():
            self.list(tasks, ANYWHERE, {"case": variables["case"]}, _Ends())
        for site in self.sites.values():
            if site.task is not None or id(site.node) in self.found:
                continue
            about_input = site.where[:1] == ("start",) and start is None
            here = State(raw if about_input else UNKNOWN, UNKNOWN)
            self.expression(site, here, variables, condition=False)

    # Lists of tasks

    def list(self, tasks: TaskList, given: State, variables: Variables, ends: _Ends) -> State:
        """What a list of tasks gives; finds what is wrong on the way."""
        if not tasks.tasks:
            return given
        if not tasks.is_sequence:
            outputs = [self.task(each, given, variables, ends) for each in tasks.tasks]
            joined = NOWHERE
            for each in outputs:
                joined = joined.joined(each)
            return joined
        back = self.goes_back(tasks)
        outputs_of: dict[str, State] = {}
        # Where a jump leads back, the first round takes any value for what comes from there. What
        # it gives is then never too narrow, and the second round takes it.
        for last_round in (False, True) if back else (True,):
            own = _Ends()
            leaving = self.pass_through(
                tasks, given, variables, own, None if not last_round or not back else outputs_of
            )
            if not last_round:
                outputs_of = leaving[1]
                continue
            ends.workflow = ends.workflow.joined(own.workflow)
            return leaving[0].joined(own.exits)
        return ANYWHERE

    def goes_back(self, tasks: TaskList) -> bool:
        """Whether a task of the list can be followed by one before it, or by itself."""
        order = {task.name: index for index, task in enumerate(tasks.tasks)}
        return any(
            order.get(name, len(order)) <= order[task.name]
            for task in tasks.tasks
            for name in successors(task, tasks)
        )

    def pass_through(
        self,
        tasks: TaskList,
        given: State,
        variables: Variables,
        ends: _Ends,
        before: dict[str, State] | None,
    ) -> tuple[State, dict[str, State]]:
        """One round: what leaves at the end of the list, and what each task gives."""
        order = {task.name: index for index, task in enumerate(tasks.tasks)}
        arriving: dict[str, State] = {tasks.tasks[0].name: given}
        for name in entries(self.draft, tasks):
            arriving[name] = ANYWHERE
        for task in tasks.tasks:
            for name in successors(task, tasks):
                if order.get(name, len(order)) <= order[task.name]:
                    late = ANYWHERE if before is None else before.get(task.name, ANYWHERE)
                    arriving[name] = arriving.get(name, NOWHERE).joined(late)
        leaving = NOWHERE
        outputs: dict[str, State] = {}
        for index, task in enumerate(tasks.tasks):
            output = self.task(task, arriving.get(task.name, NOWHERE), variables, ends)
            outputs[task.name] = output
            following = list(successors(task, tasks))
            for name in following:
                if order.get(name, -1) > index:
                    arriving[name] = arriving.get(name, NOWHERE).joined(output)
            for target, _ in jumps(task):
                if target.text == "exit":
                    ends.exits = ends.exits.joined(output)
                elif target.text == "end":
                    ends.workflow = ends.workflow.joined(output)
            last = index == len(tasks.tasks) - 1
            if last and (task.type is None or task.type.keyword != "raise"):
                leaving = leaving.joined(output)
        return leaving, outputs

    # Tasks

    def task(self, task: TaskNode, raw: State, variables: Variables, ends: _Ends) -> State:
        """What a task gives to the next one."""
        node = task.node
        self.expressions(task, ("if",), raw, variables)
        value = self.schema_of(node.get("input") or EMPTY, raw.value)
        taken = State(value, raw.context, raw.maker)
        start = (node.get("input") or EMPTY).get("from")
        if start is not None:
            taken = State(self.value(start, taken, variables), raw.context, task.name)
        inner: Variables = {**variables, "input": taken.value}
        output = self.body(task, taken, inner, ends)
        result = State(output.value, UNKNOWN, task.name)
        after: Variables = {**inner, "output": output.value}
        transform = node.get("output") or EMPTY
        as_ = transform.get("as")
        if as_ is not None:
            output = State(self.value(as_, output, after), output.context, task.name)
        output = output._replace(value=self.schema_of(transform, output.value))
        export = node.get("export") or EMPTY
        context = export.get("as")
        if context is not None:
            after = {**inner, "output": output.value}
            output = output._replace(
                context=self.schema_of(export, self.value(context, output, after))
            )
        if task.undo is not None:
            # Each of them sees the result of what it undoes.
            for each in task.undo.tasks:
                self.task(each, result, variables, _Ends())
        if "if" in node.names():
            output = output.joined(raw)
        return output

    def body(self, task: TaskNode, given: State, variables: Variables, ends: _Ends) -> State:
        """What the body of a task gives, before `output.as`."""
        keyword = task.type.keyword if task.type else ""
        node = task.node
        match keyword:
            case "set":
                value = self.value(node.get("set") or EMPTY, given, variables)
                return State(value, given.context, task.name)
            case "do":
                return self.list(task.lists["do"], given, variables, ends) if task.lists else given
            case "for":
                return self.rounds(task, given, variables, ends)
            case "fork":
                return self.branches(task, given, variables, ends)
            case "try":
                return self.attempt(task, given, variables, ends)
            case "raise":
                self.rest(task, given, variables)
                return NOWHERE
            case "switch" | "wait":
                self.rest(task, given, variables)
                return given
            case "emit":
                self.rest(task, given, variables)
                written = (((node.get("emit") or EMPTY).get("event") or EMPTY).get("with")) or EMPTY
                event = event_type(self.value(written, given, variables))
                return State(event, given.context, task.name)
            case "listen":
                for tasks in task.lists.values():
                    self.list(tasks, ANYWHERE, variables, ends)
                self.rest(task, ANYWHERE, variables)
                context = UNKNOWN if task.lists else given.context
                return State(heard_type(task), context, task.name)
            case "call" | "run":
                self.rest(task, given, variables)
                return State(result_type(self.draft, task), given.context, task.name)
            case _:
                for tasks in task.lists.values():
                    self.list(tasks, ANYWHERE, variables, ends)
                self.rest(task, given, variables)
                return State(UNKNOWN, UNKNOWN if task.lists else given.context, task.name)

    def rounds(self, task: TaskNode, given: State, variables: Variables, ends: _Ends) -> State:
        """What the rounds of a `for` give: each is fed by the one before, and there may be none."""
        node = task.node
        items = self.value((node.get("for") or EMPTY).get("in") or EMPTY, given, variables)
        inner: Variables = {
            **variables,
            variable_name(node, "each", "item"): items_of(items),
            variable_name(node, "at", "index"): A_NUMBER,
        }
        if "do" not in task.lists:
            return given
        first = self.list(task.lists["do"], ANYWHERE, inner, _Ends())
        each = given.joined(first)
        self.expressions(task, ("while",), each, inner)
        return given.joined(self.list(task.lists["do"], each, inner, ends))

    def branches(self, task: TaskNode, given: State, variables: Variables, ends: _Ends) -> State:
        """What the branches of a `fork` give: a list, or the output of the one that won."""
        outputs: list[State] = []
        for tasks in task.lists.values():
            outputs += [self.task(each, given, variables, ends) for each in tasks.tasks]
        joined = NOWHERE
        for each in outputs:
            joined = joined.joined(each)
        context = given.context if not any(_exports(each) for each in task.walk()) else UNKNOWN
        compete = (task.node.get("fork") or EMPTY).get("compete")
        if compete is not None and compete.scalar is True:
            return State(joined.value, context)
        return State(list_of(joined.value), context, task.name)

    def attempt(self, task: TaskNode, given: State, variables: Variables, ends: _Ends) -> State:
        """What a `try` gives: the output of its tasks, or of those that answer the error."""
        output = NOWHERE
        if "try" in task.lists:
            output = self.list(task.lists["try"], given, variables, ends)
        # Where in the block it failed, and what had been exported by then, is not known.
        failed = given
        if any(_exports(each) for each in task.walk()):
            failed = State(given.value, UNKNOWN, given.maker)
        inner: Variables = {**variables, error_variable(task.node): ERROR}
        self.rest(task, failed, inner)
        if "catch/do" in task.lists:
            return output.joined(self.list(task.lists["catch/do"], failed, inner, ends))
        return output.joined(failed)

    # Expressions

    def schema_of(self, part: Node, value: Type) -> Type:
        """The type of a value after it was found to fit the schema of a part."""
        schema = self.draft.known_schema(part)
        return value if schema is None else meet(value, of_schema(schema.value))

    def value(self, node: Node, here: State, variables: Variables) -> Type:
        """The type of a value in which expressions may stand."""
        if node.entries is not None:
            return record_of(
                {key.name: self.value(each, here, variables) for key, each in node.entries}
            )
        if node.items is not None:
            joined = NEVER
            for each in node.items:
                joined = join(joined, self.value(each, here, variables))
            return list_of(joined)
        site = self.sites.get(id(node))
        if site is not None:
            checked = self.expression(site, here, variables, condition=False)
            return checked.type if checked.type.kinds else UNKNOWN
        return UNKNOWN if node.text and "${" in node.text else of_value(node.scalar)

    def rest(self, task: TaskNode, here: State, variables: Variables) -> None:
        """Check the expressions of a task's own keys."""
        for site in self.sites_of_task.get(id(task), ()):
            if site.where[0] not in ("if", "input", "output", "export", "while"):
                self.expression(site, here, variables, condition=_is_condition(site.where))

    def expressions(
        self, task: TaskNode, where: tuple[str, ...], here: State, variables: Variables
    ) -> None:
        """Check the expressions of a task at one place."""
        for site in self.sites_of_task.get(id(task), ()):
            if site.where[: len(where)] == where:
                self.expression(site, here, variables, condition=_is_condition(site.where))

    def expression(
        self, site: Site, here: State, variables: Variables, *, condition: bool
    ) -> Checked:
        """The type of an expression; what is said of it the last time counts."""
        program = site.program
        assert program is not None
        value = here.value if here.value.kinds else UNKNOWN
        context = here.context if here.context.kinds else UNKNOWN
        checked = check(program, value, {**variables, "context": context})
        remarks = list(checked.remarks)
        if condition and not remarks:
            said = condition_remark(program, checked)
            remarks += [] if said is None else [said]
        self.found[id(site.node)] = tuple(
            Finding(site, remark, here.maker, value) for remark in remarks
        )
        return checked


def _is_condition(where: tuple[str, ...]) -> bool:
    return where in _CONDITIONS or (where[0] == "switch" and where[-1] == "when")


def _exports(task: TaskNode) -> bool:
    return task.node.get("export") is not None
