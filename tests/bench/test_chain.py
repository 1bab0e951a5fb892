"""The report of `make bench`."""

from __future__ import annotations

from bench.chain import BY_HAND, CASEWAY, report
from bench.measure import Round


def test_report_compares_round_by_round() -> None:
    """The ratio is taken within each round, so that a slow minute of the machine does not decide it."""
    rounds = {
        CASEWAY: [Round(9.0, (0.3,)), Round(18.0, (0.2, 0.4)), Round(5.0, (0.3,))],
        BY_HAND: [Round(10.0, (0.2,)), Round(20.0, (0.2,)), Round(5.0, (0.2,))],
    }

    lines = report(rounds, {CASEWAY: (40, 5000), BY_HAND: (35, 3684)}, at_a_time=20)

    assert lines == [
        "Chain of five HTTP actions, 20 at a time, 3 rounds each, medians [low .. high]:",
        "  Caseway  9.0 cases/s [5.0 .. 18.0]   alone p50 300 ms [300 .. 300]   history 40 events, 5000 bytes",
        "  by hand  10.0 cases/s [5.0 .. 20.0]   alone p50 200 ms [200 .. 200]   history 35 events, 3684 bytes",
        "  Caseway / by hand, round by round: 0.90 [0.90 .. 1.00] (target: at least 0.9)",
    ]
