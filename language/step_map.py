"""Which task of one version of a definition is which task of another.

Tasks are matched by their names, list by list; a map says where a name has changed. What stands in
another list than before is found by its name, where only one task has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from language.plan import Call, Extension, Fork, Listen, Plan, RunWorkflow, Task, Try, inner_tasks

Names = Mapping[str, str]
"""Old name or path of a task -> new name or path."""


@dataclass(frozen=True, slots=True)
class StepMap:
    """How the tasks of an old plan lie in a new one."""

    old: Mapping[str, Task]
    new: Mapping[str, Task]
    paths: Mapping[str, str] = field(default_factory=dict)
    """Old path -> new path, of all tasks that have a counterpart."""
    unknown: tuple[str, ...] = ()
    """What the map names and neither version has, in a sentence each."""

    def task(self, path: str) -> Task | None:
        """The new task for an old path."""
        found = self.paths.get(path)
        return None if found is None else self.new[found]


def match_plans(old: Plan, new: Plan, names: Names) -> StepMap:
    """Match all tasks of two plans."""
    before = {task.path: task for task in every_task(old)}
    after = {task.path: task for task in every_task(new)}
    paths: dict[str, str] = {}
    _match(old.tasks, new.tasks, names, paths)
    lanes = dict(lists_beside(new))
    for lane, tasks in lists_beside(old):
        _match(tasks, lanes.get(lane, ()), names, paths)
    taken = set(paths.values())
    by_name: dict[str, list[Task]] = {}
    for task in after.values():
        by_name.setdefault(task.name, []).append(task)
    for path, task in before.items():
        wanted = _wanted(task, names)
        if path in paths:
            continue
        found = [after[wanted]] if wanted in after else by_name.get(wanted, [])
        if len(found) == 1 and found[0].path not in taken and same_kind(task, found[0]):
            paths[path] = found[0].path
            taken.add(found[0].path)
    return StepMap(before, after, paths, tuple(_unknown(names, before, after)))


def same_kind(old: Task, new: Task) -> bool:
    """Whether two tasks do the same sort of thing: what one remembers, the other understands."""
    if old.kind != new.kind:
        return False
    if isinstance(old, Call) and isinstance(new, Call):
        return old.function == new.function
    if isinstance(old, RunWorkflow) and isinstance(new, RunWorkflow):
        return old.workflow == new.workflow and old.wait == new.wait
    if isinstance(old, Listen) and isinstance(new, Listen):
        return old.strategy == new.strategy
    return True


def said(task: Task) -> str:
    """What sort of task it is, for people."""
    if isinstance(task, Call):
        return f"call: {task.function}"
    if isinstance(task, RunWorkflow):
        return f"run: {task.workflow}"
    return task.kind


def counterpart(old: Task, among: tuple[Task, ...], names: Names) -> int | None:
    """Place of an old task in a new list; None where it is not there."""
    wanted = _wanted(old, names)
    for index, task in enumerate(among):
        if wanted in (task.name, task.path):
            return index
    return None


def every_task(plan: Plan) -> Iterator[Task]:
    """All tasks of a plan: the flow, what runs beside it, extensions, and the undos of them all."""
    yield from _with_inner(plan.tasks)
    for _, tasks in lists_beside(plan):
        yield from _with_inner(tasks)


def lists_beside(plan: Plan) -> Iterator[tuple[str, tuple[Task, ...]]]:
    """The task lists beside the flow, each with its lane."""
    for clock in plan.rules.clocks:
        for threshold in clock.at:
            yield f"clock:{clock.name}:{threshold.name}", threshold.tasks
    for reaction in plan.rules.reactions:
        yield reaction.name, reaction.tasks


def _with_inner(tasks: tuple[Task, ...]) -> Iterator[Task]:
    for task in tasks:
        yield task
        yield from _with_inner(inner_tasks(task))
        yield from _with_inner(task.undo)
        for extension in task.extensions:
            yield from _with_inner((*extension.before, *extension.after))


def _wanted(task: Task, names: Names) -> str:
    return names.get(task.path) or names.get(task.name) or task.name


def _match(
    old: tuple[Task, ...], new: tuple[Task, ...], names: Names, paths: dict[str, str]
) -> None:
    for task in old:
        index = counterpart(task, new, names)
        if index is None or new[index].path in paths.values():
            continue
        other = new[index]
        paths[task.path] = other.path
        for ours, theirs in zip(_lists(task), _lists(other), strict=False):
            _match(ours, theirs, names, paths)


def _lists(task: Task) -> Iterator[tuple[Task, ...]]:
    """The lists inside a task, always in the same order."""
    yield task.undo
    extensions: tuple[Extension, ...] = task.extensions
    yield tuple(each for extension in extensions for each in extension.before)
    yield tuple(each for extension in extensions for each in extension.after)
    if isinstance(task, Try):
        yield task.tasks
        yield task.catch.tasks
    elif isinstance(task, Fork):
        yield task.branches
    else:
        yield inner_tasks(task)


def _unknown(names: Names, old: Mapping[str, Task], new: Mapping[str, Task]) -> Iterator[str]:
    before = {task.name for task in old.values()}
    after = {task.name for task in new.values()}
    for name, target in names.items():
        if name not in old and name not in before:
            yield f'the map names "{name}", which the old version does not have'
        if target not in new and target not in after:
            yield f'the map leads to "{target}", which the new version does not have'
