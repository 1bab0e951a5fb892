"""Looks up the names that a definition uses: its own, its files', and the organization's."""

from __future__ import annotations

from collections.abc import Iterable

from language.draft import EMPTY, Draft
from language.organization import KINDS
from language.source import Node
from language.tree import TaskNode
from language.words import suggestion

_USE = {
    "timeout": "timeouts",
    "retry": "retries",
    "error": "errors",
    "authentication": "authentications",
}


class NameCheck:
    """Hears of every name that a shape check meets, and says which are not there."""

    def __init__(self, draft: Draft, task: TaskNode | None) -> None:
        self._draft = draft
        self._task = task

    def __call__(self, kind: str, node: Node) -> None:
        """Check one name of a kind."""
        name = node.text or ""
        match kind:
            case "status" | "clock" if self._draft.of_matter and self._task is not None:
                # It may be one of the root's.
                return
            case "status" | "clock":
                known = self._draft.statuses if kind == "status" else self._draft.clocks
                self._expect(
                    kind,
                    name,
                    node,
                    known,
                    f"document.metadata has no {kind} yet. Declare it there.",
                )
            case "form" | "message":
                self._draft.used_files[kind, name] = None
                files: Iterable[str] = self._draft.forms if kind == "form" else self._draft.messages
                folder = f"forms/{name}.yaml" if kind == "form" else f"messages/{name}.en.md"
                self._expect(
                    kind, name, node, files, f"Write it as {folder} beside the definition."
                )
            case "outcome":
                outcomes = self._arguments().get("outcomes") or EMPTY
                self._expect("outcome", name, node, outcomes.names(), "Declare it under outcomes.")
            case "outcome of an event":
                self._check_event_outcome(name, node)
            case "field":
                self._check_form_field(name, node)
            case "top-level task":
                tasks = [each.name for each in self._draft.flow.tasks]
                if name not in tasks:
                    self._draft.report.say(
                        "CW202",
                        node,
                        f'there is no task "{name}" on the top level',
                        suggestion(name, tasks, allowed="Tasks"),
                    )
            case "work-item task":
                items = [each.name for each in self._draft.tasks if self._is_item(each)]
                self._expect("work item", name, node, items, "Name a task that calls work-item.")
            case "secret":
                secrets = self._draft.part("use", "secrets").items or ()
                known = tuple(each.text or "" for each in secrets)
                self._expect("secret", name, node, known, "Declare it under use.secrets.")
            case "definition":
                self._check_definition(name, node)
            case "timeout" | "retry" | "error" | "authentication":
                known = self._draft.part("use", _USE[kind]).names()
                self._expect(kind, name, node, known, f"Declare it under use.{_USE[kind]}.")
            case "group or role" | "role or person":
                kinds = kind.split(" or ")
                if self._draft.organization is not None:
                    names = [n for each in kinds for n in self._draft.organization.names(each)]
                    self._expect_in_organization(kind, name, node, names)
            case _:
                if kind in KINDS and self._draft.organization is not None:
                    if kind == "person" and "@" in name:
                        return
                    names = list(self._draft.organization.names(kind))
                    self._expect_in_organization(kind, name, node, names)

    def _is_item(self, task: TaskNode) -> bool:
        function = self._draft.resolve(task.function).function if task.function else None
        return function is not None and function.name == "work-item"

    def _check_event_outcome(self, name: str, node: Node) -> None:
        """An event may answer with an outcome of its own; one that is almost another is misspelled."""
        known = (self._arguments().get("outcomes") or EMPTY).names()
        meant = suggestion(name, known)
        if name not in known and meant.startswith("Did you mean"):
            self._draft.report.say("CW204", node, f'there is no outcome "{name}"', meant)

    def _arguments(self) -> Node:
        return (self._task.node.get("with") if self._task else None) or EMPTY

    def _expect(
        self, kind: str, name: str, node: Node, known: Iterable[str], otherwise: str
    ) -> None:
        every = tuple(known)
        if name not in every:
            hint = suggestion(name, every, allowed="Known") if every else otherwise
            self._draft.report.say("CW204", node, f'there is no {kind} "{name}"', hint)

    def _expect_in_organization(self, kind: str, name: str, node: Node, known: list[str]) -> None:
        if name not in known:
            self._draft.report.say(
                "CW205",
                node,
                f'the organization has no {kind} "{name}"',
                suggestion(name, known, allowed="Known"),
            )

    def _check_definition(self, name: str, node: Node) -> None:
        known = self._draft.known
        if known is not None and name not in known:
            self._draft.report.say(
                "CW206",
                node,
                f'there is no definition "{name}"',
                suggestion(name, sorted(known), allowed="Known"),
            )

    def _check_form_field(self, name: str, node: Node) -> None:
        schema = self._draft.form_schema(self._task) if self._task else None
        if not isinstance(schema, dict):
            if self._task and self._arguments().get("form") is None:
                self._draft.report.say(
                    "CW204",
                    node,
                    f'"{name}" cannot be required: the work item has no form',
                    "Add `form:` with a field of that name.",
                )
            return
        fields = schema.get("properties", {})
        if isinstance(fields, dict) and name not in fields:
            self._draft.report.say(
                "CW204",
                node,
                f'the form has no field "{name}"',
                suggestion(name, fields, allowed="Fields"),
            )
