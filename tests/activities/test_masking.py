"""What must not be shown is found in whichever way it is written."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from activities.masking import Mask

SECRET = 'pä ss/"w+rd'


def mask(*values: object) -> Mask:
    """Make a mask of these values."""
    made = Mask()
    for each in values:
        made.add(each)
    return made


@pytest.mark.parametrize(
    "text",
    [
        SECRET, f"x{SECRET}y", f"a={quote(SECRET, safe='')}", f"a={quote_plus(SECRET)}&b=c",
        json.dumps({"a": SECRET}), json.dumps({"a": SECRET}, ensure_ascii=False),
        f"Basic {base64.b64encode(SECRET.encode()).decode()}",
    ],
)  # fmt: skip
def test_a_secret_is_hidden_in_every_spelling(text: str) -> None:
    """Plain, in an address, in a form, in JSON, as base64."""
    cleaned = mask(SECRET).text(text)
    assert "***" in cleaned
    for form in (SECRET, quote(SECRET, safe=""), "w+rd", "w%2Brd"):
        assert form not in cleaned


def test_results_are_cleaned_all_through() -> None:
    """Values and keys, lists and objects; what is no secret stays."""
    hidden = mask({"login": {"user": "amy-lee", "pin": 4711}}, ["t0ken"])
    given = {"amy-lee": [{"a": "xt0keny", "n": 4711, "k": 17, "f": True, "z": None}]}
    assert hidden.clean(given) == {
        "***": [{"a": "x***y", "n": "***", "k": 17, "f": True, "z": None}]
    }
    assert hidden.bytes(b"\xff t0ken \xfe") == b"\xff *** \xfe"


def test_a_short_secret_is_hidden_where_it_is_the_whole_value() -> None:
    """Inside of texts it would be everywhere, and what is left would show it."""
    assert mask("ab").clean(["ab", "about"]) == ["***", "about"]


def test_a_longer_secret_goes_before_one_that_it_holds() -> None:
    """No rest of it is left."""
    assert mask("secret", "secret-and-more").text("a secret-and-more b") == "a *** b"


def test_without_secrets_nothing_changes() -> None:
    """Empty texts are none."""
    value = {"a": [1, "x"]}
    assert mask("", {"a": ""}, None).clean(value) is value
