"""Links of approvals: what a voter sees, and that only the button votes."""

from __future__ import annotations

from typing import Any

from cases.links import LinkClaims
from tests.api.doubles import Door
from tests.api.test_links import Browser, get, post
from workflows.functions.approval import LABELS

CASE = "service-desk-case:T-1"
SEAT = "confirm#2"
COMMENT = {
    "type": "object",
    "properties": {"comment": {"type": "string", "title": "Comment", "maxLength": 4000}},
}
WU = {
    "id": "v1", "seat": "wu", "by": "chen", "onBehalfOf": "wu", "vote": "reject",
    "comment": "<b>no</b> test", "at": "2026-03-02T09:00:00Z", "via": "link",
}  # fmt: skip


def opened(door: Door, *, seat: str = "amy", reader: str = "amy", **voting: Any) -> None:
    """Let a case wait for a vote of a seat; the link is the reader's."""
    door.open_item(
        title="Upgrade",
        form=COMMENT,
        outcomes={
            "approve": {"label": LABELS["approve"], "requires": []},
            "reject": {"label": LABELS["reject"], "requires": ["comment"]},
        },
        state=voting.pop("item_state", "open"),
        approval={"round": "vote", "seat": seat, "version": 3},
    )
    door.cases.views[CASE]["rounds"] = [
        {
            "id": "vote", "state": "open", "revocable": False, "version": 3,
            "data": {"asset": "core-router", "risk": {"level": 2}},
            "files": [{"name": "plan.pdf", "digest": "d"}],
            "seats": [{"person": name, "counts": True, "veto": False} for name in ("amy", "wu", "lin")],
            "votes": [WU],
            **voting,
        }
    ]  # fmt: skip
    door.links.claims["good"] = LinkClaims(CASE, SEAT, reader)


def test_a_voter_sees_what_is_voted_on_and_how_it_stands(door: Door) -> None:
    """Version, facts, files, votes with comments, and who is missing; looking does not vote."""
    opened(door)

    page = get(door)

    text = " ".join(Browser.reading(page).text.split())
    for shown in (
        "Version", "core-router", '{"level": 2}', "plan.pdf",
        "陳怡君 (in place of wu): rejects – <b>no</b> test", "Not voted yet", "lin",
    ):  # fmt: skip
        assert shown in text
    assert "<b>no</b>" not in page.text
    assert Browser.reading(page).buttons == {"approve": "Approve", "reject": "Reject"}
    assert door.cases.named("answer") == []


def test_the_button_votes_with_its_comment(door: Door) -> None:
    """A rejection without one is asked for again, with what to fill in."""
    opened(door)

    assert post(door, "outcome=reject").status_code == 422
    assert post(door, "outcome=reject&f.comment=not+tested").status_code == 200

    [call] = door.cases.named("answer")
    assert (call["item"], call["outcome"], call["by"]) == (SEAT, "reject", "amy")
    assert call["values"] == {"comment": "not tested"}


def test_a_deputy_reads_for_whom_the_vote_is(door: Door) -> None:
    """In the deputy's language."""
    opened(door, seat="wu", reader="chen", votes=[])

    browser = Browser.reading(get(door))

    assert browser.buttons == {"approve": "同意", "reject": "不同意"}
    assert "您代為表決的成員" in browser.text
    assert "意見" in browser.text


def test_a_vote_that_is_given_is_not_asked_for_again(door: Door) -> None:
    """Unless the round is revocable and still open."""
    mine = {**WU, "id": "v2", "seat": "amy", "by": "amy", "onBehalfOf": None, "comment": None}
    opened(door, item_state="done", votes=[mine])
    assert get(door).status_code == 410

    opened(door, item_state="done", votes=[mine], revocable=True, state="closed")
    assert get(door).status_code == 410

    opened(door, item_state="done", votes=[mine], revocable=True)
    assert get(door).status_code == 200


def test_a_vote_can_be_changed_and_changed_back(door: Door) -> None:
    """Each change is a request of its own; a double click is not."""
    before = None
    ids = []
    for choice in ("approve", "reject", "approve"):
        mine = {**WU, "id": before, "seat": "amy", "by": "amy"}
        opened(door, revocable=True, votes=[mine] if before else [])
        for _ in range(2):
            post(door, f"outcome={choice}&f.comment=x")
        first, again = [call["request_id"] for call in door.cases.named("answer")[-2:]]
        assert first == again
        ids.append(first)
        before = first

    assert len(set(ids)) == 3
