"""`metadata.safeRead` promises that a call changes nothing: it may be made twice, and at once."""

from __future__ import annotations

from language.draft import EMPTY, Draft
from language.tree import TaskNode

SAFE_METHODS = ("get", "head", "options")
"""RFC 9110 calls them safe."""


def check(draft: Draft) -> None:
    """Look at every task that promises it."""
    for task in draft.tasks:
        promise = (task.node.get("metadata") or EMPTY).get("safeRead")
        if promise is not None and promise.scalar is True and not _may_be_safe(draft, task):
            draft.report.say(
                "CW420",
                promise,
                f'"{task.name}" may change something: it cannot be a safe read',
                "Only call: http with method get, head or options can be one, and call: openapi "
                "where the operation is a read. Take safeRead away.",
            )


def _may_be_safe(draft: Draft, task: TaskNode) -> bool:
    name = task.function
    function = draft.resolve(name).function if name else None
    if function is None:
        # A function of the file itself, or one that is a finding already.
        return task.node.get("call") is not None
    if function.name == "http":
        method = (task.node.get("with") or EMPTY).get("method")
        return method is not None and (method.text or "").lower() in SAFE_METHODS
    return function.kind == "reads" or function.name == "openapi"
