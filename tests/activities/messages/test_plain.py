"""Text of others made fit for mails and tickets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from activities.messages.plain import LONGEST_LINE, one_line, sound, without_controls

ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
def test_a_line_is_one_line(text: str) -> None:
    """Whatever comes in, a header can carry it."""
    line = one_line(text)
    assert len(line) <= LONGEST_LINE
    assert len(line.splitlines()) <= 1
    assert line == one_line(line)


@given(ANY_TEXT)
def test_sound_text_can_be_written(text: str) -> None:
    """In UTF-8; text that already can is not changed."""
    mended = sound(text)
    mended.encode("utf-8")
    assert len(mended) == len(text)
    assert sound(mended) == mended


def test_lines_of_a_text_stay() -> None:
    """Only what cannot be seen goes."""
    assert without_controls("a\r\nb\rc\n\td\x07") == "a\nb\nc\n\td"
