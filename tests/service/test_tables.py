"""Decision tables: what applies, and what is wrong with a table."""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import FactInvalid, NoRow, RowsOverlap, TableInvalid
from service.tables import decide, table_from


def table(hit: str, *rows: dict[str, Any]) -> Any:
    """Give a table of size and urgency."""
    return table_from(
        "t",
        {
            "hit": hit,
            "inputs": {"urgency": {"enum": ["high", "low"]}, "size": "number"},
            "outputs": {"priority": "text"},
            "rows": list(rows),
        },
    )


FULL = (
    {"when": {"urgency": "high", "size": ">= 10"}, "then": {"priority": "P1"}},
    {"when": {"urgency": "high"}, "then": {"priority": "P2"}},
    {"then": {"priority": "P3"}},
)


@pytest.mark.parametrize(
    ("facts", "priority", "row"),
    [
        ({"urgency": "high", "size": 10}, "P1", 1),
        ({"urgency": "high", "size": 9}, "P2", 2),
        ({"urgency": "low", "size": 100}, "P3", 3),
        ({"urgency": "high", "size": None}, "P2", 2),
    ],
)
def test_the_first_row_that_applies_decides(facts: dict[str, Any], priority: str, row: int) -> None:
    """The decision says which row it came from."""
    decision = decide(table("first", *FULL), facts)

    assert priority == decision["priority"]
    assert row == decision["explain"]["row"]


def test_what_cannot_be_decided_is_said() -> None:
    """No row, two rows where one must apply, an unknown fact, a value outside its enum."""
    with pytest.raises(NoRow):
        decide(table("first", FULL[0]), {"urgency": "low"})
    with pytest.raises(RowsOverlap):
        decide(table("unique", FULL[0], FULL[1]), {"urgency": "high", "size": 12})
    with pytest.raises(FactInvalid, match="is no input"):
        decide(table("first", *FULL), {"colour": "red"})
    with pytest.raises(FactInvalid, match="not one of"):
        decide(table("first", *FULL), {"urgency": "huge"})
    with pytest.raises(FactInvalid, match="no number"):
        decide(table("first", *FULL), {"urgency": "high", "size": "12"})
    with pytest.raises(TableInvalid, match="no output"):
        table("first", {"then": {"colour": "red"}})


def test_collect_gives_all_rows() -> None:
    """Every row that applies, in order."""
    decision = decide(table("collect", *FULL), {"urgency": "high", "size": 12})

    assert [row["priority"] for row in decision["rows"]] == ["P1", "P2", "P3"]
