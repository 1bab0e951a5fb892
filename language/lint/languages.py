"""Texts for people in several languages: tags that nobody speaks, and English that is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from language.draft import EMPTY, Draft
from language.source import Node
from language.words import closest

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*\Z")


def check(draft: Draft) -> None:
    """Compare the languages of all titles and labels with each other."""
    places = list(_texts(draft))
    used = Counter(key.name for node in places for key, _ in node.entries or ())
    used.update(language for each in draft.messages.values() for language in each.texts)
    used.update(language for form in draft.forms.values() for language in form.texts)
    for node in places:
        for key, value in node.entries or ():
            others = [name for name, count in used.items() if count > 1 and name != key.name]
            meant = closest(key.name, others) if used[key.name] == 1 else None
            if not _TAG.match(key.name) or meant:
                draft.report.say(
                    "CW226",
                    key,
                    f'"{key.name}" is no language that this definition speaks',
                    f'Did you mean "{meant}"?' if meant else "Write a tag such as en or zh-TW.",
                )
            elif value.text == "":
                draft.report.say("CW108", value, f'the text in "{key.name}" is empty')
        if (
            node.entries
            and node.get("en") is None
            and not any(_is_near_english(n) for n in node.names())
        ):
            draft.report.say(
                "CW212",
                node,
                "this text has no English",
                "People whose language it does not have get English: add en.",
            )


def _is_near_english(name: str) -> bool:
    return not _TAG.match(name) or closest(name, ["en"]) is not None


def _texts(draft: Draft) -> Iterator[Node]:
    """Every mapping from languages to texts."""
    for section in ("statuses", "clocks"):
        for _, each in (draft.metadata.get(section) or EMPTY).entries or ():
            title = each.get("title")
            if title is not None and title.entries:
                yield title
    for task in draft.tasks:
        outcomes = (task.node.get("with") or EMPTY).get("outcomes") or EMPTY
        if task.function is None:
            continue
        for _, each in outcomes.entries or ():
            label = each.get("label")
            if label is not None and label.entries:
                yield label
