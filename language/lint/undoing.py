"""Undos of tasks: what can be undone, what an undo can be made of, and where `undo` goes back to."""

from __future__ import annotations

from language.draft import EMPTY, Draft
from language.lint.flow import jumps
from language.tree import TaskList, TaskNode
from language.words import suggestion

NOTHING_DONE = ("set", "switch", "wait", "raise", "listen")
"""Types of tasks that change nothing outside of the flow."""

ONLY_DECIDE = ("decide", "log", "undo", "wait-for")
REVERSES = ("checklist",)
"""Functions that know how their own result is undone."""

ENDS = ("case.cancelled", "case.failed")
"""Events of an end: what they trigger runs when everything is undone."""


def check(draft: Draft) -> None:
    """Check all undos of the file, and all calls of `undo`."""
    for task in draft.tasks:
        undo = (task.node.get("metadata") or EMPTY).get("undo")
        if draft.has_rules and undo is not None:
            _check_undo(draft, task)
        if task.undo:
            _check_tasks(draft, task.undo)
        if _called(draft, task) == "undo":
            _check_target(draft, task)
    for _, reaction in (draft.metadata.get("reactions") or EMPTY).entries or ():
        event = (reaction.get("on") or EMPTY).get("event")
        target = reaction.key("goTo")
        if target is not None and event is not None and event.text in ENDS:
            draft.report.say(
                "CW248",
                target,
                f"when {event.text} happens the flow is over, and goes nowhere",
                "The tasks of `do` run then; `goTo` needs an event that comes before.",
            )


def _check_undo(draft: Draft, task: TaskNode) -> None:
    metadata = task.node.get("metadata") or EMPTY
    undo = metadata.get("undo")
    place = metadata.key("undo")
    assert undo is not None
    assert place is not None
    keyword = task.type.keyword if task.type else ""
    name = _called(draft, task)
    function = draft.catalog.get(name or "")
    nothing = keyword in NOTHING_DONE or name in ONLY_DECIDE
    if task.within.kind == "undo":
        draft.report.say("CW247", place, "an undo is not undone itself", "Leave this one out.")
    elif nothing or (function is not None and function.kind == "reads"):
        what = f'"{task.name}" ({name or keyword})'
        draft.report.say(
            "CW247",
            place,
            f"{what} does nothing that could be undone",
            "An undo belongs to the task that changes something: a function that acts, work of "
            "people, `run`, `emit`, or a block of those.",
        )
    elif undo.text is not None:
        if undo.text != "reverse-items" or name not in REVERSES:
            draft.report.say(
                "CW247",
                undo,
                f'"{task.name}" is not undone by "{undo.text}"',
                "An undo is a list of tasks: `undo: [ { name: { call: ... } } ]`; "
                "`reverse-items` is for a checklist.",
            )
    elif undo.items is None:
        draft.report.say(
            "CW247",
            undo,
            f'the undo of "{task.name}" is a list of tasks',
            "Start each task with a dash: `- name: { call: ... }`.",
        )


def _check_tasks(draft: Draft, tasks: TaskList) -> None:
    for task in tasks.walk():
        for key in ("set", "export"):
            place = task.node.key(key)
            if place is not None:
                draft.report.say(
                    "CW248",
                    place,
                    f'"{key}" has no effect in an undo',
                    "Each task of an undo sees the result of what it undoes as `.`; "
                    "call: case.update keeps values, read as $case.data.NAME.",
                )
        if _called(draft, task) == "undo":
            draft.report.say(
                "CW247",
                task.node.get("call") or task.key,
                "an undo cannot call undo",
                "What has finished is undone in its order anyway.",
            )
        for target, _ in jumps(task):
            if target.text == "end":
                draft.report.say(
                    "CW248",
                    target,
                    "an undo cannot end the flow",
                    "`exit` leaves the rest of this undo out.",
                )


def _check_target(draft: Draft, call: TaskNode) -> None:
    target = (call.node.get("with") or EMPTY).get("backTo")
    if target is None or target.text is None or draft.has_broken_tasks:
        return
    flow = [task for each in (draft.flow, *_functions(draft)) for task in each.walk()]
    found = [task for task in flow if task.name == target.text and task.within.kind != "undo"]
    if not found:
        draft.report.say(
            "CW249",
            target,
            f'there is no task "{target.text}" to go back to',
            suggestion(target.text, sorted({task.name for task in flow}), allowed="Tasks"),
        )
        return
    lists = [task.within for task in found]
    if not any(
        _is_undoable(task) for each in lists for task in each.walk() if task.within.kind != "undo"
    ):
        draft.report.say(
            "CW250",
            target,
            f'nothing that finishes from "{target.text}" on says how it is undone',
            "Give the tasks that change something an undo: "
            "metadata: { undo: [ { name: { call: ... } } ] }.",
        )


def _functions(draft: Draft) -> tuple[TaskList, ...]:
    return tuple(draft.own_functions.values())


def _is_undoable(task: TaskNode) -> bool:
    return (task.node.get("metadata") or EMPTY).get("undo") is not None


def _called(draft: Draft, task: TaskNode) -> str | None:
    function = draft.resolve(task.function).function if task.function else None
    return function.name if function else None
