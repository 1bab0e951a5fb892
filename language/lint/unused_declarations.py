"""What `use` declares and nothing names."""

from __future__ import annotations

import re

from language.draft import Draft
from language.sites import sites_of
from language.source import Key, Node

_SECTIONS = ("functions", "errors", "retries", "timeouts", "authentications", "catalogs")


def check(draft: Draft) -> None:
    """Look for every declared name in the rest of the file."""
    use = draft.part("use")
    for section in _SECTIONS:
        for key, _ in (use.get(section) or Node(1, 1, 1)).entries or ():
            _check(draft, section, key.name, key)
    secrets = (use.get("secrets") or Node(1, 1, 1)).items or ()
    if _any_may_be_read(draft, [secret.text or "" for secret in secrets]):
        return
    for secret in secrets:
        if secret.text:
            _check(draft, "secrets", secret.text, secret)


def _any_may_be_read(draft: Draft, declared: list[str]) -> bool:
    """Whether an expression reads secrets by names that it computes, or by one that is misspelled."""
    return any(
        path.root == "$secrets" and (not path.keys or path.keys[0] not in declared)
        for site in sites_of(draft)
        if site.program is not None
        for path in site.program.paths
    )


def _check(draft: Draft, section: str, name: str, place: Key | Node) -> None:
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    if name and len(word.findall(draft.source.text)) < 2:
        draft.report.say(
            "CW227",
            place,
            f'nothing uses "{name}" of use.{section}',
            "Remove it, or name it in a task.",
        )
