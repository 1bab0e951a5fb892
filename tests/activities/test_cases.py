"""`case.find` and `case.send`: which case something belongs to, and how sure that is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.cases import MOST_REFERENCES
from service.instants import write_instant
from tests.activities.stage import MONDAY, Delivery, Stage
from tests.cases.records.samples import at, row

HOUR = {"hours": 1}


def known(stage: Stage, case: str, *, messages: tuple[str, ...] = (), **facts: Any) -> None:
    """Keep a case in the records."""
    payload: dict[str, Any] = {
        "case": case,
        "row": row(case, **facts),
        "items": [],
        "audit": [],
        "messages": [{"messageId": each, "direction": "in", "at": at(0)} for each in messages],
    }
    if facts.get("endedAt"):
        payload["closed"] = {"as": facts["endedAs"], "at": facts["endedAt"]}
    asyncio.run(stage.records.write(payload))


def find(stage: Stage, case: str = "intake:9", **evidence: Any) -> tuple[str, Any, list[str]]:
    """Look for a case from another one: match, evidence, ids."""
    result = stage.act("case.find", evidence, case={"id": case})
    return result["match"], result["by"], [each["case"] for each in result["cases"]]


def token(stage: Stage, case: str) -> str:
    """Give a signed token of a case, as a mail's link has it."""
    return stage.links.answer(case, "work", "amy").rpartition("/")[2]


def test_a_signed_token_is_certain_whoever_writes(stage: Stage) -> None:
    """It was signed by us for that case."""
    known(stage, "desk:1")
    signed = token(stage, "desk:1")
    assert find(stage, token=signed, sender="mallory@evil.example") == (
        "certain", "token", ["desk:1"],
    )  # fmt: skip
    assert find(stage, token=signed[:-3] + "AAA")[0] == "none"


@pytest.mark.parametrize(
    ("sender", "match"),
    [
        ("noah@customer.example", "certain"),
        ("NOAH@customer.example", "certain"),
        ("mallory@evil.example", "possible"),
        (None, "possible"),
    ],
)
def test_a_tickets_number_is_certain_only_from_its_requester(
    stage: Stage, sender: str | None, match: str
) -> None:
    """Everybody can guess `[#T-1]`."""
    known(stage, "desk:1", ticket="T-1")
    assert find(stage, token="T-1", sender=sender) == (match, "token", ["desk:1"])


def test_references_lead_over_the_ticket_to_the_case_that_works_on_it(stage: Stage) -> None:
    """The thread is known to the intake, and the matter is worked on in another case."""
    known(stage, "intake:1", messages=("<m1@c.example>",), definition="intake", ticket="T-1")
    known(stage, "desk:1", ticket="T-1")
    known(stage, "desk:2", ticket="T-2")
    for written in ("<m1@c.example>", "m1@c.example"):
        found = find(stage, references=["<other@x>", written], definition="desk")
        assert found == ("certain", "references", ["desk:1"])
    assert find(stage, references=["<m1@c.example>"]) == ("certain", "references", ["intake:1"])


def test_a_signed_token_too_leads_over_the_ticket(stage: Stage) -> None:
    """A token of a case of another definition never gives that case."""
    known(stage, "intake:1", definition="intake", ticket="T-1")
    known(stage, "desk:1", ticket="T-1")
    signed = token(stage, "intake:1")
    assert find(stage, token=signed, definition="desk") == ("certain", "token", ["desk:1"])
    assert find(stage, token=signed, definition="fault")[0] == "none"


def test_the_surest_evidence_comes_first(stage: Stage) -> None:
    """Token, references, ticket, key, sender; what finds nothing leaves it to the next."""
    known(stage, "desk:1", ticket="T-1", messages=("<m1@c.example>",))
    known(stage, "desk:2", ticket="T-2")
    known(stage, "desk:3", ticket="T-3", requester={"mail": "amy@example.org"})
    evidence: dict[str, Any] = {
        "token": token(stage, "desk:3"), "references": ["<m1@c.example>"], "ticket": {"id": "T-2"},
        "key": "3", "sender": "noah@customer.example",
    }  # fmt: skip
    expected = [
        ("certain", "token", ["desk:3"]),
        ("certain", "references", ["desk:1"]),
        ("certain", "ticket", ["desk:2"]),
        ("certain", "key", ["desk:3"]),
        ("possible", "sender", ["desk:1", "desk:2"]),
    ]
    for by, found in zip(list(evidence), expected, strict=True):
        match, evidenced, cases = find(stage, **evidence)
        assert (match, evidenced, sorted(cases)) == found
        evidence[by] = None
    last = find(stage, token="T-404", sender="amy@example.org")
    assert last == ("possible", "sender", ["desk:3"])


def test_a_case_never_finds_itself(stage: Stage) -> None:
    """Its own mail is in its own records already."""
    known(stage, "intake:9", definition="intake", messages=("<m1@c.example>",))
    assert find(stage, references=["<m1@c.example>"]) == ("none", None, [])
    assert find(stage, sender="noah@customer.example") == ("none", None, [])


def test_closed_cases_count_as_long_as_the_task_says(stage: Stage) -> None:
    """Without `closedWithin` only open cases are found."""
    ended = write_instant(MONDAY)
    known(
        stage, "desk:1", ticket="T-1", phase="closed", endedAt=ended, endedAs="completed",
        messages=("<m1@c.example>",),
    )  # fmt: skip
    stage.later(minutes=59)
    assert find(stage, ticket="T-1") == ("none", None, [])
    assert find(stage, references=["<m1@c.example>"])[0] == "none"
    assert find(stage, ticket="T-1", closedWithin=HOUR)[2] == ["desk:1"]
    assert find(stage, references=["<m1@c.example>"], closedWithin="PT1H")[2] == ["desk:1"]
    stage.later(minutes=2)
    assert find(stage, ticket="T-1", closedWithin=HOUR)[2] == []


def test_working_time_after_an_end_cannot_be_counted(stage: Stage) -> None:
    """Nobody's calendar is meant."""
    with pytest.raises(ApplicationError, match="elapsed time") as error:
        find(stage, sender="noah@customer.example", closedWithin={"businessDays": 2})
    assert error.value.type == "Refused"


@pytest.mark.parametrize(
    "references",
    [[""], ["<>"], ["' OR 1=1 --"], ["\ud800@x"], [f"<m{n}@x>" for n in range(40_000)], []],
)
def test_references_that_mean_nothing_find_nothing(stage: Stage, references: list[str]) -> None:
    """No header of a stranger finds other people's cases, or makes a query of any size."""
    known(stage, "desk:1", messages=("<m1@c.example>",))
    assert find(stage, references=references) == ("none", None, [])
    assert find(stage, references=["<m1@c.example>", *references])[2] == ["desk:1"]
    assert MOST_REFERENCES < 1000


def test_an_event_goes_to_another_case_under_the_actions_key(stage: Stage) -> None:
    """Both attempts carry the same event id, by which the other case takes it once."""
    sent = {"case": "desk:2", "event": "customer.wrote", "data": {"text": "x"}}
    for attempt in (1, 2):
        result = stage.act("case.send", sent, attempt=attempt)
        assert result == {"state": "delivered", "reason": None}
    assert stage.door.events[0] == stage.door.events[1]
    case, event = stage.door.events[0]
    assert case == "desk:2"
    assert event == {
        "id": "run-1:/do/0/act#1", "type": "customer.wrote", "source": "desk:1",
        "time": "2026-03-02T09:00:00Z", "data": {"text": "x"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Delivery("duplicate"), "delivered"), (Delivery("buffered"), "buffered"),
        (Delivery("reopened"), "reopened"), (Delivery("refused", "it has ended"), "refused"),
    ],
)  # fmt: skip
def test_what_became_of_an_event_is_told(stage: Stage, answer: Delivery, state: str) -> None:
    """A duplicate was delivered before; a refusal has its reason."""
    stage.door.answers["desk:2"] = answer
    result = stage.act("case.send", {"case": "desk:2", "event": "x"})
    assert result == {"state": state, "reason": answer.reason}


def test_a_certain_thread_counts_before_a_number_that_anybody_may_guess(stage: Stage) -> None:
    """What only may be right does not stand in the way of what is certain."""
    known(stage, "desk:1", ticket="T-1")
    known(stage, "desk:2", messages=("<m2@c.example>",))

    found = find(stage, token="T-1", sender="eva@x.example", references=["<m2@c.example>"])

    assert found == ("certain", "references", ["desk:2"])


def test_a_case_that_is_named_counts_first(stage: Stage) -> None:
    """Somebody has looked and knows."""
    known(stage, "desk:1")
    known(stage, "desk:2", messages=("<m2@c.example>",))

    assert (
        stage.act(
            "case.find",
            {"case": "desk:1", "references": ["<m2@c.example>"]},
            case={"id": "intake:9"},
        )["by"]
        == "case"
    )


def merged(stage: Stage, case: str, into: str, **facts: Any) -> None:
    """Keep a case that was merged into another one, a day ago."""
    ended = {"as": "completed", "at": at(-1440), "mergedInto": into}
    payload: dict[str, Any] = {
        "case": case,
        "row": row(case, phase="closed", endedAt=ended["at"], endedAs="completed", links=[{"kind": "duplicate-of", "case": into}], **facts),
        "items": [], "audit": [],
        "messages": [{"messageId": f"<{case}@c.example>", "direction": "in", "at": at(-1440)}],
        "closed": ended,
    }  # fmt: skip
    asyncio.run(stage.records.write(payload))


def test_the_thread_of_a_merged_case_leads_to_the_one_that_goes_on(stage: Stage) -> None:
    """However often, and however long ago it was merged."""
    merged(stage, "desk:1", "desk:2")
    merged(stage, "desk:2", "desk:3")
    known(stage, "desk:3")

    found = find(stage, references=["<desk:1@c.example>"])

    assert found == ("certain", "references", ["desk:3"])


def test_a_link_is_looked_at_before_it_is_made(stage: Stage) -> None:
    """A merged case stands for the one that goes on; a circle is refused with its way."""
    merged(stage, "desk:1", "desk:2")
    known(stage, "desk:2", links=[{"kind": "child-of", "case": "desk:4"}])
    known(stage, "desk:4", links=[{"kind": "child-of", "case": "desk:5"}])

    def lineage(case: str, to: str, kind: str) -> Any:
        return asyncio.run(stage.call("case.lineage", {"case": case, "to": to, "kind": kind}))

    assert lineage("desk:9", "desk:1", "duplicate-of") == {"case": "desk:2", "ended": False}
    assert "desk:2" in lineage("desk:2", "desk:1", "duplicate-of")["reason"]
    assert "circle" in lineage("desk:5", "desk:2", "child-of")["reason"]
    assert lineage("desk:5", "desk:2", "related") == {"case": "desk:2", "ended": False}
    assert "there is no case" in lineage("desk:9", "desk:7", "related")["reason"]
