"""When a `try` tries again: the standard's backoffs, jitter and limits, on the virtual clock."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import pytest

from tests.workflows.in_world import Outcome, run_in_world
from tests.workflows.scenarios import definition


def attempts(
    policy: str, failing: int = 9, then: str = "do: [ { say: { set: { n: 1 } } } ]"
) -> Outcome:
    """Run a call that fails, under a retry policy."""
    scenario = definition(
        "retries",
        f"""
        do:
          - attempt:
              try: [ {{ ask: {{ call: http, with: {{ method: get, endpoint: 'https://example.org/' }} }} }} ]
              catch: {{ retry: {policy}, {then} }}
        """,
        failing={"http": failing},
    )
    return run_in_world(scenario)


def seconds(outcome: Outcome) -> list[float]:
    """Give the pauses between attempts."""
    times = [datetime.fromisoformat(each) for each in outcome.times]
    return [(b - a).total_seconds() for a, b in itertools.pairwise(times)]


@pytest.mark.parametrize(
    ("backoff", "pauses"),
    [
        ("", [2, 2, 2]),
        (", backoff: { constant: {} }", [2, 2, 2]),
        (", backoff: { linear: {} }", [2, 4, 6]),
        (", backoff: { exponential: {} }", [2, 4, 8]),
    ],
)
def test_the_backoff_says_how_pauses_grow(backoff: str, pauses: list[float]) -> None:
    """Constant pauses, pauses that grow by the delay, pauses that double."""
    outcome = attempts(
        f"{{ delay: {{ seconds: 2 }}{backoff}, limit: {{ attempt: {{ count: 3 }} }} }}"
    )

    assert seconds(outcome) == pauses


def test_without_a_delay_it_tries_again_at_once() -> None:
    """A policy that only counts does not wait."""
    assert seconds(attempts("{ limit: { attempt: { count: 2 } } }")) == [0, 0]


def test_jitter_stays_in_its_range_and_repeats_itself() -> None:
    """The pause is between `from` and `to` longer, and the same in every replay."""
    policy = (
        "{ delay: { seconds: 1 }, jitter: { from: { seconds: 1 }, to: { seconds: 3 } }, "
        "limit: { attempt: { count: 8 } } }"
    )

    first, again = seconds(attempts(policy)), seconds(attempts(policy))

    assert first == again
    assert all(2 <= each <= 4 for each in first)
    assert len(set(first)) > 1


def test_the_duration_ends_the_retries() -> None:
    """No attempt begins after it: 2 + 2 seconds fit into five, a third pause does not."""
    assert seconds(attempts("{ delay: { seconds: 2 }, limit: { duration: { seconds: 5 } } }")) == [
        2,
        2,
    ]


def test_a_success_ends_the_retries() -> None:
    """What an attempt gives is what the try gives."""
    outcome = attempts("{ delay: { seconds: 2 }, limit: { attempt: { count: 5 } } }", failing=1)

    assert seconds(outcome) == [2]
    assert outcome.output == {"deliveries": []}


def test_an_attempt_that_takes_too_long_is_cut_off_and_tried_again() -> None:
    """Each attempt has its limit; what it waited for is withdrawn."""
    scenario = definition(
        "slow",
        """
        do:
          - attempt:
              try:
                - ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } }
                - pause: { wait: { hours: 1 } }
              catch:
                retry: { delay: { seconds: 1 }, limit: { attempt: { count: 2, duration: { minutes: 1 } } } }
                do: [ { say: { set: { status: '${ $error.status }' } } } ]
        """,
    )

    outcome = run_in_world(scenario)

    assert seconds(outcome) == [61, 61]
    assert outcome.output == {"status": 408}


def test_a_policy_may_count_on_its_input() -> None:
    """Durations of a policy are expressions like others."""
    scenario = definition(
        "counted",
        """
        use: { retries: { patient: { delay: '${ .pause }', limit: { attempt: { count: 1 } } } } }
        do:
          - attempt:
              try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]
              catch: { retry: patient }
        """,
        input={"pause": "PT7S"},
        failing={"http": 1},
    )

    outcome: Any = run_in_world(scenario)

    assert seconds(outcome) == [7]
