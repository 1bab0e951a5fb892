"""`definition.load` and `definition.start`: what a case asks of the store of definitions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from language.plan_codec import unpack_plan
from tests.activities.stage import BUNDLE, PLAN, Stage


def ask(stage: Stage, name: str, body: Any) -> Any:
    """Call a repeatable activity with its argument as it is."""
    return asyncio.run(stage.call(name, body))


@pytest.mark.parametrize("version", [None, "latest", "1.0.0", "^1.0"])
def test_a_case_loads_its_plan_by_name_and_version(stage: Stage, version: str | None) -> None:
    """The plan comes packed, with the version and digest that the case pins."""
    loaded = ask(stage, "definition.load", {"name": "desk", "version": version})
    assert (loaded["name"], loaded["version"], loaded["digest"]) == (
        "desk", "1.0.0", BUNDLE.digest,
    )  # fmt: skip
    assert unpack_plan(loaded["plan"]) == PLAN


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"name": "desc"}, 'Did you mean "desk"?'),
        ({"name": "zzz"}, "Published: desk."),
        ({"name": "desk", "version": "^2.0"}, 'No published version of "desk" fits "^2.0".'),
        ({"name": "../../etc/passwd"}, "Published: desk."),
    ],
)
def test_what_is_not_published_is_said_once_and_for_all(stage: Stage, body: Any, hint: str) -> None:
    """The case ends at once, with a hint of what was meant."""
    with pytest.raises(ApplicationError, match=r"is published|published version") as error:
        ask(stage, "definition.load", body)
    assert hint in str(error.value)
    assert (error.value.type, error.value.non_retryable) == ("DefinitionNotFound", True)


def test_a_start_is_prepared_with_its_key_and_version(stage: Stage) -> None:
    """The case that asks gets the id of the case to be started."""
    body = {"definition": "desk", "version": "^1.0", "input": {}, "key": "T-1"}
    assert ask(stage, "definition.start", body) == {
        "version": "^1.0", "key": "T-1", "id": "desk:T-1",
    }  # fmt: skip
    assert ask(stage, "definition.start", {"definition": "desk", "input": {}})["key"] == "made"


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ({"definition": "nope", "input": {}}, "NotFound", 'No definition "nope"'),
        ({"definition": "desk", "input": 5}, "Refused", "must be an object"),
    ],
)
def test_a_start_that_cannot_be_says_why(stage: Stage, body: Any, kind: str, text: str) -> None:
    """An unknown name is not found, a bad input is refused; neither is tried again."""
    with pytest.raises(ApplicationError, match=text) as error:
        ask(stage, "definition.start", body)
    assert (error.value.type, error.value.non_retryable) == (kind, True)
    assert error.value.details[0]["system"] == "caseway"
