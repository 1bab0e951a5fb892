"""`caseway event`: tell a case that something happened."""

from __future__ import annotations

from typing import Any

import click


@click.command("event", short_help="Tell a case that something happened.")
@click.argument("case", required=False)
@click.argument("kind", metavar="TYPE", required=False)
@click.option("--publish", is_flag=True, help="Name no case: every case that listens hears it.")
@click.option("--subject", metavar="TEXT", help="What the published event is about.")
@click.option("--data", "given", metavar="JSON", help="What the event says: JSON, @FILE, or @-.")
@click.option("--id", "id_", metavar="ID", help="Makes it repeatable: the same id counts once.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    case: str | None,
    kind: str | None,
    given: str | None,
    id_: str | None,
    subject: str | None,
    *,
    publish: bool,
    as_json: bool,
) -> int:
    """Deliver an event of a TYPE, such as message.received, to a CASE, or publish one to all.

    A case keeps an event that nothing waits for yet. `caseway event --publish TYPE` tells every
    case that listens, and definitions that start on events. Ends with 0 when the event is kept,
    with 1 when it is refused, with 2 when it could not run.
    """
    import uuid
    from datetime import UTC, datetime

    from cli.given import caller, read_value
    from cli.installation import open_cases, open_routing, read_settings
    from cli.outcome import carry_out, print_json

    if publish and kind is None:
        case, kind = None, case
    if kind is None or (case is None) != publish:
        raise click.UsageError(
            "write `caseway event CASE TYPE` for one case, `caseway event --publish TYPE` for all"
        )
    if subject is not None and not publish:
        raise click.UsageError("--subject is for --publish: a case looks at type and data")
    event: dict[str, Any] = {
        "id": id_ or uuid.uuid4().hex,
        "type": kind,
        "source": caller(),
        "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": read_value(given, "--data"),
    }
    settings = read_settings()

    async def tell_all() -> int:
        event["specversion"] = "1.0"
        if subject is not None:
            event["subject"] = subject
        async with open_routing(settings) as routing:
            await routing.publish(event)
        if as_json:
            print_json({"event": event["id"], "source": event["source"], "state": "published"})
        else:
            click.echo(f"{kind}: published.")
        return 0

    async def act() -> int:
        if case is None:
            return await tell_all()
        async with open_cases(settings) as cases:
            taken = await cases.event(case, event)
        if as_json:
            told = {"case": case, "event": event["id"], "state": taken.state}
            print_json({**told, "reason": taken.reason} if taken.reason else told)
        else:
            click.echo(f"{kind}: {taken.state}{f' ({taken.reason})' if taken.reason else ''}.")
        return 1 if taken.state == "refused" else 0

    return carry_out(act, as_json=as_json)
