"""HTML mails as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.html_text import text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b<p>c</p>d", "a\nb\nc\nd"),
        ("<head><title>x</title><p>swallowed</head><body>seen", "seen"),
        ("<head><style>p{}</style><body>seen", "seen"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("&lt;b&gt; &#26085; &nbsp; x", "<b> 日 x"),
        ("<![endif]--><p>x</p><![CDATA[y]]>", "x"),
        ("<script>alert('</p>')</script>x", "x"),
        ("not html at all", "not html at all"),
        ("", ""),
    ],
)
def test_text_reads_as_the_mail_looked(html: str, text: str) -> None:
    """Words in order, lines where blocks were, nothing that was not shown."""
    assert text_of_html(html) == text


@given(st.text(alphabet="<>![]/-abp=\"'& \n", max_size=80))
def test_any_text_can_be_read(html: str) -> None:
    """Mail programs write what no parser expects."""
    assert "\n\n\n" not in text_of_html(html)
