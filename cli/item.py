"""`caseway item`: what people do with a work item before it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cases.cases import Cases

_BY = click.option("--by", required=True, metavar="PERSON", help="Who acts: an id of people.yaml.")
_REASON = click.option("--reason", help="Why, where an overseer steps in.")
_JSON = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output."
)


@click.group("item", short_help="Claim, release, delegate or reassign a work item.")
def command() -> None:
    """What people do with a work item. `caseway show CASE` lists the open ones of a case.

    Each ends with 0 when it was taken, with 1 when it was refused, with 2 when it could not run.
    """


@command.command("claim")
@click.argument("case")
@click.argument("item")
@_BY
@_REASON
@_JSON
def claim(case: str, item: str, by: str, reason: str | None, *, as_json: bool) -> int:
    """Take ITEM out of its pool, for one person."""
    return _carry_out(
        lambda cases: cases.claim(case, item, by=by, reason=reason), case, item, as_json=as_json
    )


@command.command("release")
@click.argument("case")
@click.argument("item")
@_BY
@_REASON
@_JSON
def release(case: str, item: str, by: str, reason: str | None, *, as_json: bool) -> int:
    """Give ITEM back: to its pool, or to who has delegated it."""
    return _carry_out(
        lambda cases: cases.release(case, item, by=by, reason=reason), case, item, as_json=as_json
    )


@command.command("delegate")
@click.argument("case")
@click.argument("item")
@click.option("--to", required=True, metavar="PERSON", help="Who does it; yourself takes it back.")
@_BY
@_REASON
@_JSON
def delegate(case: str, item: str, to: str, by: str, reason: str | None, *, as_json: bool) -> int:
    """Let somebody else do ITEM. Who has it stays accountable, and may still answer."""
    return _carry_out(
        lambda cases: cases.delegate(case, item, to, by=by, reason=reason),
        case,
        item,
        as_json=as_json,
    )


@command.command("reassign")
@click.argument("case")
@click.argument("item")
@click.option("--to", metavar="PERSON", help="Who gets it.")
@click.option("--to-group", metavar="GROUP", help="Which group gets it.")
@click.option("--reason", required=True, help="Why; both sides read it.")
@_BY
@_JSON
def reassign(
    case: str,
    item: str,
    to: str | None,
    to_group: str | None,
    reason: str,
    by: str,
    *,
    as_json: bool,
) -> int:
    """Give ITEM to others; it keeps its draft and its due time."""
    if (to is None) == (to_group is None):
        raise click.UsageError("say who gets it: --to PERSON or --to-group GROUP")
    who = {"person": to} if to is not None else {"group": to_group}
    return _carry_out(
        lambda cases: cases.reassign(case, item, who, by=by, reason=reason),
        case,
        item,
        as_json=as_json,
    )


@command.command("draft")
@click.argument("case")
@click.argument("item")
@click.option("--values", "given", required=True, metavar="JSON", help="JSON, @FILE, or @-.")
@_BY
@_JSON
def draft(case: str, item: str, given: str, by: str, *, as_json: bool) -> int:
    """Keep what was filled in so far."""
    from cli.given import read_object

    values = read_object(given, "--values")
    return _carry_out(
        lambda cases: cases.draft(case, item, values, by=by), case, item, as_json=as_json
    )


def _carry_out(
    act: Callable[[Cases], Awaitable[Mapping[str, Any]]], case: str, item: str, *, as_json: bool
) -> int:
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    settings = read_settings()

    async def run() -> None:
        async with open_cases(settings) as cases:
            taken = await act(cases)
        if as_json:
            print_json({"case": case, **taken})
        else:
            click.echo(f"{item}: {taken['state']}, {_has(taken)}.")

    return carry_out(run, as_json=as_json)


def _has(taken: Mapping[str, Any]) -> str:
    person = taken.get("person")
    if taken.get("delegate"):
        return f"{taken['delegate']} does it for {person}"
    return str(person) if person else "for " + ", ".join(taken.get("people") or ["nobody"])
