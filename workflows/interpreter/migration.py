"""Moving a running case to another version of its definition: a snapshot of the old, one for the new.

A case moves as a whole or not at all: where anything that it still needs has no counterpart, every
reason is given, each at its place in the old version. Keys of actions stay what they were.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from language.plan import Call, Do, For, Fork, Listen, Plan, Task, Try
from language.step_map import counterpart, lists_beside, match_plans, said, same_kind
from service.clocks import ClockState
from workflows.interpreter.undoable import is_undoable

OPEN = ("open", "claimed")

NAMED = ("approval", "checklist")
"""Functions whose rounds and items are known by the name of their task until they are over."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a case cannot move: its place in the old version, and what would help."""

    place: str
    line: int
    reason: str
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """As doors tell it."""
        told: dict[str, Any] = {"place": self.place, "reason": self.reason}
        if self.line:
            told["line"] = self.line
        if self.hint:
            told["hint"] = self.hint
        return told


@dataclass(frozen=True, slots=True)
class Given:
    """What the step map says: names of the old version -> names of the new one."""

    tasks: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Any) -> Given:
        """Read `{tasks, clocks}`; anything else in it was refused by the door."""
        given = data if isinstance(data, Mapping) else {}
        return cls(_texts(given.get("tasks")), _texts(given.get("clocks")))


def migrate(
    old: Plan, new: Plan, state: Mapping[str, Any], given: Given
) -> tuple[dict[str, Any], list[Obstacle]]:
    """The snapshot as the new version takes it, and what is in the way; with any, it is of no use."""
    move = _Move(old, new, copy.deepcopy(dict(state)), given)
    move.everything()
    return move.state, move.obstacles


def _texts(value: Any) -> dict[str, str]:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {str(name): str(target) for name, target in pairs}


class _Move:
    def __init__(self, old: Plan, new: Plan, state: dict[str, Any], given: Given) -> None:
        self.old = old
        self.new = new
        self.state = state
        self.given = given
        self.steps = match_plans(old, new, given.tasks)
        self.obstacles: list[Obstacle] = []

    def everything(self) -> None:
        state = self.state
        for reason in self.steps.unknown:
            self.obstacles.append(Obstacle("/", 0, reason))
        if state["ended"] is not None or state["cancel"] is not None or "ending" in state["flow"]:
            self.obstacles.append(Obstacle("/", 0, "the case is at its end"))
            return
        if "tasks" in state["flow"]:
            self._list(state["flow"]["tasks"], self.old.tasks, self.new.tasks)
        self._rules()
        self._clocks()
        self._reactions()
        self._undos()
        self._held()
        self._items()
        self._names()

    # --- frames ---------------------------------------------------------------------------------

    def _list(self, frame: dict[str, Any], old: tuple[Task, ...], new: tuple[Task, ...]) -> None:
        at = frame.get("at")
        if at is None:
            return
        if at >= len(old):
            frame["at"] = len(new)
            return
        task = old[at]
        index = counterpart(task, new, self.given.tasks)
        if index is None:
            self._say(
                task,
                f'the case stands at "{task.name}", and the new version has no such task there',
                f"If it has another name now, map it: {{ tasks: {{ {task.name}: NEW-NAME }} }}.",
            )
            return
        frame["at"] = index
        if "task" in frame:
            self._task(frame["task"], task, new[index])

    def _task(self, frame: dict[str, Any], old: Task, new: Task) -> None:
        if "n" not in frame:
            # It has not begun: the new version begins it.
            return
        if not same_kind(old, new):
            self._say(
                old,
                f'"{old.name}" has begun as {said(old)}, and "{new.name}" of the new version is '
                f"{said(new)}",
                "Let it come to its end first, or map it to a task of the same kind.",
            )
            return
        if isinstance(old, Call) and old.function in NAMED and old.name != new.name:
            self._say(
                old,
                f'"{old.name}" has begun, and what people were asked bears its name: it cannot have '
                "another one before it is over",
            )
            return
        if "extended" in frame:
            self._extended(frame["extended"], old, new)
        body = frame.get("body")
        if not body:
            return
        match old, new:
            case (Do(), Do()):
                self._list(body, old.tasks, new.tasks)
            case (For(), For()):
                self._list(body.get("round", {}), old.tasks, new.tasks)
            case (Listen(), Listen()):
                self._list(body.get("round", {}), old.foreach_tasks, new.foreach_tasks)
            case (Try(), Try()):
                self._list(body.get("block", {}), old.tasks, new.tasks)
                self._list(body.get("catch", {}), old.catch.tasks, new.catch.tasks)
                if "counts" in body:
                    body["counts"] = self._by_path(body["counts"])
            case (Fork(), Fork()):
                self._branches(body, old, new)
            case _:
                # What a function or a part remembers says nothing of other tasks.
                return

    def _branches(self, body: dict[str, Any], old: Fork, new: Fork) -> None:
        moved: dict[str, Any] = {}
        for number, branch in enumerate(old.branches):
            place = body.pop(f"branch{number}", None)
            if place is None:
                continue
            index = counterpart(branch, new.branches, self.given.tasks)
            if index is None:
                self._say(
                    branch,
                    f'the branch "{branch.name}" has begun, and the new version has none of its name',
                )
                continue
            if "task" in place:
                self._task(place["task"], branch, new.branches[index])
            moved[f"branch{index}"] = place
        body.update(moved)

    def _extended(self, place: dict[str, Any], old: Task, new: Task) -> None:
        names = [each.name for each in old.extensions]
        if names != [each.name for each in new.extensions]:
            self._say(old, f'other extensions stand around "{old.name}" in the new version')
            return
        for index, (ours, theirs) in enumerate(zip(old.extensions, new.extensions, strict=True)):
            self._list(place.get(f"before{index}", {}), ours.before, theirs.before)
            self._list(place.get(f"after{index}", {}), ours.after, theirs.after)

    # --- beside the flow ------------------------------------------------------------------------

    def _rules(self) -> None:
        status = self.state["record"].get("status")
        known = self.new.rules.statuses
        if status is not None and known and status not in known:
            self._rule(f"statuses/{status}", f'the new version has no status "{status}"')
        if self.state["closed"] is not None and self.new.rules.reopen is None:
            self._rule("reopen", "the case has closed, and the new version cannot be reopened")
        target = self.state["go_to"]
        if target is not None and all(task.name != target for task in self.new.tasks):
            self._rule("reactions", f'the flow is moved to "{target}", which is not there')
        every = {each.name for each in self.new.rules.reactions if each.every is not None}
        memory = self.state["every"]
        self.state["every"] = {name: at for name, at in memory.items() if name in every}

    def _clocks(self) -> None:
        state = self.state
        rules = {each.name: each for each in self.new.rules.clocks}
        before = {each.name: each for each in self.old.rules.clocks}
        moved: dict[str, Any] = {}
        for name, kept in state["clocks"].items():
            target = self.given.clocks.get(name, name)
            is_open = ClockState.from_json(kept["state"]).is_open
            if target not in rules:
                if is_open:
                    self._rule(
                        f"clocks/{name}",
                        f'the clock "{name}" runs, and the new version has none of that name',
                        f"If it has another name now, map it: {{ clocks: {{ {name}: NEW-NAME }} }}.",
                    )
                moved[name] = kept
                continue
            written = {_written(each.name): each.name for each in rules[target].at}
            kept["state"]["name"] = target
            kept["state"]["fired"] = [
                {**each, "threshold": written.get(_written(each["threshold"]), each["threshold"])}
                for each in kept["state"].get("fired", [])
            ]
            if "shown" in kept:
                kept["shown"]["name"] = target
            moved[target] = kept
            if is_open and name in before:
                # Its thresholds are counted by the new version, from what has run so far.
                number = state["clock_queue"][-1]["n"] + 1 if state["clock_queue"] else 1
                state["clock_queue"].append(
                    {"n": number, "clock": target, "act": "migrated", "at": state["migratedAt"]}
                )
        state["clocks"] = moved
        for entry in state["clock_queue"]:
            entry["clock"] = self.given.clocks.get(entry["clock"], entry["clock"])
        state["clock_queue"] = [each for each in state["clock_queue"] if each["clock"] in rules]
        del state["migratedAt"]

    def _reactions(self) -> None:
        before, after = dict(lists_beside(self.old)), dict(lists_beside(self.new))
        for entry in self.state["reactions"]:
            lane = self._lane(entry["lane"], after)
            if lane is None or (not after[lane] and before.get(entry["lane"])):
                self._rule(
                    entry["lane"],
                    f'the reaction "{entry["lane"]}" is under way, and the new version has none such',
                    "Let it come to its end first.",
                )
                continue
            self._list(entry["frame"], before.get(entry["lane"], ()), after[lane])
            entry["lane"] = lane

    def _lane(self, lane: str, after: Mapping[str, Any]) -> str | None:
        if not lane.startswith("clock:"):
            return lane if lane in after else None
        _, clock, threshold = lane.split(":", 2)
        head = f"clock:{self.given.clocks.get(clock, clock)}:"
        return next(
            (
                each
                for each in after
                if each.startswith(head) and _written(each[len(head) :]) == _written(threshold)
            ),
            None,
        )

    def _undos(self) -> None:
        for entry in self.state["undos"]:
            task = self.steps.task(entry["path"])
            if task is None or not is_undoable(task):
                place = self.steps.old.get(entry["path"])
                self.obstacles.append(
                    Obstacle(
                        entry["path"],
                        place.line if place else 0,
                        f'"{entry["task"]}" has finished, and the new version does not say how it '
                        "is undone",
                    )
                )
                continue
            if "frame" in entry:
                self._list(entry["frame"], self.steps.old[entry["path"]].undo, task.undo)
            entry["path"], entry["task"] = task.path, task.name

    def _held(self) -> None:
        moved: dict[str, Any] = {}
        for place, held in self.state["held"].items():
            path, tilde, number = place.partition("~")
            base = path.removesuffix("/metadata/undo")
            task = self.steps.task(base)
            if task is None:
                known = any(each.place == base for each in self.obstacles)
                old = self.steps.old.get(base)
                if not known:
                    self.obstacles.append(
                        Obstacle(
                            base,
                            old.line if old else 0,
                            f'"{held["task"]}" is held, and the new version has no such task',
                        )
                    )
                continue
            held["task"] = task.name
            here = f"{task.path}{path[len(base) :]}{tilde}{number}"
            moved[here] = held
            for item in self.state["operator_items"].values():
                if item["place"] == place and item["state"] == "open":
                    item["place"], item["task"] = here, task.name
        self.state["held"] = moved

    def _items(self) -> None:
        for item in self.state["items"].values():
            if item["state"] not in OPEN:
                continue
            # The items of a checklist bear its name and their key.
            name, dot, key = item["task"].partition(".")
            named = [path for path, task in self.steps.old.items() if task.name == name]
            found = [task for path in named if (task := self.steps.task(path)) is not None]
            if not found:
                if not any(each.place in named for each in self.obstacles):
                    self.obstacles.append(
                        Obstacle(
                            named[0] if named else "/",
                            0,
                            f'the work item "{item["id"]}" is open, and the new version has no task '
                            f'"{item["task"]}"',
                        )
                    )
                continue
            item["task"] = f"{found[0].name}{dot}{key}"
            form = item.get("form")
            if isinstance(form, str) and form not in self.new.forms:
                self.obstacles.append(
                    Obstacle(
                        named[0],
                        0,
                        f'the work item "{item["id"]}" is open with the form "{form}", which the new '
                        "version does not have",
                    )
                )

    # --- names, paths and keys ------------------------------------------------------------------

    def _names(self) -> None:
        state, paths = self.state, self.steps.paths
        renamed = {
            self.steps.old[path].name: self.steps.new[target].name for path, target in paths.items()
        }
        for name in ("results", "runs"):
            kept = {old: value for old, value in state[name].items() if old not in renamed}
            moved = {new: state[name][old] for old, new in renamed.items() if old in state[name]}
            state[name] = {**kept, **moved}
        marks = {}
        for mark in state["marks"].values():
            target = paths.get(mark["path"])
            if target is not None:
                marks[self.steps.new[target].name] = {**mark, "path": target}
        state["marks"] = marks
        keys = self._keys()
        state["occurrences"] = self._by_path(state["occurrences"])
        state["spent"] = self._by_path(state["spent"])
        state["key_paths"] = keys

    def _keys(self) -> dict[str, str]:
        """New path -> the path that the keys of its actions have, where that is another one."""
        before: Mapping[str, str] = self.state["key_paths"]
        keys: dict[str, str] = {}
        for path, target in self.steps.paths.items():
            key = before.get(path, path)
            if key != target:
                keys[target] = key
        used = {*self.state["occurrences"], *keys.values()}
        for path in self.steps.new:
            if path not in keys and path in used and path not in self.steps.paths.values():
                # A new task at the place of another one must not act under its keys.
                keys[path] = f"{path}@{self.new.version}"
        return keys

    def _by_path(self, counts: Mapping[str, int]) -> dict[str, int]:
        moved: dict[str, int] = {}
        for path, count in counts.items():
            target = self.steps.paths.get(path, path)
            moved[target] = max(count, moved.get(target, 0))
        return moved

    # --- what is in the way ---------------------------------------------------------------------

    def _say(self, task: Task, reason: str, hint: str = "") -> None:
        self.obstacles.append(Obstacle(task.path, task.line, reason, hint))

    def _rule(self, name: str, reason: str, hint: str = "") -> None:
        self.obstacles.append(Obstacle(f"/document/metadata/{name}", 0, reason, hint))


def _written(threshold: str) -> str:
    """A threshold without the number that only keeps two equal ones apart."""
    number, _, written = threshold.partition("-")
    return written if number.isdigit() and written else threshold
