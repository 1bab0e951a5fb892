"""Last pass: a definition without errors becomes a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from language.building import (
    authentication,
    call,
    do,
    emit,
    for_each,
    fork,
    listen,
    openapi,
    raise_error,
    run,
    set_value,
    switch,
    try_catch,
    wait,
)
from language.building.rules import build_rules
from language.building.templates import expression, template
from language.building.try_catch import build_retry
from language.draft import EMPTY, Draft
from language.extensions import Extension as Around
from language.plan import (
    Call,
    CaseRules,
    Do,
    EventStart,
    Extension,
    Form,
    Literal,
    Plan,
    Retry,
    Set,
    Task,
    Template,
    Transform,
)
from language.resources import short_name
from language.sites import sites_of
from language.source import Node
from language.tasks import type_of
from language.tree import TaskList, TaskNode, build_list, build_undo, pointer

BUILDERS: Mapping[str, Callable[[TaskNode, Builder, dict[str, Any]], Task]] = {
    "call": call.build,
    "do": do.build,
    "emit": emit.build,
    "for": for_each.build,
    "fork": fork.build,
    "listen": listen.build,
    "raise": raise_error.build,
    "run": run.build,
    "set": set_value.build,
    "switch": switch.build,
    "try": try_catch.build,
    "wait": wait.build,
}
"""Keyword -> what makes the plan's task. The last argument has the fields that all tasks have."""


_DESCRIBES = frozenset({"task", "workflow"})
"""Variables that know what was written; a plan carries it only where somebody asks."""


class Builder:
    """Makes plan tasks from the tasks of a draft; relies on the checks that went before."""

    def __init__(self, draft: Draft, caller: Builder | None = None) -> None:
        """Make a builder; `caller` builds the tasks that call the function of this draft."""
        self.draft = draft
        self.functions: dict[str, str] = {} if caller is None else caller.functions
        """Name of every function that is called -> its version, or its digest."""
        self._extensions: tuple[Around, ...] = (
            draft.extensions if caller is None else caller._extensions
        )
        """What stands around the tasks that are built now."""
        self._reads_definition: bool = _reads_definition(draft) or (
            caller is not None and caller._reads_definition
        )

    def plan(self) -> Plan:
        """The whole plan."""
        draft = self.draft
        tasks = self._list(draft.flow)
        # Metadata that has none of our keys may mean anything to others: it rules nothing here.
        rules = build_rules(draft.metadata, self) if draft.has_rules else CaseRules()
        timeout, schedule = draft.root.get("timeout"), draft.root.get("schedule")
        return Plan(
            namespace=self._document("namespace"),
            name=self._document("name"),
            version=self._document("version"),
            title=self._document("title"),
            dsl=self._document("dsl"),
            tasks=tasks,
            input=self.transform(draft.root.get("input"), "from"),
            output=self.transform(draft.root.get("output"), "as"),
            timeout=self._timeout(timeout),
            rules=rules,
            forms={
                name: Form(
                    each.source.value,
                    {language: text.value for language, text in each.texts.items()},
                )
                for name, each in draft.forms.items()
            },
            messages={name: each.reads for name, each in draft.messages.items()},
            functions=dict(sorted(self.functions.items())),
            schedule=None if schedule is None else schedule.value,
            definition=draft.root.value if self._reads_definition else None,
            starts_on=_starts_on(schedule),
        )

    # --- for the task types ---------------------------------------------------------------------

    def part(self, task: TaskNode, *keys: str) -> Node:
        """A value inside a task; an empty mapping where there is none."""
        node: Node | None = task.node
        for key in keys:
            node = node.get(key) if node else None
        return node or EMPTY

    def tasks(self, task: TaskNode, path: str) -> tuple[Task, ...]:
        """The tasks of a list inside a task."""
        nested = task.lists.get(path)
        return self._list(nested) if nested else ()

    def beside(self, node: Node | None) -> tuple[Task, ...]:
        """The tasks of a clock's threshold or of a reaction."""
        for _, each in self.draft.beside:
            if node is not None and each.tasks and _holds(node, each.tasks[0]):
                with self._unextended():
                    return self._list(each)
        return ()

    def transform(self, node: Node | None, key: str) -> Transform:
        """One of the standard's data points."""
        if node is None:
            return Transform()
        schema = self.draft.schema(node)
        value = node.get(key)
        return Transform(
            None if schema is None else schema.value,
            None if value is None else template(value, natural=True),
        )

    def retry(self, node: Node | None) -> Retry | None:
        """A retry policy, inline or by name."""
        if node is None:
            return None
        named = self.draft.part("use", "retries").get(node.text) if node.text else node
        return None if named is None else build_retry(named)

    def error(self, node: Node) -> Template:
        """An error, inline or by name."""
        named = self.draft.part("use", "errors").get(node.text) if node.text else None
        return template(named or node)

    def call(self, task: TaskNode, common: dict[str, Any]) -> Task:
        """A call of the catalog, or the body of a function of the file."""
        resolved = self.draft.resolve(task.function or "")
        given = task.node.get("with")
        arguments = Literal({}) if given is None else template(given)
        if resolved.function:
            function = resolved.function
            self.functions[function.name] = function.version
            secrets = False
            if function.name in authentication.PLACES:
                arguments = authentication.with_authentication(self.draft, function.name, arguments)
                if function.name == "openapi":
                    arguments = openapi.with_operation(self.draft, task, arguments)
                secrets = authentication.names_secrets(arguments)
            return Call(
                **common,
                function=function.name,
                version=function.version,
                arguments=arguments,
                secrets=secrets,
            )
        if resolved.elsewhere:
            found = self.draft.function_elsewhere(resolved)
            digest = self.draft.elsewhere.used[found.base].digest
            self.functions[task.function or ""] = f"sha256:{digest}"
            inner = Builder(found, self)
            return inner.function(found.task, short_name(found.base), arguments, task, common)
        body = self.draft.own_functions[resolved.body_name].tasks[0]
        return self.function(body, resolved.body_name, arguments, task, common)

    # --- inside ---------------------------------------------------------------------------------

    def _document(self, key: str) -> str:
        found = self.draft.part("document").get(key)
        return found.text or "" if found else ""

    def _timeout(self, node: Node | None) -> Template | None:
        if node is None:
            return None
        named = self.draft.part("use", "timeouts").get(node.text) if node.text else node
        after = named.get("after") if named else None
        return None if after is None else template(after)

    def _list(self, tasks: TaskList) -> tuple[Task, ...]:
        return tuple(self._task(each) for each in tasks.tasks)

    def _task(self, task: TaskNode, **changes: Any) -> Task:
        assert task.type is not None
        return BUILDERS[task.type.keyword](task, self, self._common(task) | changes)

    def _common(self, task: TaskNode) -> dict[str, Any]:
        node = task.node
        condition, then = node.get("if"), node.get("then")
        return {
            "name": task.name,
            "path": task.path,
            "line": task.key.line,
            "condition": None if condition is None else expression(condition),
            "input": self.transform(node.get("input"), "from"),
            "output": self.transform(node.get("output"), "as"),
            "export": self.transform(node.get("export"), "as"),
            "timeout": self._timeout(node.get("timeout")),
            "then": str(then.text) if then else "continue",
            "metadata": _metadata(node.get("metadata")),
            "undo": self._undo(task),
            "extensions": self._around(task),
            "definition": node.value if self._reads_definition else None,
        }

    def _undo(self, task: TaskNode) -> tuple[Task, ...]:
        with self._unextended():
            return self._list(task.undo) if task.undo else ()

    def _around(self, task: TaskNode) -> tuple[Extension, ...]:
        """The extensions of a task of the flow, their tasks at paths of its own."""
        assert task.type is not None
        around = []
        for each in self._extensions:
            if not each.extends(task.type.keyword):
                continue
            when = each.node.get("when")
            before, after = each.at(task.path)
            with self._unextended():
                around.append(
                    Extension(
                        each.name,
                        None if when is None else expression(when),
                        self._list(before) if before else (),
                        self._list(after) if after else (),
                    )
                )
        return tuple(around)

    @contextmanager
    def _unextended(self) -> Iterator[None]:
        """While tasks are built around which nothing stands."""
        extensions, self._extensions = self._extensions, ()
        try:
            yield
        finally:
            self._extensions = extensions

    def function(
        self,
        body: TaskNode,
        name: str,
        arguments: Template,
        task: TaskNode,
        common: dict[str, Any],
    ) -> Task:
        """The body with the call's arguments as its input: `set`, then the body, in a block.

        The body carries the caller's name, so that its result is found under it, and a path of
        its own, so that two calls of one function never share a key.
        """
        path = f"{task.path}/call/{pointer(name)}"
        given = Set(name="arguments", path=f"{path}/with", line=task.key.line, value=arguments)
        inner = _moved(body, task.name, path)
        return Do(**common, tasks=(given, self._task(inner, name=task.name, path=path)))


def _reads_definition(draft: Draft) -> bool:
    """Whether an expression may read what was written: a plan carries it only where one does."""
    extending = any("task" in each.program.variables for each in _of_extensions(draft))
    return extending or any(
        "definition" in site.source and not _DESCRIBES.isdisjoint(site.program.variables)
        for site in sites_of(draft)
        if site.program is not None
    )


def _of_extensions(draft: Draft) -> Iterator[Any]:
    for site in sites_of(draft):
        kind = site.task.within.kind if site.task is not None else ""
        if site.program is not None and (
            kind == "extension" or site.where[:2] == ("use", "extensions")
        ):
            yield site


def _holds(node: Node, task: TaskNode) -> bool:
    return any(body is task.node for item in node.items or () for _, body in item.entries or ())


def _metadata(node: Node | None) -> dict[str, Any]:
    """Task metadata without the tasks of `undo`, which the plan holds compiled."""
    if node is None or node.entries is None:
        return {}
    return {
        key.name: value.value
        for key, value in node.entries
        if not (key.name == "undo" and value.items is not None)
    }


def _moved(task: TaskNode, name: str, path: str) -> TaskNode:
    """A copy of a function's body as if it stood at another path."""
    moved = TaskNode(name, task.key, task.node, path, task.type, task.within, task.index)
    for nested in task.type.lists(task.node) if task.type else ():
        moved.lists[nested.path] = build_list(
            nested.node,
            f"{path}/{nested.path}",
            type_of,
            kind="function",
            variables=nested.variables,
            is_sequence=nested.is_sequence,
        )
    moved.undo = build_undo(task.node, path, type_of)
    return moved


def _starts_on(schedule: Node | None) -> EventStart | None:
    on = schedule.get("on") if schedule else None
    if schedule is None or on is None:
        return None
    read = schedule.get("read")
    return EventStart(listen.build_strategy(on), str(read.text) if read else "envelope")
