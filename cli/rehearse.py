"""`caseway rehearse`: cases on a virtual clock, with scripted people and systems."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.fetching import LateFetching
from cli.problem import CannotRun

if TYPE_CHECKING:
    from language.findings import Finding
    from workflows.rehearsal.coverage import Place
    from workflows.rehearsal.runner import Result
    from workflows.rehearsal.world import Published


@click.command(short_help="Run rehearsals in milliseconds.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--trace", is_flag=True, help="Print every line of what happened.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option(
    "--snapshots", is_flag=True, help="Run each again from a snapshot at every legal point."
)
@click.option(
    "--coverage", is_flag=True, help="Say which places of the definitions no rehearsal passes."
)
@click.option("--input", "given", help="Run one definition with this input: JSON, or @file.")
@click.option("--http", "stubs", type=click.Path(), help="YAML or JSON list of HTTP stubs.")
def command(
    paths: tuple[str, ...],
    *,
    trace: bool,
    as_json: bool,
    snapshots: bool,
    coverage: bool,
    given: str | None,
    stubs: str | None,
) -> int:
    """Run the rehearsals of definitions.

    PATH is a definition's folder, a folder of many, or one rehearsal file. Ends with 0 when all
    pass, with 1 when one fails, with 2 when it could not run.
    """
    folders = [folder for path in paths for folder in _folders(Path(path))]
    published, organizations, broken = _compile(folders)
    if broken:
        click.echo(broken)
        return 1
    if given is not None or stubs is not None:
        return _once(folders, published, organizations, given, stubs)
    results = list(_run(paths, folders, published, organizations, snapshots=snapshots))
    if not results:
        raise CannotRun(f"there is no rehearsal in {', '.join(paths)}.")
    failed = [result for _, result in results if not result.passed]
    covered = _coverage(folders, published, [each for _, each in results]) if coverage else None
    if as_json:
        document = _document(results)
        if covered is not None:
            document["coverage"] = [each.to_json() for each in covered]
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(results, trace=trace)
        for each in covered or ():
            click.echo(each.to_text())
    said = f"{len(results)} rehearsals: {len(results) - len(failed)} pass, {len(failed)} fail"
    print(said, file=sys.stderr)  # noqa: T201
    return 1 if failed else 0


def _folders(path: Path) -> list[Path]:
    from language.files import definition_folders

    if not path.exists():
        raise CannotRun(f'there is no file or folder "{path}".')
    if path.is_file():
        return [path.parent.parent if path.parent.name == "rehearsals" else path]
    if (path / "process.yaml").is_file():
        return [path]
    return list(definition_folders(path))


def _compile(
    folders: Sequence[Path],
) -> tuple[dict[str, Published], dict[Path, Mapping[str, Any]], str]:
    """All definitions beside those asked for, and their organizations."""
    from language.files import compile_folder, definition_folders, find_organization
    from language.files import read_organization as read
    from language.findings import as_text, has_errors
    from workflows.rehearsal.world import Published

    published: dict[str, Published] = {}
    network = LateFetching()
    documents: dict[Path, Mapping[str, Any]] = {}
    wanted = {folder.resolve() for folder in folders}
    beside = {each.resolve() for folder in folders for each in definition_folders(folder.parent)}
    for folder in sorted(wanted | beside):
        place = find_organization(folder)
        organization = None
        if place is not None:
            organization, _ = read(place)
            documents[folder] = organization.document
        compiled = compile_folder(folder, organization, fetch=network.resource)
        if compiled.plan is not None and compiled.bundle is not None:
            published[compiled.plan.name] = Published(compiled.plan, compiled.bundle.digest)
        elif folder in wanted and has_errors(compiled.findings):
            return {}, {}, as_text(compiled.findings, compiled.texts)
    return published, documents, ""


def _run(
    paths: Sequence[str],
    folders: Sequence[Path],
    published: Mapping[str, Published],
    organizations: Mapping[Path, Mapping[str, Any]],
    *,
    snapshots: bool,
) -> Iterator[tuple[Path, Result]]:
    from language.rehearsals_file import check_rehearsal
    from workflows.rehearsal.runner import rehearse

    single = {Path(path).resolve() for path in paths if Path(path).is_file()}
    for folder in folders:
        name = _name(folder, published)
        for file in sorted((folder / "rehearsals").glob("*.yaml")):
            if single and file.resolve() not in single:
                continue
            data, findings = check_rehearsal(file.read_text(encoding="utf-8"), str(file))
            if data is None:
                yield file, _unreadable(file, findings)
                continue
            document = organizations.get(folder.resolve(), {})
            yield file, rehearse(name, data, published, document)
            if snapshots:
                yield file, rehearse(name, data, published, document, restart=True)


def _unreadable(file: Path, findings: Sequence[Finding]) -> Result:
    """The result of a file that is no rehearsal yet: the others are run all the same."""
    from language.codes import Severity
    from workflows.rehearsal.runner import Result

    problems = [
        f"{file}:{each.line}:{each.column}: {each.message} [{each.code}]"
        for each in findings
        if each.severity is Severity.ERROR
    ]
    problems.append("`caseway validate` shows the lines and how to mend them.")
    outcome = {"as": "unreadable", "output": None, "error": None}
    return Result(file.stem, problems, [], [], outcome)


def _name(folder: Path, published: Mapping[str, Published]) -> str:
    """Name of the definition in a folder, or in a file of its own."""
    from language.files import compile_folder

    if folder.is_dir() and folder.name in published:
        return folder.name
    plan = compile_folder(folder, fetch=LateFetching().resource).plan
    if plan is None or plan.name not in published:
        raise CannotRun(f"{folder} could not be compiled.")
    return plan.name


def _once(
    folders: Sequence[Path],
    published: Mapping[str, Published],
    organizations: Mapping[Path, Mapping[str, Any]],
    given: str | None,
    stubs: str | None,
) -> int:
    """Run one definition with an input, without script or expectations."""
    from language.source import read_source
    from workflows.rehearsal.runner import rehearse

    if len(folders) != 1:
        raise CannotRun("--input runs one definition: give the path of one.")
    text = given or "null"
    if text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CannotRun(f"--input is not JSON: {error}.") from error
    answers: Any = []
    if stubs is not None:
        answers = read_source(Path(stubs).read_text(encoding="utf-8"), stubs).value
    name = _name(folders[0], published)
    result = rehearse(
        name,
        {"at": "2026-01-05T09:00:00Z", "input": value, "stubs": {"http": answers}},
        published,
        organizations.get(folders[0].resolve(), {}),
    )
    click.echo(json.dumps(_outcome(result), ensure_ascii=False, indent=2))
    return 0 if result.outcome["as"] == "completed" else 1


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of one definition its rehearsals pass."""

    file: Path
    definition: str
    places: int
    missed: tuple[Place, ...]

    def to_json(self) -> dict[str, Any]:
        """As the document of `--json` holds it."""
        return {
            "definition": self.definition,
            "file": str(self.file),
            "places": self.places,
            "passed": self.places - len(self.missed),
            "missed": [
                {"kind": each.kind, "name": each.name, "line": each.line, "message": each.never}
                for each in self.missed
            ],
        }

    def to_text(self) -> str:
        """One line with the figures, and one per place that is never passed."""
        head = f"{self.definition}: {self.places - len(self.missed)} of {self.places} places passed"
        lines = [f"{self.file}:{each.line}: {each.never}" for each in self.missed]
        return "\n".join([head, *(f"  {line}" for line in lines)])


def _coverage(
    folders: Sequence[Path], published: Mapping[str, Published], results: Sequence[Result]
) -> list[Covered]:
    from workflows.rehearsal.coverage import missed, places

    found = []
    for folder in folders:
        name = _name(folder, published)
        plan = published[name].plan
        passed = [key for result in results for key in result.covered.get(name, ())]
        file = folder / "process.yaml" if folder.is_dir() else folder
        found.append(Covered(file, name, len(places(plan)), missed(plan, passed)))
    return found


def _document(results: Sequence[tuple[Path, Result]]) -> dict[str, Any]:
    return {
        "rehearsals": [
            {
                "file": str(file),
                "rehearsal": result.name,
                "passed": result.passed,
                "problems": result.problems,
                "warnings": result.warnings,
                **_outcome(result),
            }
            for file, result in results
        ]
    }


def _outcome(result: Result) -> dict[str, Any]:
    return {
        "status": result.outcome["as"],
        "output": result.outcome["output"],
        "error": result.outcome["error"],
        "events": result.lines,
        "actions": result.actions,
    }


def _print(results: Sequence[tuple[Path, Result]], *, trace: bool) -> None:
    for file, result in results:
        if result.passed and not trace and not result.warnings:
            continue
        mark = "pass" if result.passed else "FAIL"
        click.echo(f"{mark}  {result.name}  ({file})")
        for problem in result.problems:
            click.echo(f"      {problem}")
        for warning in result.warnings:
            click.echo(f"      warning: {warning}")
        if trace:
            for line in result.lines:
                facts = ", ".join(
                    f"{name}: {value}"
                    for name, value in line.items()
                    if name not in ("at", "case") and value not in (None, [])
                )
                click.echo(f"      {line['at']}  {facts}")
