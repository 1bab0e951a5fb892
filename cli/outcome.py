"""How a command about cases runs and ends: 0 done, 1 refused, 2 could not run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import click

from cli.problem import CannotRun


def carry_out(act: Callable[[], Awaitable[int | None]], *, as_json: bool = False) -> int:
    """Run a command's work and give its exit status.

    What the case, the definition or the input refuses ends with 1: a sentence on standard error,
    and with `as_json` one document `{"error": {kind, detail, problems?}}` on standard output.

    Raises:
        CannotRun: something that the work needs does not answer, or is damaged.
    """
    from cases.errors import (
        BundleDamaged,
        CaseError,
        CaseUnreadable,
        RecordsUnavailable,
        ServerUnavailable,
        WorkerSilent,
    )

    async def run() -> int | None:
        return await act()

    try:
        return asyncio.run(run()) or 0
    except (
        BundleDamaged,
        CaseUnreadable,
        RecordsUnavailable,
        ServerUnavailable,
        WorkerSilent,
    ) as error:
        raise CannotRun(str(error)) from error
    except CaseError as error:
        refuse(error, as_json=as_json)
        return 1
    except BrokenPipeError:
        # The reader has left; `cli.main` knows what that means.
        raise
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise CannotRun(f"{place}{error.strerror or error}.") from error


def refuse(error: Exception, *, as_json: bool) -> None:
    """Say why nothing was done."""
    problems = [
        {"pointer": each.pointer, "detail": each.message} for each in getattr(error, "problems", ())
    ]
    if as_json:
        document: dict[str, Any] = {"kind": type(error).__name__, "detail": str(error)}
        if problems:
            document["problems"] = problems
        print_json({"error": document})
    click.echo(f"caseway: {error}", err=True)
    if len(problems) > 1:
        for each in problems:
            click.echo(f"  {each['pointer'] or '/'}: {each['detail']}", err=True)


def print_json(document: Any) -> None:
    """The one document of `--json`, on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """Progress, on standard error."""
    click.echo(text, err=True)
