"""Forms and messages that lie beside the definition and that nothing names."""

from __future__ import annotations

from language.draft import Draft
from language.findings import Finding


def check(draft: Draft) -> None:
    """Compare what the definition names with what is there."""
    computed = any(
        (node := (task.node.get("with") or draft.root).get("message")) is not None
        and node.text is not None
        and node.text.lstrip().startswith("${")
        for task in draft.tasks
    )
    missing = [
        kind
        for kind, name in draft.used_files
        if name not in (draft.forms if kind == "form" else draft.messages)
    ]
    for name, form in draft.forms.items():
        # A task that names a form that is not there probably means this one.
        if ("form", name) not in draft.used_files and "form" not in missing:
            _say(draft, form.source.file, f'nothing uses the form "{name}"')
    for name, message in draft.messages.items():
        if ("message", name) not in draft.used_files and not computed and "message" not in missing:
            file = message.files[min(message.files)]
            _say(draft, file, f'nothing uses the message "{name}"')


def _say(draft: Draft, file: str, message: str) -> None:
    draft.report.findings.append(
        Finding("CW211", file, 1, 1, message, "Remove the file, or name it in a task.")
    )
