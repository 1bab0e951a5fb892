"""What expressions give is held against what arguments take."""

from __future__ import annotations

import pytest

from language.compile import check_definition

DEFINITION = """
document: {{ dsl: '1.0.3', namespace: n, name: x, version: '1.0.0', metadata: {{ owner: support-manager, calendar: c }} }}
input: {{ schema: {{ document: {{ type: object, properties: {{ text: {{ type: string }}, parts: {{ type: array }}, more: {{}} }} }} }} }}
do:
  - ask: {{ call: wait-for, with: {{ event: message.received, due: {{ days: 1 }} }} }}
  - tell: {{ call: mail.send, with: {{ to: lin@example.org, subject: '${{ {expression} }}', text: hello }} }}
"""


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("$case.input.text", []),
        ("$case.subject", []),
        ("$case.results.ask.outcome", []),
        ("$case.results.ask", ["CW322"]),
        ("$case.input.parts", ["CW322"]),
        ("$case.input.parts | length", ["CW322"]),
        ("$case.input.parts | length | tostring", []),
        # What no schema describes is not judged.
        ("$case.input.more", []),
        ("$case.results.ask.event", []),
        ('if $case.input.text == null then "x" else $case.results.ask end', []),
    ],
)
def test_a_text_is_not_an_object(expression: str, codes: list[str]):
    """An expression that never gives the kind that is asked for is named; one that may is left be."""
    _, findings = check_definition(DEFINITION.format(expression=expression), "process.yaml")

    assert [each.code for each in findings] == codes
