"""Moving a running case to another version: as a whole, with its keys, or with every reason not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from language.plan import ENGINE_SEMANTICS, Plan
from language.plan_codec import pack_plan
from service.errors import Refused
from tests.workflows.in_world import MONDAY, Fixed
from tests.workflows.scenarios import ORGANIZATION, Scenario
from tests.workflows.undo_scenarios import definition
from workflows.interpreter import doors
from workflows.interpreter.case_run import CaseRun
from workflows.rehearsal.world import Published, World

STATUSES = "statuses: { open: { phase: open }, closed: { phase: closed } }"


def _say(name: str, text: str, undo: str = "") -> str:
    more = f", metadata: {{ undo: [ {{ un{name}: {undo} }} ] }}" if undo else ""
    return f"- {name}: {{ {_call(text)}{more} }}"


def _call(text: str) -> str:
    return f"call: ticket.comment, with: {{ ticket: T-1, text: {text}, visibility: internal }}"


def _ask(name: str, more: str = "") -> str:
    return (
        f"- {name}: {{ call: work-item, with: {{ title: Look, assign: {{ group: desk }}, "
        f"due: {{ hours: 8 }}, onDue: keep, outcomes: {{ done: {{}} }}{more} }} }}"
    )


def _version(*tasks: str, metadata: str = f"{{ owner: desk, {STATUSES} }}") -> Plan:
    text = "do:\n" + "\n".join(f"  {task}" for task in tasks)
    return definition("moving", text, metadata).plan


OLD = _version(_say("first", "one"), _ask("ask"), _say("last", "old"))


@pytest.mark.parametrize("restart", [False, True])
def test_a_case_goes_on_in_the_new_version(restart: bool) -> None:
    """Where it stood, with its open work item under its id, and with the new tasks after it."""
    new = _version(
        _say("hello", "new"), _say("first", "one"), _ask("ask"), _say("more", "more"), _say("last", "new")
    )  # fmt: skip
    world, run = _begun(OLD, restart=restart)

    told = _move(world, run(), new)
    assert told["state"] == "accepted"
    assert run().plan.tasks == new.tasks
    _answer(world, run(), "ask")
    world.run()

    assert _acts(world) == [("/do/0/first#1", "one"), ("/do/3/more#1", "more"), ("/do/4/last#1", "new")]  # fmt: skip
    assert run().state.migrated["state"] == "migrated"
    [line] = [each for each in run().state.timeline if each["kind"] == "migrated"]
    assert (line["by"], line["reason"]) == ("lin", "a better one")
    assert (line["fromDigest"], line["toDigest"]) == ("digest", "new digest")


def test_a_task_that_has_another_name_is_mapped() -> None:
    """The open item keeps its id and its answer; the result stands under the new name."""
    new = _version(_say("first", "one"), _ask("look"), _say("last", "'${ $case.results.look.outcome }'"))  # fmt: skip
    world, run = _begun(OLD)

    with pytest.raises(Refused, match=r"/do/1/ask: the case stands at .ask."):
        _move(world, run(), new)
    _move(world, run(), new, {"tasks": {"ask": "look"}})
    _answer(world, run(), "ask")
    world.run()

    assert _acts(world)[-1] == ("/do/2/last#1", "done")
    assert run().state.results["look"]["outcome"] == "done"


def test_what_was_done_is_not_done_again() -> None:
    """Keys stay: a held action that may have happened is retried under the key that it had."""
    old = _version(_say("send", "one"), metadata="{ owner: desk, onError: hold }")
    new = _version(_say("before", "zero"), _say("send", "one"), metadata="{ owner: desk, onError: hold }")  # fmt: skip
    world, run = _begun(old, failing={"ticket.comment": 1})
    assert list(run().state.held) == ["/do/0/send"]

    _move(world, run(), new)
    assert list(run().state.held) == ["/do/1/send"]
    _knock(world, doors.operate, run(), {"id": "o", "act": "retry", "by": "lin"})
    world.run()

    assert [done.key.partition(":")[2] for done in world.actions] == ["/do/0/send#1"] * 2


def test_every_reason_is_given_at_its_place() -> None:
    """A case that cannot move stays as it is, and nobody has to try again to hear the next reason."""
    clocked = f"clocks: {{ work: {{ runsFrom: {{ phase: open }}, until: {{ phase: closed }}, target: {{ hours: 4 }} }} }}, {STATUSES}"
    old = _version(
        _say("first", "one", undo=f"{{ {_call('un one')} }}"),
        _ask("ask"),
        metadata=f"{{ owner: desk, {clocked} }}",
    )
    new = _version(
        _say("first", "one"),
        "- ask: { wait: { hours: 1 } }",
        metadata="{ owner: desk, statuses: { begun: { phase: open }, closed: { phase: closed } } }",
    )
    world, run = _begun(old)
    before = run().state.to_json()

    told = doors.migration(run(), {"plan": _packed(new), "map": {}})

    assert {each["place"] for each in told["obstacles"]} == {
        "/do/1/ask",
        "/document/metadata/statuses/open",
        "/document/metadata/clocks/work",
        "/do/0/first",
    }
    assert any(each.get("line") for each in told["obstacles"])
    with pytest.raises(Refused, match=r"has begun as call: work-item.*has no status"):
        _move(world, run(), new)
    assert run().state.to_json() == before


def test_a_clock_goes_on_under_another_name_with_the_thresholds_of_the_new_version() -> None:
    """What has run counts; what has fired does not fire again."""

    def clock(name: str, points: str) -> str:
        return f"{{ owner: desk, clocks: {{ {name}: {{ runsFrom: {{ phase: open }}, until: {{ phase: closed }}, target: {{ hours: 4 }}, at: [ {points} ] }} }}, {STATUSES} }}"

    def point(percent: int) -> str:
        return f"{{ elapsed: {percent}%, do: [ {{ warn: {{ {_call(f'at {percent}')} }} }} ] }}"

    old = _version(_ask("ask"), metadata=clock("work", point(25)))
    new = _version(_ask("ask"), metadata=clock("service", f"{point(10)}, {point(25)}, {point(50)}"))
    world, run = _begun(old)
    world.run(until=MONDAY + timedelta(hours=1, minutes=30))

    _move(world, run(), new, {"clocks": {"work": "service"}})
    world.run(until=MONDAY + timedelta(hours=3))

    assert [text for _, text in _acts(world)] == ["at 25", "at 10", "at 50"]
    assert run().clocks.deadline("service") == MONDAY + timedelta(hours=4)


def test_a_new_task_at_the_place_of_another_has_keys_of_its_own() -> None:
    """Whoever counts on keys must not take a new action for one that was done."""
    old = _version(_say("send", "one"), _ask("ask"))
    new = _version(_say("send", "two"), _say("sendOld", "one"), _ask("ask"), "- round: { switch: [ { again: { when: '${ $case.runs.ask == 1 }', then: send } }, { on: { then: end } } ] }")  # fmt: skip
    world, run = _begun(old)

    _move(world, run(), new, {"tasks": {"send": "sendOld"}})
    _answer(world, run(), "ask")
    world.run(until=MONDAY + timedelta(minutes=1))

    keys = [done.key.partition(":")[2] for done in world.actions if done.function == "ticket.comment"]  # fmt: skip
    assert keys == ["/do/0/send#1", "/do/0/send@1.0.0#1", "/do/0/send#2"]


def test_a_map_that_names_nothing_is_refused() -> None:
    """A misspelled map would leave cases behind that could move."""
    world, run = _begun(OLD)

    with pytest.raises(Refused, match='the map names "aks", which the old version does not have'):
        _move(world, run(), _version(_ask("ask")), {"tasks": {"aks": "ask"}})


@pytest.mark.parametrize("restart", [False, True])
def test_a_case_that_moves_while_branches_and_rounds_run(restart: bool) -> None:
    """Frames inside frames are mapped: a fork whose branches changed places, inside a loop."""

    def version(first: str, second: str, *more: str) -> Plan:
        return _version(
            *more,
            "- each:\n      for: { in: '${ [1, 2] }' }\n      do:\n        - both:\n            fork:\n"
            f"              branches:\n                {first}\n                {second}",
        )

    new = version(_ask("two"), _ask("one"), _say("hello", "new"))
    world, run = _begun(version(_ask("one"), _ask("two")), restart=restart)
    _answer(world, run(), "one")

    _move(world, run(), new)
    for item in ("two", "two#2", "one#2"):
        _answer(world, run(), item)
    world.run()

    assert run().state.ended["as"] == "completed"
    assert _acts(world) == []


def _packed(plan: Plan) -> dict[str, Any]:
    return {"digest": "new digest", "plan": pack_plan(plan), "semantics": ENGINE_SEMANTICS}


def _begun(
    plan: Plan, *, restart: bool = False, failing: dict[str, int] | None = None
) -> tuple[World, Callable[[], CaseRun]]:
    scenario = Scenario("moving", (), written=plan, failing=failing or {})
    world = World(
        start=MONDAY,
        definitions={"moving": Published(plan, "digest")},
        organization=ORGANIZATION,
        systems=Fixed(scenario),
        restart=restart,
    )
    world.open("moving", "moving:1", None)
    world.settle()
    return world, lambda: world.cases["moving:1"].run


def _knock(world: World, door: Callable[..., Any], run: CaseRun, request: dict[str, Any]) -> Any:
    came: list[Any] = []

    def knock() -> None:
        try:
            came.append(door(run, request))
        except Refused as error:
            came.append(error)

    world.loop.call_soon(knock)
    world.settle()
    if isinstance(came[0], Refused):
        raise came[0]
    return came[0]


def _move(world: World, run: CaseRun, new: Plan, step_map: Any = None) -> Any:
    request = {
        "id": f"m{len(run.state.answered)}",
        "plan": _packed(new),
        "map": step_map or {},
        "by": "lin",
        "reason": "a better one",
    }
    return _knock(world, doors.migrate, run, request)


def _answer(world: World, run: CaseRun, item: str) -> None:
    request = {"id": item, "item": item, "by": "chen", "outcome": "done", "values": {}}
    _knock(world, doors.answer, run, request)


def _acts(world: World) -> list[tuple[str, str]]:
    return [
        (done.path, done.arguments["text"])
        for done in world.actions
        if done.function == "ticket.comment"
    ]
