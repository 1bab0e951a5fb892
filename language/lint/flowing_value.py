"""`.field` where `$case` was probably meant: in a service process `.` is the last task's result."""

from __future__ import annotations

from language.draft import Draft
from language.lint.case_data import result_schema
from language.sites import Site, sites_of
from language.tree import TaskNode


def check(draft: Draft) -> None:
    """Look at reads from `.` in tasks of the flow whose predecessor is a function of ours."""
    if not draft.is_service_process:
        return
    for site in sites_of(draft):
        program = site.program
        if site.is_text or program is None or site.task is None:
            continue
        if site.task.within.kind != "flow" or site.where[:1] in (("output",), ("export",)):
            continue
        if site.variables or site.task.node.get("input") is not None:
            continue
        before = _before(site.task)
        if before is None or draft.resolve(before.function or "").function is None:
            continue
        for path in program.paths:
            if path.root == "." and path.keys:
                _say(draft, site, before, path.keys[0], path.offset, path.length)


def _before(task: TaskNode) -> TaskNode | None:
    tasks = task.within.tasks
    index = tasks.index(task)
    before = tasks[index - 1] if index and task.within.is_sequence else None
    return before if before is not None and before.function else None


def _say(draft: Draft, site: Site, before: TaskNode, key: str, offset: int, length: int) -> None:
    schema = result_schema(draft, before)
    properties = schema.get("properties", {}) if schema else {}
    if schema is None or key in properties or not properties:
        return
    line, column = site.place_of(offset)
    owners = [
        name
        for name, task in draft.results.items()
        if key in (result_schema(draft, task) or {}).get("properties", {})
    ]
    meant = f"$case.results.{owners[0]}.{key}" if owners else f"$case.input.{key}"
    draft.report.say_at(
        "CW304",
        line,
        column,
        f'"." is here the result of "{before.name}" ({before.function}), which has no "{key}"',
        f"Did you mean {meant}?",
        length,
    )
