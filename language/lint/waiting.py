"""Waiting for what may never come, or for what does not fit together."""

from __future__ import annotations

from language.draft import EMPTY, Draft
from language.source import Node
from language.tree import TaskNode


def check(draft: Draft) -> None:
    """Look at every wait-for and listen that only an event can end."""
    for task in draft.tasks:
        if task.type is not None and task.type.keyword == "listen":
            _check_listen(draft, task)
            continue
        name = task.function
        function = draft.resolve(name).function if name else None
        if function is None or function.name != "wait-for":
            continue
        arguments = task.node.get("with") or EMPTY
        given = arguments.names()
        _check_parts(draft, arguments)
        if "event" not in given or any(key in given for key in ("due", "at", "after")):
            continue
        if task.node.get("timeout") is None and not _in_race(draft, task):
            draft.report.say(
                "CW402",
                task.key,
                f'"{task.name}" waits for ever if the event never comes',
                "Add due: with the time after which it goes on; its outcome is then timed-out.",
            )


def _check_parts(draft: Draft, arguments: Node) -> None:
    """A wait-for has an event, a time, or both; the rest belongs to one of them."""
    given = arguments.names()
    if "at" in given and "after" in given:
        draft.report.say(
            "CW430",
            arguments.key("after") or arguments,
            '"at" and "after" are two times, and only the earlier one would count',
            "Write one of them.",
        )
    if "event" in given:
        return
    for name, does in (("match", "says which event counts"), ("due", "ends the wait for an event")):
        if name in given and any(each in given for each in ("at", "after")):
            draft.report.say(
                "CW430",
                arguments.key(name) or arguments,
                f'"{name}" {does}, and there is none',
                'Add event:, or leave it out: the wait ends at the time of "at" or "after".',
            )


def _check_listen(draft: Draft, task: TaskNode) -> None:
    """Only in a process of ours: to the standard a task may listen for as long as it likes."""
    if draft.has_rules and task.node.get("timeout") is None and not _in_race(draft, task):
        draft.report.say(
            "CW402",
            task.key,
            f'"{task.name}" listens for ever if no event comes',
            "Add timeout: { after: { days: 30 } } inside a try, or race it with a wait.",
        )


def _in_race(draft: Draft, task: TaskNode) -> bool:
    """Whether another branch of a competing fork can end the wait."""
    for each in draft.tasks:
        compete = (each.node.get("fork") or EMPTY).get("compete")
        if compete is not None and compete.scalar is True and any(t is task for t in each.walk()):
            return True
    return False
