"""Figures of what cases have done, for definitions that report and improve."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    COUNT,
    FLAG,
    JSON_OBJECT,
    TIME,
    choice,
    optional,
    record,
    text,
)

KPIS = (
    "cases-begun", "cases-closed", "first-response-time", "resolution-time", "resolution-rate",
    "reopen-rate", "target-attainment", "escalation-rate", "backlog", "category-mix", "workload",
)  # fmt: skip
"""As `reports.kpis` computes them; a test holds both together."""

_NUMBER = {"type": "number"}

KPI = Function(
    name="report.kpi",
    kind="reads",
    doc="Computes a figure over a period, and whether it compares with an earlier one.",
    arguments=record(
        {
            "kpi": choice(*KPIS, doc="which figure"),
            "period": {
                "anyOf": [
                    text(),
                    record({"from": TIME, "until": TIME}, ["from", "until"]),
                ],
                "x-says": "a day, month or year such as '2026-03', or { from, until }",
                "description": "over which period; else as long as the earlier one, or 30 days, ending now",
            },
            "timezone": text("where days, months and years of the period begin; UTC without it"),
            "only": record(
                {"definition": text(), "priority": text(), "type": text(), "group": text()},
                description="which cases count; all without it",
            ),
            "compareWith": {**JSON_OBJECT, "description": "an earlier result of the same figure"},
            "target": {**_NUMBER, "description": "what should be reached"},
        },
        ["kpi"],
    ),
    result=record(
        {
            "kpi": text(),
            "value": optional(_NUMBER),
            "n": COUNT,
            "beside": JSON_OBJECT,
            "unit": text(),
            "better": choice("higher", "lower", "neither"),
            "digest": text("what it counts: figures of two digests are not comparable"),
            "period": record({"from": TIME, "until": TIME}, ["from", "until"]),
            "watermark": TIME,
            "closed": FLAG,
            "correction": optional(JSON_OBJECT),
            "comparable": optional(FLAG),
            "change": optional(_NUMBER),
            "reached": optional(FLAG),
        },
        ["kpi", "value", "n", "digest", "period", "closed", "comparable", "reached"],
    ),
    summary="kpi",
)  # fmt: skip

FUNCTIONS = (KPI,)
