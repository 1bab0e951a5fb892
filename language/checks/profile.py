"""What the standard has and this profile, or this version, leaves out; each named by its feature."""

from __future__ import annotations

from language.draft import Draft
from language.source import Node
from language.tasks.run import NOT_IN_PROFILE as NOT_RUN
from language.tree import TaskNode

_PROFILE_HINT = "docs/profile.md lists what is supported and why the rest is not."


def check(draft: Draft) -> None:
    """Name every feature that is left out."""
    for task in draft.tasks:
        _check_task(draft, task)
    _check_document(draft)


def _check_document(draft: Draft) -> None:
    language = draft.part("evaluate").get("language")
    if language is not None and language.text != "jq":
        draft.report.say("CW113", language, f'the expression language "{language.text}" is not in this profile', "Expressions are jq.")  # fmt: skip
    mode = draft.part("evaluate").get("mode")
    if mode is not None and mode.text == "loose":
        draft.report.say("CW113", mode, '"mode: loose" is not in this profile', "Write expressions between ${ and }.")  # fmt: skip
    dsl = draft.part("document").get("dsl")
    if dsl is not None and dsl.text and not dsl.text.startswith("1."):
        draft.report.say("CW114", dsl, f"version {dsl.text} of the language is not in this version", "Write dsl: '1.0.3'.")  # fmt: skip
    for key in ("input", "output"):
        _check_schema(draft, draft.root.get(key))


def _check_task(draft: Draft, task: TaskNode) -> None:
    for key in ("input", "output", "export"):
        _check_schema(draft, task.node.get(key))
    if task.type is None or task.type.keyword != "run":
        return
    run = task.node.get("run")
    for feature in NOT_RUN:
        place = run.key(feature) if run else None
        if place is not None:
            draft.report.say(
                "CW113", place, f'"run: {feature}" is not in this profile', _PROFILE_HINT
            )


def _check_schema(draft: Draft, part: Node | None) -> None:
    schema = part.get("schema") if part else None
    if schema is None:
        return
    form = schema.get("format")
    if form is not None and form.text and form.text.split(":")[0] != "json":
        draft.report.say("CW113", form, f'schemas of the format "{form.text}" are not in this profile', "Schemas are JSON Schema.")  # fmt: skip
