"""`checklist`: items side by side or one after the other, each a work item, a call or a part.

Every item has a frame and a key of its own, so it goes on from a snapshot like a task. What one item
comes to is an entry of the result; only the end of the whole list is decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from language.functions import CATALOG
from language.plan import Call, ListTemplate, Literal, MapTemplate, RunWorkflow
from service import checklists
from service.checklists import DONE, FAILED, MISSED, SKIPPED
from service.forms import check
from service.instants import read_instant, write_instant
from workflows.functions import work_item
from workflows.functions.call import FunctionCall
from workflows.functions.reminders import Reminders
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin, withdraw
from workflows.interpreter.errors import CaseError
from workflows.interpreter.tasks import run_workflow
from workflows.interpreter.undoable import is_undoable

Item = Mapping[str, Any]

NOT_AS_ITEM = ("approval", "checklist", "http", "openapi", "work-item")
"""Functions that need more of a task than an item has: `run` a definition that calls them."""
MOST_ITEMS = 500
"""More than that is a case of its own for each."""
UNDO_DUE: Mapping[str, Any] = {"days": 1}


async def run(call: FunctionCall) -> Any:
    """Go through the items until the list is complete, has failed, or its time is over."""
    return await _Checklist(call).run()


async def reverse(call: FunctionCall, result: Any) -> None:
    """Have done items taken back by people, the one finished last first (`undo: reverse-items`).

    Raises:
        CaseError: somebody says that it cannot be taken back.
    """
    for item in checklists.reversed_items(result):
        place = call.frame.child(item["key"])
        if "gone" in place:
            continue
        who = {"person": item["by"]} if item.get("by") else _anybody(call)
        arguments = {
            "title": item["undo"],
            "description": f"Undo / 復原：{item.get('title') or item['key']}",
            "assign": who,
            "due": dict(UNDO_DUE),
            "onDue": "keep",
            "form": dict(checklists.REMARK_FORM),
            "outcomes": {
                DONE: checklists.OUTCOMES[DONE],
                FAILED: {**checklists.OUTCOMES[FAILED], "requires": ["remark"]},
            },
        }
        part = _part(call, "work-item", f"{item['key']}.undo", place.child("item"), arguments)
        answered = await work_item.run(part)
        if answered["outcome"] != DONE:
            remark = (answered["answer"] or {}).get("remark") or answered["outcome"]
            raise CaseError.of("runtime", f"{item['undo']}: {remark}", call.task.path)
        place["gone"] = True


class _Checklist:
    def __init__(self, call: FunctionCall) -> None:
        self.call = call
        self.items: list[Item] = list(call.arguments["items"])
        self.parts: dict[str, asyncio.Task[None]] = {}
        """Key -> what goes through the item, for those under way."""
        frame = call.frame
        if "results" not in frame:
            frame["results"] = {}
            frame["started"] = []
        self.results: dict[str, Any] = frame["results"]

    async def run(self) -> Any:
        call, run, frame = self.call, self.call.run, self.call.frame
        self._check()
        if "due" not in frame:
            due = await run.due_at(call.arguments["due"], f"due time of {call.summary}")
            frame["due"] = write_instant(due)
        try:
            async with Reminders(
                call, call.arguments.get("remind"), default_to=None, send=self._remind
            ):
                outcome = await self._until_decided()
        except asyncio.CancelledError:
            # Not in a `finally`: where the case is let go of, nothing can be waited for any more.
            if not run.dropped:
                await withdraw(*self.parts.values())
                self._undo_what_was_done()
            raise
        if "outcome" not in frame:
            frame["outcome"] = outcome
        await withdraw(*self.parts.values())
        left = MISSED if outcome == MISSED else SKIPPED
        for item in self.items:
            if item["key"] not in self.results:
                self._finished(item, left)
        done = sum(each["state"] == DONE for each in self.results.values())
        run.note(
            "checklist",
            f"{call.arguments['title']}: {outcome}, {done} of {len(self.items)} done",
            task=call.task.name,
        )
        return self._result(outcome)

    def _result(self, outcome: str) -> dict[str, Any]:
        found = [self.results[item["key"]] for item in self.items if item["key"] in self.results]
        return {
            "outcome": outcome,
            "items": found,
            "done": sum(each["state"] == DONE for each in found),
            "total": len(self.items),
        }

    def _undo_what_was_done(self) -> None:
        """The list is withdrawn in its middle: its done items are undone like a finished task."""
        call = self.call
        if is_undoable(call.task) and self.results:
            call.run.undoing.finished(call.task, call.n, self._result(SKIPPED), call.scope)

    async def _until_decided(self) -> str:
        call, run, frame = self.call, self.call.run, self.call.frame
        while True:
            outcome = self._outcome()
            if outcome is not None:
                return outcome
            self._start()
            said = f"waits for {call.arguments['title']}: {self._progress()}"
            run.waiting(call.task, said, call.scope)
            deadline = None if frame.get("overdue") else read_instant(frame["due"])
            in_time = await wait_until(
                run.effects,
                run.bell,
                self._more_than(len(self.results)),
                deadline,
                f"due: {call.arguments['title']}",
            )
            if in_time:
                continue
            frame["overdue"] = True
            run.note("overdue", str(call.arguments["title"]), task=call.task.name)
            run.trace(overdue=call.task.name)
            run.events.happened("item.overdue", {"item": None, "task": call.task.name})
            if call.arguments["onDue"] != "keep":
                return MISSED

    def _more_than(self, known: int) -> Callable[[], bool]:
        return lambda: len(self.results) > known

    def _outcome(self) -> str | None:
        known: str | None = self.call.frame.get("outcome")
        if known is not None:
            return known
        states = [self.results.get(item["key"], {}).get("state") for item in self.items]
        return checklists.decided(self.call.arguments, states)

    def _progress(self) -> str:
        finished = len(self.results)
        return f"{finished} of {len(self.items)} finished"

    def _start(self) -> None:
        """Begin what may begin, in declared order; after a snapshot, what had begun before."""
        started: list[str] = self.call.frame["started"]
        at_most = self.call.arguments.get("atMost") or len(self.items)
        for item in self.items:
            key = item["key"]
            if key in self.results or (key in self.parts and not self.parts[key].done()):
                continue
            under_way = [each for each in started if each not in self.results]
            if key not in started:
                if len(under_way) >= at_most:
                    break
                started.append(key)
            self.parts[key] = begin(self.call.run, self._go_through(item))

    # --- one item -------------------------------------------------------------------------------

    async def _go_through(self, item: Item) -> None:
        run, begun = self.call.run, self.call.frame.child("begun")
        if item["key"] not in begun:
            if run.suspension.delays(self.call.scope):
                # As a task, an item does not begin in a suspended case.
                await run.suspension.over(self.call.scope)
            begun[item["key"]] = True
        try:
            if item.get("call") is not None:
                self._finished(item, DONE, result=await self._called(item))
            elif item.get("run") is not None:
                self._finished(item, DONE, result=await self._run(item))
            else:
                self._answered(item, await self._asked(item))
        except CaseError as error:
            detail = str(error.error.get("detail") or error.error.get("title"))
            self._finished(item, FAILED, error=detail)
        self.call.run.changed()

    async def _asked(self, item: Item) -> Mapping[str, Any]:
        """What a person says of an item."""
        call = self.call
        form = item.get("form")
        outcomes: dict[str, dict[str, Any]] = {
            name: dict(rules) for name, rules in checklists.OUTCOMES.items()
        }
        if form is None:
            form = dict(checklists.REMARK_FORM)
            for name in (FAILED, SKIPPED):
                outcomes[name]["requires"] = ["remark"]
        own = item.get("due")
        missed = own is not None and call.arguments["onDue"] != "keep"
        arguments = {
            "title": item["title"],
            "description": item.get("description") or call.arguments["title"],
            "form": form,
            "assign": item.get("assign") or _anybody(call),
            "due": {"at": call.frame["due"]} if own is None else own,
            "onDue": {"answer": MISSED} if missed else "keep",
            "outcomes": outcomes,
        }
        part = _part(call, "work-item", item["key"], self._place(item), arguments)
        try:
            answered: Mapping[str, Any] = await work_item.run(part)
        finally:
            call.run.rested(part.task)
        return answered

    def _answered(self, item: Item, said: Mapping[str, Any]) -> None:
        outcome = said["outcome"]
        state = outcome if outcome in (DONE, MISSED, SKIPPED) else FAILED
        self._finished(
            item, state, outcome=outcome, answer=said["answer"], by=said["by"], at=said["at"]
        )

    async def _called(self, item: Item) -> Any:
        # The registry names this module as well.
        from workflows.functions.registry import FUNCTIONS  # noqa: PLC0415

        part = _part(
            self.call, item["call"], item["key"], self._place(item), item.get("with") or {}
        )
        try:
            return await FUNCTIONS[item["call"]](part)
        finally:
            self.call.run.rested(part.task)

    async def _run(self, item: Item) -> Any:
        call = self.call
        task = RunWorkflow(
            name=f"{call.task.name}.{item['key']}",
            path=f"{call.task.path}/items/{item['key']}",
            namespace="",
            workflow=item["run"],
            version="latest",
            value=Literal(item.get("input")),
        )
        try:
            output, _ = await run_workflow.run(
                call.run, task, self._place(item), call.n, call.given, call.scope.branch()
            )
        finally:
            call.run.rested(task)
        return output

    def _place(self, item: Item) -> Any:
        return self.call.frame.child(f"item.{item['key']}")

    def _finished(self, item: Item, state: str, **facts: Any) -> None:
        call = self.call
        self.results[item["key"]] = {
            "key": item["key"],
            "title": item.get("title"),
            "state": state,
            "outcome": facts.get("outcome"),
            "answer": facts.get("answer"),
            "result": facts.get("result"),
            "by": facts.get("by"),
            "at": facts.get("at") or call.run.now_text(),
            "error": facts.get("error"),
            "undo": item.get("undo"),
            "order": len(self.results) + 1,
        }
        call.frame.drop(f"item.{item['key']}")
        said = f": {facts['error']}" if facts.get("error") else ""
        call.run.note(
            "item", f"{item.get('title') or item['key']}: {state}{said}", task=call.task.name,
            by=facts.get("by"),
        )  # fmt: skip

    # --- the whole ------------------------------------------------------------------------------

    async def _remind(self, step: str, spec: dict[str, Any]) -> Any:
        """Remind those who have open items of the list."""
        call = self.call
        arguments: dict[str, Any] = {
            name: spec[name] for name in ("message", "values") if name in spec
        }
        if "message" not in arguments:
            title = call.arguments["title"]
            progress = self._progress()
            arguments["text"] = f"Still open: {title} ({progress})\n\n尚未完成：{title}"
        arguments["to"] = spec.get("to") or self._people() or _anybody(call)
        return await call.act(step, "notify", arguments, summary=f"reminder: {call.summary}")

    def _people(self) -> list[Any]:
        mine = f"{self.call.task.name}."
        found: dict[str, Any] = {}
        for item in self.call.run.state.items.values():
            if item["state"] not in ("open", "claimed") or not item["task"].startswith(mine):
                continue
            chosen = [item["person"]] if item.get("person") else item.get("people") or []
            found.update({f"u.{each}": {"person": each} for each in chosen})
            if not chosen:
                found.update({f"g.{each}": {"group": each} for each in item.get("groups") or ()})
        return list(found.values())

    def _check(self) -> None:
        """Hold the items against what validation could not see, since they come from data.

        Raises:
            CaseError: type `validation`.
        """
        problems = []
        keys = [item["key"] for item in self.items]
        if self.call.deferred is not None:
            problems.append("a secret cannot stand in a checklist: run a definition that uses it")
        if len(keys) > MOST_ITEMS:
            problems.append(f"{len(keys)} items are too many; at most {MOST_ITEMS}")
        problems += [f"two items have the key {each!r}" for each in _twice(keys)]
        rule = self.call.arguments.get("completeWhen", "all")
        if isinstance(rule, Mapping) and rule.get("count", 0) > len(keys):
            problems.append(f"{rule['count']} of {len(keys)} items can never be done")
        written = _written(self.call.task)
        for item in self.items:
            problems += [f"{item['key']}: {each}" for each in self._wrong(item, written)]
        if problems:
            raise CaseError.of(
                "validation", f"checklist {self.call.task.name}: {'; '.join(problems)}",
                self.call.task.path,
            )  # fmt: skip

    def _wrong(self, item: Item, written: dict[str, str] | None) -> list[str]:
        kinds = [name for name in ("assign", "call", "run") if item.get(name) is not None]
        if len(kinds) > 1:
            return [f"it has {' and '.join(kinds)}; only one of them says who does it"]
        kind = kinds[0] if kinds else "assign"
        if kind == "assign":
            form = item.get("form")
            if isinstance(form, str) and form not in self.call.run.plan.forms:
                return [f"there is no form {form!r}"]
            return [] if item.get("title") else ["it needs a title"]
        if written is None or written.get(item["key"]) != item[kind]:
            # A form must not be able to make the case call whatever somebody writes into it.
            return [f"{kind} must be written in the definition; items from data are for people"]
        if kind == "run":
            return []
        function = CATALOG.get(item["call"])
        if function is None or function.name in NOT_AS_ITEM:
            return [f"{item['call']} cannot be an item"]
        said = check(function.arguments, item.get("with") or {}, ours=True)
        return [f"with{each.pointer}: {each.message}" for each in said]


def _part(
    call: FunctionCall, function: str, key: str, frame: Any, arguments: dict[str, Any]
) -> FunctionCall:
    """The call of an item: like that of a task with a name, a path and keys of its own."""
    task = replace(
        call.task,
        name=f"{call.task.name}.{key}",
        path=f"{call.task.path}/items/{key}",
        function=function,
        version=CATALOG[function].version,
        arguments=Literal(arguments),
        # The undo is that of the whole list.
        undo=(),
        metadata={name: each for name, each in call.task.metadata.items() if name != "undo"},
    )
    return replace(
        call,
        task=task,
        descriptor=CATALOG[function],
        frame=frame,
        arguments=arguments,
        scope=call.scope.branch(),
        deferred=None,
    )


def _anybody(call: FunctionCall) -> Any:
    """Who does what nobody is named for: the owner of the case, its group, the definition's owner."""
    record = call.run.state.record
    rules = call.run.plan.rules
    if record.get("owner"):
        return {"person": record["owner"]}
    if record.get("group"):
        return {"group": record["group"]}
    return {"role": rules.owner} if rules.owner else "requester"


def _written(task: Call) -> dict[str, str] | None:
    """Key -> function or definition of the items as the definition has them; None for computed ones."""
    given = task.arguments
    if isinstance(given, Literal):
        items = (given.value or {}).get("items")
        return _named(items if isinstance(items, list) else ())
    if not isinstance(given, MapTemplate):
        return None
    items = dict(given.entries).get("items")
    if isinstance(items, Literal):
        return _named(items.value)
    if not isinstance(items, ListTemplate):
        return None
    plain = []
    for item in items.items:
        if isinstance(item, Literal):
            plain.append(item.value)
        elif isinstance(item, MapTemplate):
            plain.append(
                {name: each.value for name, each in item.entries if isinstance(each, Literal)}
            )
    return _named(plain)


def _named(items: Any) -> dict[str, str]:
    return {
        item["key"]: str(item.get("call") or item.get("run"))
        for item in items
        if isinstance(item, Mapping) and item.get("key") and (item.get("call") or item.get("run"))
    }


def _twice(keys: list[str]) -> list[str]:
    return [each for each in dict.fromkeys(keys) if keys.count(each) > 1]
