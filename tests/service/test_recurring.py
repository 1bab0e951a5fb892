"""What the language lets pass as `every` is what the rules can read, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.checks.windows import EVERY
from service.recurring import hours_of

PIECES = st.sampled_from(
    ["Sun", "mon", "Mon-Fri", "Saturday", "daily", "Son", "01:00-05:00", "22:00-02:00", "00:00-24:00",
     "24:00-25:00", "1:00-2:00", ", ", ",", " ", "  ", "-"]
)  # fmt: skip


def reads(text: str) -> bool:
    """Whether the rules can read it."""
    try:
        hours_of(text)
    except ValueError:
        return False
    return True


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_validation_accepts_can_be_read(text: str) -> None:
    """No window that passes `validate` fails in a running case."""
    if re.search(EVERY["pattern"], text):
        assert reads(text)


@pytest.mark.parametrize(
    "text",
    ["Sun 01:00-05:00", "Mon, Wed 22:00-23:00, Sat 20:00-04:00", "daily 00:00-24:00", "fri-mon 10:00-11:00"],
)  # fmt: skip
def test_what_people_write_is_accepted(text: str) -> None:
    """Both read the forms of the documentation."""
    assert re.search(EVERY["pattern"], text)
    assert reads(text)
