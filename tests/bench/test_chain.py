"""The report of the chain."""

from __future__ import annotations

from bench.chain import ACTIONS, READS, report
from bench.measure import Round


def _round(rate: float, alone: tuple[float, ...]) -> Round:
    return Round(rate, (0.4, 0.5, 0.8), alone, {"worker": 0.018, "server": 0.026})


ROUNDS = {
    "Caseway": [_round(9.0, (0.3,)), _round(18.0, (0.2, 0.4)), _round(5.0, (0.3,))],
    "by hand": [_round(10.0, (0.2,)), _round(20.0, (0.2,)), _round(5.0, (0.2,))],
}
SIZE = {"Caseway": (40, 5000), "by hand": (35, 3684)}


def test_report_compares_round_by_round() -> None:
    """The ratio is taken within each round, so that a slow minute of the machine does not decide it."""
    assert report(ACTIONS, ROUNDS, SIZE, at_a_time=20) == [
        "Five HTTP actions, 20 at a time, 3 rounds each, medians [low .. high]:",
        "  Caseway  9.0 cases/s [5.0 .. 18.0]   p50 500 ms [500 .. 500]   p95 800 ms [800 .. 800]",
        "           alone p50 300 ms [300 .. 300]   history 40 events, 5000 bytes",
        "           processor time per case: worker 18.0 ms [18.0 .. 18.0], server 26.0 ms [26.0 .. 26.0]",
        "  by hand  10.0 cases/s [5.0 .. 20.0]   p50 500 ms [500 .. 500]   p95 800 ms [800 .. 800]",
        "           alone p50 200 ms [200 .. 200]   history 35 events, 3684 bytes",
        "           processor time per case: worker 18.0 ms [18.0 .. 18.0], server 26.0 ms [26.0 .. 26.0]",
        "  cases/s, Caseway / by hand, round by round: 0.90 [0.90 .. 1.00] (target: at least 0.95)",
        "  alone, by hand / Caseway, round by round: 0.67 [0.67 .. 0.67] (target: at least 0.95)",
    ]


def test_reads_have_a_target_of_their_own_seconds() -> None:
    """The slowest of twenty has to be within a time, whatever the other side takes."""
    assert report(READS, ROUNDS, SIZE, at_a_time=20)[-1] == (
        "  p95 of Caseway in seconds, round by round: 0.80 [0.80 .. 0.80] (target: under 1.5)"
    )
