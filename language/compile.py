"""From text to plan: an explicit list of passes over one definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from language.causes import without_consequences
from language.checks import document, functions, metadata, profile, schedules, schemas, tasks
from language.draft import Draft, FormFile
from language.elsewhere import Elsewhere
from language.findings import Finding, has_errors, in_order
from language.forms import check_forms, read_forms
from language.functions import CATALOG, Function
from language.lint import RULES, unused_files
from language.messages import Message, read_message
from language.organization import Organization
from language.report import Report
from language.resources import NoResources, Resources
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
    functions.check,
    metadata.check,
    schedules.check,
    *(rule.check for rule in RULES),
)
"""What is looked at, in this order. Each pass reads the draft and adds findings, nothing else."""

_OF_DEFINITIONS = (document.check, metadata.check, schedules.check, unused_files.check)
"""Passes over what a function of another file does not have."""


def check_definition(
    text: str,
    file: str,
    *,
    forms: FormTexts | None = None,
    messages: MessageTexts | None = None,
    organization: Organization | None = None,
    catalog: Mapping[str, Function] = CATALOG,
    known: Iterable[str] | None = None,
    inputs: Mapping[str, Any] = MappingProxyType({}),
    outputs: Mapping[str, Any] = MappingProxyType({}),
    resources: Resources | None = None,
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
        inputs: Schemas of the inputs of other definitions, by name, as far as they are known.
        outputs: Schemas of their outputs, likewise.
        resources: Reads functions and schemas of other files and addresses; None reads none.

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
            inputs=inputs,
            outputs=outputs,
            elsewhere=Elsewhere(resources or NoResources()),
        )
        for each in PASSES:
            each(draft)
        found += [*_check_functions(draft), *draft.report.findings]
    texts = {file: text}
    if draft is not None:
        texts |= {each.source.file: each.source.text for each in draft.elsewhere.functions.values()}
    findings = without_ignored(without_consequences(in_order(found), file), texts)
    return (None if has_errors(findings) else draft), findings


def _check_functions(draft: Draft) -> list[Finding]:
    """What is wrong with the functions of other files, as if each were a definition of its own."""
    found: list[Finding] = []
    for function in draft.elsewhere.all_functions():
        found += function.source.findings
        for each in PASSES:
            # What is no task at all is said where it is called.
            if each not in _OF_DEFINITIONS and isinstance(function.source.value, dict):
                each(function)
    functions.check_circles(draft)
    for function in draft.elsewhere.all_functions():
        found += function.report.findings
    return found


def compile_definition(
    text: str,
    file: str,
    *,
    forms: FormTexts | None = None,
    messages: MessageTexts | None = None,
    organization: Organization | None = None,
    catalog: Mapping[str, Function] = CATALOG,
    known: Iterable[str] | None = None,
    inputs: Mapping[str, Any] = MappingProxyType({}),
    outputs: Mapping[str, Any] = MappingProxyType({}),
    resources: Resources | None = None,
) -> tuple[Plan | None, tuple[Finding, ...]]:
    """Compile one definition; the arguments are those of `check_definition`.

    What is fetched only when a definition is published is missing to a plan, and so an error here.

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
        inputs=inputs,
        outputs=outputs,
        resources=resources,
    )
    if draft is not None and not draft.elsewhere.complete:
        return None, tuple(_missing_here(each) for each in findings)
    return (None if draft is None else Builder(draft).plan()), findings


def _missing_here(finding: Finding) -> Finding:
    if finding.code != "CW219":
        return finding
    return replace(
        finding, code="CW218", message=f"{finding.message}, and without it there is no plan"
    )
