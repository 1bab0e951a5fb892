"""Every task by its own type: one keyword, its keys, and the arguments of what it calls."""

from __future__ import annotations

from language.calls import Resolved
from language.checks.functions import check_call
from language.draft import EMPTY, Draft
from language.functions.schemas import record
from language.names import NameCheck
from language.report import Place
from language.shape import Shape
from language.source import Node
from language.tasks import TASK_TYPES, keywords_of
from language.tasks.base import TASK_BASE
from language.tasks.run import NOT_IN_PROFILE as NOT_RUN
from language.templates import is_expression
from language.tree import TaskList, TaskNode
from language.words import closest, quoted, suggestion

RESERVED = ("continue", "exit", "end")


def check(draft: Draft) -> None:
    """Check all tasks of the file."""
    for tasks, node in _all_lists(draft):
        _check_list(draft, tasks, node)
    for task in draft.tasks:
        _check_task(draft, task)


def _all_lists(draft: Draft) -> list[tuple[TaskList, Node]]:
    found: list[tuple[TaskList, Node]] = [(draft.flow, draft.part("do"))]
    for key, section in (
        *((key, "at") for key in (draft.metadata.get("clocks") or EMPTY).entries or ()),
    ):
        for threshold in (key[1].get(section) or EMPTY).items or ():
            if threshold.get("do"):
                found += _same_node(draft, threshold.get("do"))
    for _, reaction in (draft.metadata.get("reactions") or EMPTY).entries or ():
        found += _same_node(draft, reaction.get("do"))
    for extension in draft.extensions:
        for name, part in (("before", extension.before), ("after", extension.after)):
            if part is not None:
                found.append((part, extension.node.get(name) or EMPTY))
    for task in draft.tasks:
        if task.type is None:
            continue
        for nested in task.type.lists(task.node):
            if nested.path in task.lists:
                found.append((task.lists[nested.path], nested.node))
        if task.undo:
            undo = (task.node.get("metadata") or EMPTY).get("undo")
            found.append((task.undo, undo or EMPTY))
    return found


def _same_node(draft: Draft, node: Node | None) -> list[tuple[TaskList, Node]]:
    if node is None:
        return []
    for _, tasks in draft.beside:
        if tasks.tasks and any(
            body is tasks.tasks[0].node
            for item in node.items or ()
            for _, body in item.entries or ()
        ):
            return [(tasks, node)]
    return [(TaskList("", (), "beside"), node)]


def _check_list(draft: Draft, tasks: TaskList, node: Node) -> None:
    if node.items is None:
        if node is not EMPTY:
            draft.report.say(
                "CW107",
                node,
                f'"{_list_key(tasks)}" holds a list of tasks',
                "Start each task with a dash: `- name: { call: ... }`.",
            )
        return
    for item in node.items:
        if not item.entries:
            draft.report.say(
                "CW107",
                item,
                f'this entry of "{_list_key(tasks)}" is no task',
                "A task is written as `- name:` with its keys below.",
            )
        elif len(item.entries) > 1:
            second = item.entries[1][0]
            draft.report.say(
                "CW107",
                second,
                f'"{second.name}" stands beside the task "{item.entries[0][0].name}"',
                "If it belongs to the task, indent it; if it is a task, start it with a dash.",
            )
    if not node.items:
        draft.report.say("CW106", node, "the list of tasks is empty")
    seen: dict[str, TaskNode] = {}
    for task in tasks.tasks:
        if task.name in RESERVED:
            draft.report.say(
                "CW111",
                task.key,
                f'a task cannot be named "{task.name}"',
                f"`then: {task.name}` already has a meaning.",
            )
        elif task.name in seen:
            draft.report.say(
                "CW111",
                task.key,
                f'"{task.name}" is already a task of this list, in line {seen[task.name].key.line}',
                "`then` could not tell them apart: give one of them another name.",
            )
        seen.setdefault(task.name, task)


def _list_key(tasks: TaskList) -> str:
    """The key under which a list of tasks stands."""
    return tasks.path.rpartition("/")[2] or "do"


def _check_task(draft: Draft, task: TaskNode) -> None:
    if task.node.entries is None:
        draft.report.say(
            "CW107", task.node, f'the task "{task.name}" needs keys such as call: or switch:'
        )
        return
    if task.type is None:
        _say_no_type(draft, task)
        return
    if task.type.keyword == "run" and any(
        key in NOT_RUN for key in (task.node.get("run") or EMPTY).names()
    ):
        return
    schema = record({**TASK_BASE, **task.type.properties}, task.type.required)
    names = NameCheck(draft, task)
    known = None if draft.organization is None else draft.organization.names
    shape = Shape(draft.report, expressions=True, structure=True, on_name=names, known=known)
    shape.check(task.node, schema, f'the task "{task.name}"', task.key)
    if task.type.keyword == "call":
        _check_call(draft, task, Shape(draft.report, expressions=True, on_name=names, known=known))


def _say_no_type(draft: Draft, task: TaskNode) -> None:
    found = keywords_of(task.node)
    if len(found) > 1:
        second = task.node.key(found[1])
        draft.report.say(
            "CW110",
            second or task.key,
            f'the task "{task.name}" has {quoted(found)}, and a task does one thing',
            "Make a task of each.",
        )
        return
    if task.node.key("with") is not None and not any(
        closest(key, ["call"]) for key in task.node.names()
    ):
        draft.report.say(
            "CW110",
            task.node.key("with") or task.key,
            f'the task "{task.name}" has arguments and calls nothing',
            "Say which function gets them: call: notify.",
        )
        return
    known = (*TASK_TYPES, *TASK_BASE, "with")
    for key, _ in task.node.entries or ():
        meant = closest(key.name, TASK_TYPES)
        if key.name not in known and meant:
            draft.report.say(
                "CW110",
                key,
                f'the task "{task.name}" does nothing: "{key.name}" is not known',
                f'Did you mean "{meant}"?',
            )
            return
    draft.report.say(
        "CW110",
        task.key,
        f'the task "{task.name}" does nothing',
        f"A task has one of {', '.join(TASK_TYPES)}.",
    )


def _check_call(draft: Draft, task: TaskNode, shape: Shape) -> None:
    called = task.node.get("call")
    if called is None or called.text is None:
        return
    resolved = draft.resolve(called.text)
    if resolved.problem:
        code, sentence = resolved.problem
        draft.report.say(code, called, sentence, _call_hint(draft, code, resolved))
        return
    if resolved.function is None:
        check_call(draft, task, called, resolved, is_alias=is_alias(task))
        return
    given = task.node.get("with")
    place: Place = called if given is None else task.node.key("with") or called
    if not is_alias(task):
        arguments = given or Node(called.line, called.column, called.length, entries=())
        what = f'{resolved.function.name} "{task.name}"'
        if given is not None and given.entries is None and not _is_expression(given):
            draft.report.say(
                "CW107",
                given,
                f'"with" of {what} must be keys and values, not {given.text or given.kind}',
                "Its arguments stand below it, each with its name.",
            )
            return
        shape.check(arguments, resolved.function.arguments, what, place)
        if resolved.function.name == "openapi":
            # Imported late: few definitions call one, and reading its documents needs much.
            from language.checks import openapi  # noqa: PLC0415

            openapi.check_call(draft, task)


def is_alias(task: TaskNode) -> bool:
    """Whether a call in use.functions is another name: then each caller gives the arguments."""
    first = task.within.kind == "function" and task is task.within.tasks[0]
    return first and task.node.get("with") is None and task.within.path.startswith("/use/functions")


def _is_expression(node: Node) -> bool:
    return node.text is not None and is_expression(node.text)


def _call_hint(draft: Draft, code: str, resolved: Resolved) -> str:
    if not resolved.wanted and code in ("CW201", "CW217"):
        return ""
    if not resolved.wanted:
        return "docs/profile.md lists what is supported and why the rest is not."
    known = (*draft.own_functions, *draft.catalog)
    return suggestion(resolved.wanted, known, allowed="Functions")
