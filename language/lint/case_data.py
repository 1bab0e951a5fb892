"""What expressions and messages read of `$case`: results, clocks, data and fields that exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from language.draft import EMPTY, Draft
from language.findings import Finding
from language.sites import Site, sites_of
from language.tree import TaskNode
from language.words import suggestion

FIELDS = (
    "id", "key", "definition", "version", "input", "status", "phase", "priority", "type", "subject",
    "requester", "customer", "group", "owner", "assignees", "watchers", "ticket", "links", "assets",
    "tags", "data", "clocks", "results", "runs", "drill", "startedAt",
)  # fmt: skip
"""The fields of `$case`."""

Say = Callable[[str, str, str], None]
"""Code, message, hint."""


def check(draft: Draft) -> None:
    """Check every read of `$case` by fixed names."""
    for site in sites_of(draft):
        program = site.program
        if site.is_text or program is None:
            continue
        # What begins a case sees its input as `.`, before there is a case.
        begins = site.task is None and site.where[:1] == ("start",)
        if site.task is None and site.where[:1] == ("clocks",):
            _check_nothing_flows(draft, site)
        for path in program.paths:
            if path.root != "$case" and not (begins and path.root == "."):
                continue
            line, column = site.place_of(path.offset)
            length = path.length

            def say(
                code: str,
                message: str,
                hint: str,
                line: int = line,
                column: int = column,
                length: int = length,
            ) -> None:
                draft.report.say_at(code, line, column, message, hint, length)

            keys = [str(key) for key in path.keys]
            if begins and path.root == ".":
                _check_input(draft, keys, "the input", say)
            else:
                check_path(draft, keys, "$case", say)
    _check_messages(draft)


def _check_nothing_flows(draft: Draft, site: Site) -> None:
    """The target of a clock sees the case, and `.` is null there."""
    for path in site.program.paths if site.program else ():
        if path.root == "." and path.keys:
            line, column = site.place_of(path.offset)
            key = str(path.keys[0])
            meant = f"$case.{key}" if key in FIELDS else "$case.input." + key
            draft.report.say_at(
                "CW304",
                line,
                column,
                f'nothing flows into the target of a clock: ".{key}" is always null',
                f"Did you mean {meant}?",
                path.length,
            )


def _check_input(draft: Draft, keys: Sequence[str], what: str, say: Say) -> None:
    given = draft.part("input")
    schema = (given.get("schema") or EMPTY).get("document")
    if schema is not None and given.get("from") is None:
        _check_against(schema.value, keys, what, say, strict=True)


def _check_messages(draft: Draft) -> None:
    for message in draft.messages.values():
        for path, (file, line, column) in message.lines.items():
            keys = [] if path == "*" else path.split(".")

            def say(
                code: str,
                text: str,
                hint: str,
                file: str = file,
                line: int = line,
                column: int = column,
                length: int = len(path) + 5,
            ) -> None:
                draft.report.findings.append(Finding(code, file, line, column, text, hint, length))

            check_path(draft, keys, "case", say)


def check_path(draft: Draft, keys: Sequence[str], root: str, say: Say) -> None:
    """Say what is wrong with one path below the case."""
    if not keys:
        return
    first, rest = keys[0], keys[1:]
    if first not in FIELDS:
        say("CW208", f'a case has no field "{first}"', suggestion(first, FIELDS, allowed="Fields"))
        return
    if not rest:
        return
    match first:
        case "results" | "runs":
            _check_result(draft, first, rest, root, say)
        case "clocks" if not draft.of_matter:
            _expect(rest[0], draft.clocks, "clock", "CW204", say)
        case "data":
            known = data_names(draft)
            if known is not None:
                _expect(rest[0], known, "value of $case.data", "CW208", say)
        case "input":
            schema = draft.known_schema(draft.root.get("input"))
            if schema is not None:
                _check_against(schema.value, rest, f"{root}.input", say, strict=True)
        case _:
            pass


def _check_result(draft: Draft, kind: str, keys: Sequence[str], root: str, say: Say) -> None:
    name = keys[0]
    known = {task.name: task for task in draft.tasks} if kind == "runs" else draft.results
    task = known.get(name)
    if task is None and draft.has_broken_tasks:
        # What a broken task is called or gives cannot be known; its own finding is the cause.
        return
    if task is None:
        other = next((each for each in draft.tasks if each.name == name), None)
        if other is not None and other.type is not None and kind == "results":
            say(
                "CW207",
                f'"{name}" (line {other.key.line}) is a {other.type.keyword}, and has no result',
                "Only functions and run: workflow have results.",
            )
        else:
            say("CW207", f'there is no task "{name}"', suggestion(name, known, allowed="Tasks"))
        return
    if kind == "results" and len(keys) > 1:
        schema = result_schema(draft, task)
        if schema is not None:
            _check_against(schema, keys[1:], f"{root}.results.{name}", say)


def result_schema(draft: Draft, task: TaskNode) -> Mapping[str, Any] | None:
    """The JSON Schema of a task's result, as far as it is known."""
    name = task.function
    function = draft.resolve(name).function if name else None
    if function is None:
        return _schema_of_part(draft, task)
    arguments = task.node.get("with") or EMPTY
    if function.name == "decide":
        return _decision_schema(draft, arguments.get("table"))
    if function.name == "work-item":
        form = draft.form_schema(task)
        properties = dict(function.result["properties"])
        outcomes = outcomes_of(draft, task)
        if outcomes:
            properties["outcome"] = {"type": "string", "enum": list(outcomes)}
        if isinstance(form, dict):
            properties["answer"] = {
                "properties": _mapping(form.get("properties")),
                "additionalProperties": form.get("additionalProperties", True),
            }
        return {**function.result, "properties": properties}
    return function.result


def outcomes_of(draft: Draft, task: TaskNode) -> tuple[str, ...]:
    """How a work item can end: as it says, by an event, without anybody, or taken back."""
    arguments = task.node.get("with") or EMPTY
    outcomes = (arguments.get("outcomes") or EMPTY).entries
    if not outcomes:
        return ()
    named = tuple(key.name for key, _ in outcomes)
    events = [each.get("outcome") for each in (arguments.get("answeredBy") or EMPTY).items or ()]
    named += tuple(each.text for each in events if each is not None and each.text is not None)
    withdraws = any(
        each.function is not None and "work-item.withdraw" in each.function for each in draft.tasks
    )
    return (*named, "no-assignee", *(("withdrawn",) if withdraws else ()))


def _schema_of_part(draft: Draft, task: TaskNode) -> Mapping[str, Any] | None:
    """What the definition that a task runs says of its output."""
    run = task.node.get("run") or EMPTY
    named = (run.get("workflow") or EMPTY).get("name")
    waits = run.get("await")
    if named is None or named.text is None or (waits is not None and waits.scalar is not True):
        return None
    schema = draft.outputs.get(named.text)
    return schema if isinstance(schema, Mapping) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    """A form may be wrong in itself, which its own check says."""
    return value if isinstance(value, dict) else {}


def _decision_schema(draft: Draft, named: Any) -> Mapping[str, Any] | None:
    if draft.organization is None or named is None or named.text is None:
        return None
    table = draft.organization.table(named.text)
    if not isinstance(table, Mapping) or not isinstance(table.get("outputs"), Mapping):
        return None
    if table.get("hit") == "collect":
        properties: dict[str, Any] = {"rows": {}, "explain": {}}
    else:
        properties = {**table["outputs"], "explain": {}}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _check_against(
    schema: Any, keys: Sequence[str], what: str, say: Say, *, strict: bool = False
) -> None:
    """Follow a path through a schema until something is not there or no longer known.

    `strict`: what a schema lists is all that is meant, though it lets other fields pass.
    """
    for key in keys:
        if not isinstance(schema, Mapping) or "anyOf" in schema or "oneOf" in schema:
            return
        properties = schema.get("properties")
        if not isinstance(properties, Mapping):
            return
        if key not in properties:
            rest = schema.get("additionalProperties")
            hint = suggestion(key, properties, allowed="It has")
            if rest is False:
                say("CW209", f'{what} has no "{key}"', hint)
            elif strict and rest is None and properties and not _OPEN & set(schema):
                say("CW224", f'the schema of {what} does not mention "{key}"', hint)
            return
        schema = properties[key]
        what = f"{what}.{key}"


_OPEN = {"patternProperties", "allOf", "if", "$ref", "unevaluatedProperties"}
"""Keywords by which a schema says more of its fields than properties does."""


def _expect(name: str, known: Iterable[str], kind: str, code: str, say: Say) -> None:
    every = tuple(known)
    if name not in every:
        say(code, f'there is no {kind} "{name}"', suggestion(name, every, allowed="Known"))


def data_names(draft: Draft) -> tuple[str, ...] | None:
    """Names that some `case.update` or the start writes, or None when others may write them too."""
    if draft.of_matter:
        return None
    names: dict[str, None] = {}
    writers = [((draft.metadata.get("start") or EMPTY).get("record") or EMPTY).get("data")]
    for task in draft.tasks:
        name = task.function
        function = draft.resolve(name).function if name else None
        if function is not None and function.name == "case.update":
            arguments = task.node.get("with")
            if arguments is not None and arguments.entries is None:
                return None
            writers.append((arguments or EMPTY).get("data"))
    for writer in writers:
        if writer is None:
            continue
        if writer.entries is None:
            return None
        names |= dict.fromkeys(writer.names())
    return tuple(names)
