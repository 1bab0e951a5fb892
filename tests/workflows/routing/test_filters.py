"""Which events fit a filter of the standard."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.routing.listening import event, filters
from workflows.routing.filters import correlated, evaluated, fits, seen, type_of


def fit(text: str, told: dict[str, Any], **variables: Any) -> bool:
    """Whether an event fits the only filter of a list."""
    return fits(
        filters(f"[ {{ with: {text} }} ]")[0],
        seen(told),
        lambda expression, value: evaluated(expression, value, {"input": variables}),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ type: placed }", True),
        ("{ type: shipped }", False),
        ("{ source: 'https://shop.example' }", True),
        ("{ source: 'https://.*[.]example' }", True),
        ("{ source: 'shop' }", False),
        ("{ source: 'sho[p' }", False),
        ("{ type: 'pla.ed' }", False),
        ("{ type: '${ startswith(\"pla\") }' }", True),
        ("{ type: '${ $input.wanted }' }", True),
        ("{ subject: o-7 }", True),
        ("{ partition: 3 }", False),
        ("{ data: { order: 7 } }", True),
        ("{ data: { order: 7, client: { city: Wien } } }", True),
        ("{ data: { order: 8 } }", False),
        ("{ data: { urgent: 1 } }", False),
        ("{ data: '${ .order > 6 }' }", True),
        ("{ data: '${ .order > 7 }' }", False),
        ("{ data: '${ .nothing }' }", False),
        ("{ data: { order: '${ $input.number }' } }", True),
        ("{ data: { order: '${ . % 2 == 1 }' } }", True),
        ("{ data: { urgent: '${ $input.no }' } }", False),
        ("{ data: { urgent: '${ $input.yes }' } }", True),
        ("{ data: { late: '${ $input.no }' } }", True),
        ("{ data: { late: '${ . == false }' } }", True),
        ("{ data: { items: ['${ $input.wanted }', b] } }", False),
        ("{ data: { items: [a, '${ $input.letter }'] } }", True),
        ("{ specversion: '1.0' }", True),
    ],
)
def test_with(text: str, expected: bool) -> None:
    """Literals, patterns and expressions, at every depth of the data."""
    data = {
        "order": 7, "urgent": True, "late": False, "client": {"name": "Amy", "city": "Wien"},
        "items": ["a", "b"],
    }  # fmt: skip
    told = event(data=data, subject="o-7")

    assert fit(text, told, wanted="placed", number=7, yes=True, no=False, letter="b") is expected


def test_encoded_data_is_read_as_its_content_type_says() -> None:
    """Bytes that are JSON are matched as JSON."""
    told = event(data_base64="eyJvcmRlciI6N30=", datacontenttype="application/vnd.shop+json")
    del told["data"]

    assert fit("{ data: { order: 7 } }", told)


def test_correlations_must_agree_and_have_a_value() -> None:
    """An event without a value is a part of nothing; the known value decides."""
    wanted = filters("[ { with: { type: placed }, correlate: { order: { from: .data.order } } } ]")[
        0
    ]

    def values(data: Any, **expected: Any) -> Any:
        shown = seen(event(data=data))
        return correlated(wanted, shown, expected, lambda e, v: evaluated(e, v, {}))

    assert values({"order": 7}) == {"order": 7}
    assert values({"order": 7}, order=7) == {"order": 7}
    assert values({"order": 7}, order="7") is None
    assert values({"order": True}, order=1) is None
    assert values({}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ type: placed }", "placed"),
        ("{ type: com.shop.placed }", "com.shop.placed"),
        ("{ type: 'com[.]shop[.].*' }", None),
        ("{ type: '${ $input.type }' }", None),
        ("{ source: x }", None),
    ],
)
def test_a_filter_names_one_type_or_any(text: str, expected: str | None) -> None:
    """The type is the address of the router."""
    assert type_of(filters(f"[ {{ with: {text} }} ]")[0]) == expected
