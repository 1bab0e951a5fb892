"""Signed links: who has one may answer, nobody can make or change one, and it expires."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cases.links import LinkClaims, LinkExpired, LinkInvalid, Links

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEYS = {"new": b"n" * 32, "old": b"o" * 32}
URL_SAFE = set(string.ascii_letters + string.digits + "-_.~")


def links(minutes: float = 0, keys: dict[str, bytes] | None = None) -> Links:
    """Give the links of an installation, some time after NOW."""
    return Links(
        KEYS if keys is None else keys,
        "https://desk.example/",
        valid_for=timedelta(minutes=30),
        now=lambda: NOW + timedelta(minutes=minutes),
    )


def token(made_by: Links | None = None) -> str:
    """Give the token of a link."""
    address = (made_by or links()).answer("service-desk-case:T-1", "confirm#2", "noah@a.example")
    return address.removeprefix("https://desk.example/l/")


@given(case=st.text(), item=st.text(), person=st.text())
@example(case="alert-to-incident:a@2026-03-02T09:00:00Z", item="ask#1", person="小明@a.example")
def test_a_link_says_what_it_was_made_for(case: str, item: str, person: str) -> None:
    """Every text comes back, and the address needs no encoding."""
    address = links().answer(case, item, person)
    prefix, _, made = address.rpartition("/")

    assert prefix == "https://desk.example/l"
    assert set(made) <= URL_SAFE
    assert links().read(made) == LinkClaims(case, item, person)
    assert links().case_of(made) == case


@given(data=st.data())
def test_no_changed_link_is_accepted(data: st.DataObject) -> None:
    """Not one character can be replaced, left out or added, wherever it stands."""
    made = token()
    place = data.draw(st.integers(0, len(made)))
    sign = data.draw(st.text(alphabet=[*sorted(URL_SAFE), "=", " ", "é"], max_size=2))
    cut = data.draw(st.integers(0, 2))
    changed = made[:place] + sign + made[place + cut :]
    assume(changed != made)

    with pytest.raises(LinkInvalid):
        links().read(changed)
    assert links().case_of(changed) is None


@given(text=st.text())
@example(text="")
@example(text="new..")
@example(text="..")
@example(text="new.W10.")
@example(text="\ud800.\ud800.\ud800")
def test_what_is_no_link_is_invalid(text: str) -> None:
    """Whatever somebody sends is refused in the same way and never an error of ours."""
    with pytest.raises(LinkInvalid):
        links().read(text)


def test_a_link_of_another_installation_is_invalid() -> None:
    """The key decides, not its name."""
    foreign = token(links(keys={"new": b"x" * 32}))

    with pytest.raises(LinkInvalid):
        links().read(foreign)


def test_claims_cannot_be_signed_without_the_key() -> None:
    """An empty key, the key's name or none at all sign nothing."""
    claims = json.dumps(["c", "i", "p", 2**40]).encode()
    body = base64.urlsafe_b64encode(claims).decode().rstrip("=")
    for key in (b"", b"new"):
        made = hmac.new(key, f"new.{body}".encode(), hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(made).decode().rstrip("=")
        with pytest.raises(LinkInvalid):
            links().read(f"new.{body}.{signature}")


def test_a_link_expires_at_its_time() -> None:
    """A moment before it opens, at the moment it does not, and says why."""
    made = token()

    assert links(29.99).read(made).item == "confirm#2"
    with pytest.raises(LinkExpired):
        links(30).read(made)
    assert links(30).case_of(made) is None


def test_an_expired_link_that_was_changed_is_invalid() -> None:
    """Nobody learns from an old link whether a changed one might have been right."""
    with pytest.raises(LinkInvalid):
        links(30).read(token()[:-1])


def test_older_keys_open_what_they_signed() -> None:
    """After a new key has come, mails that were sent before still work; new links use the new one."""
    before = token(links(keys={"old": KEYS["old"]}))

    assert links().read(before).person == "noah@a.example"
    assert token().startswith("new.")
    with pytest.raises(LinkInvalid):
        links(keys={"new": KEYS["new"]}).read(before)
