"""Pages as HTML: plain, accessible, without scripts; whatever stands in a case is escaped."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.pages.texts import TEXTS

_environment = Environment(
    loader=PackageLoader("api.pages", "templates"), autoescape=True, undefined=StrictUndefined
)

HEADERS = {
    # The address holds the token: it must reach no other site, no cache, no frame.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


def page(template: str, language: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in one of the languages of `TEXTS`."""
    html = _environment.get_template(template).render(
        language=language, t=TEXTS[language], **values
    )
    return HTMLResponse(html, status, {**HEADERS, "Content-Language": language})


def notice(kind: str, language: str, status: int) -> HTMLResponse:
    """A page with a title and one sentence; `kind` names both in `TEXTS`."""
    texts = TEXTS[language]
    return page(
        "page.html", language, status, title=texts[f"{kind}.title"], text=texts[f"{kind}.text"]
    )
