"""What a case tells the records, and that the query `show` tells the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from language.plan import CaseRules, Literal, Wait
from tests.workflows.in_world import run_in_world
from tests.workflows.scenarios import SCENARIOS, STATUSES, Scenario, Step, comment, item

MAIL = {"from": "customer", "messageId": "<m-1@customer.example>", "subject": "VPN"}


@pytest.mark.parametrize("restart", [False, True], ids=["straight", "restarted"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_show_tells_what_was_written(scenario: Scenario, restart: bool) -> None:
    """Records made again from `show` are equal to those that the writes have left."""
    outcome = run_in_world(scenario, restart=restart)

    assert told(outcome.writes) == made_again(outcome.view)


@pytest.mark.parametrize("restart", [False, True], ids=["straight", "restarted"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_writes_are_numbered_in_order(scenario: Scenario, restart: bool) -> None:
    """A write that comes late can be told from a newer one by its number."""
    numbers = [write["row"]["n"] for write in run_in_world(scenario, restart=restart).writes]

    assert numbers
    assert numbers == sorted(set(numbers))


def test_what_only_acts_is_written_at_its_end() -> None:
    """A chain of actions without statuses costs one write, not one per change."""
    chain = Scenario("chain", tuple(comment(f"say{n}", "hello", f"/do/{n}") for n in range(5)))

    assert [write["row"]["phase"] for write in run_in_world(chain).writes] == ["closed"]


def test_what_waits_is_listed_while_it_waits() -> None:
    """Who lists the cases sees one without statuses as soon as it waits for something."""
    waiting = Scenario(
        "waiting", (Wait(name="pause", path="/do/0/pause", duration=Literal({"hours": 1})),)
    )

    rows = [write["row"] for write in run_in_world(waiting).writes]

    assert [row["phase"] for row in rows] == ["open", "closed"]
    assert rows[0]["step"].startswith("pause: waits until")


def test_incoming_mail_belongs_to_the_case() -> None:
    """The records know a mail that a case got, so that an answer to it finds the case."""
    scenario = Scenario(
        "written-to",
        (item("look", "/do/0"),),
        input={"thread": {"messageId": "<m-0@customer.example>"}},
        rules=CaseRules(statuses=STATUSES),
        steps=(
            Step(when="look", event={"id": "e1", "type": "message.received", "data": MAIL}),
            Step(when="look", event={"id": "e1", "type": "message.received", "data": MAIL}),
            Step(when="look", answer="done"),
        ),
    )

    messages = told(run_in_world(scenario).writes)["messages"]

    assert {name: each["direction"] for name, each in messages.items()} == {
        "<m-0@customer.example>": "in",
        "<m-1@customer.example>": "in",
    }


def test_a_held_case_is_listed_as_held() -> None:
    """Lists show the phase of a case that waits for an operator, and that it goes on afterwards."""
    held = next(each for each in SCENARIOS if each.name == "held")

    phases = [write["row"]["phase"] for write in run_in_world(held).writes]

    assert list(dict.fromkeys(phases)) == ["held", "closed"]


def test_lists_follow_the_flow_and_not_what_runs_beside_it() -> None:
    """A threshold that fires while a person works does not hide what the case waits for."""
    clocked = next(each for each in SCENARIOS if each.name == "clocked")

    steps = [write["row"]["step"] for write in run_in_world(clocked).writes]

    assert any(step.startswith("look: waits for") for step in steps)
    assert "warn" not in steps


def told(writes: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What the records hold after these writes."""
    kept: dict[str, Any] = {"items": {}, "audit": {}, "messages": {}, "closed": None}
    for write in writes:
        kept["row"] = {name: value for name, value in write["row"].items() if name != "n"}
        kept["items"] |= {each["id"]: each for each in write["items"]}
        kept["audit"] |= {each["n"]: each for each in write["audit"]}
        kept["messages"] |= {each["messageId"]: each for each in write["messages"]}
        kept["closed"] = write.get("closed")
    return kept


def made_again(view: Mapping[str, Any]) -> dict[str, Any]:
    """What the records hold after one write made from `show`."""
    write = {
        "row": view["row"],
        "items": [*view["items"], *view["operatorItems"]],
        "audit": view["timeline"],
        "messages": view["messages"],
    }
    if "ended" in view:
        write["closed"] = view["ended"]
    return told([write])
