"""What validation says of a table's rows is what a case would meet.

The rules of cells stand twice, in `language.table_cells` and in `service.cells`, which know nothing
of each other: here random tables and facts go through both.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.organization import merge_files
from language.table_analysis import analyse
from service.errors import NoRow, RowsOverlap
from service.tables import decide, table_from

COLUMNS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "size": (
        {"type": "integer", "minimum": 0},
        [3, "= 3", ">= 3", "< 3", "<= 2", "2..5", "> 2.5", "!= 4", [1, "7..9"], "9..7"],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    ),
    "share": ("number", [0.5, ">= 0.5", "< 0.5", "0.1..0.5"], [-1, 0, 0.1, 0.3, 0.5, 0.51, 7]),
    "urgency": ({"enum": ["high", "low"]}, ["high", ["high", "low"], "!= high"], ["high", "low"]),
    "vip": ("boolean", [True, False, "true", "!= true"], [True, False]),
    "city": ("string", ["Taipei", ["Taipei", "Tainan"], "!= Taipei"], ["Taipei", "Tainan", "Oslo"]),
    "start": (
        "date",
        ["2026-03-02", ">= 2026-03-02", "< 2026-03-02", "2026-03-01..2026-03-03", "!= 2026-03-02"],
        ["2026-02-28", "2026-03-01", "2026-03-02T23:00:00Z", "2026-03-03", "2026-03-04"],
    ),
    "code": ("any", [3, "x", ">= 3", None], [2, 3, 4, "x", "y", None]),
}


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a table of a few columns and rows."""
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=3, unique=True))
    rows = draw(
        st.lists(
            st.fixed_dictionaries({}, optional={n: st.sampled_from(COLUMNS[n][1]) for n in names}),
            min_size=1,
            max_size=5,
        )
    )
    return {
        "hit": draw(st.sampled_from(["first", "unique", "collect"])),
        "inputs": {name: COLUMNS[name][0] for name in names},
        "outputs": {"row": "integer"},
        "rows": [{"when": when, "then": {"row": n}} for n, when in enumerate(rows)],
    }


def all_facts(names: list[str]) -> list[dict[str, Any]]:
    """Every combination of the sample values."""
    found: list[dict[str, Any]] = [{}]
    for name in names:
        found = [{**facts, name: value} for facts in found for value in COLUMNS[name][2]]
    return found


@settings(max_examples=300, deadline=None)
@given(tables())
def test_validation_says_what_a_case_would_meet(data: dict[str, Any]) -> None:
    """A gap is said exactly where facts have no row, an overlap where they have two, and so on."""
    whens = [row["when"] for row in data["rows"]]
    found = analyse(data["inputs"], whens, data["hit"])
    table = table_from("t", data)
    missed, twice, chosen = False, set[tuple[int, int]](), set[int]()
    for facts in all_facts(list(data["inputs"])):
        if facts.get("code", 0) is None and not any(
            "code" in w and w["code"] is None for w in whens
        ):
            # A missing fact is looked for only where a row asks for it.
            continue
        try:
            decision = decide(table, facts)
        except NoRow:
            missed = True
        except RowsOverlap as error:
            chosen |= {each - 1 for each in error.rows}
            pairs = [each - 1 for each in error.rows]
            twice |= {(a, b) for a in pairs for b in pairs if a < b}
        else:
            rows = decision["explain"].get("rows") or [decision["explain"]["row"]]
            chosen |= {each - 1 for each in rows if each}

    assert found.proven
    assert (found.gap is not None) == missed
    assert {(each.first, each.second) for each in found.overlaps} == twice
    assert {each.row for each in found.unreachable} == set(range(len(whens))) - chosen


def said(hit: str, inputs: str, rows: str) -> list[tuple[str, int, str]]:
    """What is said of a table: code, line, message."""
    text = (
        f"table:\n  name: t\n  version: '1.0.0'\n  hit: {hit}\n  inputs: {inputs}\n"
        f"  outputs: {{ p: string }}\n  rows:\n{rows}"
    )
    return [
        (each.code, each.line, each.message) for each in merge_files([(text, "t.yaml", "t")])[1]
    ]


def test_findings_name_the_row_and_an_example() -> None:
    """Line, the other row, and facts that fall through or hit twice."""
    gap = said(
        "first",
        "{ n: integer, u: { enum: [a, b] } }",
        "    - { when: { n: '>= 3' }, then: { p: x } }\n    - { when: { u: a }, then: { p: y } }\n",
    )
    twice = said(
        "unique",
        "{ n: integer }",
        "    - { when: { n: '>= 3' }, then: { p: x } }\n    - { when: { n: '<= 3' }, then: { p: y } }\n",
    )
    never = said(
        "first",
        "{ n: integer }",
        "    - { when: { n: '< 5' }, then: { p: x } }\n    - { when: { n: '>= 4' }, then: { p: y } }\n"
        "    - { when: { n: 4 }, then: { p: z } }\n",
    )

    assert gap == [("CW261", 9, "no row applies to n 2, u b")]
    assert twice == [("CW262", 9, "this row and row 1 (line 8) both apply to n 3")]
    assert never == [
        ("CW263", 10, "this row never applies: the rows above it (line 8, 9) take all of it")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("string", "'>= 3'", "CW264"), ("{ enum: [a, b] }", "'> a'", "CW264"),
        ("integer", "'>= many'", "CW264"), ("integer", "'1..many'", "CW264"),
        ("integer", "'9..2'", "CW264"), ("date", "'>= soon'", "CW264"),
        ("{ enum: [a, b] }", "'!= c'", "CW309"), ("integer", "many", "CW309"),
    ],
)  # fmt: skip
def test_cells_that_ask_nothing_are_findings(column: str, cell: str, code: str) -> None:
    """They would silently never hold, and the default row would decide."""
    rows = f"    - {{ when: {{ n: {cell} }}, then: {{ p: x }} }}\n    - {{ then: {{ p: y }} }}\n"

    assert [each[0] for each in said("first", f"{{ n: {column} }}", rows)] == [code]


def test_a_table_too_large_to_be_proven_needs_a_last_row() -> None:
    """The search ends in time; a row that takes what is left is enough."""
    names = [f"{side}{n}" for side in "ab" for n in range(20)]
    inputs = f"{{ {', '.join(f'{name}: boolean' for name in names)} }}"
    rows = "".join(
        f"    - {{ when: {{ a{n}: true, b{n}: true }}, then: {{ p: x }} }}\n" for n in range(20)
    )
    rows += "".join(f"    - {{ when: {{ a{n}: false }}, then: {{ p: x }} }}\n" for n in range(20))
    rows += "".join(f"    - {{ when: {{ b{n}: false }}, then: {{ p: x }} }}\n" for n in range(20))

    assert said("first", inputs, rows + "    - { then: { p: y } }\n") == []
    [(code, _, message)] = said("first", inputs, rows)
    assert (code, message) == ("CW261", "the table is too large to be proven complete")
