"""How much room values take: the quick answer never promises what is not so."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from service.sizes import json_size, surely_fits

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)


@given(JSON)
def test_the_size_is_that_of_the_text(value: object) -> None:
    """Written as Temporal's converter writes it."""
    assert json_size(value) == len(json.dumps(value, separators=(",", ":")))


@given(JSON, st.integers(0, 400))
def test_what_surely_fits_does_fit(value: object, limit: int) -> None:
    """Whatever it is made of: escapes, letters beyond the basic plane, long numbers."""
    if surely_fits(value, limit):
        assert json_size(value) <= limit


def test_small_values_surely_fit() -> None:
    """Or the quick answer would save nothing."""
    assert surely_fits({"ok": True, "names": ["陳怡君", "Ada"], "n": 3, "x": None}, 1000)


def test_what_is_no_json_is_counted_another_way() -> None:
    """A set has a text of some length, which only writing it tells."""
    assert not surely_fits({"a": {1}}, 1000)
    assert json_size({"a": {1}}) == len('{"a":"{1}"}')
