"""Comments that ignore findings."""

from __future__ import annotations

from language.findings import Finding
from language.suppression import without_ignored

WARNING = Finding("CW210", "f.yaml", 2, 3, "no default")


def codes(text: str, finding: Finding = WARNING) -> list[str]:
    """Codes that are left after the comments of a text."""
    return [each.code for each in without_ignored([finding], {"f.yaml": text})]


def test_a_comment_on_the_line_or_alone_above_it_ignores():
    """The author has decided, and says why beside it."""
    assert codes("a:\n  b: # caseway: ignore CW210 the form allows no other\n") == []
    assert codes("# caseway: ignore CW210 the form allows no other\n  b:\n") == []


def test_a_comment_elsewhere_ignores_nothing_and_is_named():
    """A comment that outlives its reason is removed."""
    assert codes("a: # caseway: ignore CW210 for the next line?\n  b:\n") == ["CW115", "CW210"]


def test_a_comment_needs_a_code_a_reason_and_a_warning():
    """Errors cannot be ignored, and nothing is ignored silently."""
    for comment in ("ignore", "ignore CW210", "ignore CW999 because", "ignore CW201 because"):
        assert codes(f"a:\n  b: # caseway: {comment}\n") == ["CW210", "CW116"]
