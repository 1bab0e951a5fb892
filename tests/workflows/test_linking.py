"""Links between cases, and merging: both sides agree, nothing goes round in a circle."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import Scenario
from tests.workflows.test_matter_moments import each_way, event, run_of, world_of, written
from workflows.rehearsal.world import World

OWN = "statuses: { open: { phase: open }, closed: { phase: closed } }, start: { record: { subject: '${ .subject }', requester: '${ .requester }' } }"
DESK = written(
    "desk",
    """
    do:
      - hear: { call: wait-for, with: { event: link } }
      - link: { call: case.link, with: { to: '${ $case.results.hear.event.to }', kind: '${ $case.results.hear.event.kind }', case: '${ $case.results.hear.event.case }', reason: the same question } }
      - never: { call: ticket.comment, with: { ticket: T-1, text: linked, visibility: public } }
      - more: { call: wait-for, with: { event: stop } }
    """,
    OWN,
)
KINDS = ("duplicate-of", "child-of", "caused-by")


def opened(*keys: str, restart: bool = False) -> World:
    """A world in which these cases of the desk are open, each with a mail of its own."""
    world = world_of(DESK, restart=restart)
    for key in keys:
        mail = {"messageId": f"<{key}@customer.example>"}
        who = {"mail": f"{key}@customer.example"}
        world.open("desk", f"desk:{key}", {"subject": key, "requester": who, "message": mail})
    world.settle()
    return world


def link(world: World, case: str, to: str, kind: str, of: str | None = None) -> None:
    """Let a case link itself, or another one."""
    data = {"to": f"desk:{to}", "kind": kind, "case": of and f"desk:{of}"}
    world.loop.call_soon(
        world.deliver, f"desk:{case}", {"id": f"link-{case}-{to}", "type": "link", "data": data}
    )


def links(world: World, key: str) -> list[tuple[str, str]]:
    """The links of a case."""
    found = run_of(world, f"desk:{key}").state.record.get("links") or []
    return [(each["kind"], each["case"]) for each in found]


def said(world: World, key: str) -> str:
    """The audit of a case in one text."""
    return "\n".join(line["text"] for line in run_of(world, f"desk:{key}").state.timeline)


@each_way
def test_a_duplicate_ends_and_the_other_case_goes_on_with_its_mails(restart: bool) -> None:
    """Its mails and its requester belong to the survivor; nothing more is done for the merged one."""
    world = opened("a", "b", restart=restart)

    link(world, "a", "b", "duplicate-of")
    world.settle()

    merged, survivor = run_of(world, "desk:a"), run_of(world, "desk:b")
    assert merged.state.ended["as"] == "completed"
    assert merged.state.ended["mergedInto"] == "desk:b"
    assert world.actions == [], "nobody is told anything"
    assert {each["messageId"] for each in survivor.state.messages} == {
        "<a@customer.example>", "<b@customer.example>",
    }  # fmt: skip
    assert survivor.state.record["watchers"] == [{"mail": "a@customer.example"}]
    assert links(world, "a") == [("duplicate-of", "desk:b")]
    assert links(world, "b") == [("duplicate", "desk:a")]
    assert "the same question" in said(world, "a")
    assert "the same question" in said(world, "b")


@each_way
def test_what_comes_for_a_merged_case_reaches_the_survivor(restart: bool) -> None:
    """However often it was merged on."""
    world = opened("a", "b", "c", restart=restart)
    link(world, "a", "b", "duplicate-of")
    world.settle()
    link(world, "b", "c", "duplicate-of")
    world.settle()

    assert world.systems.survivor(world, "desk:a") == "desk:c"
    assert len(run_of(world, "desk:c").state.messages) == 3


@pytest.mark.parametrize(("of", "to"), [(None, "b"), ("b", "c"), ("b", "drill~y")])
def test_a_drill_links_no_real_case(of: str | None, to: str) -> None:
    """Neither itself with a real one nor two real ones: its history says what it would have done."""
    world = opened("drill~x", "drill~y", "b", "c")

    link(world, "drill~x", to, "duplicate-of", of=of)
    world.settle()

    assert run_of(world, "desk:drill~x").state.results["link"] == {"linked": True}
    assert "would have linked" in said(world, "drill~x")
    for key in ("b", "c"):
        assert run_of(world, f"desk:{key}").state.ended is None
        assert links(world, key) == []
        assert len(run_of(world, f"desk:{key}").state.messages) == 1


def test_a_real_case_is_not_merged_into_a_drill() -> None:
    """Nobody would work on it there."""
    world = opened("drill~x", "b")

    link(world, "b", "drill~x", "duplicate-of")
    world.settle()

    assert "one is a drill" in said(world, "b")
    assert run_of(world, "desk:b").state.merged is None


@each_way
def test_a_case_can_be_linked_by_another_one(restart: bool) -> None:
    """Whoever looks at a case may merge two others, and goes on."""
    world = opened("a", "b", "c", restart=restart)

    link(world, "c", "b", "duplicate-of", of="a")
    world.settle()

    assert run_of(world, "desk:a").state.ended["mergedInto"] == "desk:b"
    assert run_of(world, "desk:c").state.results["link"] == {"linked": True}
    assert "desk:c" in str([line.get("by") for line in run_of(world, "desk:a").state.timeline])


@pytest.mark.parametrize("kind", KINDS)
def test_two_cases_that_are_linked_to_each_other_at_one_moment_make_no_circle(kind: str) -> None:
    """At most one of the two links comes about."""
    world = opened("a", "b")

    link(world, "a", "b", kind)
    link(world, "b", "a", kind)
    world.run()

    made = [
        key
        for key, other in (("a", "b"), ("b", "a"))
        if (kind, f"desk:{other}") in links(world, key)
    ]
    assert len(made) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_circle_of_three_is_refused(kind: str) -> None:
    """What hangs on a case, however far away, cannot be what that case hangs on."""
    world = opened("a", "b", "c", "d")
    link(world, "a", "b", kind)
    world.settle()
    link(world, "b", "c", kind)
    world.settle()

    link(world, "d", "a", kind, of="c")
    world.settle()

    assert (kind, "desk:a") not in links(world, "c")
    assert run_of(world, "desk:d").state.ended["as"] == "failed"
    assert "circle" in run_of(world, "desk:d").state.ended["error"]["detail"]
    assert run_of(world, "desk:c").state.ended is None


@pytest.mark.parametrize(
    ("to", "why"), [("nowhere", "there is no case"), ("a", "to itself"), ("over", "has ended")]
)
def test_a_link_that_cannot_be_says_why(to: str, why: str) -> None:
    """The case that wanted it fails with a sentence, or is held where it holds."""
    world = opened("a", "over")
    run_of(world, "desk:over").state.cancel = {"reason": "gone", "by": None}
    world.loop.call_soon(run_of(world, "desk:over").changed)
    world.settle()

    link(world, "a", to, "duplicate-of")
    world.settle()

    assert why in run_of(world, "desk:a").state.ended["error"]["detail"]


def test_the_same_request_counts_once() -> None:
    """A repeated question gets the first answer, and one link is one link."""
    world = opened("a", "b")
    link(world, "a", "b", "related")
    world.settle()
    question = {"id": "again", "case": "desk:a", "kind": "related", "reason": None, "by": None}

    for number in range(3):
        ask = {"id": f"x{number}", "type": "case.link.ask", "data": question}
        world.loop.call_soon(world.deliver, "desk:b", ask)
    world.settle()

    assert links(world, "b") == [("related", "desk:a")]


@pytest.mark.parametrize(
    "data", [None, [], {}, {"to": 1, "kind": "related"}, {"id": "x", "case": "y", "kind": "z"}]
)
@pytest.mark.parametrize("kind", ["case.link", "case.link.ask", "case.link.answer"])
def test_a_signal_of_anybody_harms_nothing(kind: str, data: Any) -> None:
    """Any client of Temporal may send a signal of that name with anything in it."""
    world = opened("a")

    world.loop.call_soon(world.deliver, "desk:a", {"id": "x", "type": kind, "data": data})
    world.settle()
    world.loop.call_soon(world.deliver, "desk:a", event("link", to="desk:a", kind="related"))
    world.settle()

    assert run_of(world, "desk:a").state.ended["as"] == "failed"


@pytest.mark.parametrize("cached", [1000, 0])
def test_cases_are_merged_on_the_server(namespace: Namespace, cached: int) -> None:
    """The same protocol by signals, also with workers that keep nothing."""

    async def run(scenario: Scenario) -> tuple[Any, Any]:
        client = await connect(namespace)
        activities = Activities([scenario])
        async with worker_on(client, activities, sandbox=bool(cached), cached=cached):
            handles = []
            for key in ("a", "b"):
                mail = {"messageId": f"<{key}@customer.example>"}
                given = {"subject": key, "requester": {"mail": f"{key}@x.example"}, "message": mail}
                handles.append(
                    await client.start_workflow("desk", given, id=f"desk:{key}", task_queue=QUEUE)
                )
                await handles[-1].execute_update("event", {"id": "hello", "type": "hello"})
            for _ in range(100):
                if {"desk:a", "desk:b"} <= set(activities.records):
                    break
                await asyncio.sleep(0.05)
            data = {"to": "desk:b", "kind": "duplicate-of", "case": None}
            await handles[0].signal("event", {"id": "l", "type": "link", "data": data})
            output = await asyncio.wait_for(handles[0].result(), 30)
            view = await handles[1].query("show")
            await handles[1].terminate()
        return output, view

    output, view = asyncio.run(run(DESK))

    assert output == {"mergedInto": "desk:b"}
    assert view["case"]["links"] == [{"kind": "duplicate", "case": "desk:a"}]
    assert len(view["messages"]) == 2
