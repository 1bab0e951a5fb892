"""Limits that only machines reach: a flapping alert, a loop of reopenings, two cases that answer each other."""

from __future__ import annotations

import pytest

from tests.workflows.scenarios import definition
from tests.workflows.test_matter_moments import each_way, event, run_of, world_of, written
from workflows.interpreter import doors
from workflows.rehearsal.world import World

OWN = "statuses: { open: { phase: open }, closed: { phase: closed } }"
MAIL = written(
    "thread",
    """
    do:
      - first: { call: status, with: { to: open } }
      - answer: { call: ticket.comment, with: { ticket: T-1, text: done, visibility: public } }
      - over: { call: status, with: { to: closed } }
    """,
    OWN
    + ", reopen: { window: { days: 7 }, at: first, when: { event: message.received, match: { from: customer } } }",
)
ALERT = written(
    "alert",
    """
    do:
      - page: { if: '${ $case.results.page == null }', call: ticket.comment, with: { ticket: T-1, text: page, visibility: public } }
      - firing: { call: status, with: { to: open } }
      - recovered: { call: wait-for, with: { event: alert.resolved } }
      - over: { call: status, with: { to: closed } }
    """,
    OWN
    + ", reopen: { window: { minutes: 30 }, at: firing, when: { event: alert.firing }, mostPerHour: 60 }",
)


def after(world: World, seconds: float, case: str, name: str, **data: object) -> None:
    """Deliver an event later."""
    told = {**event(name, **data), "id": f"{name}-{seconds}"}
    world.loop.call_later(seconds, world.deliver, case, told)


@each_way
def test_an_alert_that_flaps_is_one_case_and_one_page(restart: bool) -> None:
    """Twenty times in ten minutes: reopened within its window, and nobody is paged again."""
    world = world_of(ALERT, restart=restart)
    world.open("alert", "alert:disk", {})
    for n in range(20):
        after(world, 30 * n + 15, "alert:disk", "alert.resolved")
        after(world, 30 * n + 30, "alert:disk", "alert.firing")
    after(world, 640, "alert:disk", "alert.resolved")

    world.run()

    run = run_of(world, "alert:disk")
    assert list(world.cases) == ["alert:disk"]
    assert [done.function for done in world.actions] == ["ticket.comment"]
    assert sum(line["kind"] == "reopened" for line in run.state.timeline) == 20
    assert run.state.ended["as"] == "completed"


@each_way
@pytest.mark.parametrize("act", ["retry", "skip"])
def test_a_thread_that_is_reopened_again_and_again_waits_for_an_operator(
    act: str, restart: bool
) -> None:
    """Five reopenings within an hour are enough; the next mail is kept for somebody who looks."""
    world = world_of(MAIL, restart=restart)
    world.open("thread", "thread:1", {})
    for n in range(9):
        after(world, 60 * n + 60, "thread:1", "message.received", **{"from": "customer"})
    world.run(until=world.start.replace(minute=20))
    run = run_of(world, "thread:1")
    assert sum(line["kind"] == "reopened" for line in run.state.timeline) == 5
    assert sum(line["kind"] == "quarantined" for line in run.state.timeline) == 4
    assert [each["task"] for each in run.state.held.values()] == ["reopen"]
    assert run.phase == "closed"

    request = {"id": "o", "act": act, "task": "reopen", "by": "lin"}
    world.loop.call_soon(doors.operate, run, request)
    world.settle()

    run = run_of(world, "thread:1")
    expected = 6 if act == "retry" else 5
    assert sum(line["kind"] == "reopened" for line in run.state.timeline) == expected
    assert run.state.held == {}
    world.run()
    assert run_of(world, "thread:1").state.ended["as"] == "completed"


def test_a_quarantined_mail_is_not_lost_when_the_window_ends() -> None:
    """Somebody has been asked: the case waits for the answer."""
    world = world_of(MAIL)
    world.open("thread", "thread:1", {})
    for n in range(6):
        after(world, 60 * n + 60, "thread:1", "message.received", **{"from": "customer"})

    world.run()

    assert run_of(world, "thread:1").state.ended is None
    assert "reopen" in str(run_of(world, "thread:1").state.held)


def test_later_mails_reopen_again() -> None:
    """The limit is for an hour."""
    world = world_of(MAIL)
    world.open("thread", "thread:1", {})
    for n in range(12):
        after(world, 1200 * n + 60, "thread:1", "message.received", **{"from": "customer"})

    world.run()

    run = run_of(world, "thread:1")
    assert sum(line["kind"] == "reopened" for line in run.state.timeline) == 12


def test_an_event_that_comes_again_is_counted_and_ignored() -> None:
    """The same id three times is one event."""
    world = world_of(ALERT)
    world.open("alert", "alert:disk", {})
    for _ in range(3):
        world.loop.call_soon(world.deliver, "alert:disk", event("alert.resolved"))
    world.settle()

    assert run_of(world, "alert:disk").state.duplicates == 2


ECHO = definition(
    "echo",
    """
    do:
      - wait: { call: wait-for, with: { event: stop } }
    """,
    metadata="{ owner: desk, onError: hold, statuses: { open: { phase: open } }, reactions: { answer: { on: { event: ping }, do: [ { back: { call: case.send, with: { case: '${ .data.from }', event: ping, data: { from: '${ $case.id }' } } } } ] } } }",
)


def test_two_cases_that_answer_each_other_stop_at_an_operator() -> None:
    """After five hops with nobody in between the next answer is held."""
    world = world_of(ECHO)
    systems = world.systems

    async def carry_out(world: World, case: str, action: object) -> object:
        return systems._embedded(world, case, action)  # type: ignore[arg-type]

    systems.carry_out = carry_out  # type: ignore[assignment,method-assign]
    for key in ("1", "2"):
        world.open("echo", f"echo:{key}", {})
    world.loop.call_soon(world.deliver, "echo:1", event("ping", **{"from": "echo:2"}))

    world.settle()

    assert len(world.actions) == 5
    held = [
        each["error"]["title"]
        for key in ("1", "2")
        for each in run_of(world, f"echo:{key}").state.held.values()
    ]
    assert held == ["TooManyHops"]


@each_way
@pytest.mark.parametrize(("policy", "round_"), [("resume", 1), ("restart", 2)])
def test_a_clock_that_only_the_end_has_cancelled_goes_on(
    policy: str, round_: int, restart: bool
) -> None:
    """A case that is closed without having met its target and is reopened is measured again."""
    case = written(
        "measured",
        """
        do:
          - first: { call: status, with: { to: open } }
          - hear: { call: wait-for, with: { event: stop, due: { hours: 1 } } }
          - over: { call: status, with: { to: closed } }
        """,
        "statuses: { open: { phase: open }, solved: { phase: resolved }, closed: { phase: closed } },"
        f"clocks: {{ work: {{ runsFrom: open, until: solved, onReopen: {policy}, target: {{ hours: 8 }} }} }},"
        "reopen: { window: { days: 7 }, at: first, when: { event: message.received } }",
    )
    world = world_of(case, restart=restart)
    world.open("measured", "measured:1", {})
    after(world, 1800, "measured:1", "stop")
    after(world, 36000, "measured:1", "message.received")
    world.run(until=world.start.replace(hour=20))

    kept = run_of(world, "measured:1").state.clocks["work"]
    assert kept["shown"]["state"] == "cancelled"
    told = [line["text"] for line in run_of(world, "measured:1").state.timeline]
    assert told.count("work: running") == 2
    assert kept["state"]["round"] == round_
