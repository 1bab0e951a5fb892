"""What the passes over one definition share: its tree, what surrounds it, and the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from language.calls import Resolved, resolve
from language.elsewhere import Elsewhere, LoginUnusable, login_of
from language.extensions import Extension, read_extensions
from language.functions import Function
from language.messages import Message
from language.organization import Organization
from language.report import Report
from language.resources import NoResources, ResourceLater, ResourceMissing, short_name
from language.source import Key, Node, Source
from language.tasks import type_of
from language.tree import TaskList, TaskNode, build_list, build_undo, pointer

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


def one_task(key: Key, body: Node, path: str, kind: str) -> TaskList:
    """A list of one task whose path is the list's own."""
    tasks = TaskList(path, (), kind)
    task = TaskNode(key.name, key, body, path, type_of(body), tasks, 0)
    if task.type:
        for nested in task.type.lists(body):
            task.lists[nested.path] = build_list(
                nested.node,
                f"{path}/{nested.path}",
                type_of,
                kind=kind,
                variables=nested.variables,
                is_sequence=nested.is_sequence,
            )
        task.undo = build_undo(body, path, type_of)
    tasks.tasks = (task,)
    return tasks


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
        inputs: Mapping[str, Any] = MappingProxyType({}),
        outputs: Mapping[str, Any] = MappingProxyType({}),
        elsewhere: Elsewhere | None = None,
        base: str = "process.yaml",
    ) -> None:
        self.source = source
        self.root = source.root or EMPTY
        self.report = report
        self.catalog = catalog
        self.forms = forms
        self.messages = messages
        self.organization = organization
        self.known = known
        self.inputs = inputs
        """Schemas of the inputs of other definitions, by name, as far as they are known."""
        self.outputs = outputs
        """Schemas of their outputs, likewise."""
        self.elsewhere = elsewhere or Elsewhere(NoResources())
        self.base = base
        """Where references of this document start: its address, or its path in its folder."""
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
            functions[key.name] = one_task(key, body, path, "function")
        return functions

    @cached_property
    def extensions(self) -> tuple[Extension, ...]:
        """`use.extensions`."""
        return tuple(read_extensions(self.part("use", "extensions")))

    def lists(self) -> Iterator[TaskList]:
        """The outermost task lists of the file."""
        yield self.flow
        for _, each in self.beside:
            yield each
        yield from self.own_functions.values()
        for extension in self.extensions:
            yield from (part for part in extension[3:] if part is not None)

    @cached_property
    def tasks(self) -> tuple[TaskNode, ...]:
        """All tasks of the file, in the order of the file."""
        return tuple(task for each in self.lists() for task in each.walk())

    @cached_property
    def has_broken_tasks(self) -> bool:
        """Whether a task has no type or is no task at all, so that some names are not known."""

        def is_broken(node: Node | None) -> bool:
            items = node.items if node is not None else None
            return items is None or any(len(each.entries or ()) != 1 for each in items)

        lists = [self.root.get("do")]
        for task in self.tasks:
            if task.type is None:
                return True
            lists += [nested.node for nested in task.type.lists(task.node)]
        return any(is_broken(each) for each in lists)

    # --- what the file names --------------------------------------------------------------------

    def resolve(self, name: str) -> Resolved:
        """What `call: name` stands for."""
        found = self._resolved.get(name)
        if found is None:
            bodies = {key: each.tasks[0].node for key, each in self.own_functions.items()}
            found = self._resolved[name] = resolve(name, bodies, self.catalog, self._catalogs)
        return found

    def function_elsewhere(self, resolved: Resolved) -> FunctionDraft:
        """The function of a file or address that a call means, read once.

        Raises:
            ResourceMissing, ResourceLater: it cannot be had, or only when it is published.
        """
        address, source = self._source(resolved.elsewhere, resolved.endpoint)
        drafts = self.elsewhere.functions
        found = drafts.get(address)
        if found is None:
            found = drafts[address] = FunctionDraft(self, source, address)
        assert isinstance(found, FunctionDraft)
        return found

    def schema(self, part: Node | None) -> Node | None:
        """The JSON Schema of an input, output or export, inline or of another document; or None.

        Raises:
            ResourceMissing, ResourceLater: it cannot be had, or only when it is published.
        """
        schema = part.get("schema") if part is not None else None
        if schema is None:
            return None
        inline = schema.get("document")
        endpoint = (schema.get("resource") or EMPTY).get("endpoint")
        if inline is not None or endpoint is None:
            return inline
        uri = endpoint.get("uri") if endpoint.entries is not None else endpoint
        if uri is None or not uri.text:
            return None
        _, source = self._source(uri.text, endpoint)
        if source.root is None:
            raise ResourceMissing("it cannot be read as YAML or JSON")
        return source.root

    def schema_file(self, part: Node) -> str:
        """The file, as findings call it, of a schema that stands in a document of its own."""
        endpoint = ((part.get("schema") or EMPTY).get("resource") or EMPTY).get("endpoint") or EMPTY
        uri = endpoint.get("uri") if endpoint.entries is not None else endpoint
        return self._source((uri.text if uri else None) or "", endpoint)[1].file

    def known_schema(self, part: Node | None) -> Node | None:
        """As `schema`, and None where it is not there yet or at all."""
        try:
            return self.schema(part)
        except (ResourceMissing, ResourceLater):
            return None

    def _source(self, reference: str, endpoint: Node | None) -> tuple[str, Source]:
        try:
            login = login_of(endpoint, self.part("use", "authentications"))
        except LoginUnusable as error:
            raise ResourceMissing(str(error)) from error
        return self.elsewhere.source(reference, self.base, login)

    @cached_property
    def _resolved(self) -> dict[str, Resolved]:
        return {}

    @cached_property
    def _catalogs(self) -> Mapping[str, Node]:
        return {key.name: node for key, node in self.part("use", "catalogs").entries or ()}

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

    @property
    def of_matter(self) -> bool:
        """Whether its cases work on the record of another definition, whose names are not known here."""
        return (self.metadata.get("record") or EMPTY).text == "matter"

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


class FunctionDraft(Draft):
    """A function of a file or address: one task, checked as if a definition had only that.

    It sees the case that calls it (statuses, forms, messages, the organization) and not what the
    definition keeps under `use`: a function brings along what it uses.
    """

    whole: Draft

    def __init__(self, caller: Draft, source: Source, address: str) -> None:
        whole: Draft = caller.whole if isinstance(caller, FunctionDraft) else caller
        super().__init__(
            source,
            Report(source.file),
            catalog=whole.catalog,
            forms=whole.forms,
            messages=whole.messages,
            organization=whole.organization,
            known=whole.known,
            inputs=whole.inputs,
            outputs=whole.outputs,
            elsewhere=whole.elsewhere,
            base=address,
        )
        self.whole = whole
        self.used_files = whole.used_files
        self.body = source.root or EMPTY
        self.root = EMPTY

    @property
    def name(self) -> str:
        """The name of the definition that uses it."""
        return self.whole.name

    @cached_property
    def metadata(self) -> Node:
        """Rules of the case are those of the definition."""
        return self.whole.metadata

    @cached_property
    def has_rules(self) -> bool:
        """Whether the case has rules."""
        return self.whole.has_rules

    @cached_property
    def beside(self) -> tuple[tuple[Key, TaskList], ...]:
        """A function declares nothing beside the flow."""
        return ()

    @cached_property
    def flow(self) -> TaskList:
        """The function's task, alone in its list."""
        key = Key(short_name(self.base), self.body.line, self.body.column, self.body.length)
        return one_task(key, self.body, "", "function")

    @cached_property
    def task(self) -> TaskNode:
        """The function's task."""
        return self.flow.tasks[0]

    @cached_property
    def results(self) -> Mapping[str, TaskNode]:
        """Results of the definition, and of its own calls."""
        return {**self.whole.results, **super().results}
