"""The standard's conformance test kit: Gherkin scenarios, and what each step of its README asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from language.compile import compile_definition
from language.findings import has_errors
from language.plan import Plan, Switch, Task
from tests.foreign.corpora import label, read_yaml
from tests.foreign.elsewhere import Elsewhere
from tests.foreign.refusals import feature_of, unfinished
from tests.foreign.running import Hang, Happened, Run
from tests.foreign.verdicts import Verdict
from workflows.interpreter.errors import same_type


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its sentence, and the text below it."""

    text: str
    below: str | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a feature file; outlines are expanded."""

    file: str
    name: str
    line: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name}"


def scenarios(file: Path) -> Iterator[Scenario]:
    """All scenarios of a feature file, as Gherkin's own compiler reads them."""
    document: dict[str, Any] = dict(Parser().parse(file.read_text(encoding="utf-8")))
    for pickle in Compiler().compile({**document, "uri": label(file)}):
        steps = tuple(
            Step(step["text"], (step.get("argument") or {}).get("docString", {}).get("content"))
            for step in pickle["steps"]
        )
        yield Scenario(label(file), pickle["name"], pickle["location"]["line"], steps)


# --- what the README lets a scenario arrange ----------------------------------------------------------

_DEFINITION = re.compile(r"(?:given )?a workflow with definition:")
_INPUT = re.compile(r"(?:given )?the workflow input is:")
_EXECUTED = re.compile(r"the workflow is executed")


@dataclass(frozen=True, slots=True)
class Arranged:
    """A scenario's definition and input, and the steps that say what must come out."""

    source: str
    given: Any
    claims: tuple[Step, ...]


class StepUnknown(Exception):
    """A step that the kit's README does not have."""


def arrange(scenario: Scenario) -> Arranged:
    """Sort the steps of a scenario.

    Raises:
        StepUnknown: a step is none of those that the README documents.
    """
    source, given = "", None
    claims: list[Step] = []
    for step in scenario.steps:
        if _DEFINITION.fullmatch(step.text):
            source = step.below or ""
        elif _INPUT.fullmatch(step.text):
            given = read_yaml(step.below or "")
        elif not _EXECUTED.fullmatch(step.text):
            claim_of(step)
            claims.append(step)
    if not source:
        raise StepUnknown("no step gives a definition")
    return Arranged(source, given, tuple(claims))


# --- what the README lets a scenario claim ------------------------------------------------------------


def cancels(run: Run) -> str:
    """The workflow should cancel."""
    return "" if run.ends == "cancelled" else f"the workflow {_end(run)}"


def completes(run: Run) -> str:
    """The workflow should complete."""
    return "" if run.ends == "completed" else f"the workflow {_end(run)}"


def completes_with(run: Run, expected: Any) -> str:
    """The workflow should complete with output."""
    return completes(run) or _same("the output", run.output, expected)


def faults(run: Run) -> str:
    """The workflow should fault."""
    return "" if run.ends == "faulted" else f"the workflow {_end(run)}"


def faults_with(run: Run, expected: Any) -> str:
    """The workflow should fault with error."""
    return faults(run) or _same_error(run.error, expected)


def has_properties(run: Run, *paths: str) -> str:
    """The workflow output should have properties."""
    missing = [path for path in paths if not _has(run.output, path)]
    return completes(run) or (f"the output has no {', '.join(missing)}" if missing else "")


def has_property_with(run: Run, path: str, expected: Any) -> str:
    """The workflow output should have a property with value."""
    if said := has_properties(run, path):
        return said
    return _same(f"{path} of the output", _at(run.output, path), expected)


def has_items(run: Run, path: str, count: str) -> str:
    """The workflow output should have a property containing so many items."""
    if said := has_properties(run, path):
        return said
    value = _at(run.output, path)
    if isinstance(value, list | dict) and len(value) == int(count):
        return ""
    return f"{path} of the output is {value!r}, not {count} items"


def ran_first(run: Run, task: str) -> str:
    """A task should run first."""
    started = run.started()
    return "" if started[:1] == [task] else f"{task} did not run first: {started}"


def ran_last(run: Run, task: str) -> str:
    """A task should run last."""
    started = run.started()
    return "" if started[-1:] == [task] else f"{task} did not run last: {started}"


def ran_before(run: Run, first: str, second: str) -> str:
    """One task should run before another."""
    started = run.started()
    fits = first in started and second in started and started.index(first) < started.index(second)
    return "" if fits else f"{first} did not run before {second}: {started}"


def ran_after(run: Run, second: str, first: str) -> str:
    """One task should run after another."""
    return ran_before(run, first, second)


def task_cancels(run: Run, task: str) -> str:
    """A task should cancel."""
    return "" if run.last("cancelled", task) else _instead(run, task, "cancelled")


def task_completes(run: Run, task: str) -> str:
    """A task should complete."""
    return "" if run.last("completed", task) else _instead(run, task, "completed")


def task_completes_with(run: Run, task: str, expected: Any) -> str:
    """A task should complete with output."""
    done = run.last("completed", task)
    return task_completes(run, task) or _same(
        f"the output of {task}", done and done.value, expected
    )


def task_faults(run: Run, task: str) -> str:
    """A task should fault."""
    return "" if run.last("faulted", task) else _instead(run, task, "faulted")


def task_faults_with(run: Run, task: str, expected: Any) -> str:
    """A task should fault with error."""
    done = run.last("faulted", task)
    return task_faults(run, task) or _same_error(done and done.value, expected)


_QUOTED = r"'[^']*'"
CLAIMS: Sequence[tuple[str, Callable[..., str]]] = (
    (r"the workflow should cancel", cancels),
    (r"the workflow should complete", completes),
    (r"the workflow should complete with output:", completes_with),
    (r"the workflow should fault", faults),
    (r"the workflow should fault with error:", faults_with),
    (rf"the workflow output should have (?:a )?propert(?:y|ies) ((?:{_QUOTED}(?:,? (?:and )?|,)?)+)", has_properties),
    (r"the workflow output should have an? '([^']*)' property with value:", has_property_with),
    (r"the workflow output should have an? '([^']*)' property containing (\d+) items?", has_items),
    (r"(\S+) should run first", ran_first),
    (r"(\S+) should run last", ran_last),
    (r"(\S+) should run before (\S+)", ran_before),
    (r"(\S+) should run after (\S+)", ran_after),
    (r"(\S+) should cancel", task_cancels),
    (r"(\S+) should complete", task_completes),
    (r"(\S+) should complete with output:", task_completes_with),
    (r"(\S+) should fault", task_faults),
    (r"(\S+) should fault with error:", task_faults_with),
)  # fmt: skip
"""Each step of the kit's README that claims something -> what is wrong with a run, or nothing."""


def claim_of(step: Step) -> Callable[[Run], str]:
    """What a step claims, as a question to a run.

    Raises:
        StepUnknown: the README has no such step.
    """
    for pattern, claim in CLAIMS:
        found = re.fullmatch(pattern, step.text)
        if found is None:
            continue
        arguments: list[Any] = [each.strip("'\"") for each in found.groups()]
        if claim is has_properties:
            arguments = [each.strip("'") for each in re.findall(_QUOTED, found.group(1))]
        if step.text.endswith(":"):
            arguments.append(read_yaml(step.below or ""))
        return lambda run: claim(run, *arguments)
    raise StepUnknown(f"the kit has no step {step.text!r}")


def _end(run: Run) -> str:
    error = f": {run.error}" if run.error else ""
    return f"{run.ends}{error}{f' ({run.waits})' if run.waits else ''}"


def _instead(run: Run, task: str, phase: str) -> str:
    phases = [each.phase for each in run.history if each.task == task]
    return f"{task} is not {phase}: {phases or 'it never ran'}"


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON: true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def _same(what: str, value: Any, expected: Any) -> str:
    return "" if equal(value, expected) else f"{what} is {value!r}, not {expected!r}"


def _same_error(error: Any, expected: Any) -> str:
    """Every field that the kit expects; the standard's types have several spellings."""
    if not isinstance(error, dict) or not isinstance(expected, dict):
        return f"the error is {error!r}, not {expected!r}"
    differing = [
        name
        for name, value in expected.items()
        if not equal(error.get(name), value)
        and not (name == "type" and same_type(error.get("type"), value))
    ]
    return f"{', '.join(differing)} of the error: {error!r}, not {expected!r}" if differing else ""


_PARTS = re.compile(r"[^.\[\]]+")


def _steps_of(path: str) -> list[str]:
    return _PARTS.findall(path)


def _has(value: Any, path: str) -> bool:
    for part in _steps_of(path):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return False
    return True


def _at(value: Any, path: str) -> Any:
    for part in _steps_of(path):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


# --- judging ------------------------------------------------------------------------------------------


def judge(scenario: Scenario, run: Callable[[Plan, str, Any], Run]) -> Verdict:
    """Run a scenario and hold the run against its claims; switches are tried with further inputs."""
    case = str(scenario)
    try:
        arranged = arrange(scenario)
    except StepUnknown as error:
        return Verdict(case, "wrong", str(error))
    plan, findings = compile_definition(arranged.source, "workflow.yaml", resources=Elsewhere({}))
    if plan is None:
        errors = [each for each in findings if has_errors([each])]
        return _refused(case, errors)
    try:
        done = run(plan, arranged.source, arranged.given)
        if missing := unfinished(done.error):
            return Verdict(case, "not yet", missing)
        problems = [said for step in arranged.claims if (said := claim_of(step)(done))]
        for given in switch_inputs(plan, arranged.given):
            problems += switched_wrongly(plan, run(plan, arranged.source, given), given)
    except Hang as error:
        return Verdict(case, "wrong", str(error))
    except Exception as error:
        return Verdict(case, "wrong", f"internal error: {error!r}")
    return Verdict(case, "wrong", "; ".join(problems)) if problems else Verdict(case, "right")


def _refused(case: str, findings: Sequence[Any]) -> Verdict:
    """A scenario is never meant to be invalid: each finding has to name a feature."""
    for each in findings:
        named = feature_of(each)
        if named is None:
            return Verdict(case, "wrong", f"refused: {each.code} {each.message}")
    kind, said = feature_of(findings[0]) or ("refused", "")
    return Verdict(case, kind, said)


# --- other inputs for switches: an engine that ignores `when` passes otherwise ------------------------

_EQUALS = re.compile(
    r"\.(?P<path>[A-Za-z_][\w.]*)\s*==\s*(?P<value>\"[^\"]*\"|-?\d+(?:\.\d+)?|true|false)"
)


def _comparisons(plan: Plan) -> list[tuple[list[str], Any]]:
    found = []
    for task in plan.tasks:
        for case in task.cases if isinstance(task, Switch) else ():
            source = "" if case.when is None else case.when.source
            found += [
                (each["path"].split("."), read_yaml(each["value"]))
                for each in _EQUALS.finditer(source)
            ]
    return found


def switch_inputs(plan: Plan, given: Any) -> list[Any]:
    """Inputs with which the conditions of the top-level switches hold in turn, and one with none."""
    compared = _comparisons(plan)
    inputs = []
    for path, value in [*compared, *((path, "nothing of these") for path, _ in compared[:1])]:
        changed = _with(given if isinstance(given, dict) else {}, path, value)
        if changed != given and changed not in inputs:
            inputs.append(changed)
    return inputs


def _with(value: dict[str, Any], path: list[str], leaf: Any) -> dict[str, Any]:
    head, *rest = path
    below = value.get(head)
    inner = leaf if not rest else _with(below if isinstance(below, dict) else {}, rest, leaf)
    return {**value, head: inner}


def switched_wrongly(plan: Plan, run: Run, given: Any) -> list[str]:
    """Where a top-level switch did not lead to the case that libjq picks."""
    import jq

    problems = []
    top = {task.path: task for task in plan.tasks}
    flow = [
        each for each in run.history if each.path in top and each.phase in ("started", "skipped")
    ]
    for index, each in enumerate(flow):
        task = top[each.path]
        if not isinstance(task, Switch) or each.phase != "started":
            continue
        picked = next(
            (
                case.then
                for case in task.cases
                if case.when is None
                or jq.compile(case.when.source).input_value(each.value).first() not in (None, False)
            ),
            task.then,
        )
        following = flow[index + 1] if index + 1 < len(flow) else None
        if said := _followed(plan, task, picked, following):
            problems.append(f"with the input {given!r} {task.name} {said}")
    return problems


def _followed(plan: Plan, task: Task, then: str, following: Happened | None) -> str:
    names = [each.name for each in plan.tasks]
    if then == "continue":
        after = names[names.index(task.name) + 1 :]
        wanted = after[0] if after else None
    else:
        wanted = None if then in ("end", "exit") else then
    went = None if following is None else following.task
    return "" if went == wanted else f"leads to {went or 'the end'}, not to {wanted or 'the end'}"
