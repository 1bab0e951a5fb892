"""`caseway up`: everything on this machine, with one command."""

from __future__ import annotations

import click


@click.command(name="up")
@click.option(
    "--demo",
    is_flag=True,
    help="Then take one real case from an incoming mail to closed, and one alert.",
)
@click.option("--exit", "exit_", is_flag=True, help="End after the demo, with its exit status.")
def command(demo: bool, exit_: bool) -> int:
    """Start Temporal, the worker, the API and the embedded mailbox, and keep them running until Ctrl-C.

    Everything lies in the folder CASEWAY_DATA (.caseway). Definitions below CASEWAY_DEFINITIONS (definitions) are
    published as development versions, and again whenever they change; a broken one keeps its last good version.
    """
    if exit_ and not demo:
        raise click.UsageError("--exit ends after the demo: write `caseway up --demo --exit`.")
    import asyncio

    from cases.bundles.folder import FolderBundles
    from cli.running.house import House
    from settings import Settings

    # Not what a running `up` wrote down: this one decides anew.
    settings = Settings()
    house = House(settings, FolderBundles(settings.bundles_folder), say=click.echo)
    return asyncio.run(house.run(demo=demo, exit_after=exit_))
