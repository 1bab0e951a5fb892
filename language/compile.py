"""From text to plan: an explicit list of passes over one definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from language.checks import document, metadata, profile, schedules, schemas, tasks
from language.draft import Draft, FormFile
from language.findings import Finding, has_errors, in_order
from language.forms import check_forms, read_forms
from language.functions import CATALOG, Function
from language.lint import RULES
from language.messages import Message, read_message
from language.organization import Organization
from language.report import Report
from language.source import read_source
from language.suppression import without_ignored

if TYPE_CHECKING:
    from language.plan import Plan

FormTexts = Mapping[str, tuple[str, str]]
"""`name` or `name.language` -> (text, file)."""
MessageTexts = Mapping[str, Mapping[str, tuple[str, str]]]
"""Message -> language -> (text, file)."""

PASSES: tuple[Callable[[Draft], None], ...] = (
    document.check,
    profile.check,
    tasks.check,
    schemas.check,
    metadata.check,
    schedules.check,
    *(rule.check for rule in RULES),
)
"""What is looked at, in this order. Each pass reads the draft and adds findings, nothing else."""


def check_definition(
    text: str,
    file: str,
    *,
    forms: FormTexts | None = None,
    messages: MessageTexts | None = None,
    organization: Organization | None = None,
    catalog: Mapping[str, Function] = CATALOG,
    known: Iterable[str] | None = None,
) -> tuple[Draft | None, tuple[Finding, ...]]:
    """Everything that is to be said about a definition, without making its plan.

    Args:
        text: The YAML text.
        file: Its name in findings.
        forms: The form files beside it; `name.language` for their texts in other languages.
        messages: The message files beside it.
        organization: Where names of people, tables, calendars are looked up; None leaves them be.
        catalog: The functions that can be called.
        known: Names of all definitions; None leaves references to them be.

    Returns:
        The draft, or None when there are errors; and the findings of all files, by place.
    """
    source = read_source(text, file)
    read: dict[str, Message] = {
        name: read_message(name, texts) for name, texts in sorted((messages or {}).items())
    }
    form_files: dict[str, FormFile] = read_forms(forms or {})
    found: list[Finding] = [*source.findings, *check_forms(form_files)]
    for message in read.values():
        found += message.findings
    draft: Draft | None = None
    if source.root is not None:
        draft = Draft(
            source,
            Report(file),
            catalog=catalog,
            forms=form_files,
            messages=read,
            organization=organization,
            known=None if known is None else frozenset(known),
        )
        for each in PASSES:
            each(draft)
        found += draft.report.findings
    findings = without_ignored(in_order(found), {file: text})
    return (None if has_errors(findings) else draft), findings


def compile_definition(
    text: str,
    file: str,
    *,
    forms: FormTexts | None = None,
    messages: MessageTexts | None = None,
    organization: Organization | None = None,
    catalog: Mapping[str, Function] = CATALOG,
    known: Iterable[str] | None = None,
) -> tuple[Plan | None, tuple[Finding, ...]]:
    """Compile one definition; the arguments are those of `check_definition`.

    Returns:
        The plan, or None when there are errors; and the findings of all files, by place.
    """
    # Imported late: `caseway validate` needs no plan and starts faster without its many classes.
    from language.building.builder import Builder  # noqa: PLC0415

    draft, findings = check_definition(
        text,
        file,
        forms=forms,
        messages=messages,
        organization=organization,
        catalog=catalog,
        known=known,
    )
    return (None if draft is None else Builder(draft).plan()), findings
