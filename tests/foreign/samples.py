"""Example and sample definitions: accepted and run, refused by the profile, or found to be invalid."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from language.compile import compile_definition
from language.findings import Finding, has_errors
from language.plan import Expression, Plan, Set
from tests.foreign import events, oracle
from tests.foreign.corpora import label, read_yaml, standard_says
from tests.foreign.elsewhere import Elsewhere
from tests.foreign.inputs import answers, inputs, secrets
from tests.foreign.reading import source_of, tasks, walk
from tests.foreign.refusals import feature_of, unfinished, unknown_function
from tests.foreign.running import Hang, Run, rehearse
from tests.foreign.stub import Stub
from tests.foreign.verdicts import Kind, Verdict

Json = Any
_BLOCK = re.compile(
    r"^(?P<indent> *)```ya?ml[^\n]*\n(?P<source>.*?)^(?P=indent)```", re.DOTALL | re.MULTILINE
)
_WHOLE = re.compile(r"^document:.*^do:", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sample:
    """One definition: its document as another parser reads it, our plan, and our findings."""

    name: str
    document: Json
    broken: str
    """Why the file is invalid to the standard: by its schema, or no YAML at all."""
    plan: Plan | None
    findings: tuple[Finding, ...]
    crash: str = ""


def read(name: str, text: str, folder: Path | None = None) -> Sample:
    """Read and compile one definition."""
    try:
        document = read_yaml(text)
        broken = standard_says(document)
    except yaml.YAMLError as error:
        document, broken = None, f"no YAML: {error}"
    try:
        plan, findings = compile_definition(
            text, name, resources=Elsewhere(documents(document), folder)
        )
    except Exception as error:
        return Sample(name, document, broken, None, (), f"internal error: {error!r}")
    return Sample(name, document, broken, plan, findings)


def of_files(files: Sequence[Path]) -> list[Sample]:
    """The definitions in these files."""
    return [read(label(file), file.read_text(encoding="utf-8"), file.parent) for file in files]


def of_pages(pages: Sequence[Path]) -> list[Sample]:
    """The definitions in the code blocks of Markdown pages; fragments of definitions are left out."""
    found = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for block in _BLOCK.finditer(text):
            source = textwrap.dedent(block["source"])
            if _WHOLE.search(source):
                line = text.count("\n", 0, block.start()) + 1
                found.append(read(f"{label(page)}:{line}", source))
    return found


def judge_all(samples: Sequence[Sample]) -> Iterator[Verdict]:
    """A verdict for each; definitions of one corpus can start each other."""
    for sample in samples:
        yield judge(sample, parts(sample, samples))


def parts(sample: Sample, samples: Sequence[Sample]) -> list[Plan]:
    """The definitions that a file starts: those of the corpus, the one in the file of the most similar
    name first; one that is nowhere in it is stood in for by one that gives back its input."""
    found = []
    for place, name in walk(sample.document):
        if place[-3:] != ("run", "workflow", "name") or not isinstance(name, str):
            continue
        named = [each for each in samples if each.plan is not None and each.plan.name == name]
        named.sort(key=lambda each: -_alike(each.name, sample.name))
        value = Set(name="give", path="/do/0/give", value=Expression("."))
        stand_in = Plan("foreign", name, "1.0.0", (value,))
        found.append(named[0].plan or stand_in if named else stand_in)
    return found


def _alike(left: str, right: str) -> int:
    """How many characters two names begin with in common."""
    pairs = zip(left, right, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def judge(sample: Sample, others: Sequence[Plan]) -> Verdict:
    """What came of one file."""
    case = sample.name
    if sample.crash:
        return Verdict(case, "wrong", sample.crash)
    if sample.plan is None:
        return _refused(case, sample)
    if sample.broken:
        return Verdict(case, "wrong", f"accepted, but invalid: {sample.broken}")
    return _ran(case, sample, sample.plan, others)


def _refused(case: str, sample: Sample) -> Verdict:
    errors = [each for each in sample.findings if has_errors([each])]
    features = [feature_of(each) for each in errors]
    left_out = [each for each in features if each is not None]
    if sample.broken:
        # Invalid, and we say so; where a feature is left out, nothing behind it is looked at.
        return Verdict(case, "right") if not left_out else Verdict(case, *left_out[0])
    for finding, feature in zip(errors, features, strict=True):
        if feature is None and not oracle.explains(finding, sample.document):
            missing = unknown_function(finding, sample.document)
            if missing is None:
                said = f"refused: line {finding.line}: {finding.code} {finding.message}"
                return Verdict(case, "wrong", said)
            left_out.append(("refused", f"call: {missing}, which is not in our default catalog"))
    unfinished = [each for each in left_out if each[0] == "not yet"]
    if unfinished or left_out:
        return Verdict(case, *(unfinished or left_out)[0])
    return Verdict(case, "right")


# --- running ------------------------------------------------------------------------------------------


class _Ended(Exception):
    """The verdict is known."""

    def __init__(self, kind: Kind, said: str) -> None:
        super().__init__(said)
        self.kind = kind
        self.said = said


def _ran(case: str, sample: Sample, plan: Plan, others: Sequence[Plan]) -> Verdict:
    """Try the inputs until one comes to an end that the file explains; then what else must hold."""
    trial = _Trial(sample.document, plan, others)
    said = ""
    try:
        for given in inputs(sample.document):
            unexplained = trial.run(given)
            if not unexplained:
                trial.refused_first(given)
                trial.unmoved(given)
                return Verdict(case, "right")
            said = said or unexplained
    except _Ended as ended:
        return Verdict(case, ended.kind, ended.said)
    return Verdict(case, "wrong", said)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One definition that was accepted, to be run with this and that."""

    document: Json
    plan: Plan
    others: Sequence[Plan]

    def run(self, given: Json, *, first: Sequence[int] = ()) -> str:
        """Run with events that fit; says why the end is not explained.

        Raises:
            _Ended: nothing else needs to be tried.
        """
        stub = Stub(
            documents=documents(self.document),
            first=list(first),
            digest=uses_digest(self.document),
            extra=answers(self.document),
            secrets=secrets(self.document),
        )
        delivered = events.events(self.document, given)
        run = self._rehearse(given, stub, delivered)
        said = why_not(run, self.document, stub, delivered)
        if said and run.ends == "faulted" and self._faults_itself(run, given, delivered):
            return ""
        return said

    def _faults_itself(self, run: Run, given: Json, delivered: Sequence[Json]) -> bool:
        values: list[Json] = [given, *(each.value for each in run.history)]
        heard = [each["data"] for each in delivered]
        values += [heard, heard[:1], list(delivered)] if heard else []
        variables = {"input": given, "workflow": {"input": given}}
        return oracle.faults_itself(run.error or {}, self.document, values, variables)

    def refused_first(self, given: Json) -> None:
        """Where the file catches a status, its first calls are answered with it.

        Raises:
            _Ended: that end is not explained.
        """
        for status in caught_statuses(self.document):
            if said := self.run(given, first=[status] * 2):
                raise _Ended("wrong", f"when it is answered {status}: {said}")

    def unmoved(self, given: Json) -> None:
        """Where a listening task of the flow waits, events that fit no filter let it wait.

        Raises:
            _Ended: they moved it.
        """
        if not must_listen(self.document):
            return
        stub = Stub(documents=documents(self.document))
        run = self._rehearse(given, stub, events.decoys(self.document, given))
        if run.ends != "running":
            raise _Ended("wrong", "an event that fits no filter is taken")

    def _rehearse(self, given: Json, stub: Stub, delivered: Sequence[Json]) -> Run:
        started_by = events.starting(self.document, given)
        value = given if started_by is None else started_by
        try:
            run = rehearse(self.plan, value, stub, others=self.others, events=delivered)
        except Hang as error:
            raise _Ended("wrong", str(error)) from error
        except Exception as error:
            raise _Ended("wrong", f"internal error: {error!r}") from error
        if missing := unfinished(run.error):
            raise _Ended("not yet", missing)
        return run


def must_listen(document: Json) -> bool:
    """Whether the flow certainly comes to a task that waits for events of some kind, without a time limit."""
    if any(place[-1:] == ("timeout",) for place, _ in walk(document)):
        return False
    for each in document.get("do") or ():
        body = next(iter(each.values()), None) if isinstance(each, dict) else None
        if not isinstance(body, dict) or "if" in body or "then" in body:
            return False
        if "listen" in body:
            strategy = body["listen"].get("to") or {}
            return all(wanted.get("with") for wanted in events.filters(strategy))
        if not body.keys() & {"set", "emit", "wait"}:
            return False
    return False


def why_not(run: Run, document: Json, stub: Stub, delivered: Sequence[Json] = ()) -> str:
    """Why an end is not explained by the file or by the stub's answers; empty where it is."""
    if run.ends == "completed":
        return _misheard(run, document) or _not_logged_in(document, stub)
    if run.ends == "running" and listens_for_ever(document, delivered):
        return ""
    if run.ends == "running":
        return f"it waits for ever: {run.waits}"
    error = run.error or {}
    kind = str(error.get("type")).rpartition("/")[2]
    raised = {str(each.get("type")) for each in _raised(document)}
    answered = {each.status for each in stub.asked}
    if error.get("type") in raised:
        return ""
    if (
        kind in ("communication", "authentication", "authorization")
        and error.get("status") in answered
    ):
        return ""
    if kind == "communication" and _addresses_nobody(document):
        return ""
    if kind == "timeout" and any(place[-1:] == ("timeout",) for place, _ in walk(document)):
        return ""
    return f"it faults: {error.get('type')} {error.get('status')}: {error.get('detail')} ({error.get('instance')})"


def listens_for_ever(document: Json, delivered: Sequence[Json]) -> bool:
    """Whether a condition that would end a listening is true for none of the events that came."""
    heard = [each["data"] for each in delivered]
    conditions = [
        source
        for strategy in events.strategies(document)
        if (source := source_of(strategy.get("until"), "until")) is not None
    ]
    values = [heard[:count] for count in range(1, len(heard) + 1)]
    return any(oracle.is_never_true(source, values) for source in conditions)


def _misheard(run: Run, document: Json) -> str:
    """Where a task that listens or emits gives something else than its events."""
    bodies = dict(tasks(document))
    for each in run.history:
        body = bodies.get(each.task, {})
        if each.phase != "completed" or "output" in body:
            continue
        if "listen" in body and "foreach" not in body and not isinstance(each.value, list):
            return f"{each.task} listens and gives {each.value!r}, no list"
        if "emit" in body:
            told = each.value if isinstance(each.value, dict) else {}
            missing = {"id", "source", "type", "specversion", "time"} - told.keys()
            if missing:
                return f"{each.task} emits an event without {', '.join(sorted(missing))}"
    return ""


def _raised(document: Json) -> Iterator[Json]:
    """Errors that a definition raises, inline or by name."""
    named = (document.get("use") or {}).get("errors") or {}
    for _, task in tasks(document):
        error = (
            (task.get("raise") or {}).get("error") if isinstance(task.get("raise"), dict) else None
        )
        error = named.get(error) if isinstance(error, str) else error
        if isinstance(error, dict):
            yield error


def uses_digest(document: Json) -> bool:
    """Whether a login by digest stands in the file: it is made only where a server asks for it."""
    return any(place[-1:] == ("digest",) for place, _ in walk(document))


def _addresses_nobody(document: Json) -> bool:
    """Whether a call has an address without a host."""
    return any(
        isinstance(value, str) and re.fullmatch(r"https?:/*", value)
        for place, value in walk(document)
        if place[-1:] in (("endpoint",), ("uri",))
    )


def _not_logged_in(document: Json, stub: Stub) -> str:
    """Where a call with an authentication came without one."""
    for place, value in walk(document):
        if (
            place[-1:] != ("endpoint",)
            or not isinstance(value, dict)
            or not value.get("authentication")
        ):
            continue
        host = httpx.URL(re.sub(r"[{}$ ]", "", str(value.get("uri")))).host
        asked = [
            each for each in stub.asked if each.url.host == host and "token" not in each.url.path
        ]
        calls = [each for each in asked if ".well-known" not in each.url.path]
        if calls and not any("authorization" in each.headers for each in calls):
            return f"{calls[0].url} was called without its authentication"
    return ""


def caught_statuses(document: Json) -> list[int]:
    """Statuses of HTTP answers that the file catches."""
    found = []
    for place, value in walk(document):
        if place[-4:] == ("catch", "errors", "with", "status") and isinstance(value, int):
            kind = _sibling(document, place, "type")
            if value >= 400 and str(kind).endswith("/communication"):
                found.append(value)
    return list(dict.fromkeys(found))


def _sibling(document: Json, place: tuple[str | int, ...], name: str) -> Json:
    value = document
    for part in place[:-1]:
        value = value[part]
    return value.get(name)


def documents(document: Json) -> dict[str, Json]:
    """An OpenAPI document at each address that a file names, with the operation that it calls."""
    found: dict[str, Json] = {}
    for _, task in tasks(document):
        arguments = task.get("with")
        if task.get("call") != "openapi" or not isinstance(arguments, dict):
            continue
        endpoint = (arguments.get("document") or {}).get("endpoint")
        address = str(endpoint.get("uri") if isinstance(endpoint, dict) else endpoint)
        if "petstore" in address or not address.startswith("http"):
            continue
        operation = str(arguments.get("operationId"))
        parameters = [
            {"name": name, "in": "query", "schema": {}}
            for name in arguments.get("parameters") or {}
        ]
        described = found.setdefault(
            address,
            {
                "openapi": "3.0.3",
                "info": {"title": "t", "version": "1"},
                "servers": [{"url": "/"}],
                "paths": {},
            },
        )
        described["paths"][f"/operations/{operation}"] = {
            "get": {
                "operationId": operation,
                "parameters": parameters,
                "responses": {"200": {"description": "done"}},
            }
        }
    return found
