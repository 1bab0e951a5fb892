"""`caseway validate`: what is wrong with definitions, with line and column."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.problem import CannotRun

if TYPE_CHECKING:
    from language.checks.rota import Cover
    from language.files import Checked


@click.command(short_help="Say what is wrong with definitions, with line and column.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="Findings for people, as one JSON document, as SARIF 2.1.0, or as GitHub's workflow commands.",
)
@click.option(
    "--docs",
    metavar="URL",
    default="",
    help="Where the documentation is published; SARIF gives rules an address only below it.",
)
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day from which the next 30 days of rotas are looked at; today without it.",
)
def command(paths: tuple[str, ...], shape: str, docs: str, day: datetime | None) -> int:
    """Check definitions, their forms, messages and rehearsals, and organization data.

    PATH is a file, a definition's folder, or a folder of many. Ends with 0 when there is nothing to
    repair, with 1 when there are findings, with 2 when it could not look. A warning keeps nothing
    from being published; where you have decided to live with it, a comment on its line says so. A
    note says what publishing will do, and asks for nothing.
    """
    from language.files import check_paths
    from language.findings import as_json, as_text, to_repair

    try:
        checked = check_paths(
            [Path(path) for path in paths], _cover((day or datetime.now().astimezone()).date())
        )
    except FileNotFoundError as error:
        raise CannotRun(
            f'there is no file or folder "{error.args[0]}". Give the path of a definition.'
        ) from error
    except OSError as error:
        raise CannotRun(f"{error.filename}: {error.strerror}.") from error
    if not checked.files and not checked.findings:
        raise CannotRun(
            f"there is no definition in {', '.join(paths)}. "
            "A definition is a folder with process.yaml, or a YAML file."
        )
    if shape == "json":
        click.echo(json.dumps(as_json(checked.findings), ensure_ascii=False, indent=2))
    elif shape == "sarif":
        click.echo(json.dumps(_sarif(checked, docs), ensure_ascii=False, indent=2))
    elif shape == "github" and checked.findings:
        from language.workflow_commands import as_workflow_commands

        click.echo(as_workflow_commands(checked.findings))
    elif checked.findings:
        click.echo(as_text(checked.findings, checked.texts))
    print(_summary(checked.findings, checked.files), file=sys.stderr)  # noqa: T201
    return 1 if to_repair(checked.findings) else 0


def _cover(day: date) -> Cover:
    """When nobody is on call in the 30 days from a day."""

    def cover(name: str, organization: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        # Only an organization with a rota needs calendars and time zones.
        from cases.rota_cover import cover_from

        return cover_from(day)(name, organization)

    return cover


def _sarif(checked: Checked, docs: str) -> dict[str, Any]:
    from importlib.metadata import version

    from language.sarif import as_sarif

    base = docs and docs.rstrip("/") + "/"
    return as_sarif(checked.findings, checked.texts, version=version("caseway"), base=base)


def _summary(findings: tuple[object, ...], files: int) -> str:
    from language.codes import Severity

    counts = {
        severity: sum(getattr(each, "severity", None) is severity for each in findings)
        for severity in Severity
    }
    said = [
        f"{number} {severity}{'' if number == 1 else 's'}"
        for severity, number in counts.items()
        if number
    ]
    looked = f"{files} {'file' if files == 1 else 'files'}"
    return f"{' and '.join(said)} in {looked}" if said else f"{looked}: nothing to repair"
