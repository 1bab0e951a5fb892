"""What a browser sends becomes JSON that the form's schema accepts."""

from __future__ import annotations

from api.pages.form_fields import read_fields
from service.forms import check

SCHEMA = {"properties": {"when": {"type": "string", "format": "date-time"}}}


def test_a_time_without_offset_is_one_in_utc() -> None:
    """Browsers send times without an offset; the page speaks of times in UTC."""
    filled = read_fields(SCHEMA, {"f.when": ["2026-03-02T09:00"]})

    assert filled.values == {"when": "2026-03-02T09:00:00Z"}
    assert check(SCHEMA, filled.values) == ()


def test_what_is_no_time_is_left_to_the_form() -> None:
    """Text that is no time is passed on, and the form says what is wrong with it."""
    filled = read_fields(SCHEMA, {"f.when": ["soon"]})

    assert filled.values == {"when": "soon"}
    assert [each.pointer for each in check(SCHEMA, filled.values)] == ["/when"]
