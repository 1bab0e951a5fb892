"""Message-IDs and tokens: what makes a mail part of a matter."""

from __future__ import annotations

from typing import Any

import pytest

from activities.thread import LONGEST_THREAD, identifiers, with_token
from service.mail_threading import token


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, ()), ("", ()), (5, ()), ({}, ()), ([None, {}], ()), ("no id", ()), ("<>", ()),
        ("<a@x> <b@x>", ("<a@x>", "<b@x>")), (["a@x", "<a@x>"], ("<a@x>",)),
        ({"messageId": "<a@x>", "references": ["<b@x>"]}, ("<a@x>", "<b@x>")),
        ("<a@x>\r\nBcc: eve@example.org", ()), ("<ä@x>", ()), ("<a\x00@x>", ()),
        (f"<{'a' * 1000}@x>", ()), ("<a@b@c>", ()),
    ],
)  # fmt: skip
def test_only_message_ids_become_headers(given: Any, found: tuple[str, ...]) -> None:
    """What others sent cannot add lines or addresses to a mail."""
    assert identifiers(given) == found


def test_a_thread_is_cut_at_its_old_end() -> None:
    """A mail server takes no header of any length."""
    given = [f"<m{number}@x>" for number in range(1000)]
    assert identifiers(given) == tuple(given[:LONGEST_THREAD])


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Re: [#T-2] VPN", "Re: #T-2 VPN [#T-1]"),
        ("[#T-2] VPN [#T-1]", "#T-2 VPN [#T-1]"),
        ("[#T-1] VPN", "[#T-1] VPN"),
    ],
)
def test_the_only_token_is_that_of_the_matter(subject: str, line: str) -> None:
    """What a customer quotes leads an answer to no other case."""
    assert with_token(subject, "T-1") == line
    assert token(line, ()) == "T-1"


def test_a_token_stays_where_a_subject_is_cut() -> None:
    """One that stood behind the end of the line is written again."""
    assert with_token("x" * 1000 + " [#T-1]", "T-1").endswith("… [#T-1]")
