"""How a case reads on a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from cli.given import read_value
from cli.problem import CannotRun
from cli.showing import as_text, case_text, columns

VIEW: dict[str, Any] = {
    "case": {
        "id": "leave:L-1", "subject": "Leave", "requester": {"mail": "amy@example.net"},
        "links": [{"kind": "child", "case": "trip:7"}], "startedAt": "2026-03-02T01:00:00Z",
    },
    "definition": "leave", "version": "1.0.0", "status": "asked", "phase": "open", "step": "decide",
    "waits": [], "items": [], "clocks": {}, "held": {}, "timeline": [],
}  # fmt: skip


def test_a_case_says_where_it_stands() -> None:
    """Status with its phase, the requester and linked cases by what names them, no empty lines."""
    shown = case_text(VIEW)

    assert "asked (open)" in shown
    assert "amy@example.net" in shown
    assert "trip:7" in shown
    assert "priority" not in shown
    assert "Work items" not in shown


def test_an_open_item_shows_its_answers_and_a_closed_one_its_outcome() -> None:
    """What a person needs for `caseway answer` stands beside the item."""
    item = {
        "id": "decide", "state": "open", "people": ["lin"], "groups": ["office"], "title": "Leave?",
        "dueAt": "2026-03-02T09:00:00Z", "outcomes": {"granted": {}, "refused": {}},
    }  # fmt: skip
    done = {**item, "id": "decide#2", "state": "done", "outcome": "granted", "by": "lin"}
    shown = case_text({**VIEW, "items": [item, done]}).splitlines()

    opened = next(line for line in shown if line.startswith("  decide "))
    closed = next(line for line in shown if line.startswith("  decide#2"))
    assert "lin, office" in opened
    assert "answers: granted, refused" in opened
    assert closed.endswith("granted lin")


def test_a_vote_says_who_has_voted_and_who_is_missing() -> None:
    """And for whom; of a decided one also how it came out."""
    voting = {
        "id": "vote", "state": "open", "decision": None, "reason": None,
        "seats": [{"person": name} for name in ("lin", "wu")],
        "votes": [{"seat": "lin", "by": "chen", "vote": "approve"}],
    }  # fmt: skip
    decided = {**voting, "id": "vote#2", "decision": "rejected", "reason": "due", "votes": []}
    shown = case_text({**VIEW, "rounds": [voting, decided]})

    assert "vote    open           chen approve for lin  missing: wu" in shown
    assert "vote#2  rejected, due                        missing: lin, wu" in shown


def test_a_held_case_says_why_and_how_to_go_on() -> None:
    """The operator reads the error and the command."""
    held = {"/do/0/open": {"error": {"detail": "the system is down"}}}
    shown = case_text({**VIEW, "held": held})

    assert "Held at /do/0/open: the system is down" in shown
    assert "caseway retry leave:L-1" in shown


def test_a_long_timeline_is_cut_at_its_beginning() -> None:
    """The newest lines are shown, and how many are left out; --all shows them."""
    lines = [
        {"n": n, "at": "2026-03-02T01:00:00Z", "kind": "event", "text": f"line {n}"}
        for n in range(50)
    ]
    shown = case_text({**VIEW, "timeline": lines})

    assert "line 49" in shown
    assert "line 29" not in shown
    assert "30 earlier lines" in shown
    assert "line 0" in case_text({**VIEW, "timeline": lines}, whole=True)


def test_texts_from_outside_move_no_cursor() -> None:
    """Control characters of a mail's subject do not reach the terminal."""
    assert as_text("a\x1b[2Jb\r\nc") == "a [2Jb c"


def test_columns_count_wide_characters_twice() -> None:
    """Chinese subjects keep the columns behind them straight."""
    assert columns([["連線", "x"], ["abcd", "y"]]).splitlines() == ["連線  x", "abcd  y"]


@pytest.mark.parametrize("given", ["{a: 1}", "NaN", "", '{"a": 1} more'])
def test_what_is_no_json_is_refused(given: str) -> None:
    """The option and the place in its text are named."""
    with pytest.raises(CannotRun, match="--input is not JSON"):
        read_value(given, "--input")


def test_ladders_and_held_notices_are_shown_where_there_are_some() -> None:
    """Whoever asks why nobody moves sees who is asked, at which level, and who hears of it when."""
    ladder = {
        "ladder": "on-call", "state": "acknowledged", "level": 2, "by": "tsai", "item": "decide",
        "at": "2026-03-02T01:00:00Z", "case": "escalation-ladder:leave:L-1/on-call",
    }  # fmt: skip
    held = {"task": "tell", "item": None, "people": ["chen", "lin"], "at": "2026-03-03T01:00:00Z"}
    shown = case_text({**VIEW, "ladders": [ladder], "heldNotices": [held]})

    assert "Ladders" in shown
    assert "on-call  acknowledged  level 2  tsai" in shown
    assert "escalation-ladder:leave:L-1/on-call" in shown
    assert "tell  chen, lin" in shown
    assert "Ladders" not in case_text(VIEW)


def test_what_only_time_gives_is_no_answer_that_is_offered() -> None:
    """An automatic outcome is not among what a person can answer."""
    item = {
        "id": "ask", "state": "open", "people": ["lin"], "groups": [], "title": "Take it?",
        "dueAt": None, "outcomes": {"taken": {}, "no-answer": {"automatic": True}},
    }  # fmt: skip

    assert "answers: taken\n" in case_text({**VIEW, "items": [item]}) + "\n"
