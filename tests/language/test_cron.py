"""Cron expressions: refused where a Schedule would take them for something else."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

import pytest

from language.cron import CronInvalid, cron_times, read_cron


@pytest.mark.parametrize(
    ("expression", "as_schedules"),
    [
        ("0 9 * * 1", ("0 9 * * 1",)),
        ("  */20 8-17 * jan mon-fri ", ("*/20 8-17 * JAN MON-FRI",)),
        ("@monthly", ("0 0 1 * *",)),
        ("0 9 13 * 5", ("0 9 13 * *", "0 9 * * 5")),
        ("0 9 */2 * 1", ("0 9 */2 * 1",)),
    ],
)
def test_either_day_is_enough_where_both_are_given(expression: str, as_schedules: tuple[str, ...]):
    """The 13th and every Friday are two expressions of a Schedule; a star is no restriction."""
    assert read_cron(expression) == as_schedules


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("* * * *", "it has 4 fields, not five"),
        ("0 0 9 * * 1", "it has 6 fields, not five"),
        ("", "it has 0 fields, not five"),
        ("61 * * * *", "its minute cannot be read"),
        ("0 24 * * *", "its hour cannot be read"),
        ("0 9 32 * *", "its day of month cannot be read"),
        ("0 9 * 13 *", "its month cannot be read"),
        ("0 9 * * 8", "its day of week cannot be read"),
        ("0 9 L * *", "its day of month L is an extension"),
        ("0 9 15W * *", "its day of month 15W is an extension"),
        ("0 9 LW * *", "its day of month LW is an extension"),
        ("0 9 * * 5#2", "its day of week 5#2 is an extension"),
        ("0 9 * * 5L", "its day of week 5L is an extension"),
        ("0 9 30 2 *", "its day of month cannot be read"),
        ("*/0 * * * *", "its minute cannot be read"),
        ("@often", "there is no @often"),
        ("@every 5m", "there is no @every"),
    ],
)
def test_what_is_wrong_is_said_by_field(expression: str, problem: str):
    """Five numbers in a row are hard to read: the sentence names the one that is wrong."""
    with pytest.raises(CronInvalid, match=problem.replace("(", r"\(")):
        read_cron(expression)


def test_times_are_those_on_the_wall():
    """An expression has no zone; whoever asks puts its times into one."""
    after = datetime.fromisoformat("2026-03-02T09:00")
    times = islice(cron_times("0 9 * * MON", after), 2)

    assert [f"{each:%m-%d %H:%M}" for each in times] == ["03-09 09:00", "03-16 09:00"]
