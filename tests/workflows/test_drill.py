"""A case that is a drill, rehearsed and on a server: its history says what it would have done."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import definition
from workflows.rehearsal.runner import Result, rehearse
from workflows.rehearsal.world import Published

ORGANIZATION: dict[str, Any] = {
    "people": {
        "amy": {"name": "Amy", "mail": "amy@example.org"},
        "lin": {"name": "Lin", "mail": "lin@example.org"},
    },
    "assets": {"router": {}},
    "drill": {"to": [{"person": "lin"}]},
}
PART = definition("part", "do: [ { look: { call: ticket.create, with: { subject: part, requester: amy } } } ]", "{ owner: lin }")  # fmt: skip
WHOLE = definition(
    "whole",
    """
    do:
      - open: { call: ticket.create, with: { subject: VPN, requester: amy } }
      - tell: { call: notify, with: { to: { person: amy }, text: hello } }
      - told: { call: notify, with: { to: { person: lin }, text: hello } }
      - book: { call: calendar.book, with: { assets: [router], title: Upgrade, window: { from: '2026-03-08T01:00Z', to: '2026-03-08T05:00Z' } } }
      - inner: { run: { workflow: { namespace: tests, name: part, version: latest, input: {} } } }
      - other: { call: case.start, with: { definition: part, key: k, input: {} } }
    output:
      as: '${ { drill: $case.drill, ticket: $case.results.open.system, part: $case.results.inner.system, other: $case.results.other.case } }'
    """,
    "{ owner: lin }",
)


def run(**more: Any) -> Result:
    """Rehearse the whole."""
    published = {each.name: Published(each.plan, "digest") for each in (WHOLE, PART)}
    return rehearse(
        "whole", {"at": "2026-03-02T09:00:00Z", "input": {}, **more}, published, ORGANIZATION
    )


def test_a_drill_goes_the_same_way_and_writes_nothing() -> None:
    """Its parts and what it starts are drills as well."""
    result = run(drill=True)

    assert result.problems == []
    assert result.outcome["output"] == {
        "drill": True, "ticket": "drill", "part": "drill", "other": "part:drill~k",
    }  # fmt: skip


def test_without_the_option_it_is_no_drill() -> None:
    """The same definition acts."""
    output = run().outcome["output"]

    assert (output["drill"], output["ticket"], output["other"]) == (False, "embedded", "part:k")


def test_a_real_case_may_start_a_drill() -> None:
    """The yearly exercise, from a schedule: the started case is a drill, the starting one is not."""
    text = "do: [ { go: { call: case.start, with: { definition: part, key: k, drill: true, input: {} } } } ]"
    yearly = definition("yearly", text + "\noutput: { as: '${ [$case.drill, .case] }' }", "{ owner: lin }")  # fmt: skip
    published = {each.name: Published(each.plan, "digest") for each in (yearly, PART)}

    result = rehearse(
        "yearly", {"at": "2026-03-02T09:00:00Z", "input": {}}, published, ORGANIZATION
    )

    assert result.outcome["output"] == [False, "part:drill~k"]


def test_only_the_list_is_told() -> None:
    """A rehearsal shows who hears of a drill."""
    told = [line["to"] for line in run(drill=True).lines if line.get("action") == "notify"]

    assert told == [[], ["lin"]]


def test_the_history_says_what_would_have_been_done(namespace: Namespace) -> None:
    """In the audit, on the page of the Temporal UI, and in the summaries of its activities."""

    async def story() -> tuple[Any, list[str]]:
        client = await connect(namespace)
        activities = Activities([WHOLE, PART])
        async with worker_on(client, activities):
            handle = await client.start_workflow("part", {}, id="part:drill~1", task_queue=QUEUE)
            await handle.result()
            view = await handle.query("show")
            described = [
                event.user_metadata.summary.data.decode()
                for event in (await handle.fetch_history()).events
            ]
        return view, [each for each in described if each]

    view, summaries = asyncio.run(story())

    assert view["case"]["drill"] is True
    said = "would have called ticket.create: part"
    assert said in [line["text"] for line in view["timeline"] if line["kind"] == "drill"]
    assert any(said in each for each in summaries)
