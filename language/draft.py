"""What the passes over one definition share: its tree, what surrounds it, and the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from language.calls import Resolved, resolve
from language.functions import Function
from language.messages import Message
from language.organization import Organization
from language.report import Report
from language.source import Key, Node, Source
from language.tasks import type_of
from language.tree import TaskList, TaskNode, build_list, pointer

EMPTY = Node(1, 1, 1, entries=())

RULES = (
    "owner", "calendar", "onError", "record", "access", "start", "reopen", "ticket", "statuses",
    "clocks", "reactions", "schedules",
)  # fmt: skip
"""Keys of document.metadata that are rules of the case."""


class FormFile(NamedTuple):
    """A form as it was read, with its texts in other languages."""

    source: Source
    texts: Mapping[str, Source]


class Draft:
    """A definition on its way to a plan."""

    def __init__(
        self,
        source: Source,
        report: Report,
        *,
        catalog: Mapping[str, Function],
        forms: Mapping[str, FormFile],
        messages: Mapping[str, Message],
        organization: Organization | None,
        known: frozenset[str] | None,
    ) -> None:
        self.source = source
        self.root = source.root or EMPTY
        self.report = report
        self.catalog = catalog
        self.forms = forms
        self.messages = messages
        self.organization = organization
        self.known = known
        self.cache: dict[str, Any] = {}
        """What passes compute once for others."""
        self.used_files: dict[tuple[str, str], None] = {}
        """("form" or "message", name) of every file that the definition names."""

    # --- parts of the file ----------------------------------------------------------------------

    def part(self, *keys: str) -> Node:
        """The value at a path of keys; an empty mapping where there is none."""
        node: Node | None = self.root
        for key in keys:
            node = node.get(key) if node else None
        return node or EMPTY

    @property
    def name(self) -> str:
        """The definition's name."""
        found = self.part("document", "name").text
        return found or ""

    @cached_property
    def metadata(self) -> Node:
        """`document.metadata`."""
        return self.part("document", "metadata")

    @cached_property
    def flow(self) -> TaskList:
        """The tasks of the definition itself."""
        return build_list(self.part("do"), "/do", type_of)

    @cached_property
    def beside(self) -> tuple[tuple[Key, TaskList], ...]:
        """Task lists of clocks and reactions, each with the key it belongs to."""
        found: list[tuple[Key, TaskList]] = []
        base = "/document/metadata"
        for key, clock in (self.metadata.get("clocks") or EMPTY).entries or ():
            for index, threshold in enumerate((clock.get("at") or EMPTY).items or ()):
                do = threshold.get("do")
                if do is not None:
                    path = f"{base}/clocks/{pointer(key.name)}/at/{index}/do"
                    found.append((key, build_list(do, path, type_of, kind="beside")))
        for key, reaction in (self.metadata.get("reactions") or EMPTY).entries or ():
            do = reaction.get("do")
            if do is not None:
                path = f"{base}/reactions/{pointer(key.name)}/do"
                found.append((key, build_list(do, path, type_of, kind="beside")))
        return tuple(found)

    @cached_property
    def own_functions(self) -> Mapping[str, TaskList]:
        """`use.functions`: each body as a list of one task."""
        functions = {}
        for key, body in self.part("use", "functions").entries or ():
            path = f"/use/functions/{pointer(key.name)}"
            task_list = TaskList(path, (), "function")
            task = TaskNode(key.name, key, body, path, type_of(body), task_list, 0)
            if task.type:
                for nested in task.type.lists(body):
                    task.lists[nested.path] = build_list(
                        nested.node,
                        f"{path}/{nested.path}",
                        type_of,
                        kind="function",
                        variables=nested.variables,
                        is_sequence=nested.is_sequence,
                    )
            task_list.tasks = (task,)
            functions[key.name] = task_list
        return functions

    def lists(self) -> Iterator[TaskList]:
        """The outermost task lists of the file."""
        yield self.flow
        for _, each in self.beside:
            yield each
        yield from self.own_functions.values()

    @cached_property
    def tasks(self) -> tuple[TaskNode, ...]:
        """All tasks of the file, in the order of the file."""
        return tuple(task for each in self.lists() for task in each.walk())

    # --- what the file names --------------------------------------------------------------------

    def resolve(self, name: str) -> Resolved:
        """What `call: name` stands for."""
        bodies = {key: each.tasks[0].node for key, each in self.own_functions.items()}
        return resolve(name, bodies, self.catalog)

    @cached_property
    def is_service_process(self) -> bool:
        """Whether it uses functions of ours, so that `$case` is how it refers to data."""
        for task in self.tasks:
            name = task.function
            function = self.resolve(name).function if name else None
            if function and not function.portable:
                return True
        return False

    @cached_property
    def has_rules(self) -> bool:
        """Whether document.metadata is ours to read, and closed by our schema."""
        return self.is_service_process or any(key in RULES for key in self.metadata.names())

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """Names of the definition's statuses."""
        return (self.metadata.get("statuses") or EMPTY).names()

    @cached_property
    def clocks(self) -> tuple[str, ...]:
        """Names of the definition's clocks."""
        return (self.metadata.get("clocks") or EMPTY).names()

    @cached_property
    def results(self) -> Mapping[str, TaskNode]:
        """Tasks whose results `$case.results` keeps, by name."""
        keeping = ("call", "run")
        return {
            task.name: task
            for task in self.tasks
            if task.type and task.type.keyword in keeping and task.within.kind != "function"
        }

    def form_schema(self, task: TaskNode) -> Any:
        """The JSON Schema of a work item's form, or None when it has none that is known."""
        form = (task.node.get("with") or EMPTY).get("form")
        if form is None:
            return None
        if form.entries is not None:
            return form.value
        found = self.forms.get(form.text or "")
        return found.source.value if found else None
