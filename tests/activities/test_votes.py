"""`approval.announce`: who is asked for a vote, in whose place, with which link."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cases.links import LinkClaims
from language.functions import CATALOG
from tests.activities.stage import ORGANIZATION, Stage

ROUND = {
    "id": "vote",
    "title": "Upgrade",
    "description": "In the night",
    "version": 3,
    "files": [],
    "delegates": "once",
    "exclude": [{"person": "Noah@Customer.example"}],
    "roster": ["amy", "chen"],
    "dueAt": "2026-11-27T05:00:00Z",
    "decision": None,
    "reason": None,
}
SEATS = [{"seat": name, "item": f"vote:{name}"} for name in ("amy", "chen")]


def announce(stage: Stage, kind: str = "opened", **more: Any) -> Any:
    """Announce a round of two."""
    given = {"round": {**ROUND, **more.pop("round", {})}, "kind": kind, "seats": SEATS, **more}
    return stage.act("approval.announce", given)


def links(stage: Stage) -> list[LinkClaims]:
    """Read the links of all mails that were sent."""
    texts = [re.findall(r"http://desk\.example/l/(\S+)", mail.text) for mail in stage.mail.sent]
    return [stage.links.read(token) for [token] in texts]


def away(stage: Stage, person: str, deputy: str | None) -> None:
    """Let somebody be away on the day of the tests."""
    absence = {"person": person, "from": "2026-03-02", "until": "2026-03-03", "delegate": deputy}
    stage.bundles.put_organization({**ORGANIZATION, "absences": [absence]})


@pytest.mark.parametrize("kind", ["opened", "reminder", "extended"])
def test_every_member_gets_a_link_of_their_own(stage: Stage, kind: str) -> None:
    """In the member's language, with version, description and the local time of the end."""
    result = announce(stage, kind)

    Draft202012Validator(CATALOG["notify"].result).validate(result)
    assert links(stage) == [
        LinkClaims("desk:1", "vote:amy", "amy"), LinkClaims("desk:1", "vote:chen", "chen"),
    ]  # fmt: skip
    english, chinese = stage.mail.sent
    assert "Upgrade" in english.subject
    assert "(version 3)" in english.text
    assert "vote by Fri 27 Nov 2026 13:00" in english.text
    assert "In the night" in english.text
    assert "於 2026年11月27日（週五）13:00" in chinese.text


def test_a_deputy_is_told_in_place_of_the_absent(stage: Stage) -> None:
    """As absences are when the mail goes out: the link is the deputy's own, for the member's seat."""
    away(stage, "chen", "eve")

    announce(stage)

    assert links(stage)[1] == LinkClaims("desk:1", "vote:chen", "eve")
    assert stage.mail.sent[1].to == ("eve@example.org",)
    assert "You vote in place of 陳怡君" in stage.mail.sent[1].text


@pytest.mark.parametrize(
    ("deputy", "more"),
    [
        (None, {}),
        ("eve", {"delegates": "none"}),
        ("eve", {"exclude": [{"person": "eve"}]}),
        ("amy", {}),
    ],
)
def test_a_deputy_who_could_not_vote_is_not_asked(
    stage: Stage, deputy: str | None, more: dict[str, Any]
) -> None:
    """Then the member is told all the same."""
    away(stage, "chen", deputy)

    announce(stage, round=more)

    assert [each.person for each in links(stage)] == ["amy", "chen"]


def test_a_deputy_with_two_seats_gets_a_link_for_each(stage: Stage) -> None:
    """Where the round gives one vote to each seat."""
    away(stage, "chen", "amy")

    announce(stage, round={"delegates": "each-seat"})

    assert links(stage) == [
        LinkClaims("desk:1", "vote:amy", "amy"), LinkClaims("desk:1", "vote:chen", "amy"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "english", "chinese"),
    [
        ("approved", "It was approved.", "結果：通過。"),
        ("rejected", "It was rejected.", "結果：未通過。"),
        ("superseded", "There is a newer version", "已有新版本"),
    ],
)
def test_who_is_not_needed_any_more_is_told_how_it_ended(
    stage: Stage, decision: str, english: str, chinese: str
) -> None:
    """Without a link: there is nothing left to do."""
    announce(stage, "withdrawn", round={"decision": decision})

    assert english in stage.mail.sent[0].text
    assert chinese in stage.mail.sent[1].text
    assert all("/l/" not in mail.text for mail in stage.mail.sent)


def test_others_are_told_who_is_missing(stage: Stage) -> None:
    """A reminder to somebody else has names, and no link to vote with."""
    announce(stage, "reminder", who={"person": "eve"})

    [mail] = stage.mail.sent
    assert mail.to == ("eve@example.org",)
    assert "Missing: Amy, 陳怡君" in mail.text
    assert "/l/" not in mail.text


def test_a_text_of_the_definition_keeps_its_link(stage: Stage) -> None:
    """Without one nobody could vote."""
    announce(stage, "reminder", text="Please hurry")

    assert "Please hurry" in stage.mail.sent[0].text
    assert len(links(stage)) == 2
