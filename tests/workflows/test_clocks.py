"""Clocks in a running case: what moves them, and what is told once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from language.plan import (
    ENGINE_SEMANTICS,
    CaseRules,
    ClockRules,
    Expression,
    Literal,
    ReactionRules,
    ReopenRules,
    Status,
    Threshold,
    Trigger,
    Wait,
)
from service.errors import Refused
from tests.workflows.in_world import MONDAY, Fixed
from tests.workflows.scenarios import ORGANIZATION, Scenario, comment, item
from workflows.interpreter import doors
from workflows.interpreter.case_run import CaseRun
from workflows.rehearsal.world import Published, World

STATUSES = {"open": Status("open"), "asked": Status("waiting"), "closed": Status("closed")}

UPDATE = ClockRules(
    name="update",
    runs_from=(Trigger(status="open"),),
    until=(Trigger(status="closed"),),
    paused_in=(Trigger(phase="waiting"),),
    restarts_on=(Trigger(event="message.sent"),),
    target=Literal({"hours": 2}),
    at=(
        Threshold(
            name="half",
            elapsed_percent=50,
            tasks=(comment("warn", "half of it", "/clock/half/do/0"),),
        ),
    ),
)

BREACHES = ReactionRules(
    name="late",
    on=Trigger(event="clock.breached"),
    tasks=(comment("cry", "late", "/late/do/0"),),
)


def play(
    clock: ClockRules, acts: Mapping[int, tuple[str, str, Mapping[str, Any]]], *, restart: bool
) -> tuple[CaseRun, list[str]]:
    """Let a case wait for nine hours; acts by minute: status, event, or an act on the clock."""
    scenario = Scenario("timed", (item("look", "/do/0"),))
    rules = CaseRules(calendar="office", statuses=STATUSES, clocks=(clock,), reactions=(BREACHES,))
    plan = Scenario("timed", scenario.tasks, rules=rules).plan
    world = World(
        start=MONDAY,
        definitions={"timed": Published(plan, "digest")},
        organization=ORGANIZATION,
        systems=Fixed(scenario),
        restart=restart,
    )
    world.open("timed", "timed:1", None)
    seen: list[str] = []

    def note(line: Mapping[str, Any]) -> None:
        minute = (world.now() - MONDAY) // timedelta(minutes=1)
        seen.extend(f"{minute} {name}" for name in ("breaches", "threshold") if name in line)

    def act(kind: str, name: str, data: Mapping[str, Any]) -> None:
        run = world.cases["timed:1"].run
        if kind == "status":
            before, run.state.record["status"] = run.state.record["status"], name
            run.events.happened(
                "status.changed",
                {"from": before, "to": name, "toPhase": STATUSES[name].phase, "reason": None},
            )
        elif kind == "event":
            run.events.happened(name, dict(data))
        elif kind == "fact":
            run.state.record.update(data)
            run.clocks.facts_changed()
        else:
            run.clocks.ask(clock.name, name, data)

    world.observers.append(note)
    for minute, given in acts.items():
        world.loop.call_at((MONDAY + timedelta(minutes=minute)).timestamp(), act, *given)
    world.run(MONDAY + timedelta(hours=9))
    assert not world.loop.failures, world.loop.failures
    comments = [each.key.partition(":")[2] for each in world.actions if "/do/" in each.key]
    run = world.cases["timed:1"].run
    return run, seen + [each for each in comments if not each.startswith("/do/0/look")]


@pytest.mark.parametrize("restart", [False, True])
def test_an_update_while_it_is_paused_leaves_it_paused(restart: bool) -> None:
    """The clock begins at zero when the customer has answered, and not before."""
    run, seen = play(
        UPDATE,
        {
            30: ("status", "asked", {}),
            60: ("event", "message.sent", {}),
            120: ("status", "open", {}),
        },
        restart=restart,
    )

    assert seen == [
        "180 threshold", "240 breaches", "/clock/half/do/0/warn#1", "/late/do/0/cry#1",
    ]  # fmt: skip
    assert run.clocks.reading("update")["breachedAt"] == "2026-03-02T13:00:00Z"


@pytest.mark.parametrize("restart", [False, True])
def test_a_target_that_has_passed_already_is_a_breach_at_once(restart: bool) -> None:
    """It is told once, with its thresholds, marked late; a longer target takes nothing back."""
    run, seen = play(
        replace(UPDATE, target=Literal({"hours": 8})),
        {
            180: ("ask", "retarget", {"target": {"hours": 1}, "reason": "P1"}),
            200: ("ask", "retarget", {"target": {"hours": 20}}),
        },
        restart=restart,
    )  # fmt: skip

    assert seen == [
        "180 breaches", "180 threshold", "/late/do/0/cry#1", "/clock/half/do/0/warn#1",
    ]  # fmt: skip
    reading = run.clocks.reading("update")
    assert (reading["state"], reading["breachedAt"]) == ("breached", "2026-03-02T10:00:00Z")
    [line] = [each for each in run.state.timeline if each["kind"] == "breached"]
    assert line["at"] == "2026-03-02T12:00:00Z"
    assert any("(late)" in each["text"] for each in run.state.timeline)


@pytest.mark.parametrize("restart", [False, True])
def test_a_paused_clock_is_breached_by_its_new_target(restart: bool) -> None:
    """Raised to P1 while the customer has the word: what was counted is too much already."""
    clock = replace(UPDATE, target=Literal({"hours": 8}), at=())

    run, seen = play(
        clock,
        {
            180: ("status", "asked", {}),
            200: ("ask", "retarget", {"target": {"hours": 1}}),
            220: ("ask", "retarget", {"target": {"minutes": 30}}),
        },
        restart=restart,
    )

    assert seen == ["200 breaches", "/late/do/0/cry#1"]
    assert run.clocks.reading("update")["breachedAt"] == "2026-03-02T10:00:00Z"


@pytest.mark.parametrize("restart", [False, True])
def test_a_target_that_the_flow_has_set_stays_until_its_own_facts_change(restart: bool) -> None:
    """Another fact decides nothing anew; the fact that the target depends on does."""
    target = Expression('if $case.priority == "P1" then {hours: 1} else {hours: 8} end')
    acts = {
        60: ("ask", "retarget", {"target": {"hours": 20}}),
        90: ("fact", "", {"subject": "VPN", "priority": None}),
        120: ("fact", "", {"priority": "P1"}),
    }

    before, _ = play(
        replace(UPDATE, target=target, at=()),
        {minute: act for minute, act in acts.items() if minute < 120},
        restart=restart,
    )
    after, seen = play(replace(UPDATE, target=target, at=()), acts, restart=restart)

    assert before.clocks.reading("update")["target"] == {"hours": 20}
    assert after.clocks.reading("update")["target"] == {"hours": 1}
    assert seen == ["120 breaches", "/late/do/0/cry#1"]


@pytest.mark.parametrize("restart", [False, True])
def test_a_clock_that_ended_with_the_case_stays_silent_when_it_is_reopened(restart: bool) -> None:
    """What lay ahead of it was withdrawn with it."""
    again = Trigger(event="again")
    rules = CaseRules(
        calendar="office",
        statuses=STATUSES,
        clocks=(UPDATE,),
        reactions=(BREACHES,),
        reopen=ReopenRules(window={"hours": 8}, at="look", when=(again,)),
    )
    look = Wait(name="look", path="/do/0", duration=Literal({"minutes": 10}))
    scenario = Scenario("timed", (look,), rules=rules)
    world = World(
        start=MONDAY,
        definitions={"timed": Published(scenario.plan, "digest")},
        organization=ORGANIZATION,
        systems=Fixed(scenario),
        restart=restart,
    )
    world.open("timed", "timed:1", None)
    told: list[str] = []
    world.observers.append(
        lambda line: told.extend(set(line) & {"reopens", "breaches", "threshold"})
    )
    event = {"id": "e-1", "type": "again", "data": {}}
    late = (MONDAY + timedelta(hours=4)).timestamp()
    world.loop.call_at(late, world.deliver, "timed:1", event)
    world.run(MONDAY + timedelta(hours=9))

    assert world.cases["timed:1"].run.clocks.reading("update")["state"] == "cancelled"
    assert told == ["reopens"]


def test_clocks_that_one_event_moves_are_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three clocks that start together cost a case one wait, not three; a case of old does it as before."""
    under_way = {"now": 0, "most": 0}
    read = CaseRun.read

    async def counted(self: CaseRun, name: str, arguments: Mapping[str, Any], summary: str) -> Any:
        if name != "clock.read":
            return await read(self, name, arguments, summary)
        under_way["now"] += 1
        under_way["most"] = max(under_way["now"], under_way["most"])
        try:
            # Other cases' turns: what is asked at once is under way at once.
            await asyncio.sleep(0)
            return await read(self, name, arguments, summary)
        finally:
            under_way["now"] -= 1

    monkeypatch.setattr(CaseRun, "read", counted)
    for level, most in ((ENGINE_SEMANTICS, 3), (15, 1)):
        under_way["most"] = 0
        names = ("response", "update", "resolution")
        rules = CaseRules(
            calendar="office",
            statuses=STATUSES,
            clocks=tuple(replace(UPDATE, name=name) for name in names),
        )
        plan = Scenario("timed", (item("look", "/do/0"),), rules=rules).plan
        world = World(
            start=MONDAY,
            definitions={"timed": Published(plan, "digest", level=level)},
            organization=ORGANIZATION,
            systems=Fixed(Scenario("timed", plan.tasks)),
        )
        world.open("timed", "timed:1", None)
        world.run(MONDAY + timedelta(minutes=1))

        run = world.cases["timed:1"].run
        assert under_way["most"] == most
        assert [run.clocks.reading(name)["state"] for name in names] == ["running"] * 3


OFFICE_HOURS = {"timezone": "UTC", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}
SHORT_MONDAY = {**OFFICE_HOURS, "exceptions": {"2026-03-02": ["09:00-12:00"]}}


def edited(
    target: Mapping[str, Any], *, level: int, recalculated: int | None, restart: bool
) -> CaseRun:
    """Let a clock run in office hours; at 10:00 the afternoon is taken off, at 11:00 it pauses."""
    clock = replace(UPDATE, target=Literal(target), at=())
    rules = CaseRules(calendar="office", statuses=STATUSES, clocks=(clock,), reactions=(BREACHES,))
    scenario = Scenario("timed", (item("look", "/do/0"),), rules=rules)
    world = World(
        start=MONDAY,
        definitions={"timed": Published(scenario.plan, "digest", level)},
        organization={**ORGANIZATION, "calendars": {"office": OFFICE_HOURS}},
        systems=Fixed(scenario),
        restart=restart,
    )
    world.open("timed", "timed:1", None)

    def edit() -> None:
        world.organization = {**world.organization, "calendars": {"office": SHORT_MONDAY}}

    def act(name: str) -> None:
        world.cases["timed:1"].run.clocks.ask("update", name, {})

    def recalculate() -> None:
        run = world.cases["timed:1"].run
        request = {
            "id": "r-1",
            "clock": "update",
            "by": "lin",
            "reason": "the office closes at noon",
        }
        first = doors.recalculate(run, request)
        assert doors.recalculate(run, request) == first

    def at(minute: int, do: Any, *given: Any) -> None:
        world.loop.call_at((MONDAY + timedelta(minutes=minute)).timestamp(), do, *given)

    at(60, edit)
    at(120, act, "pause")
    at(150, act, "resume")
    if recalculated is not None:
        at(recalculated, recalculate)
    world.run(MONDAY + timedelta(hours=3, minutes=10))
    assert not world.loop.failures, world.loop.failures
    return world.cases["timed:1"].run


@pytest.mark.parametrize("restart", [False, True])
def test_a_running_clock_keeps_its_calendar(restart: bool) -> None:
    """An afternoon that is taken off does not move a deadline behind the back of who watches it."""
    target = {"businessHours": 4}

    kept = edited(target, level=16, recalculated=None, restart=restart)
    of_the_day = edited(target, level=15, recalculated=None, restart=restart)

    assert kept.clocks.reading("update")["deadline"] == "2026-03-02T14:30:00Z"
    assert of_the_day.clocks.reading("update")["deadline"] == "2026-03-03T10:30:00Z"


@pytest.mark.parametrize("restart", [False, True])
def test_an_operator_has_a_deadline_counted_anew(restart: bool) -> None:
    """Once, with the old and the new deadline, the calendars, who and why in the audit."""
    run = edited({"businessHours": 4}, level=16, recalculated=180, restart=restart)

    assert run.clocks.reading("update")["deadline"] == "2026-03-03T10:30:00Z"
    lines = [each for each in run.state.timeline if "recalculated" in each["text"]]
    assert [(each["was"], each["deadline"]) for each in lines] == [
        ("2026-03-02T14:30:00Z", "2026-03-03T10:30:00Z")
    ]
    assert (lines[0]["by"], lines[0]["reason"]) == ("lin", "the office closes at noon")
    assert lines[0]["wasDigest"] != lines[0]["digest"]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"clock": "update"}, "say why"),
        ({"clock": "update", "reason": "  "}, "say why"),
        ({"clock": "updates", "reason": "x"}, "no clock 'updates'; counted now: update"),
        ({"reason": "x"}, "no clock"),
    ],
)
def test_what_cannot_be_counted_anew_is_refused(request_: dict[str, Any], said: str) -> None:
    """A clock that does not run, or nobody who says why."""
    run = edited({"hours": 40}, level=16, recalculated=None, restart=False)

    with pytest.raises(Refused, match=said):
        doors.recalculate(run, {"id": "r-2", "by": "lin", **request_})


@pytest.mark.parametrize("restart", [False, True])
def test_raised_to_p1_after_a_pause_only_what_ran_counts(restart: bool) -> None:
    """Three hours open, of which one was the customer's, then P1 with four hours: two are left."""
    target = Expression('if $case.priority == "P1" then {hours: 4} else {businessDays: 3} end')

    run, seen = play(
        replace(UPDATE, target=target, at=()),
        {
            60: ("status", "asked", {}),
            120: ("status", "open", {}),
            180: ("fact", "", {"priority": "P1"}),
        },
        restart=restart,
    )

    assert seen == ["300 breaches", "/late/do/0/cry#1"]
    assert run.clocks.reading("update")["breachedAt"] == "2026-03-02T14:00:00Z"
