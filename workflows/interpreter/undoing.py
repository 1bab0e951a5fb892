"""Undoing: the undos of finished tasks, in the reverse order of finishing, shielded from the flow.

What can be undone is data of the state: one entry for each finished task that has an undo. An entry
is undone once, by whoever asks first: the function `undo`, or the end of a case that is cancelled or
fails. An undo that fails waits for an operator, and the next ones go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from language.plan import Call, Literal, MapTemplate, Plan, Task, Template, inner_tasks
from language.step_map import every_task
from service.instants import read_instant, write_instant
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin
from workflows.interpreter.errors import CaseError
from workflows.interpreter.frames import Frame
from workflows.interpreter.scope import Scope
from workflows.interpreter.sequence import run_tasks
from workflows.interpreter.undoable import is_undoable

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

FINAL = ("undone", "skipped", "failed")
PARTS_SECONDS = 3600.0
"""How long cancelled parts of the case may take for their own undos before those of the case begin."""


class Undoing:
    """What of a case can be undone, and the undos that run."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._worker: asyncio.Task[None] | None = None
        self._parts: dict[int, asyncio.Task[None]] = {}
        self._plan: dict[str, Task] | None = None
        self._targets: frozenset[str] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something that was asked for is not undone yet."""
        return any(each["state"] in ("asked", "running") for each in self._run.state.undos)

    def asks(self, name: str) -> bool:
        """Whether a work item belongs to an undo that runs: the end of the case does not withdraw it."""
        for each in self._run.state.undos:
            if each["state"] != "running":
                continue
            task = self._task(each["path"])
            inside = {one.name for one in _all_inside(task.undo)}
            reversed_ = name.startswith(f"{task.name}.") and name.endswith(".undo")
            if name in inside or name.partition(".")[0] in inside or (not task.undo and reversed_):
                return True
        return False

    # --- what the flow tells --------------------------------------------------------------------

    def began(self, task: Task, n: int) -> None:
        """A task begins: an undo that goes back to it undoes what finishes from now on."""
        run = self._run
        if run.level < 16 or task.name not in self._back_to():
            return
        mark = run.state.marks.get(task.name)
        if mark is None or (mark["path"], mark["n"]) != (task.path, n):
            # A retry of the same occurrence goes back to its first attempt.
            run.state.marks[task.name] = {
                "path": task.path, "n": n, "from": run.state.undo_count,
            }  # fmt: skip

    def finished(self, task: Task, n: int, result: Any, scope: Scope) -> None:
        """A task has finished; the same occurrence again, after a retry, counts once."""
        run = self._run
        if run.level < 16 or scope.undo is not None or not is_undoable(task):
            return
        undos = run.state.undos
        attempts = scope.attempts if task.kind == "run" else ""
        # An attempt repeats an action under its key; of a part of the case it begins another one.
        known = (task.path, n, attempts)
        undos[:] = [
            each
            for each in undos
            if each["state"] != "ready" or (each["path"], each["n"], each["attempts"]) != known
        ]
        undos.append(
            {
                "seq": run.state.undo_count,
                "task": task.name,
                "path": task.path,
                "n": n,
                "attempts": attempts,
                "result": result,
                "names": dict(scope.names),
                "at": run.now_text(),
                "state": "ready",
            }
        )
        run.state.undo_count += 1

    # --- who asks -------------------------------------------------------------------------------

    def ask(self, back_to: str, request: str) -> None:
        """Undo what has finished since a task began, itself included."""
        state = self._run.state
        mark = state.marks.get(back_to)
        if mark is None:
            return
        # Other branches of a fork keep what they have done: only the list of the task goes back.
        inside = mark["path"].rsplit("/", 2)[0] + "/"
        self._ask(
            (
                each
                for each in state.undos
                if each["seq"] >= mark["from"] and each["path"].startswith(inside)
            ),
            request,
        )

    async def settled(self, request: str) -> list[dict[str, str]]:
        """What became of what a request has asked for, when all of it has come to an end."""
        run = self._run
        state = run.state
        await wait_until(
            run.effects,
            run.bell,
            lambda: all(e["state"] in FINAL for e in state.undos if e.get("for") == request),
        )
        return self._collect([each for each in state.undos if each.get("for") == request])

    async def everything(self) -> list[dict[str, str]]:
        """Undo all that has finished: the case ends, and not well."""
        run = self._run
        state = run.state
        if not state.undos:
            return []
        await self._parts_have_ended()
        self._ask(state.undos, "end")
        await wait_until(
            run.effects, run.bell, lambda: all(each["state"] in FINAL for each in state.undos)
        )
        return self._collect(list(state.undos))

    def decided(self, seq: int, act: str) -> None:
        """An operator has decided about a task of an undo."""
        for each in self._run.state.undos:
            if each["seq"] == seq and act == "skip":
                each["skipped"] = True

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self.is_busy:
            self._start()

    # --- the worker -----------------------------------------------------------------------------

    def _ask(self, entries: Iterable[dict[str, Any]], request: str) -> None:
        for each in entries:
            if each["state"] == "ready":
                each["state"] = "asked"
                each["for"] = request
        self._start()

    def _start(self) -> None:
        if self._worker is None or self._worker.done():
            self._worker = begin(self._run, self._work())

    async def _work(self) -> None:
        while True:
            entry = self._next()
            if entry is None:
                return
            await self._go_through(entry)

    def _next(self) -> dict[str, Any] | None:
        """The newest one that is to be undone; before it those that a snapshot found under way."""
        each: dict[str, Any]
        undos = self._run.state.undos
        for each in reversed(undos):
            if each["state"] == "running" and each["seq"] not in self._parts:
                return each
        for each in reversed(undos):
            if each["state"] == "asked":
                return each
        return None

    async def _go_through(self, entry: dict[str, Any]) -> None:
        run = self._run
        if entry["state"] == "asked":
            entry["state"] = "running"
            entry["frame"] = {}
            self._spend(entry)
            run.trace(undoes=entry["task"])
        seq: int = entry["seq"]
        part = self._parts[seq] = begin(run, self._undo(entry))
        await wait_until(run.effects, run.bell, lambda: part.done() or self._waits(seq))

    def _waits(self, seq: int) -> bool:
        """Whether an undo waits for an operator: the next ones do not wait for it."""
        return any(
            held.get("undo") == seq and "decision" not in held
            for held in self._run.state.held.values()
        )

    async def _undo(self, entry: dict[str, Any]) -> None:
        run = self._run
        task = self._task(entry["path"])
        place = f"undo~{entry['seq']}"
        run.waits[place] = (entry["task"], "is undone")
        run.state.rested = True
        run.passed(f"{task.path}/metadata/undo")
        run.changed()
        frame = Frame(entry["frame"])
        scope = Scope(names=entry["names"], beside=True, undo=entry["seq"])
        try:
            if task.undo:
                await run_tasks(run, task.undo, frame, entry["result"], scope, steady=True)
            else:
                await run.reverse(task, frame, entry["n"], entry["result"], scope)
        except CaseError as error:
            # Reached only when an operator gives it up: a failing undo is held.
            became, said = "failed", f"{entry['task']}: not undone: {error}"
        else:
            skipped = entry.get("skipped", False)
            became = "skipped" if skipped else "undone"
            said = f"{entry['task']}: skipped" if skipped else entry["task"]
        self._spend(entry)
        for name in ("result", "names", "frame", "skipped"):
            entry.pop(name, None)
        entry["state"] = became
        run.waits.pop(place, None)
        run.note("undone" if became == "undone" else "undo", said, task=entry["task"])
        run.changed()

    def _collect(self, entries: list[dict[str, Any]]) -> list[dict[str, str]]:
        undos = self._run.state.undos
        for each in entries:
            undos.remove(each)
        newest_first = sorted(entries, key=lambda each: -each["seq"])
        return [{"task": each["task"], "state": each["state"]} for each in newest_first]

    def _spend(self, entry: Mapping[str, Any]) -> None:
        """What is undone must not be done again under the same key: it would count as done."""
        state = self._run.state
        inside = entry["path"] + "/"
        for path, n in state.occurrences.items():
            if path == entry["path"] or path.startswith(inside):
                state.spent[path] = max(n, state.spent.get(path, 0))

    async def _parts_have_ended(self) -> None:
        """Let parts that were cancelled undo theirs first: they began after what is undone here."""
        run = self._run
        state = run.state
        ending = [name for name, part in state.children.items() if part.get("unwanted")]
        if not ending:
            return
        until = state.flow.setdefault("partsUntil", write_instant(run.later(PARTS_SECONDS)))
        looking = [begin(run, run.look_after(each)) for each in ending]
        await wait_until(
            run.effects,
            run.bell,
            lambda: all("as" in state.children.get(each, {"as": ""}) for each in ending),
            read_instant(until),
            "cancelled parts end",
            always=True,
        )
        for each in looking:
            each.cancel()

    # --- the plan -------------------------------------------------------------------------------

    def _task(self, path: str) -> Task:
        if self._plan is None:
            self._plan = {task.path: task for task in every_task(self._run.plan)}
        return self._plan[path]

    def _back_to(self) -> frozenset[str]:
        """Names of the tasks that an undo of the definition goes back to."""
        if self._targets is None:
            self._targets = _back_to(self._run.plan)
        return self._targets


def _back_to(plan: Plan) -> frozenset[str]:
    return frozenset(
        literal
        for task in every_task(plan)
        if isinstance(task, Call) and task.function == "undo"
        for literal in [_target(task.arguments)]
        if literal is not None
    )


def _all_inside(tasks: tuple[Task, ...]) -> Iterator[Task]:
    for task in tasks:
        yield task
        yield from _all_inside(inner_tasks(task))


def _target(arguments: Template) -> str | None:
    if isinstance(arguments, Literal) and isinstance(arguments.value, Mapping):
        return str(arguments.value.get("backTo"))
    found = arguments.get("backTo") if isinstance(arguments, MapTemplate) else None
    return str(found.value) if isinstance(found, Literal) else None
