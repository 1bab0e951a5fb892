"""Work items over HTTP."""

from __future__ import annotations

import pytest

from cases.errors import Problem, Refused
from tests.api.doubles import Door

ITEM = "/cases/service-desk-case:T-1/work-items/confirm%232"


def test_the_worklist_of_a_person_or_a_group_is_asked_for(door: Door) -> None:
    """Both filters reach the worklist."""
    assert door.send("GET", "/work-items?person=chen").json()["items"] == [{"item": "work"}]
    door.send("GET", "/work-items?group=service-desk")

    asked = [(call["person"], call["group"]) for call in door.cases.named("worklist")]
    assert asked == [("chen", None), (None, "service-desk")]


def test_the_worklist_of_a_personal_token_is_that_persons(door: Door) -> None:
    """Without a filter people see their own work."""
    door.secrets["chen"] = door.tokens.make(label="chen", scope="agent", person="chen")

    door.send("GET", "/work-items", scope="chen")

    assert door.cases.named("worklist")[0]["person"] == "chen"


def test_a_work_item_is_shown_by_its_id(door: Door) -> None:
    """The id of a repeated task holds a #, which is encoded in the address."""
    door.open_item()

    assert door.send("GET", ITEM).json()["title"] == "Is <it> solved?"
    missing = door.send("GET", "/cases/service-desk-case:T-1/work-items/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "item-not-found")


@pytest.mark.parametrize("act", ["claim", "release"])
def test_claim_and_release_act_for_the_named_person(door: Door, act: str) -> None:
    """A shared token says for whom it acts."""
    answer = door.send("POST", f"{ITEM}/{act}", json={"by": "chen"})

    assert answer.status_code == 200
    [call] = door.cases.named(act)
    assert (call["case"], call["item"], call["by"]) == (
        "service-desk-case:T-1",
        "confirm#2",
        "chen",
    )


def test_an_answer_reaches_the_case_with_its_values(door: Door) -> None:
    """The engineer's answer comes through the API."""
    answer = door.send(
        "POST",
        f"{ITEM}/answer",
        json={
            "outcome": "solved",
            "values": {"satisfied": True},
            "by": "chen",
            "onBehalfOf": "lin",
        },
    )

    assert answer.json() == {"item": "confirm#2", "outcome": "solved", "state": "accepted"}
    [call] = door.cases.named("answer")
    assert (call["by"], call["on_behalf_of"], call["via"]) == ("chen", "lin", "api")
    assert (call["outcome"], call["values"]) == ("solved", {"satisfied": True})


def test_an_act_without_a_person_is_refused(door: Door) -> None:
    """The audit needs a name."""
    answer = door.send("POST", f"{ITEM}/claim", json={})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/by"
    assert door.cases.calls == []


def test_a_personal_token_acts_for_nobody_else(door: Door) -> None:
    """Naming somebody else with it is not allowed."""
    door.secrets["chen"] = door.tokens.make(label="chen", scope="agent", person="chen")

    assert door.send("POST", f"{ITEM}/claim", json={"by": "lin"}, scope="chen").status_code == 403
    assert door.send("POST", f"{ITEM}/claim", json={}, scope="chen").status_code == 200
    assert [call["by"] for call in door.cases.named("claim")] == ["chen"]


def test_the_reason_of_a_refusal_is_told(door: Door) -> None:
    """The second claimer learns who was first."""
    door.cases.fails = Refused("already claimed by lin")

    answer = door.send("POST", f"{ITEM}/claim", json={"by": "chen"})

    assert (answer.status_code, answer.json()["detail"]) == (409, "already claimed by lin")


def test_an_item_is_given_to_others(door: Door) -> None:
    """A reassignment names a Who and a reason, which is never left out."""
    answer = door.send(
        "POST",
        f"{ITEM}/reassign",
        json={"to": {"group": "network"}, "reason": "not ours", "by": "chen"},
    )

    assert answer.json() == {"item": "confirm#2", "state": "open", "people": ["wu"]}
    [call] = door.cases.named("reassign")
    assert (call["to"], call["by"], call["reason"]) == ({"group": "network"}, "chen", "not ours")
    without = door.send("POST", f"{ITEM}/reassign", json={"to": {"group": "network"}, "by": "chen"})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")


def test_an_overseer_gives_a_reason(door: Door) -> None:
    """The case decides whether it is enough; the door hands it on with every act."""
    for act, more in (("claim", {}), ("release", {}), ("answer", {"outcome": "solved"})):
        door.send("POST", f"{ITEM}/{act}", json={"by": "lin", "reason": "chen is ill", **more})

        assert [call["reason"] for call in door.cases.named(act)] == ["chen is ill"]


def test_an_item_is_delegated_and_a_draft_is_kept(door: Door) -> None:
    """The other one does it for who has it; what is typed so far waits in the case."""
    answer = door.send("POST", f"{ITEM}/delegate", json={"to": "wu", "by": "chen"})

    assert answer.json() == {
        "item": "confirm#2", "state": "claimed", "person": "chen", "delegate": "wu",
    }  # fmt: skip
    assert door.send("POST", f"{ITEM}/delegate", json={"by": "chen"}).status_code == 422
    kept = door.send("PUT", f"{ITEM}/draft", json={"values": {"reply": "so far"}, "by": "wu"})
    assert kept.status_code == 200
    [call] = door.cases.named("draft")
    assert (call["values"], call["by"]) == ({"reply": "so far"}, "wu")


def test_an_answer_says_how_long_it_took(door: Door) -> None:
    """The effort reaches the case as it was given."""
    door.send("POST", f"{ITEM}/answer", json={"outcome": "solved", "effort": "PT20M", "by": "chen"})

    assert door.cases.named("answer")[0]["effort"] == "PT20M"


def test_what_is_wrong_with_an_answer_is_told_with_its_place(door: Door) -> None:
    """A program that draws the form marks the field."""
    door.cases.fails = Refused("「事由」未填寫", [Problem("/reason", "「事由」未填寫")])

    answer = door.send("POST", f"{ITEM}/answer", json={"outcome": "solved", "by": "chen"})

    assert answer.status_code == 409
    assert answer.json()["errors"] == [{"pointer": "/values/reason", "detail": "「事由」未填寫"}]
