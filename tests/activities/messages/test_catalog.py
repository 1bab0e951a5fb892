"""The messages of the definitions in this repository, and of bundles that lack one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.messages.rendering import render
from language.bundle import Bundle
from language.files import compile_folder, definition_folders
from tests.activities.stage import Stage

DEFINITIONS = Path(__file__).parents[3] / "definitions"


def bundles() -> list[Bundle]:
    """Give the definitions of this repository."""
    compiled = [compile_folder(folder) for folder in definition_folders(DEFINITIONS)]
    return [each.bundle for each in compiled if each.bundle is not None]


BUNDLES = {bundle.name: bundle for bundle in bundles()}
TEXTS = [
    (name, message, language)
    for name, bundle in BUNDLES.items()
    for message, texts in bundle.messages.items()
    for language in texts
]


def facts(paths: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Give every path of a message a value, nested as in `$case`."""
    found: dict[str, Any] = {}
    for path in paths:
        *parents, last = path.split(".")
        place = found
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return found


def test_every_message_is_there_in_both_languages() -> None:
    """Customers and colleagues read English or Traditional Chinese."""
    assert len(TEXTS) >= 30
    for name, bundle in BUNDLES.items():
        for message, texts in bundle.messages.items():
            assert set(texts) == {"en", "zh-TW"}, f"{name}/{message}"


@pytest.mark.parametrize(("name", "message", "language"), TEXTS)
@pytest.mark.parametrize("value", ["VALUE", "2026-11-27T05:00:00Z", None])
def test_a_message_needs_only_the_facts_that_the_plan_names(
    name: str, message: str, language: str, value: Any
) -> None:
    """With just those it is written, also where all of them are empty; times are for people."""
    bundle = BUNDLES[name]
    given = {"case": facts(bundle.plan.messages[message], value), "values": {}, "link": "LINK"}
    rendered = render(message, bundle.messages[message], language, given)
    assert rendered.language == language
    assert rendered.subject
    assert rendered.text.strip()
    assert "None" not in rendered.text
    assert "T05:00" not in f"{rendered.subject} {rendered.text}"


def test_a_message_that_is_not_there_says_which_are(stage: Stage) -> None:
    """The process owner reads the name and what to choose from."""
    with pytest.raises(ApplicationError, match='no message "nope"; desk has: asks, due, solved'):
        stage.act("notify", {"to": "owner", "message": "nope"})


def test_a_missing_value_names_message_and_variable(stage: Stage) -> None:
    """Nothing goes out."""
    with pytest.raises(ApplicationError, match=r'"solved" \(en\).*name') as error:
        stage.act(
            "notify",
            {"to": "owner", "message": "solved"},
            facts={"subject": "x", "data": {"solution": "y"}},
        )
    assert (error.value.type, error.value.non_retryable) == ("Refused", True)
    assert stage.mail.sent == []


def test_a_bundle_that_is_not_in_the_store_is_waited_for(stage: Stage) -> None:
    """A store that is restored later mends it."""
    body = {"key": "k", "arguments": {"to": "owner", "message": "due"}, "case": {"owner": "amy"},
            "digest": "0" * 64}  # fmt: skip
    with pytest.raises(ApplicationError) as error:
        asyncio.run(stage.call("notify", body))
    assert (error.value.type, error.value.non_retryable) == ("Unavailable", False)
