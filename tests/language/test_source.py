"""YAML becomes a tree in which every key and value knows its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.source import MAX_CHARACTERS, Source, read_source


def read(text: str) -> Source:
    """Read a text under a fixed name."""
    return read_source(text, "f.yaml")


def codes(text: str) -> list[str]:
    """Codes of what is wrong with a text."""
    return [each.code for each in read(text).findings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("18:30", "18:30"),
        ("2026-03-02", "2026-03-02"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-3", -3),
        ("0o14", 12),
        ("0x1F", 31),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.0.3", "1.0.3"),
        ("'12'", "12"),
        ('"true"', "true"),
    ],
)
def test_plain_values_mean_what_yaml_1_2_says(text: str, value: object):
    """Weekdays, country codes, times and dates stay texts; nothing is guessed as in YAML 1.1."""
    found = read(f"key: {text}\n").value["key"]

    assert (value, type(value)) == (found, type(found))


def test_a_number_with_a_leading_zero_is_decimal_and_noticed():
    """0123 is no octal number, and was probably meant as a text."""
    source = read("room: 0123\n")

    assert source.value == {"room": 123}
    assert [each.code for each in source.findings] == ["CW112"]


def test_keys_and_values_know_line_and_column():
    """Findings point at the very word."""
    root = read("a:\n  - b: 十\n    c: d\n").root
    assert root is not None
    item = (root.get("a") or root).items[0]  # type: ignore[index]
    key, value = item.key("c"), item.get("c")

    assert (key.line, key.column, key.length) == (3, 5, 1)  # type: ignore[union-attr]
    assert (value.line, value.column) == (3, 8)  # type: ignore[union-attr]


def test_a_second_key_names_both_places():
    """Silently keeping the last one hides half of what was written."""
    finding = read("a: 1\nb: 2\na: 3\n").findings[0]

    assert (finding.code, finding.line, finding.column) == ("CW102", 3, 1)
    assert "line 1, column 1" in finding.message


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\nb: *x\n", "a: !!str 1\n", "a: !mine {}\n", "<<: { a: 1 }\n", "- &x\n"],
)
def test_anchors_aliases_merge_keys_and_tags_are_refused(text: str):
    """A file means what stands in it."""
    assert codes(text) == ["CW103"]


def test_text_that_only_looks_like_an_alias_is_text():
    """`*` and `&` inside of quoted or plain text are no aliases."""
    source = read("a: 'x *b &c'\nb: https://example.org/a*&b=1\n")

    assert source.findings == ()
    assert source.value["b"] == "https://example.org/a*&b=1"


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: b: c",
        "a:\n\t- b\n",
        "x: 1\n---\ny: 2\n",
        "a: \x01\n",
        "{ a: 'b }",
        "? [x]\n: 1\n",
    ],
)
def test_what_is_not_yaml_is_one_finding_inside_the_file(text: str):
    """The parser's complaint becomes a finding at its place, never an exception."""
    findings = read(text).findings

    assert [each.code for each in findings] in (["CW101"], ["CW125"])
    assert 1 <= findings[0].line <= max(1, len(text.splitlines()))


def test_depth_and_size_are_limited():
    """A file of brackets neither crashes the parser nor takes its time."""
    assert codes("[" * 100_000) == ["CW104"]
    assert "CW104" in codes("\n".join(" " * n + "a:" for n in range(150)))
    assert codes("a: " + "x" * MAX_CHARACTERS) == ["CW104"]


def test_an_alias_bomb_is_refused_before_it_is_walked():
    """Nested aliases would grow beyond all memory."""
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)
    )

    assert codes(bomb) == ["CW103"]


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("a: hello", 2, (1, 6)),
        ("a: 'it''s x'", 5, (1, 11)),
        ('a: "q\\"r s"', 3, (1, 9)),
        ('a: "\\u0041b"', 1, (1, 11)),
        ("a: |\n  one\n  two\n", 5, (3, 4)),
        ("a: >\n  one\n  two\n", 5, (1, 4)),
    ],
)
def test_offsets_in_texts_become_places(text: str, offset: int, place: tuple[int, int]):
    """A mistake inside an expression is shown at its own character."""
    node = (read(text).root or pytest.fail("not read")).get("a")

    assert place == node.place_of(offset)  # type: ignore[union-attr]


# Python writes characters beyond the first plane as two escapes, which YAML does not know.
TEXTS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs",)), max_size=20)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_json_is_read_as_itself(value: object):
    """JSON is YAML: what a program writes as JSON is read without loss."""
    text = json.dumps({"value": value}, ensure_ascii=True)

    assert {"value": value} == read(text).value


@given(st.text(alphabet=st.sampled_from("ab:-[]{}'\"|>&*!#%@`, \n\t0.~?"), max_size=60))
def test_any_text_gives_a_tree_or_findings_inside_of_it(text: str):
    """No input is an internal error, and every finding lies in its file."""
    source = read(text)

    assert source.root is not None or source.findings
    lines = max(1, len(text.splitlines()))
    assert all(1 <= each.line <= lines and each.column >= 1 for each in source.findings)


@pytest.mark.parametrize(
    ("text", "code", "column", "says"),
    [
        ("a: { b: ${ .x } }", "CW125", 9, "this expression needs quotes"),
        ("a: [ ${ .x } ]", "CW125", 6, "this expression needs quotes"),
        ("a: ${ { x: 1 } }", "CW125", 4, "this expression needs quotes"),
        ("a: What now: go", "CW125", 12, '": " begins a value'),
        ("a: { b: is it: so }", "CW125", 14, '": " begins a value'),
        ("a: ? what", "CW125", 4, "? begins a key"),
        ("a: @home", "CW125", 4, "@ cannot begin a text"),
        ("a: { text: yes, no }", "CW125", 17, "a comma ends a text"),
        ("a: Ticket #12", "CW126", 11, "# begins a comment"),
    ],
)
def test_texts_that_need_quotes_are_named_with_their_reason(
    text: str, code: str, column: int, says: str
):
    """The traps of YAML get a sentence in the author's words, at the mark that YAML took for its own."""
    (finding,) = read(text).findings

    assert (finding.code, finding.column) == (code, column)
    assert says in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "a: '${ .x }'",
        "a: ${ .x }",
        "a: Is it? It is.",
        "a: { b: What? }",
        "a: { b: , c: 1 }",
        "a: text # a comment",
        "a: text #comment",
        "a: https://example.org/x#y",
        "a: |\n  one: two\n  #3\nb: 1",
    ],
)
def test_texts_that_need_no_quotes_are_left_alone(text: str):
    """What YAML reads as it stands is nobody's mistake."""
    assert read(text).findings == ()
