"""Results that cannot be there yet, or may be missing, where a task reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from language.draft import Draft
from language.lint.flow import entries, successors
from language.sites import Site, sites_of
from language.tree import TaskList, TaskNode

Graph = Mapping[str, Sequence[str]]


def check(draft: Draft) -> None:
    """Look at every read of `$case.results` in the flow."""
    if draft.has_broken_tasks:
        return
    ways = {id(task): way for way in _ways(draft.flow, ()) for task in way[-1:]}
    graphs: dict[int, Graph] = {}
    for site in sites_of(draft):
        if site.program is None or site.task is None or id(site.task) not in ways:
            continue
        for path in site.program.paths:
            if path.root != "$case" or path.keys[:1] != ("results",) or len(path.keys) < 2:
                continue
            owner = draft.results.get(str(path.keys[1]))
            if owner is None or owner is site.task or id(owner) not in ways:
                continue
            place = _Place(draft, graphs, ways[id(owner)], ways[id(site.task)])
            if place.is_never_before():
                line, column = site.place_of(path.offset)
                draft.report.say_at(
                    "CW229",
                    line,
                    column,
                    f'"{owner.name}" (line {owner.key.line}) runs after "{site.task.name}", '
                    "so there is no result of it yet",
                    "Read the result of a task that comes before, or move one of them.",
                    path.length,
                )
            elif _is_all(site, path.length) and _is_required(draft, site) and place.may_be_missed():
                line, column = site.place_of(path.offset)
                draft.report.say_at(
                    "CW230",
                    line,
                    column,
                    f'"{owner.name}" does not run on every way to "{site.task.name}", '
                    f'and "{site.where[-1]}" needs a value',
                    "Say what it is otherwise: " + site.source.strip() + ' // "..."',
                    path.length,
                )


def _ways(tasks: TaskList, above: tuple[TaskNode, ...]) -> Iterator[tuple[TaskNode, ...]]:
    """For each task of the flow, the tasks around it and itself, outermost first."""
    for task in tasks.tasks:
        way = (*above, task)
        yield way
        for inner in task.lists.values():
            yield from _ways(inner, way)


def _is_all(site: Site, length: int) -> bool:
    """Whether the whole expression is this one path."""
    return len(site.source.strip()) == length


def _is_required(draft: Draft, site: Site) -> bool:
    """Whether the expression is an argument that its function cannot do without."""
    if site.task is None or len(site.where) != 2 or site.where[0] != "with":
        return False
    name = site.task.function
    function = draft.resolve(name).function if name else None
    if function is None or site.where[1] not in function.arguments.get("required", ()):
        return False
    schema = function.arguments["properties"].get(site.where[1], {})
    return bool(schema) and "null" not in str(schema.get("type", "")) and "anyOf" not in schema


class _Place:
    """Two tasks of the flow: one that gives a result, and one that reads it."""

    def __init__(
        self,
        draft: Draft,
        graphs: dict[int, Graph],
        owner: tuple[TaskNode, ...],
        reader: tuple[TaskNode, ...],
    ) -> None:
        self._draft = draft
        self._graphs = graphs
        depth = 0
        while depth < min(len(owner), len(reader)) and owner[depth] is reader[depth]:
            depth += 1
        self._around = reader[:depth]
        self._owner = owner[depth] if depth < len(owner) else None
        self._reader = reader[depth] if depth < len(reader) else None
        self._is_direct = depth + 1 == len(owner)

    def is_never_before(self) -> bool:
        """Whether the owner certainly has not run when the reader does."""
        if self._owner is None or self._reader is None or not self._owner.within.is_sequence:
            return False
        if any(self._comes_again(each) for each in self._around):
            return False
        return not self._reaches(self._owner, self._reader)

    def may_be_missed(self) -> bool:
        """Whether the flow can come to the reader without the owner."""
        if self._owner is None or self._reader is None or not self._is_direct:
            return False
        tasks = self._owner.within
        if not tasks.is_sequence:
            return False
        if self._owner.node.get("if") is not None:
            return True
        starts = [tasks.tasks[0].name, *entries(self._draft, tasks)]
        starts = [each for each in starts if each != self._owner.name]
        return self._reader.name in _reached(starts, self._graph(tasks), self._owner.name)

    def _comes_again(self, task: TaskNode) -> bool:
        """Whether a task around both may run several times, and so see what it left before."""
        keyword = task.type.keyword if task.type else ""
        if keyword in ("for", "try", "listen"):
            return True
        return task.within.is_sequence and self._reaches(task, task)

    def _reaches(self, start: TaskNode, end: TaskNode) -> bool:
        graph = self._graph(start.within)
        jumped = list(entries(self._draft, start.within))
        return end.name in _reached([*graph[start.name], *jumped], graph, None)

    def _graph(self, tasks: TaskList) -> Graph:
        if id(tasks) not in self._graphs:
            self._graphs[id(tasks)] = {
                task.name: list(successors(task, tasks)) for task in tasks.tasks
            }
        return self._graphs[id(tasks)]


def _reached(starts: Sequence[str], graph: Graph, without: str | None) -> dict[str, None]:
    reached: dict[str, None] = {}
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in reached and name != without and name in graph:
            reached[name] = None
            waiting += graph[name]
    return reached
