"""The events that figures are made from: written once, without names, and read by period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from cases.records.database import open_database
from reports.figures import compute
from reports.periods import Period
from tests.cases.records.samples import MONDAY, at, dump, row, using, writing_all

WEEK = Period(MONDAY, MONDAY + timedelta(days=7))


def told(n: int, *lines: dict[str, Any], case: str = "desk:1", **facts: Any) -> dict[str, Any]:
    """What a case tells with a write."""
    closed = {"as": facts["endedAs"], "at": facts["endedAt"]} if facts.get("endedAs") else None
    found = {
        "case": case,
        "row": row(case, n, **facts),
        "items": [],
        "audit": list(lines),
        "messages": [],
    }
    return found if closed is None else {**found, "closed": closed}


LINES = (
    {"n": 1, "at": at(0), "kind": "status", "text": "- -> open", "to": "open", "phase": "open", "by": "amy"},
    {"n": 2, "at": at(5), "kind": "log", "text": "no figure"},
    {"n": 3, "at": at(60), "kind": "clock", "text": "paused", "deadline": None},
    {"n": 4, "at": at(90), "kind": "clock", "text": "met", "clock": "resolution", "ended": "met", "elapsed": 5400},
)  # fmt: skip
END = {"phase": "closed", "endedAs": "completed", "endedAt": at(90)}


def test_events_are_kept_once_and_name_nobody(file: Path) -> None:
    """However often a case tells them; the first time is when they were told."""
    using(file, writing_all(told(1, *LINES[:2]), told(2, *LINES, **END)))
    first = dump(file, written=True)["events"]

    using(file, writing_all(told(3, *LINES, **END), told(2, *LINES, **END)))

    assert dump(file, written=True)["events"] == first
    assert sorted((each["kind"], each["n"] >= 0) for each in first) == [
        ("began", True), ("clock", True), ("ended", False), ("status", True),
    ]  # fmt: skip
    assert "amy" not in str(first)


def test_figures_are_read_by_period_without_drills(file: Path) -> None:
    """A case that ended before, one that began after, a part of a matter and a drill are in no figure."""
    before = {**END, "startedAt": at(-9000), "endedAt": at(-100)}
    using(file, writing_all(
        told(1, *LINES, **END),
        told(1, case="desk:old", **before),
        told(1, case="desk:new", startedAt=at(60 * 24 * 8)),
        told(1, *LINES, case="part:1", matter="desk:1", **END),
        told(1, *LINES, case="desk:drill~1", **END),
    ))  # fmt: skip

    async def read(store: Any) -> Any:
        return await store.figures(WEEK.start, WEEK.end)

    found = using(file, read)
    figure = compute("resolution-time", found, WEEK, datetime(2026, 5, 1, tzinfo=UTC))

    assert {each.case for each in found} == {"desk:1"}
    # The records hear of it today, long after that week has closed.
    assert (figure.measured.n, figure.correction and figure.correction.value) == (0, 5400)


def test_cases_of_older_records_get_their_beginning_and_end(tmp_path: Path) -> None:
    """An installation that is updated has figures of cases for the time before."""
    file = tmp_path / "records.db"
    using(file, writing_all(told(1, *LINES, **END)))
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE events"))
        connection.execute(text("DROP TABLE improvements"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    engine.dispose()

    open_database(f"sqlite:///{file}").dispose()

    assert [each["kind"] for each in dump(file)["events"]] == ["ended", "began"]
