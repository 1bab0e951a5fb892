"""The improvement register: what is compared, what is judged, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from language.functions.register import STATUSES as IN_THE_CATALOG
from service.errors import Refused
from service.register import (
    OVER,
    STATUSES,
    entry_id,
    last_measurement,
    new_entry,
    said_of,
    updated,
)

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def figure(value: float | None, digest: str = "d1", **more: Any) -> dict[str, Any]:
    """Give what `report.kpi` gives."""
    return {
        "kpi": "resolution-time", "value": value, "n": 4, "unit": "seconds", "better": "lower",
        "digest": digest, "period": {"from": "a", "until": "b"}, "closed": True, "beside": {},
        "comparable": None, "reached": None, **more,
    }  # fmt: skip


def entry(**given: Any) -> dict[str, Any]:
    """Enter an improvement."""
    return new_entry({"title": "Shorter", **given}, "i1", "improvement:1", MONDAY)


def measure(known: Mapping[str, Any], result: Any, key: str = "k", **more: Any) -> Any:
    """Give the judgement of a figure."""
    _, told = updated(known, {"entry": "i1", "result": result, **more}, key, "c", MONDAY)
    return tuple(told[name] for name in ("comparable", "change", "improved", "reached"))


@pytest.mark.parametrize(
    ("now", "judged"),
    [
        (figure(7200), (True, -1800, True, True)),
        (figure(8000), (True, -1000, True, False)),
        (figure(9000), (True, 0, False, False)),
        (figure(9500), (True, 500, False, False)),
        (figure(None), (True, None, None, None)),
        (figure(60, "d2"), (False, None, None, None)),
        (figure(None, "d2"), (False, None, None, None)),
        (None, (None, None, None, None)),
    ],
)
def test_only_what_counts_the_same_is_compared(now: Any, judged: Any) -> None:
    """Another digest is not comparable: neither a change nor the target is judged by it."""
    assert measure(entry(baseline=figure(9000), target=7200), now) == judged


@pytest.mark.parametrize(
    ("better", "judged"),
    [("higher", (True, 100, True, True)), ("neither", (True, 100, None, True))],
)
def test_the_direction_is_that_of_the_figure(better: str, judged: Any) -> None:
    """More is better of a share; of what is neither good nor bad only the target says something."""
    known = entry(baseline=figure(100, better=better), target=200)

    assert measure(known, figure(200, better=better)) == judged


def test_a_figure_that_says_no_direction_is_not_judged_by_a_guess() -> None:
    """It takes that of the baseline; where neither says it, only the change is told."""
    known = entry(baseline=figure(9000), target=7200)
    silent = entry(baseline=figure(9000, better=None), target=7200)

    assert measure(known, figure(7000, better=None)) == (True, -2000, True, True)
    assert measure(silent, figure(7000, better=None)) == (True, -2000, None, None)


def test_without_a_baseline_only_the_target_is_judged() -> None:
    """And only by the figure that the entry is about."""
    known = entry(kpi="resolution-time", target=7200)

    assert measure(known, figure(7000)) == (None, None, None, True)
    assert measure(known, figure(7000, kpi="backlog")) == (False, None, None, None)
    assert measure(entry(), figure(7000)) == (None, None, None, None)


def test_a_baseline_without_a_value_is_compared_and_shows_no_change() -> None:
    """Nothing measured is not zero."""
    assert measure(entry(baseline=figure(None), target=9), figure(5)) == (True, None, None, True)


def test_a_baseline_may_come_later_and_stays() -> None:
    """It is measured in the plan step; afterwards nobody moves the goal posts."""
    planned, _ = updated(
        entry(), {"baseline": figure(9000), "status": "planned"}, "k1", "c", MONDAY
    )

    assert (planned["kpi"], planned["status"]) == ("resolution-time", "planned")
    assert measure(planned, figure(60)) == (True, -8940, True, None)
    with pytest.raises(Refused, match="has a baseline already"):
        updated(planned, {"baseline": figure(1)}, "k2", "c", MONDAY)


def test_somebody_else_may_answer_for_it() -> None:
    """Without a word the owner stays."""
    one, _ = updated(entry(owner="amy"), {"owner": {"role": "lead"}}, "k1", "c", MONDAY)
    two, _ = updated(one, {"owner": None}, "k2", "c", MONDAY)

    assert two["owner"] == {"role": "lead"}


def test_the_same_act_again_changes_nothing() -> None:
    """Also where others have come since: the result is that of the first time."""
    later = MONDAY + timedelta(days=1)
    one, first = updated(entry(), {"status": "doing"}, "k1", "c", MONDAY)
    two, _ = updated(one, {"status": "done"}, "k2", "c", later)

    three, again = updated(two, {"status": "doing"}, "k1", "c", later)

    assert (three, again) == (two, first)
    assert three["status"] == "done"
    assert updated(two, {}, "k3", "c", later)[1]["status"] == "done"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": "  "}, "needs a title"),
        ({"target": 3}, "nothing says which figure"),
        ({"baseline": {"value": 3}}, "baseline is no figure"),
        ({"baseline": 3}, "baseline is no figure"),
        ({"baseline": figure(True)}, "baseline is no figure"),
        ({"baseline": figure(1), "kpi": "backlog"}, "the entry is about backlog"),
    ],
)
def test_what_could_never_be_judged_is_refused(given: dict[str, Any], said: str) -> None:
    """At once, and in a sentence; zero is a value."""
    with pytest.raises(Refused, match=said):
        entry(**given)


@pytest.mark.parametrize("result", [{}, {"digest": "d", "kpi": "k", "value": "3"}, [], 0, ""])
def test_a_result_that_is_no_figure_is_refused(result: Any) -> None:
    """It would be kept as a measurement."""
    with pytest.raises(Refused, match="result is no figure"):
        measure(entry(), result)


def test_a_measurement_is_said_in_words() -> None:
    """As the history of the case and the register show it."""
    known = entry(baseline=figure(9000), target=7200)

    def said(result: Any) -> str:
        return said_of(updated(known, {"result": result}, "k", "c", MONDAY)[0]["acts"][-1])

    assert [said(each) for each in (figure(60), figure(9001), figure(60, "d2"), figure(None), None)] == [
        "better, target reached", "not better, target not reached", "not comparable",
        "nothing measured", "",
    ]  # fmt: skip


def test_the_last_measurement_is_the_newest_that_has_a_result() -> None:
    """A change of the status is none."""
    one, _ = updated(entry(), {"result": figure(3)}, "k1", "c", MONDAY)
    two, _ = updated(one, {"status": "done"}, "k2", "c", MONDAY)

    assert last_measurement(entry()) is None
    assert (last_measurement(two) or {})["key"] == "k1"


def test_the_catalog_knows_every_status() -> None:
    """What an editor proposes is what the register takes."""
    assert STATUSES == IN_THE_CATALOG
    assert set(OVER) < set(STATUSES)
    assert entry_id("a") == entry_id("a") != entry_id("b")
