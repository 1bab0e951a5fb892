"""`caseway report`: figures over a period, from the records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

if TYPE_CHECKING:
    from reports.figures import Figure
    from reports.periods import Period


@click.command("report", short_help="Figures over a period.")
@click.argument("kpis", nargs=-1, metavar="[KPI]...")
@click.option(
    "--period",
    metavar="PERIOD",
    help="A day, month or year: 2026-03-02, 2026-03, 2026; else the last whole month.",
)
@click.option("--timezone", default="UTC", show_default=True, help="Where days begin.")
@click.option("--definition", help="Only cases of this definition.")
@click.option("--priority", help="Only cases of this priority.")
@click.option("--type", "type_", help="Only cases of this type.")
@click.option("--group", help="Only cases of this group.")
@click.option(
    "--compare",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What --json of an earlier report has printed.",
)
@click.option("--explain", is_flag=True, help="Say what each figure counts.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def command(
    kpis: tuple[str, ...],
    period: str | None,
    timezone: str,
    definition: str | None,
    priority: str | None,
    type_: str | None,
    group: str | None,
    compare: Path | None,
    *,
    explain: bool,
    as_json: bool,
) -> int:
    """Print figures over a period; all of them where no KPI is named. Drills are left out.

    A period closes a day after its end. What the records hear of later does not change its figures:
    it stands beside them as a correction. A figure is compared with an earlier one only where both
    count the same. No server is needed. Ends with 0, with 1 where there is no such figure, with 2
    when it could not run.
    """  # fmt: skip
    from cli.installation import open_records, read_settings
    from cli.outcome import carry_out, print_json, say
    from reports.figures import Filter, KpiUnknown, compared
    from reports.kpis import KPIS
    from reports.reading import read_figures

    wanted = kpis or tuple(KPIS)
    if explain:
        unknown = [each for each in wanted if each not in KPIS]
        if unknown:
            say(f"There is no figure {unknown[0]!r}; there are {', '.join(KPIS)}.")
            return 1
        for each in wanted:
            click.echo(f"{each}: {KPIS[each].title}\n  {KPIS[each].statement}")
        return 0
    span = _period(period, timezone)
    only = Filter(definition, priority, type_, group)
    earlier = _earlier(compare)

    async def act() -> int:
        async with open_records(read_settings()) as records:
            try:
                found = await read_figures(records, wanted, span, datetime.now(UTC), only)
            except KpiUnknown as error:
                say(f"{error}.".replace("there", "There", 1))
                return 1
        if as_json:
            told = [compared(each, earlier.get(each.kpi.id), None) for each in found]
            print_json({"figures": told})
        else:
            _print(found, span, earlier)
        return 0

    return carry_out(act, as_json=as_json)


def _period(text: str | None, timezone: str) -> Period:
    from reports.periods import read_period

    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(
            f'"{timezone}" is no time zone.', param_hint="--timezone"
        ) from error
    if text is None:
        now = datetime.now(zone)
        month = read_period(f"{now:%Y-%m}", zone)
        text = f"{(month.start - (month.end - month.start) / 2).astimezone(zone):%Y-%m}"
    try:
        found: Period = read_period(text, zone)
    except ValueError as error:
        raise click.BadParameter(
            f'"{text}" is no day, month or year such as 2026-03.', param_hint="--period"
        ) from error
    return found


def _earlier(file: Path | None) -> Mapping[str, Mapping[str, Any]]:
    from cli.given import read_object

    if file is None:
        return {}
    figures = read_object(f"@{file}", "--compare").get("figures")
    if not isinstance(figures, list) or not all(
        isinstance(each, dict) and "kpi" in each for each in figures
    ):
        raise click.BadParameter(
            f"{file} is no report that --json has printed.", param_hint="--compare"
        )
    return {each["kpi"]: each for each in figures}


def _print(found: list[Figure], span: Period, earlier: Mapping[str, Mapping[str, Any]]) -> None:
    from cli.showing import columns
    from reports.figures import compared
    from reports.saying import said_value

    state = "closed" if found[0].closed else f"not closed until {span.watermark:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC, {state}")
    rows = [["FIGURE", "VALUE", "OF", "BEFORE" if earlier else "", ""]]
    for each in found:
        unit, measured = each.kpi.unit, each.measured
        before = earlier.get(each.kpi.id)
        told = compared(each, before, None)
        then = "" if before is None else "not comparable"
        if told["comparable"] and before is not None:
            then = said_value(before.get("value"), unit)
        beside = ", ".join(
            f"{name} {said_value(value, _unit_of(name, unit))}"
            for name, value in measured.beside.items()
        )
        if each.correction is not None:
            late = (
                f"corrected {said_value(each.correction.value, unit)} ({each.correction.late} late)"
            )
            beside = f"{late}; {beside}" if beside else late
        rows.append([each.kpi.id, said_value(measured.value, unit), str(measured.n), then, beside])
    click.echo(columns(rows))


def _unit_of(name: str, unit: str) -> str:
    return "seconds" if name.endswith("Age") else unit
