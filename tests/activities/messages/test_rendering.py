"""Messages from templates: languages, empty values, mistakes, and what customers write."""

from __future__ import annotations

from typing import Any

import pytest

from activities.messages.rendering import choose, own_texts, render
from integrations.errors import Refused

HOSTILE = "{{ 7 * 7 }} {% for x in y %} {{ ''.__class__.__mro__ }} {# x #} ${jndi:x} <b>"


def text(template: str, **values: Any) -> str:
    """Render an English template."""
    return render("m", {"en": template}, "en", values).text.rstrip("\n")


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [("zh-TW", "zh-TW"), ("zh", "zh-TW"), ("zh-CN", "zh-TW"), ("en-GB", "en"), ("fr", "en"),
     (None, "en"), ("", "en"), ("-", "en")],
)  # fmt: skip
def test_the_language_is_the_readers_or_the_nearest(wanted: str | None, chosen: str) -> None:
    """English where there is nothing near."""
    assert choose({"en": "", "zh-TW": ""}, wanted) == chosen


def test_a_message_without_english_is_sent_in_what_it_has() -> None:
    """Better than not at all."""
    assert choose({"zh-TW": ""}, "fr") == "zh-TW"


def test_what_customers_write_is_never_read_as_a_template() -> None:
    """Neither in a text nor in a subject, however often it is handed on."""
    rendered = render(
        "m", {"en": "Subject: {{ case.subject }}\n\n{{ values.text }}"}, "en",
        {"case": {"subject": HOSTILE}, "values": {"text": HOSTILE}},
    )  # fmt: skip
    assert rendered.subject == HOSTILE
    assert rendered.text == HOSTILE + "\n"


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00\n"])
def test_a_subject_is_one_line_whatever_is_put_in(breaks: str) -> None:
    """No value ends a header and begins another."""
    rendered = render(
        "m", {"en": "Subject: {{ case.subject }}\nText"}, "en",
        {"case": {"subject": f"VPN{breaks}Bcc: eve@example.org"}},
    )  # fmt: skip
    assert rendered.subject == "VPN Bcc: eve@example.org"
    assert rendered.text == "Text\n"


def test_an_empty_subject_leaves_it_to_the_mail() -> None:
    """A value that is empty gives no mail without subject."""
    assert (
        render("m", {"en": "Subject: {{ case.s }}\nx"}, "en", {"case": {"s": None}}).subject is None
    )
    assert render("m", {"en": "x"}, "en", {}).subject is None


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("[{{ case.none }}]", "[]"),
        ("{{ case.none or 'unknown' }}", "unknown"),
        ("{{ case.at }}", "Mon 2 Mar 2026 09:00 (UTC)"),
        ("{{ case.number * 2 }}", "84"),
        ("{% for each in case.list %}{{ each }};{% endfor %}", "a;b;"),
        ("{{ case.list | join(', ') }}", "a, b"),
        ("{{ case.flag }}", "True"),
    ],
)
def test_values_are_written_for_people(template: str, shown: str) -> None:
    """Nothing for what is empty, a time of day for a point in time."""
    case = {"none": None, "at": "2026-03-02T09:00:00Z", "number": 42, "list": ["a", "b"],
            "flag": True}  # fmt: skip
    assert text(template, case=case) == shown


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{{ case.missing }}", "missing"), ("{{ case.known.deeper }}", "deeper"),
        ("{{ nobody }}", "nobody"), ("{{ case.none.name }}", "name"),
        ("{{ range(9) }}", "range"), ("{{ 'x' | nofilter }}", "nofilter"),
        ("{{ case.known + 5 }}", "str"), ("{% if %}", "Expected"), ("{{ 1 / 0 }}", "division"),
        ("{% include 'other' %}", "loader"), ("{{ ''.__class__ }}", "__class__"),
        ("{{ case.__init__.__globals__ }}", "__init__"),
        ("{{ 'a' * 1000000000 }}", "numbers"), ("{{ 9 ** 999 }}", "powers"),
        ("{{ '%999999999d' % 1 }}", "numbers"), ("{{ 'a' | center(999999999) }}", "center"),
        ("{{ case.list.append(1) }}", "append"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_message_and_what_is_wrong(template: str, named: str) -> None:
    """No half text goes out, and no template reaches what it should not."""
    with pytest.raises(Refused) as error:
        text(template, case={"known": "x", "none": None, "list": []})
    assert '"m" (en)' in error.value.detail
    assert named in error.value.detail


def test_control_characters_do_not_go_out() -> None:
    """Lines and tabs stay."""
    assert text("{{ case.t }}", case={"t": "a\x00\x1b[31m\tb\r\nc\x7f"}) == "a[31m\tb\nc"


def test_texts_of_ours_are_there_in_both_languages() -> None:
    """Each says what it is about and, but for one, where to answer."""
    values = {"name": "N", "title": "TITLE", "description": "D", "due": None, "about": None,
              "ticket": None}  # fmt: skip
    for name in ("asked", "opened", "reassigned", "reminder", "withdrawn"):
        texts = own_texts(name)
        assert sorted(texts) == ["en", "zh-TW"]
        for language in texts:
            for more in ({}, {"due": "2026-03-02T09:00:00Z", "about": "A", "ticket": "T-1"}):
                rendered = render(
                    name, texts, language,
                    {"case": {}, "values": {**values, **more}, "link": "http://l/1"},
                )  # fmt: skip
                assert rendered.subject is not None
                assert "TITLE" in rendered.subject
                assert "TITLE" in rendered.text
                assert ("http://l/1" in rendered.text) == (name != "withdrawn")
                assert "None" not in rendered.text
                assert "{" not in rendered.text
    assert own_texts("no-such") == {}


def test_people_are_named_by_their_ids() -> None:
    """A message says who it is, not under which id; who is not known stays as given."""
    names = {"liu": "劉佩珊"}
    template = (
        "{{ case.owner | person }}, {{ case.by | person or 'nobody' }}, {{ case.who | person }}"
    )

    said = text(template, case={"owner": "liu", "by": None, "who": "amy@x.org"}, _names=names)

    assert said == "劉佩珊, nobody, amy@x.org"
    assert text("{{ case.owner | person }}", case={"owner": "liu"}) == "liu"
