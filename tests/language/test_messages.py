"""What messages read of the case."""

from __future__ import annotations

import pytest

from language.message_scan import scan
from language.messages import _reads_by_jinja, read_message

PLAIN = [
    "Hello {{ case.requester.name }}",
    "{% if case.requester.name %} {{ case.requester.name }}{% endif %},",
    "{{ case.priority or 'not triaged yet' }} {{ case.group | upper }}",
    '{% if case.status == "open" and not values.quiet %}a{% elif link %}b{% else %}c{%- endif -%}',
    "Nothing { to } read, 100 %",
]
BEYOND = [
    "{% for tag in case.tags %}{{ tag.name }}{{ case.results.a.b }}{% endfor %}",
    "{{ case['data']['a'] }}",
    "{# a comment with case.hidden #}{{ case.id }}",
    "{% set x = case.data.y %}{{ x.z }}",
    "{{ 'a' if case.b else case.c }}",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_messages_are_read_without_jinja_and_alike(text: str):
    """The quick way says what Jinja2 says."""
    quick = scan(text)

    assert quick is not None
    thorough = _reads_by_jinja(text, "m.md", [])
    assert {read[:2] for read in thorough} == {read[:2] for read in quick}


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Dear {{ case.requester.name, hello", 6),
        ("About { case.subject }}", 7),
        ("About case.subject }}", 7),
        ("{% if case.owner }owned{% endif %}", 1),
    ],
)
def test_half_a_tag_is_found_where_it_stands(text: str, column: int):
    """What would be sent with its braces is named, with its column."""
    message = read_message("m", {"en": (text, "m.en.md")})

    assert [(each.code, each.column) for each in message.findings] == [("CW307", column)]


@pytest.mark.parametrize("text", BEYOND)
def test_what_goes_beyond_is_left_to_jinja(text: str):
    """Loops, comments and assignments are not guessed."""
    assert scan(text) is None


def test_reads_are_the_paths_of_all_languages():
    """An action carries these values of the case and no more."""
    message = read_message(
        "m",
        {
            "en": ("{{ case.ticket.id }} {{ case.results.work.answer.reply }}", "m.en.md"),
            "zh-TW": ("{% for t in case.tags %}{{ t }}{% endfor %}{{ case.ticket }}", "m.zh-TW.md"),
        },
    )

    assert message.reads == ("results.work.answer.reply", "tags", "ticket")
    assert message.findings == ()


def test_a_broken_template_is_a_finding_with_its_line():
    """A message that cannot be rendered never reaches a case."""
    findings = read_message("m", {"en": ("Hello\n{{ case.id\n", "m.en.md")}).findings

    assert [(each.code, each.line) for each in findings] == [("CW307", 2)]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "{{ case.owner | persn }}",
            'Did you mean "person"? It is about {{ case.owner | persn }}.',
        ),
        ("{{ values.x | upcase('a', 1) }}", "It is about {{ values.x | upcase('a', 1) }}."),
        ("{{ 'x' | center(9) }}", "It is about {{ 'x' | center(9) }}."),
    ],
)
def test_a_filter_that_is_not_there_is_found(text: str, hint: str):
    """Before somebody waits for the message."""
    (finding,) = read_message("m", {"en": (text, "m.en.md")}).findings

    assert finding.code == "CW307"
    assert "No filter named" in finding.message
    assert finding.hint == hint


def test_filters_of_messages_are_known():
    """The name of a person, and what everybody uses, in plain messages and in others."""
    for text in (
        "{{ case.owner | person }}",
        "{% for each in values.list %}{{ each | person | default('x') }}{% endfor %}",
    ):
        assert read_message("m", {"en": (text, "m.en.md")}).findings == ()
