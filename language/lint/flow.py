"""Where the flow can go: `then` to tasks that are there, tasks that are reached, loops that wait."""

from __future__ import annotations

from collections.abc import Iterator

from language.draft import EMPTY, Draft
from language.source import Node
from language.tree import TaskList, TaskNode
from language.words import suggestion

DIRECTIVES = ("continue", "exit", "end")


def check(draft: Draft) -> None:
    """Check every list of tasks."""
    for tasks in _lists(draft):
        # A misspelled target makes its task look unreached: one cause is one finding.
        if _check_targets(draft, tasks) and tasks.is_sequence:
            graph = {task.name: list(successors(task, tasks)) for task in tasks.tasks}
            _check_reached(draft, tasks, graph)
            _check_loops(draft, tasks, graph)


def _lists(draft: Draft) -> Iterator[TaskList]:
    for outermost in draft.lists():
        yield outermost
        for task in outermost.walk():
            yield from task.lists.values()
            if task.undo:
                yield task.undo


def jumps(task: TaskNode) -> Iterator[tuple[Node, bool]]:
    """Every `then` of a task, and whether it is taken on an error path."""
    then = task.node.get("then")
    if then is not None:
        yield then, False
    for item in (task.node.get("switch") or EMPTY).items or ():
        for _, case in item.entries or ():
            target = case.get("then")
            if target is not None:
                yield target, False
    catch = (task.node.get("catch") or EMPTY).get("then") if task.node.get("try") else None
    if catch is not None:
        yield catch, True


def _check_targets(draft: Draft, tasks: TaskList) -> bool:
    """Say which `then` leads nowhere; True when all lead somewhere."""
    good = True
    names = [task.name for task in tasks.tasks]
    for task in tasks.tasks:
        for target, _ in jumps(task):
            name = target.text
            if name is None or name in DIRECTIVES:
                continue
            if tasks.kind == "beside" and not tasks.find(name):
                good = False
                draft.report.say(
                    "CW306",
                    target,
                    f'a clock or reaction cannot go on at "{name}" of the flow',
                    "`goTo` of a reaction moves the flow.",
                )
            elif tasks.kind == "undo" and not tasks.find(name):
                good = False
                draft.report.say(
                    "CW248",
                    target,
                    f'an undo cannot go on at "{name}" of the flow',
                    "After `call: undo` the flow goes where the `then` of that task says.",
                )
            elif name not in names or not tasks.is_sequence:
                good = False
                if draft.has_broken_tasks:
                    continue
                elsewhere = next((t for t in draft.tasks if t.name == name), None)
                hint = suggestion(name, [*names, *DIRECTIVES], allowed="Allowed")
                if elsewhere is not None:
                    hint = (
                        f'"{name}" (line {elsewhere.key.line}) stands in another list of tasks; '
                        "`then` only reaches tasks of the same list, or exit and end."
                    )
                draft.report.say("CW202", target, f'there is no task "{name}" to go to', hint)
    return good


def successors(task: TaskNode, tasks: TaskList) -> Iterator[str]:
    """Names of the tasks of the list that may come after this one."""
    index = tasks.tasks.index(task)
    following = tasks.tasks[index + 1].name if index + 1 < len(tasks.tasks) else None
    targets: list[str | None] = []
    falls_through = "if" in task.node.names()
    keyword = task.type.keyword if task.type else ""
    if keyword == "switch":
        items = (task.node.get("switch") or EMPTY).items or ()
        cases = [case for item in items for _, case in item.entries or ()]
        if all(case.get("when") is not None for case in cases):
            targets.append(_own_then(task) or "continue")
        for case in cases:
            then = case.get("then")
            targets.append(then.text if then else "continue")
    elif keyword == "raise":
        pass
    else:
        targets.append(_own_then(task) or "continue")
        catch = (task.node.get("catch") or EMPTY).get("then") if keyword == "try" else None
        if catch is not None:
            targets.append(catch.text)
    if falls_through:
        targets.append("continue")
    names = {each.name for each in tasks.tasks}
    for target in dict.fromkeys(targets):
        if target == "continue":
            if following is not None:
                yield following
        elif target in names:
            yield str(target)


def _own_then(task: TaskNode) -> str | None:
    then = task.node.get("then")
    return then.text if then else None


def _check_reached(draft: Draft, tasks: TaskList, graph: dict[str, list[str]]) -> None:
    if not tasks.tasks:
        return
    waiting = [tasks.tasks[0].name, *entries(draft, tasks)]
    reached: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = None
            waiting += graph.get(name, [])
    missed_before = False
    for task in tasks.tasks:
        missed = task.name not in reached
        # One finding for a run of tasks: the first is the cause.
        if missed and not missed_before:
            draft.report.say(
                "CW203",
                task.key,
                f'the task "{task.name}" is never reached',
                "Everything before it goes elsewhere, and no `then` names it.",
            )
        missed_before = missed


def entries(draft: Draft, tasks: TaskList) -> Iterator[str]:
    """Tasks of the flow at which a reaction or a reopening goes on."""
    if tasks is not draft.flow:
        return
    for _, reaction in (draft.metadata.get("reactions") or EMPTY).entries or ():
        target = reaction.get("goTo")
        if target is not None and target.text:
            yield target.text
    at = (draft.metadata.get("reopen") or EMPTY).get("at")
    if at is not None and at.text:
        yield at.text


def _check_loops(draft: Draft, tasks: TaskList, graph: dict[str, list[str]]) -> None:
    restless = {task.name: None for task in tasks.tasks if not _pauses(draft, task)}
    order = {task.name: index for index, task in enumerate(tasks.tasks)}
    for task in tasks.tasks:
        for target in graph[task.name]:
            backward = order[target] <= order[task.name]
            if not backward or task.name not in restless or target not in restless:
                continue
            if _leads(target, task.name, graph, restless):
                place = next((each for each, _ in jumps(task) if each.text == target), task.key)
                draft.report.say(
                    "CW401",
                    place,
                    f'from "{task.name}" back to "{target}" nothing waits',
                    "It may turn for ever at full speed: wait for something in between, "
                    "or bound it, for example by ${ $case.runs." + target + " < 3 }.",
                )


def _leads(start: str, end: str, graph: dict[str, list[str]], allowed: dict[str, None]) -> bool:
    waiting, seen = [start], {start: None}
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        for each in graph[name]:
            if each in allowed and each not in seen:
                seen[each] = None
                waiting.append(each)
    return False


def _pauses(draft: Draft, task: TaskNode) -> bool:
    """Whether a task waits for somebody or something, or counts how often it ran."""
    for each in task.walk():
        keyword = each.type.keyword if each.type else ""
        if keyword in ("wait", "listen", "run"):
            return True
        name = each.function
        function = draft.resolve(name).function if name else None
        if function and function.kind == "waits":
            return True
    return any(
        (node.text and ("$case.runs" in node.text or "<" in node.text or ">" in node.text))
        for item in (task.node.get("switch") or EMPTY).items or ()
        for _, case in item.entries or ()
        for node in [case.get("when") or EMPTY]
    )
