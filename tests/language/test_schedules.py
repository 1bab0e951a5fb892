"""Findings of schedules: what would start cases at other times than was meant, or never."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from language.checks.schedules import RULES
from language.compile import compile_definition
from language.findings import Finding


def _findings(
    schedules: dict[str, Any] | None = None,
    *,
    schedule: dict[str, Any] | None = None,
    calendar: str | None = None,
    schema: dict[str, Any] | None = None,
) -> tuple[Finding, ...]:
    metadata: dict[str, Any] = {"owner": "lead"}
    if schedules is not None:
        metadata["schedules"] = schedules
    if calendar is not None:
        metadata["calendar"] = calendar
    document = {
        "document": {
            "dsl": "1.0.3", "namespace": "tests", "name": "report", "version": "1.0.0",
            "metadata": metadata,
        },
        "do": [{"pause": {"wait": {"seconds": 1}}}],
    }  # fmt: skip
    if schedule is not None:
        document["schedule"] = schedule
    if schema is not None:
        document["input"] = {"schema": {"document": schema}}
    return compile_definition(yaml.safe_dump(document, sort_keys=False), "process.yaml")[1]


def _only(found: tuple[Finding, ...]) -> Finding:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("schedule", "code", "says"),
    [
        ({"every": {"milliseconds": 999}}, "CW405", "less than one second"),
        ({"every": "PT0.5S"}, "CW405", "less than one second"),
        ({"every": {"seconds": 0}}, "CW405", "less than one second"),
        ({"every": {"milliseconds": 1500}}, "CW405", "start every 1 seconds"),
        ({"every": "PT2.5S"}, "CW405", "start every 2 seconds"),
        ({"every": "${ .often }"}, "CW409", "must be known before there is a case"),
        ({"after": "${ .often }"}, "CW409", "must be known before there is a case"),
        ({"cron": "0 9 * *"}, "CW406", "it has 4 fields"),
        ({"cron": "0 25 * * *"}, "CW406", "its hour cannot be read"),
        ({"cron": "${ .when }"}, "CW409", "must be known before there is a case"),
        ({"every": {"hours": 1}, "read": "data"}, "CW409", 'there is no "on"'),
        ({}, "CW106", "is empty"),
    ],
)
def test_schedule_of_the_standard(schedule: dict[str, Any], code: str, says: str):
    """What Temporal would refuse, or take for another time, is found where it stands."""
    finding = _only(_findings(schedule=schedule))

    assert finding.code == code
    assert says in finding.message
    assert finding.line > 10 if schedule else finding.line


@pytest.mark.parametrize(
    "schedule",
    [
        {"every": {"seconds": 1}},
        {"every": "PT1S"},
        {"every": "P1D"},
        {"cron": "0 0 * * *"},
        {"after": {"milliseconds": 50}},
        {"every": {"hours": 1}, "cron": "30 9 * * *"},
    ],
)
def test_what_the_standard_allows(schedule: dict[str, Any]):
    """A short delay after a case is none of an interval; several kinds may stand together."""
    assert _findings(schedule=schedule) == ()


TAIPEI = {"timezone": "Asia/Taipei"}


@pytest.mark.parametrize(
    ("schedule", "code", "says", "hint"),
    [
        ({"rule": "first-busines-day", **TAIPEI}, "CW407", "names days", "first-business-day"),
        ({"rule": "day-31", **TAIPEI}, "CW407", "names days", "last-day"),
        ({"rule": "fifth-friday", **TAIPEI}, "CW407", "names days", "Rules:"),
        ({"rule": "every-2-weeks", **TAIPEI}, "CW409", "first day that counts", "from:"),
        ({"rule": "business-days", **TAIPEI}, "CW409", "depends on a calendar", "calendar:"),
        ({"rule": "every-day", "at": "24:00", **TAIPEI}, "CW408", "time of day", "'09:00'"),
        ({"rule": "every-day", "timezone": "Europe/Taipei"}, "CW408", "time zone", "Asia/Taipei"),
        ({"rule": "every-day", "timezone": "Asia/Taipeh"}, "CW408", "time zone", "Asia/Taipei"),
        ({"rule": "every-day"}, "CW409", "in which time zone", "timezone:"),
        ({"cron": "0 9 * * *"}, "CW409", "in which time zone", "timezone:"),
        ({"cron": "0 9 * * *", "holiday": "next", **TAIPEI}, "CW409", "moved", "skip and run"),
        ({"rule": "every-day", "holiday": "skip", **TAIPEI}, "CW409", "stand in a calendar", ""),
        ({"every": {"hours": 1}, "at": "09:00"}, "CW409", "belongs to a rule", "rule:"),
        ({"every": {"hours": 1}, "months": [1]}, "CW409", "belongs to a rule", "rule:"),
        ({"every": {"hours": 1}, **TAIPEI}, "CW409", "no time zone", "every-day"),
        ({"every": {"seconds": 0}}, "CW405", "less than one second", ""),
        ({"every": {"hours": 1}, "catchUp": {"seconds": 9}}, "CW405", "ten seconds", ""),
        ({"every": {"hours": 1}, "catchUp": {"businessDays": 1}}, "CW105", "is not known", ""),
        ({"every": {"hours": 1}, "input": {"kpi": "${ .kpi }"}}, "CW409", "same for every", ""),
        ({"cron": "0 9 * * *", "holiday": "run", "overlap": "buffer-one", **TAIPEI}, "CW409",
         "is only known of a rule", "skip and allow"),
        ({"every": {"hours": 1}, "overlap": "queue"}, "CW108", "allowed words", "buffer-one"),
        ({"rule": "every-day", "from": "5 January", **TAIPEI}, "CW108", "not a date", ""),
        ({"rule": "every-day", "months": [13], **TAIPEI}, "CW108", "more than 12", ""),
        ({"at": "09:00", **TAIPEI}, "CW109", "needs one of", ""),
    ],
)  # fmt: skip
def test_schedules_of_metadata(schedule: dict[str, Any], code: str, says: str, hint: str):
    """Each mistake is said once, with what to write instead."""
    found = [each for each in _findings({"monthly": schedule}) if each.code == code]

    finding = _only(tuple(found))
    assert says in finding.message
    assert hint in finding.hint


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"input": {"month": "may"}}, "the input needs"),
        ({"input": {"kpi": 7}}, "must be a text"),
        ({}, "asks for"),
        ({"input": {"kpi": "response"}}, None),
    ],
)
def test_the_input_of_a_schedule_fits_the_definition(given: dict[str, Any], says: str | None):
    """Otherwise it would be published, and the schedule never be made."""
    schema = {"type": "object", "required": ["kpi"], "properties": {"kpi": {"type": "string"}}}
    found = _findings({"monthly": {"every": {"hours": 1}, **given}}, schema=schema)

    assert [each.code for each in found] == ["CW409"] * (says is not None)
    assert says is None or says in found[0].message


@pytest.mark.parametrize("name", ["every", "cron", "after", "on"])
def test_a_schedule_is_not_called_like_one_of_the_standard(name: str):
    """Two schedules of one name would start cases with one key."""
    assert _only(_findings({name: {"every": {"hours": 1}}})).code == "CW111"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_accepted(rule: str):
    """The list of rules is the list of what may stand in a definition."""
    schedule: dict[str, Any] = {"rule": rule, "holiday": "next"}
    if rule.endswith("-weeks"):
        schedule["from"] = "2026-01-05"

    assert _findings({"monthly": schedule}, calendar="office-taipei") == ()
