"""`remind`: what is sent while something is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from service.instants import read_instant, write_instant
from workflows.functions.call import FunctionCall, told
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin, withdraw
from workflows.interpreter.errors import CaseError

Send = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Sends one reminder: step name, the reminder's own arguments."""


class Reminders:
    """Runs the reminders of a wait beside it, as long as the wait lasts.

    A reminder that cannot be sent is noted and never ends the wait.
    """

    def __init__(
        self,
        call: FunctionCall,
        remind: Any,
        *,
        default_to: Any,
        send: Send | None = None,
        group: str | None = None,
    ) -> None:
        self._call = call
        self._group = group
        """Whose working time counts."""
        self._specs = [] if remind is None else remind if isinstance(remind, list) else [remind]
        self._default_to = default_to
        self._send = send or self._notify
        self._parts: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> None:
        for index, spec in enumerate(self._specs):
            self._parts.append(begin(self._call.run, self._remind(index, spec)))

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not GeneratorExit:
            # Where the whole case is let go of, nothing can be waited for any more.
            await withdraw(*self._parts)

    async def _remind(self, index: int, spec: dict[str, Any]) -> None:
        run = self._call.run
        frame = self._call.frame.child(f"remind{index}")
        every = spec.get("every")
        limit = spec.get("max", 1 if every is None else None)
        frame.data.setdefault("sent", 0)
        while limit is None or frame["sent"] < limit:
            if "due" not in frame:
                span = spec["after"] if every is None else every
                due = await run.due_at(span, f"reminder of {self._call.summary}", self._group)
                if every is not None and due <= run.now() and run.level >= 16:
                    run.note("reminder", f"{self._call.task.name}: no time between reminders")
                    return
                frame["due"] = write_instant(due)
            await wait_until(
                run.effects,
                run.bell,
                lambda: False,
                read_instant(frame["due"]),
                f"reminder of {self._call.task.name}",
            )
            try:
                result = await self._send(f"remind{index}.{frame['sent'] + 1}", spec)
                run.trace(reminds=self._call.task.name, to=told(result))
                run.note("reminded", self._call.task.name, task=self._call.task.name)
            except CaseError as error:
                run.note("reminder", f"{self._call.task.name} not sent: {error}")
            frame["sent"] += 1
            frame.drop("due")

    async def _notify(self, step: str, spec: dict[str, Any]) -> Any:
        arguments: dict[str, Any] = {"to": spec.get("to", self._default_to)}
        for name in ("message", "text", "values"):
            if name in spec:
                arguments[name] = spec[name]
        if "message" not in arguments and "text" not in arguments:
            # An empty mail would remind nobody of anything.
            about = self._call.run.state.record.get("subject") or self._call.summary
            arguments["text"] = f"Still waiting: {about}\n\n仍在等待：{about}"
        return await self._call.act(
            step, "notify", arguments, summary=f"reminder: {self._call.summary}"
        )
