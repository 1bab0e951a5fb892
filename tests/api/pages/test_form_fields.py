"""What a browser sends becomes JSON that the form's schema accepts."""

from __future__ import annotations

from api.pages.form_fields import fields_of, read_fields
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


def test_what_is_offered_is_called_by_its_name_in_the_readers_language() -> None:
    """What is sent stays the value of the schema; a value without a text is shown as it is."""
    schema = {
        "properties": {
            "impact": {"title": "Impact", "description": "How much", "enum": ["major", "minor"]}
        }
    }
    texts = {"impact": "影響程度", "impact.description": "範圍", "impact.major": "重大"}

    [field] = fields_of(schema, texts, {}, {})

    assert (field.label, field.help) == ("影響程度", "範圍")
    assert [(each.value, each.label) for each in field.choices] == [
        ('"major"', "重大"), ('"minor"', "minor"),
    ]  # fmt: skip
