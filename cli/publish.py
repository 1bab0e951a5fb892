"""`caseway publish`: make definitions that cases can start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cases.publishing import Publication


@click.command("publish", short_help="Publish definitions.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(paths: tuple[str, ...], *, as_json: bool) -> int:
    """Check definitions and publish them, all or none, with their organization data.

    PATH is a definition's folder, its process.yaml, a folder of many, or organization data. What is published never
    changes: to publish other content, raise the version. Ends with 0 when all are published, with 1
    when there are errors or a version is taken, with 2 when it could not run.
    """
    from cases.bundles.folder import FolderBundles
    from cases.errors import DefinitionInvalid
    from cases.schedules.wanted import concerned
    from cli import applying as schedules
    from cli.installation import read_settings
    from cli.outcome import carry_out, print_json, say

    settings = read_settings()
    publication = _read(paths)
    store = FolderBundles(settings.bundles_folder)

    async def act() -> int:
        try:
            published = await publication.store(store, store)
        except DefinitionInvalid as error:
            _print_findings(publication, as_json=as_json)
            say(f"caseway: {error}")
            return 1
        _print_findings(publication, as_json=False, err=as_json)
        # A calendar gives its time zone also to schedules of definitions that did not change.
        changed = [each.name for each in published]
        names = await store.names() if publication.organizations else changed
        told = await schedules.apply(settings, store) if await concerned(store, names) else None
        if as_json:
            document = [
                {"name": each.name, "version": each.version, "digest": each.digest, "new": each.new}
                for each in published
            ]
            more = {} if told is None else {"schedules": told.to_json()}
            print_json({"published": document, **more})
        for each in published if not as_json else ():
            how = "Published" if each.new else "Published before:"
            click.echo(f"{how} {each.name}@{each.version}.")
        if publication.organizations and not published:
            say("The organization data are in force now.")
        for line in told.lines if told is not None else ():
            say(line)
        return 0

    return carry_out(act, as_json=as_json)


def _read(paths: tuple[str, ...]) -> Publication:
    from cases.publishing import Publication
    from cli.fetching import LateFetching
    from cli.problem import CannotRun

    try:
        publication = Publication([Path(path) for path in paths], LateFetching().resource)
    except FileNotFoundError as error:
        raise CannotRun(
            f'there is no file or folder "{error.args[0]}". Give the path of a definition.'
        ) from error
    except OSError as error:
        raise CannotRun(f"{error.filename}: {error.strerror}.") from error
    if not publication.compiled and not publication.organizations:
        raise CannotRun(
            f"there is no definition in {', '.join(paths)}. "
            "A definition is a folder with process.yaml."
        )
    return publication


def _print_findings(publication: Publication, *, as_json: bool, err: bool = False) -> None:
    from cli.outcome import print_json
    from language.findings import as_json as findings_json
    from language.findings import as_text, in_order

    findings = in_order(publication.findings)
    if as_json:
        print_json(findings_json(findings))
    elif findings:
        click.echo(as_text(findings, publication.texts), err=err)
