"""Which places of a definition rehearsals pass, and which they never do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from language.plan import Plan, Switch, Task, inner_tasks
from workflows.interpreter.undoable import is_undoable


@dataclass(frozen=True, slots=True)
class Place:
    """Something of a definition that a case passes or not.

    `key` is what a running case calls it, `inside` the key of what it lies in; `line` is 0 where
    the plan does not know it.
    """

    key: str
    kind: str
    """task | condition | case | threshold | reaction | undo"""
    name: str
    line: int
    never: str
    """What to say of a place that no rehearsal passes."""
    inside: str = ""


def places(plan: Plan) -> tuple[Place, ...]:
    """All places of a definition, in the order in which they are written."""
    found = list(_of_tasks(plan.tasks, ""))
    for clock in plan.rules.clocks:
        for threshold in clock.at:
            key = f"clock:{clock.name}:{threshold.name}"
            # The number before it only keeps two equal thresholds apart.
            name = f"{clock.name} {threshold.name.partition('-')[2] or threshold.name}"
            says = f"clock {name} is never reached"
            found.append(Place(key, "threshold", name, _line(threshold.tasks), says))
            found += _of_tasks(threshold.tasks, key)
    for reaction in plan.rules.reactions:
        key, name = f"reaction:{reaction.name}", reaction.name
        says = f"reaction {name} never begins"
        found.append(Place(key, "reaction", name, _line(reaction.tasks), says))
        found += _of_tasks(reaction.tasks, key)
    return tuple(found)


def missed(plan: Plan, passed: Iterable[str]) -> tuple[Place, ...]:
    """The places that none of the rehearsals passed.

    What lies inside a place that is never reached is left out: one sentence per cause.
    """
    known = frozenset(passed)
    return tuple(
        place
        for place in places(plan)
        if place.key not in known and (not place.inside or place.inside in known)
    )


def _line(tasks: tuple[Task, ...]) -> int:
    return tasks[0].line if tasks else 0


def _of_tasks(tasks: Iterable[Task], inside: str) -> Iterator[Place]:
    for task in tasks:
        name, line, key = task.name, task.line, task.path
        yield Place(key, "task", name, line, f"task {name} is never reached", inside)
        if task.condition is not None:
            says = f"the condition of {name} always holds"
            yield Place(f"{key}?skipped", "condition", name, line, says, inside)
        if isinstance(task, Switch):
            for each in task.cases:
                says = f"case {each.name} of {name} is never taken"
                yield Place(f"{key}={each.name}", "case", each.name, line, says, key)
        yield from _of_tasks(inner_tasks(task), key)
        if is_undoable(task):
            undo = f"{key}/metadata/undo"
            line = _line(task.undo) or line
            yield Place(undo, "undo", name, line, f"the undo of {name} never runs", key)
            yield from _of_tasks(task.undo, undo)
