"""`report.kpi`: the period that is meant, the comparison, and what is refused."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from language.compile import compile_definition
from language.functions.reports import KPIS as IN_THE_CATALOG
from reports.kpis import KPIS
from reports.reading import Reports
from service.errors import FigureInvalid
from service.figures import CaseFacts, Event

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Told:
    """One case that was resolved in two hours on the second of March, and told at once."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []

    async def figures(self, start: datetime, end: datetime) -> Sequence[CaseFacts]:
        """Give the case, whatever the period."""
        self.asked.append((start, end))
        at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        data = {"clock": "resolution", "ended": "met", "elapsed": 7200}
        return [
            CaseFacts(
                case="desk:1", definition="desk", priority="P1", type=None, group="net",
                started_at=at, ended_at=None, events=(Event("clock", at, at, data),),
            )
        ]  # fmt: skip


def kpi(**asked: Any) -> dict[str, Any]:
    """Ask for the time to the resolution."""
    return asyncio.run(Reports(Told()).kpi({"kpi": "resolution-time", **asked}, NOW))


def test_a_figure_is_compared_and_judged() -> None:
    """Comparable where both count the same; a time is reached where it is not longer."""
    march = kpi(period="2026-03", target=7200)

    again = kpi(
        period={"from": "2026-03-01T00:00:00Z", "until": "2026-03-09T00:00:00Z"}, compareWith=march
    )
    other = kpi(period="2026-03", compareWith=march, only={"group": "net"}, target=60)

    assert (march["value"], march["n"], march["closed"]) == (7200, 1, True)
    assert (march["comparable"], march["reached"]) == (None, True)
    assert (again["comparable"], again["change"], again["digest"]) == (True, 0, march["digest"])
    assert (other["comparable"], other["change"], other["reached"]) == (False, None, False)


def test_without_a_period_it_is_as_long_as_the_earlier_one_and_ends_now() -> None:
    """Else thirty days; what ends now is not closed, and nothing measured is no zero."""
    told = Told()
    week = {"period": {"from": "2026-03-01T00:00:00Z", "until": "2026-03-08T00:00:00Z"}}

    first = asyncio.run(Reports(told).kpi({"kpi": "backlog", "compareWith": week}, NOW))
    asyncio.run(Reports(told).kpi({"kpi": "backlog"}, NOW))

    assert told.asked == [(NOW - timedelta(days=7), NOW), (NOW - timedelta(days=30), NOW)]
    assert (first["closed"], first["comparable"]) == (False, False)
    empty = kpi(target=60)
    assert (empty["value"], empty["n"], empty["reached"]) == (None, 0, None)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"period": "soon"}, "write a day, month or year"),
        ({"period": {"from": "2026-03-01T00:00:00Z"}}, "write a day, month or year"),
        (
            {"period": {"from": "2026-03-02T00:00:00Z", "until": "2026-03-02T00:00:00Z"}},
            "ends before",
        ),
        ({"period": "2026-03", "timezone": "Mars/Base"}, "no time zone|no period"),
        ({"compareWith": {"period": 3}}, "write a day"),
        ({"only": {"colour": "red"}}, "filters by nothing known"),
        ({"kpi": "happiness"}, "there is no figure"),
    ],
)
def test_what_does_not_exist_is_refused(asked: dict[str, Any], said: str) -> None:
    """In a sentence: the case is held with it."""
    with pytest.raises(FigureInvalid, match=said):
        kpi(**asked)


def test_the_catalog_names_every_figure() -> None:
    """An editor proposes what can be computed, and nothing else."""
    assert tuple(KPIS) == IN_THE_CATALOG


def test_the_example_of_an_improvement_is_a_right_definition() -> None:
    """The whole cycle: measured, entered, measured again, judged."""
    page = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
    tasks = page.split("```yaml\n- before:", 1)[1].split("```", 1)[0]
    head = (
        "document: { dsl: '1.0.3', namespace: n, name: improvement, version: '1.0.0',"
        " metadata: { owner: support-manager } }\ndo:\n"
    )

    plan, findings = compile_definition(
        head + textwrap.indent(f"- before:{tasks}", "  "), "improvement.yaml"
    )

    assert plan is not None
    assert [each.message for each in findings] == []


def test_the_example_of_the_guide_is_a_right_definition() -> None:
    """Who copies it has no findings."""
    page = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
    task = page.split("```yaml\n- measure:", 1)[1].split("```", 1)[0]
    head = (
        "document: { dsl: '1.0.3', namespace: n, name: figures, version: '1.0.0',"
        " metadata: { owner: lead } }\ndo:\n"
        "  - keep: { call: case.update, with: { data: { baseline: { digest: none } } } }\n"
    )
    tasks = textwrap.indent(f"- measure:{task}", "  ")

    plan, findings = compile_definition(head + tasks, "figures.yaml")

    assert plan is not None
    assert [each.message for each in findings] == []
