"""Renders messages: Markdown with Jinja2 in its sandbox, in the language of who reads it.

A template sees `case` (what the plan says that it reads), `values` and `link`. What is empty
renders as nothing; what does not exist at all is an error of the definition. A point in time is
written on the reader's clock. `case.owner | person` is the name of a person instead of the id. Values are put in as they are and never read as templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, TemplateError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from activities.messages.plain import one_line, without_controls
from activities.messages.times import UTC, is_instant, readable
from integrations.errors import Refused
from language.messages import LEFT_OUT_FILTERS

FALLBACK = "en"
SYSTEM = "messages"
_SUBJECT = "Subject:"
_READER = "_reader"
NAMES = "_names"
"""Key of the names of people, by id, among the values of a template."""
_LARGEST = 1_000_000
_LARGEST_POWER = 20
_MISTAKES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What a template does wrong with its values."""

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
    name: str,
    texts: Mapping[str, str],
    language: str | None,
    values: Mapping[str, Any],
    zone: ZoneInfo = UTC,
) -> Rendered:
    """A message in one of its languages.

    Args:
        texts: Language -> template.
        values: `case`, `values`, `link`, and NAMES.
        zone: The clock of the reader.

    Raises:
        Refused: the template cannot be rendered; says which message and why.
    """
    chosen = choose(texts, language)
    head, text = _split(texts[chosen])
    seen = {**values, _READER: (zone, chosen)}
    try:
        subject = None if head is None else one_line(_template(head).render(seen))
        body = without_controls(_template(text).render(seen)).strip()
        return Rendered(subject or None, body + "\n", chosen)
    except (TemplateError, *_MISTAKES) as error:
        raise Refused(
            SYSTEM, f'the message "{name}" ({chosen}) cannot be written: {error}'
        ) from error


@lru_cache(maxsize=32)
def own_texts(name: str) -> Mapping[str, str]:
    """A message that comes with Caseway: language -> template; empty where there is none."""
    found = sorted(TEXTS.glob(f"{name}.*.md"))
    return {file.name.split(".")[1]: file.read_text("utf-8") for file in found}


def _split(template: str) -> tuple[str | None, str]:
    first, _, rest = template.partition("\n")
    if first.startswith(_SUBJECT):
        return first.removeprefix(_SUBJECT).strip(), rest.lstrip("\n")
    return None, template


@lru_cache(maxsize=1000)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


@pass_context
def _shown(context: Context, value: Any) -> Any:
    """Nothing for what is empty; a time of day for a point in time."""
    if value is None:
        return ""
    if isinstance(value, str) and is_instant(value):
        zone, language = context[_READER]
        return readable(value, zone, language)
    return value


@pass_context
def _person(context: Context, value: Any) -> Any:
    """The name of a person whose id it is; anything else as it is."""
    names = context.get(NAMES) or {}
    return names.get(value, value) if isinstance(value, str) else value


class _Sandbox(ImmutableSandboxedEnvironment):
    """No template may keep a worker busy, or fill its memory: no products, powers, or wide formats."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate with numbers of everyday size."""
        for each in (left, right):
            if not isinstance(each, int | float) or abs(each) > _LARGEST:
                raise TypeError(f"{operator} calculates with numbers up to {_LARGEST} only")
        if operator == "**" and right > _LARGEST_POWER:
            raise TypeError(f"** takes powers up to {_LARGEST_POWER} only")
        return super().call_binop(context, operator, left, right)


_ENVIRONMENT = _Sandbox(
    autoescape=False,  # the result is plain text
    undefined=StrictUndefined,
    finalize=_shown,
    keep_trailing_newline=True,
)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters["person"] = _person
for _filter in LEFT_OUT_FILTERS:
    del _ENVIRONMENT.filters[_filter]
