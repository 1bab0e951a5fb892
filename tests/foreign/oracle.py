"""Why a foreign definition may be invalid, found without our own checks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import jq
import jsonschema

from language.findings import Finding
from tests.foreign.reading import expressions, source_of, tasks, walk
from tests.foreign.stub import petstore

Json = Any
_VARIABLES = (
    "context", "input", "output", "task", "workflow", "runtime", "secrets", "authorization", "error",
)  # fmt: skip


def faults(document: Json) -> list[str]:
    """What the standard's schema cannot see: names that are not there, expressions that jq cannot read."""
    return [*_broken_expressions(document), *_lost_directives(document), *_lost_names(document)]


def explains(finding: Finding, document: Json) -> bool:
    """Whether a finding says what is indeed wrong with the file."""
    kinds = {
        "CW107": _refused_arguments,
        "CW108": _refused_arguments,
        "CW106": _refused_arguments,
        "CW202": _lost_directives,
        "CW204": _lost_names,
        "CW301": _broken_expressions,
        "CW303": _broken_expressions,
        "CW506": _lost_operations,
    }
    look = kinds.get(finding.code, _half_expressions)
    return bool(look(document))


def _refused_arguments(document: Json) -> list[str]:
    """Calls of the file's own functions with arguments that the function's schema refuses."""
    functions = (document.get("use") or {}).get("functions") or {}
    refused = []
    for name, task in tasks(document):
        function = functions.get(task.get("call")) if isinstance(task.get("call"), str) else None
        schema = ((function or {}).get("input") or {}).get("schema") or {}
        given = task.get("with") or {}
        is_literal = not any(isinstance(value, str) and "${" in value for _, value in walk(given))
        if isinstance(schema.get("document"), dict) and is_literal:
            if not jsonschema.Draft202012Validator(schema["document"]).is_valid(given):
                refused.append(name)
    return refused


def _lost_operations(document: Json) -> list[str]:
    """Operations that a function of the file calls, and that the pet store does not have."""
    known = {each.id for each in petstore.OPERATIONS}
    functions = (document.get("use") or {}).get("functions") or {}
    called = [each for each in functions.values() if each.get("call") == "openapi"]
    names = [str((each.get("with") or {}).get("operationId")) for each in called]
    return [name for name in names if name not in known]


def faults_itself(
    error: Json, document: Json, values: Sequence[Json], variables: Mapping[str, Json]
) -> bool:
    """Whether an expression of the task that faulted fails in libjq too, for a value of this run."""
    body = _at(document, str(error.get("instance")))
    if not isinstance(body, dict):
        return False
    sources = [source for place, source in expressions(body) if not _inside_tasks(place)]
    for source in sources:
        program = _program(source, variables)
        for value in values if program is not None else ():
            try:
                given = program.input_value(value).first()
            except (ValueError, StopIteration):
                return True
            if source == source_of((body.get("for") or {}).get("in"), "in") and not isinstance(
                given, list
            ):
                return True
    return False


def is_never_true(source: str, values: Sequence[Json]) -> bool:
    """Whether a condition is false or null in libjq for each of these values."""
    program = _program(source, {})
    try:
        return program is not None and all(
            program.input_value(value).first() in (None, False) for value in values
        )
    except (ValueError, StopIteration):
        return False


def _program(source: str, variables: Mapping[str, Json]) -> Any:
    try:
        return jq.compile(source, args={**dict.fromkeys(_VARIABLES), **variables})
    except ValueError:
        return None


def _inside_tasks(place: tuple[str | int, ...]) -> bool:
    return any(part in ("do", "try", "branches") for part in place)


def _at(document: Json, pointer: str) -> Json:
    value = document
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return value


def _half_expressions(document: Json) -> list[str]:
    """Texts that begin an expression and never end it."""
    return [
        value
        for _, value in walk(document)
        if isinstance(value, str) and value.lstrip().startswith("${") and "}" not in value
    ]


def _broken_expressions(document: Json) -> list[str]:
    names = _loop_names(document)
    broken = []
    for place, source in expressions(document):
        known = dict.fromkeys([*_VARIABLES, *names])
        try:
            jq.compile(source, args=known)
        except ValueError as error:
            broken.append(f"{'/'.join(map(str, place))}: {str(error).splitlines()[0]}")
    return broken


def _loop_names(document: Json) -> list[str]:
    """Names that `for`, `foreach` and `catch` give to values."""
    names = ["item", "index", "error"]
    for place, value in walk(document):
        if isinstance(value, str) and place[-1:] and place[-1] in ("each", "at", "item", "as"):
            if re.fullmatch(r"[A-Za-z_]\w*", value):
                names.append(value)
    return names


def _lost_directives(document: Json) -> list[str]:
    """`then` to a task that does not stand in the same list."""
    lost = []
    for _, value in walk(document):
        if not isinstance(value, list):
            continue
        bodies = [
            (name, body) for each in value if isinstance(each, dict) for name, body in each.items()
        ]
        names = {name for name, _ in bodies} | {"continue", "exit", "end"}
        for _, body in bodies:
            if not isinstance(body, dict):
                continue
            wanted = [
                body.get("then"),
                (body.get("catch") or {}).get("then")
                if isinstance(body.get("catch"), dict)
                else None,
            ]
            cases = body.get("switch") if isinstance(body.get("switch"), list) else []
            wanted += [
                (case or {}).get("then")
                for each in cases
                if isinstance(each, dict)
                for case in each.values()
                if isinstance(case, dict)
            ]
            lost += [each for each in wanted if isinstance(each, str) and each not in names]
    return lost


def _lost_names(document: Json) -> list[str]:
    """Names of reusable parts that `use` does not have."""
    use = document.get("use") or {}

    def lacks(part: str, name: Json) -> bool:
        return isinstance(name, str) and name not in (use.get(part) or {})

    lost = []
    for name, task in tasks(document):
        raised = (
            (task.get("raise") or {}).get("error") if isinstance(task.get("raise"), dict) else None
        )
        catch = task.get("catch") if isinstance(task.get("catch"), dict) else {}
        if lacks("errors", raised):
            lost.append(f"{name}: error {raised}")
        if lacks("retries", catch.get("retry")):
            lost.append(f"{name}: retry {catch.get('retry')}")
        if lacks("timeouts", task.get("timeout")):
            lost.append(f"{name}: timeout {task.get('timeout')}")
    for place, value in walk(document):
        if place[-2:] == ("authentication", "use") and lacks("authentications", value):
            lost.append(f"authentication {value}")
    return lost
