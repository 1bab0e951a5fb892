"""Renders messages: Markdown with Jinja2 in its sandbox, in the language of who reads it.

A template sees `case` (what the plan says that it reads), `values` and `link`. What is empty
renders as nothing; what does not exist at all is an error of the definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from integrations.errors import Refused

FALLBACK = "en"
SYSTEM = "messages"
_SUBJECT = "Subject:"

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for one reader. `subject` is one line, and None where the file has none."""

    subject: str | None
    text: str
    language: str


def choose(languages: Mapping[str, str], wanted: str | None) -> str:
    """The language of a reader, else a near one (`zh` for `zh-TW`), else English."""
    if wanted is not None and wanted in languages:
        return wanted
    base = (wanted or "").partition("-")[0]
    for each in languages:
        if base and each.partition("-")[0] == base:
            return each
    return FALLBACK if FALLBACK in languages else next(iter(languages))


def render(
    name: str, texts: Mapping[str, str], language: str | None, values: Mapping[str, Any]
) -> Rendered:
    """A message in one of its languages.

    Args:
        texts: Language -> template.
        values: `case`, `values`, `link`.

    Raises:
        Refused: the template cannot be rendered; says which message and why.
    """
    chosen = choose(texts, language)
    head, text = _split(texts[chosen])
    try:
        subject = None if head is None else _one_line(_template(head).render(values))
        return Rendered(subject, _template(text).render(values).strip() + "\n", chosen)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise Refused(
            SYSTEM, f'the message "{name}" ({chosen}) cannot be written: {error}'
        ) from error


@lru_cache(maxsize=32)
def own_texts(name: str) -> Mapping[str, str]:
    """A message that comes with Caseway: language -> template."""
    found = sorted(TEXTS.glob(f"{name}.*.md"))
    return {file.name.split(".")[1]: file.read_text("utf-8") for file in found}


def _split(template: str) -> tuple[str | None, str]:
    first, _, rest = template.partition("\n")
    if first.startswith(_SUBJECT):
        return first.removeprefix(_SUBJECT).strip(), rest.lstrip("\n")
    return None, template


def _one_line(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=1000)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def _nothing_for_empty(value: Any) -> Any:
    return "" if value is None else value


_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False,  # the result is plain text
    undefined=StrictUndefined,
    finalize=_nothing_for_empty,
    keep_trailing_newline=True,
)
# A template is written by a process owner: no loop of it may keep a worker busy.
_ENVIRONMENT.globals.clear()
