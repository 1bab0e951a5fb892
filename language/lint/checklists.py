"""Items of a checklist: who or what does each, told apart by a key of its own."""

from __future__ import annotations

from language.draft import EMPTY, Draft
from language.names import NameCheck
from language.shape import Shape
from language.source import Node
from language.tree import TaskNode
from language.words import suggestion

NOT_AS_ITEM = ("approval", "checklist", "http", "openapi", "work-item")
"""Functions that need more of a task than an item has."""


def check(draft: Draft) -> None:
    """Look at the items that are written in the definition."""
    for task in draft.tasks:
        name = task.function
        function = draft.resolve(name).function if name else None
        if function is None or function.name != "checklist":
            continue
        arguments = task.node.get("with") or EMPTY
        seen: dict[str, None] = {}
        items = (arguments.get("items") or EMPTY).items or ()
        for item in items:
            _check_item(draft, task, item, seen)
        _check_count(draft, arguments, len(items))


def _check_item(draft: Draft, task: TaskNode, item: Node, seen: dict[str, None]) -> None:
    key = item.get("key")
    if key is not None and key.text is not None:
        if key.text in seen:
            draft.report.say(
                "CW255",
                key,
                f'two items have the key "{key.text}"',
                "The key names the item in results and worklists.",
            )
        seen[key.text] = None
    does = [name for name in ("assign", "call", "run") if item.get(name) is not None]
    if len(does) > 1:
        draft.report.say(
            "CW255",
            item.key(does[1]) or item,
            f'an item has "{does[0]}" or "{does[1]}", not both',
            "assign is for a person, call for a function, run for another definition.",
        )
    elif item.entries is not None and does in ([], ["assign"]) and item.get("title") is None:
        draft.report.say(
            "CW255",
            key or item,
            "an item for a person needs a title: what is to be done?",
            "Without assign, call and run it is for the owner of the case, or else its group.",
        )
    called = item.get("call")
    if called is not None and called.text is not None:
        _check_call(draft, task, item, called)


def _check_call(draft: Draft, task: TaskNode, item: Node, called: Node) -> None:
    function = draft.catalog.get(called.text or "")
    if function is None or function.name in NOT_AS_ITEM:
        known = [name for name in draft.catalog if name not in NOT_AS_ITEM]
        draft.report.say(
            "CW255",
            called,
            f'"{called.text}" cannot be an item of a checklist',
            "Run a definition that calls it: { key, run: its-name }."
            if function is not None
            else suggestion(called.text or "", known, allowed="Functions"),
        )
        return
    given = item.get("with") or Node(called.line, called.column, called.length, entries=())
    shape = Shape(draft.report, expressions=True, on_name=NameCheck(draft, task))
    shape.check(given, function.arguments, function.name, item.key("with") or called)


def _check_count(draft: Draft, arguments: Node, items: int) -> None:
    count = (arguments.get("completeWhen") or EMPTY).get("count")
    if items and count is not None and isinstance(count.scalar, int) and count.scalar > items:
        draft.report.say(
            "CW255",
            count,
            f"{count.scalar} of {items} items can never be done",
            f"There are {items}.",
        )
