"""`caseway`: a list of commands, each in a module of its own that is imported when it is called for."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Write and check processes": {
        "validate": "Say what is wrong with definitions, with line and column.",
        "publish": "Publish definitions, which cases can then start from.",
        "rehearse": "Run definitions on a virtual clock with scripted people and systems.",
        "table": "Import a decision table from a spreadsheet, or export one.",
        "eval": "Evaluate one expression.",
        "explain": "Say when something happens, and why.",
        "schema": "Print a JSON Schema for editors.",
    },
    "Run Caseway": {
        "up": "Start everything on this machine: Temporal, worker, API, mailbox.",
        "worker": "Run one worker process.",
        "api": "Run one API process.",
    },
    "Work with cases": {
        "start": "Start a case.",
        "list": "List cases.",
        "show": "Show where a case stands: status, work items, clocks, what happened.",
        "event": "Tell a case that something happened.",
        "answer": "Answer a work item.",
        "item": "Claim, release, delegate or reassign a work item, or keep a draft.",
        "cancel": "End a case early.",
        "suspend": "Let nothing begin in a case for a while.",
        "resume": "Let a suspended case go on.",
        "retry": "Go on with a held case: try the task again, skip it, or let it fail.",
        "recalculate": "Count a clock's deadline anew after a calendar has changed.",
        "migrate": "Move running cases to another version of their definition.",
        "schedules": "List, pause and resume what starts cases by itself.",
        "report": "Print figures over a period: times, shares, backlog.",
        "register": "List the improvement register: baseline, target, what was measured.",
        "records": "Rebuild, forget or erase what is kept outside Temporal.",
    },
}
"""Command and summary by section of the help. `cli.<name>` exposes the command as `command`."""

COMMANDS: Mapping[str, str] = {
    name: summary for section in SECTIONS.values() for name, summary in section.items()
}


class CommandsByName(click.Group):
    """A group that knows its commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        import difflib

        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            close = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f' Did you mean "{close[0]}"?' if close else ""
            ctx.fail(f'there is no command "{name}".{hint} `caseway --help` lists them.')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections without importing any command."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=12)


@click.command(
    cls=CommandsByName,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`caseway COMMAND --help` says more. The first thing to try: `caseway up --demo`.",
)
@click.version_option(package_name="caseway", prog_name="caseway")
def group() -> None:
    """Service processes written as YAML, checked like code, rehearsed in milliseconds, run as durable workflows."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 done, 1 findings or refused, 2 could not run."""
    try:
        result = group.main(args=list(arguments), prog_name="caseway", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has left; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def main() -> NoReturn:
    """Entry point of the console script.

    A process that used the Temporal SDK can crash while the interpreter shuts down, after all work is done
    (temporalio/sdk-python issue 300). The exit status is the command's promise to scripts, so it leaves without
    that shutdown once everything is written.
    """
    status = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    if "temporalio" in sys.modules:
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
