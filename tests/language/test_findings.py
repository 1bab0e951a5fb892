"""How findings read."""

from __future__ import annotations

from language.findings import Finding, as_json, as_text, has_errors, in_order

NOTFY = Finding(
    "CW201", "p.yaml", 2, 9, 'there is no function "notfy"', 'Did you mean "notify"?', 5
)


def test_a_finding_shows_line_caret_hint_and_link():
    """Where, what, what to do, where to read more."""
    text = as_text([NOTFY], {"p.yaml": "do:\n  call: notfy\n"})

    assert text == (
        'p.yaml:2:9: there is no function "notfy" [CW201]\n'
        "   |\n"
        " 2 |   call: notfy\n"
        "   |         ^^^^^\n"
        '   Did you mean "notify"?\n'
        "   More: docs/findings.md#cw201"
    )


def test_the_caret_stands_under_its_word_after_chinese_text():
    """Chinese characters take two columns of a terminal, and so does their caret."""
    finding = Finding("CW201", "p.yaml", 1, 5, "x", length=2)

    assert "   |       ^^^^" in as_text([finding], {"p.yaml": "服務: 通知"}).splitlines()


def test_a_warning_says_so_and_does_not_count_as_an_error():
    """Exit status and publishing depend on errors alone."""
    warning = Finding("CW210", "p.yaml", 1, 1, "no default")

    assert as_text([warning], {}).splitlines()[0] == "p.yaml:1:1: warning: no default [CW210]"
    assert not has_errors([warning])
    assert has_errors([warning, NOTFY])


def test_findings_come_by_place_and_once():
    """A reader goes through the file from top to bottom."""
    first = Finding("CW106", "p.yaml", 1, 2, "a")
    other = Finding("CW106", "a.yaml", 9, 9, "b")

    assert (other, first, NOTFY) == in_order([NOTFY, first, other, first])


def test_json_has_the_stable_keys():
    """Other programs rely on these names."""
    found = as_json([NOTFY])["findings"][0]

    assert found == {
        "code": "CW201",
        "severity": "error",
        "file": "p.yaml",
        "line": 2,
        "column": 9,
        "message": 'there is no function "notfy"',
        "hint": 'Did you mean "notify"?',
        "documentation": "docs/findings.md#cw201",
    }
