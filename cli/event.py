"""`caseway event`: tell a case that something happened."""

from __future__ import annotations

import click


@click.command("event", short_help="Tell a case that something happened.")
@click.argument("case")
@click.argument("type")
@click.option("--data", "given", metavar="JSON", help="What the event says: JSON, @FILE, or @-.")
@click.option("--id", "id_", metavar="ID", help="Makes it repeatable: the same id counts once.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(case: str, type: str, given: str | None, id_: str | None, *, as_json: bool) -> int:
    """Deliver an event of a TYPE, such as message.received, to a CASE.

    A case keeps an event that nothing waits for yet. Ends with 0 when the case has it, with 1 when
    it is refused, with 2 when it could not run.
    """
    import uuid
    from datetime import UTC, datetime

    from cli.given import caller, read_value
    from cli.installation import open_cases, read_settings
    from cli.outcome import carry_out, print_json

    event = {
        "id": id_ or uuid.uuid4().hex,
        "type": type,
        "source": caller(),
        "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": read_value(given, "--data"),
    }
    settings = read_settings()

    async def act() -> int:
        async with open_cases(settings) as cases:
            taken = await cases.event(case, event)
        if as_json:
            told = {"case": case, "event": event["id"], "state": taken.state}
            print_json({**told, "reason": taken.reason} if taken.reason else told)
        else:
            click.echo(f"{type}: {taken.state}{f' ({taken.reason})' if taken.reason else ''}.")
        return 1 if taken.state == "refused" else 0

    return carry_out(act, as_json=as_json)
