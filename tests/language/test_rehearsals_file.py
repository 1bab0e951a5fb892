"""Rehearsal files: their shape."""

from __future__ import annotations

import pytest

from language.rehearsals_file import check_rehearsal

GOOD = """
rehearsal: The customer never answers
kind: timeout
at: '2026-03-02T09:00+08:00'
input: { ticket: { id: T-1 } }
stubs:
  ticket.update: [ { fails: Unavailable, times: 2 }, { returns: { id: T-1 } } ]
  http: [ { request: { method: get, uri: 'https://example.org/*' }, response: { status: 200 } } ]
  run: { fault-handling: [ { takes: { businessHours: 3 }, returns: { outcome: fixed } } ] }
script:
  - { when: { opens: triage }, after: { minutes: 10 }, by: chen, answer: triaged, values: { priority: P3 } }
  - { at: '2026-03-02T10:00', event: message.received, data: {} }
  - { when: { emits: placed }, publish: paid, data: 1, attributes: { subject: '7' } }
  - { at: '2026-03-02T10:00', down: mail, for: { minutes: 30 } }
expect:
  ends: { as: completed, status: closed, at: '2026-03-12' }
  timeline: [ { at: '2026-03-02T09:00', action: decide, task: rate }, { opens: 'work#2' } ]
  never: [ { breaches: resolution } ]
  clocks: { response: { elapsed: { businessMinutes: 130 }, state: met } }
"""


def test_a_rehearsal_of_every_form_is_read():
    """What the vocabulary shows has no findings and comes as plain JSON."""
    rehearsal, findings = check_rehearsal(GOOD, "r.yaml")

    assert findings == ()
    assert rehearsal["script"][0]["by"] == "chen"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("kind: timeout", "kind: late", "CW108"),
        ("at: '2026-03-02T09:00+08:00'", "at: tomorrow", "CW108"),
        ("answer: triaged", "anwser: triaged", "CW105"),
        ("by: chen, answer", "answer", "CW106"),
        ("fails: Unavailable", "fails: Broken", "CW108"),
        ("opens: 'work#2'", "times: 2", "CW109"),
        ("when: { opens: triage }, after", "after", "CW109"),
        ("state: met", "state: done", "CW108"),
        ("as: completed", "as: finished", "CW108"),
    ],
)
def test_mistakes_are_named(before: str, after: str, code: str):
    """A rehearsal that says something else than its author means is worse than none."""
    assert before in GOOD
    rehearsal, findings = check_rehearsal(GOOD.replace(before, after, 1), "r.yaml")

    assert code in [each.code for each in findings]
    assert rehearsal is None


def test_a_line_that_does_nothing_is_named():
    """The author forgot what happens then."""
    text = GOOD.replace(", event: message.received, data: {}", "")

    assert [each.message for each in check_rehearsal(text, "r.yaml")[1]] == [
        "this line of the script does nothing"
    ]
