"""The readable text of an HTML mail, for the case and for the people who read it there.

The standard library's parser does the reading: it accepts whatever mail programs write. Nothing is
fetched, and scripts, styles and hidden heads leave no trace.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SKIPPED = frozenset({"head", "script", "style", "template", "title", "noscript"})
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
        "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
    }
)  # fmt: skip
_MARKED_SECTION = re.compile(r"<!\[[^>]{0,200}>")
_SPACES = re.compile(r"[ \t\r\f\v\n\u00a0]+")
_BLANK_LINES = re.compile(r"\n{3,}")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "body":
            # A head that nobody closed must not swallow the mail.
            self._skipping = 0
        elif tag == "br" or tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        if tag == "li":
            self.pieces.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.pieces.append(_SPACES.sub(" ", data))


def text_of_html(html: str) -> str:
    """The text a reader would see, one paragraph or list item per line, at most one blank line."""
    # Outlook's conditional comments (`<![if !mso]>`) are not HTML, and the parser refuses some.
    parser = _Text()
    parser.feed(_MARKED_SECTION.sub("", html).replace("<![", "&lt;!["))
    parser.close()
    lines = [_SPACES.sub(" ", line).strip() for line in "".join(parser.pieces).split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
