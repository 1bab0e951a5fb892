"""`switch` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import expression
from language.plan import Case, Switch
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Switch:
    """Cases in their order."""
    cases = []
    for item in builder.part(task, "switch").items or ():
        for key, body in item.entries or ():
            when = body.get("when")
            then = body.get("then")
            cases.append(
                Case(
                    key.name,
                    None if when is None else expression(when),
                    str(then.text) if then else "continue",
                )
            )
    return Switch(**common, cases=tuple(cases))
