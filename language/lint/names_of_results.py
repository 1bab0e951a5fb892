"""Tasks of one name in different lists: `$case.results` keeps one result for both."""

from __future__ import annotations

from language.draft import Draft
from language.tree import TaskNode


def check(draft: Draft) -> None:
    """Look for results that overwrite each other and are read."""
    if not draft.is_service_process:
        return
    seen: dict[str, TaskNode] = {}
    for task in draft.flow.walk():
        if task.type is None or task.type.keyword not in ("call", "run"):
            continue
        first = seen.setdefault(task.name, task)
        if first is not task and first.within is not task.within and _is_read(draft, task.name):
            draft.report.say(
                "CW228",
                task.key,
                f'"{task.name}" is also the name of a task in line {first.key.line}',
                f"$case.results.{task.name} holds the result of whichever ran last: rename one.",
            )


def _is_read(draft: Draft, name: str) -> bool:
    return f"$case.results.{name}" in draft.source.text or any(
        path.startswith(f"results.{name}.") or path == f"results.{name}"
        for message in draft.messages.values()
        for path in message.reads
    )
