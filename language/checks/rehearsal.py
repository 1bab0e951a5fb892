"""A rehearsal beside its definition: the tasks, outcomes, statuses and people that it names.

What a rehearsal misspells would only show when it is run, as a line that never applies. Here it
gets a line, a column and the name that was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from language.data_fit import in_subset, is_understood
from language.draft import EMPTY, Draft
from language.functions.escalation import DEFINITION
from language.lint.case_data import data_names, outcomes_of
from language.lint.escalations import escalates
from language.report import OneCode, Report
from language.shape import Shape
from language.source import Key, Node
from language.tree import TaskNode
from language.words import closest, quoted, suggestion

_OF_TASKS = (
    "opens", "reminds", "reassigns", "withdraws", "answers", "overdue", "holds", "reopens", "undoes", "task",
    "delegates", "claim", "release", "delegate", "reassign", "draft", "votes",
    "closes", "extends", "holdsBack", "tells",
)  # fmt: skip
_OF_CLOCKS = ("breaches", "threshold")
CASE_EVENTS = (
    "message.received", "message.sent", "item.opened", "item.claimed", "item.answered",
    "item.overdue", "status.changed", "case.updated", "case.linked", "clock.breached",
    "case.cancelled", "case.failed",
    "escalation.changed",
)  # fmt: skip
"""Events that every case has, besides those of its own."""


def check(root: Node, report: Report, draft: Draft) -> None:
    """Look up every name of a rehearsal in its definition."""
    _Check(root, report, draft).run()


class _Check:
    def __init__(self, root: Node, report: Report, draft: Draft) -> None:
        self.root = root
        self.report = report
        self.draft = draft
        self.tasks = {task.name: task for task in draft.tasks}
        self.real = any(
            (run.text == "real") for run in [(root.get("stubs") or EMPTY).get("run") or EMPTY]
        )
        """Whether other definitions are played as well, whose names are not known here."""

    def run(self) -> None:
        self._input()
        self._stubs()
        expect = self.root.get("expect") or EMPTY
        ends = expect.get("ends") or EMPTY
        self._status(ends.get("status"))
        for line in (self.root.get("script") or EMPTY).items or ():
            self._script_line(line)
        for section in ("timeline", "never"):
            for line in (expect.get(section) or EMPTY).items or ():
                self._happening(line)
        for key, _ in (expect.get("clocks") or EMPTY).entries or ():
            self._expect(key, key.name, self.draft.clocks, "clock")
        known = data_names(self.draft)
        for key, _ in (expect.get("data") or EMPTY).entries or ():
            if known is not None:
                self._expect(key, key.name, known, "value of $case.data")

    # --- what the case starts with, and what systems answer ---------------------------------------

    def _input(self) -> None:
        schema = self.draft.part("input", "schema").get("document")
        given = self.root.get("input")
        value = schema.value if schema is not None else None
        if not isinstance(value, Mapping) or not is_understood(value):
            return
        place = self.root.key("input") or self.root
        if given is None:
            if value.get("required"):
                self.report.say(
                    "CW223",
                    self.root,
                    f"the definition asks for {quoted(value['required'])}",
                    'Give it under "input".',
                )
            return
        Shape(OneCode(self.report, "CW223"), expressions=False).check(
            given, in_subset(value), "the input", place
        )
        known = value.get("properties") or {}
        for key, _ in given.entries or () if "additionalProperties" not in value else ():
            if known and key.name not in known:
                self.report.say(
                    "CW224",
                    key,
                    f'the schema of the input does not mention "{key.name}"',
                    suggestion(key.name, known, allowed="It has"),
                )

    def _stubs(self) -> None:
        used = dict.fromkeys(filter(None, (self._called(task) for task in self.draft.tasks)))
        for key, value in (self.root.get("stubs") or EMPTY).entries or ():
            if key.name == "run" and value.text is None:
                workflows = (task.node.get("run") or EMPTY for task in self.draft.tasks)
                names = ((each.get("workflow") or EMPTY).get("name") for each in workflows)
                runs = [each.text for each in names if each is not None and each.text]
                runs += [DEFINITION for task in self.draft.tasks if escalates(self.draft, task)]
                for run, _ in value.entries or ():
                    self._expect(run, run.name, runs, "definition that it runs")
            elif key.name not in ("http", "run") and not self.real:
                self._expect(key, key.name, list(used), "function that it calls")
                self._returns(key.name, value)

    def _returns(self, name: str, stubs: Node) -> None:
        """What a stub gives back is what its function gives, or a part of it."""
        function = self.draft.catalog.get(name)
        if function is None or function.result.get("type") != "object":
            return
        schema = {key: each for key, each in function.result.items() if key != "required"}
        for stub in stubs.items or ():
            given = stub.get("returns")
            if given is not None:
                Shape(OneCode(self.report, "CW223"), expressions=False).check(
                    given, schema, f"the result of {name}"
                )

    def _called(self, task: TaskNode) -> str | None:
        function = self.draft.resolve(task.function).function if task.function else None
        return function.name if function else None

    # --- lines ------------------------------------------------------------------------------------

    def _script_line(self, line: Node) -> None:
        when = line.get("when") or EMPTY
        self._happening(when)
        for key in ("task", "claim", "release", "delegate", "reassign", "draft"):
            self._task(line.get(key))
        for key in ("by", "to", "onBehalfOf"):
            self._person(line.get(key))
        self._ladder(line.get("acknowledge"))
        event = line.get("event")
        if event is not None and event.text is not None:
            known = list(dict.fromkeys([*_events(self.draft), *CASE_EVENTS]))
            if event.text not in known and (not event.text or closest(event.text, known)):
                self._expect(event, event.text, known, "event that the definition knows")
        down = line.get("down")
        if down is not None and down.text is not None:
            capabilities = dict.fromkeys(name.partition(".")[0] for name in self.draft.catalog)
            self._expect(down, down.text, list(capabilities), "system")
        if line.get("vote") is not None and not self.real:
            self._vote(line.get("task") or when.get("opens"))
        self._person(line.get("seat"))
        answer, values = line.get("answer"), line.get("values")
        refused = line.get("refused")
        if answer is None or self.real or (refused is not None and refused.scalar is True):
            # What has to be refused may well be wrong.
            return
        item = self._item(line.get("task") or when.get("opens"))
        if item is not None:
            self._answer(item, answer, values, line)

    def _happening(self, line: Node) -> None:
        for key in _OF_TASKS:
            self._task(line.get(key))
        for key in _OF_CLOCKS:
            clock = line.get(key)
            if clock is not None and clock.text is not None and not self.real:
                self._expect(clock, clock.text, self.draft.clocks, "clock")
        self._ladder(line.get("escalates"))
        self._status(line.get("status"))
        self._person(line.get("person"))
        self._person(line.get("by"))
        action = line.get("action")
        if action is not None and action.text is not None:
            self._expect(action, action.text, list(self.draft.catalog), "function")
        started = line.get("starts")
        if started is not None and started.text is not None and self.draft.known is not None:
            self._expect(started, started.text, sorted(self.draft.known), "definition")
        message = line.get("message")
        if message is not None and message.text is not None and not self.real:
            self._expect(message, message.text, list(self.draft.messages), "message")
        outcome = line.get("outcome")
        item = self._item(line.get("answers"))
        if outcome is not None and outcome.text is not None and item is not None:
            known = outcomes_of(self.draft, item)
            if known:
                self._expect(outcome, outcome.text, known, f'outcome of "{item.name}"')

    # --- names ------------------------------------------------------------------------------------

    def _expect(self, place: Node | Key, name: str, known: Iterable[str], kind: str) -> None:
        every = list(known)
        if name not in every:
            self.report.say(
                "CW222",
                place,
                f'"{name}" is no {kind}' if name else f"a name is missing: no {kind} is named here",
                suggestion(name, every, allowed="Known"),
            )

    def _task(self, node: Node | None) -> None:
        if node is not None and node.text is not None and not self.real:
            self._expect(node, _task_of(node.text), list(self.tasks), "task of the definition")

    def _item(self, node: Node | None) -> TaskNode | None:
        """The work item that a line is about."""
        if node is None or node.text is None:
            return None
        task = self.tasks.get(_task_of(node.text))
        return task if task is not None and self._called(task) == "work-item" else None

    def _vote(self, node: Node | None) -> None:
        """Votes are given on approvals; other work is answered."""
        task = self.tasks.get(_task_of(node.text)) if node is not None and node.text else None
        if node is not None and task is not None and self._called(task) != "approval":
            self.report.say(
                "CW234",
                node,
                f'"{task.name}" is no approval: nobody votes on it',
                "Work items are answered: answer: one of their outcomes.",
            )

    def _status(self, node: Node | None) -> None:
        if node is None or node.text is None or self.real or self.draft.of_matter:
            return
        self._expect(node, node.text, self.draft.statuses, "status of the definition")

    def _ladder(self, node: Node | None) -> None:
        if node is None or node.text is None or self.draft.organization is None:
            return
        own = ((self.root.get("organization") or EMPTY).get("ladders") or EMPTY).names()
        known = [*self.draft.organization.names("ladder"), *own]
        self._expect(node, node.text, known, "ladder of the organization")

    def _person(self, node: Node | None) -> None:
        if node is None or node.text is None or self.draft.organization is None:
            return
        own = ((self.root.get("organization") or EMPTY).get("people") or EMPTY).names()
        known = [*self.draft.organization.names("person"), *own]
        if "@" not in node.text and (known or not node.text):
            self._expect(node, node.text, known, "person of the organization")

    def _answer(self, item: TaskNode, answer: Node, values: Node | None, line: Node) -> None:
        outcomes = (item.node.get("with") or EMPTY).get("outcomes") or EMPTY
        if answer.text is None or not outcomes.entries:
            return
        known = outcomes.names()
        if answer.text not in known:
            self._expect(answer, answer.text, known, f'outcome of "{item.name}"')
            return
        schema = self.draft.form_schema(item)
        if not isinstance(schema, Mapping):
            return
        if values is not None and values.entries is not None and is_understood(schema):
            fields = {"type": "object", **in_subset(schema)}
            Shape(OneCode(self.report, "CW223"), expressions=False).check(
                values,
                {**fields, "required": []},
                f'an answer to "{item.name}"',
                line.key("values"),
            )
        required = (outcomes.get(answer.text) or EMPTY).get("requires") or EMPTY
        given = values.names() if values is not None else ()
        missing = [
            each.text
            for each in required.items or ()
            if each.text and each.text not in given and not any(closest(name, [each.text]) for name in given if name not in schema.get("properties", {}))
        ]  # fmt: skip
        prefilled = ((item.node.get("with") or EMPTY).get("prefill") or EMPTY).names()
        missing = [each for each in missing if each not in prefilled]
        if missing:
            self.report.say(
                "CW223",
                line.key("values") or answer,
                f'the outcome "{answer.text}" of "{item.name}" requires {quoted(missing)}',
                "Give it under values; without it the answer is refused.",
            )


def _task_of(item: str) -> str:
    """The task of `work#2`, its second time, or of `steps.first`, an item of a checklist."""
    return item.partition(":")[0].partition("#")[0].partition(".")[0]


def _events(draft: Draft) -> Iterator[str]:
    """Types of the events that something in the definition waits for or reacts to."""
    for node in (draft.metadata, *(task.node for task in draft.tasks)):
        for each in node.walk():
            for key in ("event", "type", "on", "to"):
                found = each.get(key)
                if found is not None and found.text:
                    yield found.text
