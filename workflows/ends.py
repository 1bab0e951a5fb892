"""What a case that only acts tells at its end: to the worker that sees the end, without a command.

Its record is derived: nobody could see such a case before, and nothing follows from what is told.
So it goes the way of a log line or a metric, which costs neither an event of the history nor a
round trip. Where a worker dies before the record is kept, the sweep of the records finds the case
among the closed ones (decision 0010).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

Take = Callable[[Mapping[str, Any]], None]
"""Takes a projection as `Effects.record` does. Called in threads of workflows; returns at once."""

_NAME = "caseway-take-end"


class Ends(Interceptor):
    """Gives the cases of a worker somebody to tell their end to."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """Intercept nothing; the function is all that workflows need."""
        input.unsafe_extern_functions[_NAME] = self._take
        return None


def tell(payload: Mapping[str, Any]) -> None:
    """Tell the worker, once: a replay tells nobody, and neither does a worker that nobody listens to."""
    take = workflow.extern_functions().get(_NAME)
    if take is not None and not workflow.unsafe.is_replaying():
        take(payload)
