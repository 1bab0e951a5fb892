"""`caseway start`: a new case, or the one that has its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cases.cases import Cases


@click.command("start", short_help="Start a case.")
@click.argument("name")
@click.option("--input", "given", metavar="JSON", help="The input: JSON, @FILE with JSON, or @-.")
@click.option("--key", help="What makes it one of its kind; else the definition's own rule does.")
@click.option("--version", metavar="RANGE", help="A version or a range; else the newest one.")
@click.option("--by", metavar="WHO", help="Who starts it; else your name on this machine.")
@click.option("--drill", is_flag=True, help="A drill: it writes nothing outside.")
@click.option("--wait", is_flag=True, help="Wait until it has ended.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    name: str,
    given: str | None,
    key: str | None,
    version: str | None,
    by: str | None,
    *,
    drill: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Start a case of the published definition NAME.

    A drill (--drill) tells the drill list only, writes to no other system, and is no figure of any
    report; its key is set apart from those of real cases. A second start with the same key is no second case: it gets the address of the one that is
    there. Ends with 0 when the case is there (with --wait: when it has completed), with 1 when it
    was refused or ended otherwise, with 2 when it could not run.
    """
    from cli.given import caller, read_value
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out

    value = read_value(given, "--input")
    settings = read_settings()

    async def act() -> int:
        async with open_cases(settings) as cases:
            told = await _start(cases, name, value, key, version, by or caller(), drill=drill)
            return await _tell(cases, told, wait=wait, as_json=as_json)

    return carry_out(act, as_json=as_json)


async def _start(
    cases: Cases,
    name: str,
    value: Any,
    key: str | None,
    version: str | None,
    by: str,
    *,
    drill: bool,
) -> dict[str, Any]:
    from cases.errors import WorkerSilent
    from cli.outcome import say

    try:
        begun = await cases.start(name, value, key=key, version=version, by=by, drill=drill)
    except WorkerSilent as silence:
        if not silence.started:
            raise
        say(f"caseway: {silence}")
        return {"case": silence.case, "definition": name, "started": not silence.joined}
    return {
        "case": begun.case,
        "definition": begun.definition,
        "version": begun.version,
        "started": begun.started,
    }


async def _tell(cases: Cases, told: dict[str, Any], *, wait: bool, as_json: bool) -> int:
    from cli.outcome import print_json, say

    case = told["case"]
    how = "Started" if told["started"] else "There already:"
    line = f"{how} {case}{' on version ' + told['version'] if 'version' in told else ''}."
    if not wait:
        print_json(told) if as_json else click.echo(line)
        return 0
    say(f"{line} Waiting for its end; Ctrl-C stops the waiting, not the case.")
    ended = await cases.wait(case)
    told["ended"] = {"as": ended.how, "output": ended.output, "error": ended.error}
    if as_json:
        print_json(told)
    else:
        from cli.showing import as_text

        detail = (ended.error or {}).get("detail")
        click.echo(f"{case} has ended: {ended.how}{f': {detail}' if detail else ''}.")
        if ended.output is not None:
            click.echo(as_text(ended.output))
    return 0 if ended.how == "completed" else 1
