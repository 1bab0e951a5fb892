"""Cases that nobody here wrote: jq's own test files."""

from __future__ import annotations

from tests.foreign.corpora import needed
from tests.foreign.jq_tests import Case, cases, judge

LEAST_SHARE = 0.95


def test_no_answer_is_wrong() -> None:
    """Each case is right or refused by name, and nearly all are right."""
    verdicts = [judge(case) for file in needed("jq", "*.test") for case in cases(file)]

    assert [str(each) for each in verdicts if each.kind == "wrong"] == []
    assert sum(each.kind == "right" for each in verdicts) >= LEAST_SHARE * len(verdicts)


def test_the_judge_sees_what_is_wrong() -> None:
    """A wrong output, a missing one, one too many, and a program that had to be refused are seen."""
    given = (
        Case("t:1", ".[]", ("[1, 2]", "1", "3"), must_fail=False),
        Case("t:2", ".[]", ("[1, 2]", "1"), must_fail=False),
        Case("t:3", ".[]", ("[1, 2]", "1", "2", "3"), must_fail=False),
        Case("t:4", ".a", (), must_fail=True),
    )

    assert [judge(each).kind for each in given] == ["wrong"] * len(given)
