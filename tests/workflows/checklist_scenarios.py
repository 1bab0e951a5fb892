"""Checklists: people, functions and parts; in order, side by side, stopped, and late."""

from __future__ import annotations

from typing import Any

from language.plan import CaseRules
from tests.workflows.scenarios import STATUSES, Scenario, Step, call, comment

KEEPS = CaseRules(statuses=STATUSES)
DESK = {"group": "desk"}
SUMMARY = (
    "${ [$case.results.all.outcome, ($case.results.all.done | tostring), "
    '($case.results.all.items[] | .key + " " + .state)] | join(", ") }'
)


def to_do(key: str, **more: Any) -> dict[str, Any]:
    """Give an item for the desk."""
    return {"key": key, "title": f"Please {key}", "assign": DESK, **more}


def checklist(items: Any, *, undone: bool = False, **more: Any) -> Any:
    """Build the task."""
    arguments = {
        "title": "Upgrade", "items": items, "due": {"hours": 8}, "onDue": {"outcome": "missed"},
        **more,
    }  # fmt: skip
    metadata = {"undo": "reverse-items"} if undone else {}
    return call("all", "checklist", "/do/0", arguments=arguments, metadata=metadata)


def summary() -> Any:
    """Build a task that writes down what came out of it."""
    return comment("tell", SUMMARY, "/do/1")


def announced(key: str) -> tuple[str, str]:
    """Give the announcement of an item."""
    return "work-item.announce", f"/do/0/all/items/{key}#1:announced"


TOLD = ("ticket.comment", "/do/1/tell#1")
COMMENT = {"ticket": "T-1", "text": "hello", "visibility": "internal"}

IN_ORDER = Scenario(
    "in-order",
    (checklist([to_do("one"), {"key": "two", "call": "ticket.comment", "with": COMMENT}, to_do("three")], atMost=1), summary()),
    rules=KEEPS,
    steps=(Step(when="all.one", answer="done"), Step(when="all.three", answer="done")),
    output={"id": "c2", "at": "then"},
    actions=(
        announced("one"),
        ("ticket.comment", "/do/0/all/items/two#1"),
        announced("three"),
        TOLD,
    ),
)  # fmt: skip
"""One after the other, a function among people."""

SIDE_BY_SIDE = Scenario(
    "side-by-side",
    (checklist([to_do("one"), to_do("two"), to_do("three")], completeWhen={"count": 2}), summary()),
    rules=KEEPS,
    steps=(Step(when="all.two", answer="done"), Step(when="all.three", answer="done")),
    output={"id": "c1", "at": "then"},
    actions=(announced("one"), announced("two"), announced("three"), TOLD),
)
"""Two of three are enough: the third is withdrawn."""

STOPPED = Scenario(
    "stopped-by-one",
    (checklist([to_do("one"), to_do("two")], atMost=1), summary()),
    rules=KEEPS,
    steps=(Step(when="all.one", answer="failed", values={"remark": "no power"}),),
    output={"id": "c1", "at": "then"},
    actions=(announced("one"), TOLD),
)
"""The first one fails, and nobody is asked for the second."""

LATE = Scenario(
    "late-list",
    (checklist([to_do("one"), to_do("two")], due={"seconds": 2}), summary()),
    rules=KEEPS,
    steps=(Step(when="all.two", answer="done"),),
    output={"id": "c1", "at": "then"},
    actions=(announced("one"), announced("two"), TOLD),
)
"""Its time is over before one of two is done."""

REFUSED = Scenario(
    "an-item-is-refused",
    (
        checklist(
            [{"key": "one", "call": "ticket.comment", "with": COMMENT}, to_do("two")],
            stopOn="never",
        ),
        summary(),
    ),
    rules=KEEPS,
    failing={"ticket.comment": 1},
    steps=(Step(when="all.two", answer="done"),),
    output={"id": "c1", "at": "then"},
    actions=(("ticket.comment", "/do/0/all/items/one#1"), announced("two"), TOLD),
)
"""A function fails, the others go on, and the list has failed."""

CANCELLED = Scenario(
    "cancelled-list",
    (checklist([to_do("one"), to_do("two")]), summary()),
    rules=KEEPS,
    steps=(Step(when="all.two", cancel="not needed"),),
    ends="cancelled",
    actions=(announced("one"), announced("two")),
)
"""The case is cancelled with open items."""

UNDONE = Scenario(
    "undone-list",
    (
        checklist(
            [to_do("one", undo="Put one back"), to_do("two", undo="Put two back"), to_do("three")],
            atMost=1,
            undone=True,
        ),
    ),
    rules=KEEPS,
    steps=(
        Step(when="all.one", answer="done"),
        Step(when="all.two", answer="done"),
        Step(when="all.three", cancel="not needed"),
        Step(when="all.two.undo", answer="done"),
        Step(when="all.one.undo", answer="done"),
    ),
    ends="cancelled",
    actions=(
        announced("one"),
        announced("two"),
        announced("three"),
        ("work-item.announce", "/do/0/all/metadata/undo/items/two.undo#1:announced"),
        ("work-item.announce", "/do/0/all/metadata/undo/items/one.undo#1:announced"),
    ),
)
"""Is cancelled after two of three: people take them back, the last one first."""

CHECKED = Scenario(
    "checks",
    (comment("look", "all is well", "/do/0"),),
    output={"id": "c1", "at": "then"},
)
RUNS = Scenario(
    "with-a-part",
    (checklist([{"key": "one", "run": "checks", "input": {"of": "router"}}, to_do("two")]), summary()),
    rules=KEEPS,
    parts=(CHECKED,),
    steps=(Step(when="all.two", answer="skipped", values={"remark": "not here"}),),
    output=...,
    actions=(),
)  # fmt: skip
"""Another definition is one of the items."""

CHECKLISTS = (IN_ORDER, SIDE_BY_SIDE, STOPPED, LATE, REFUSED, CANCELLED, UNDONE)
