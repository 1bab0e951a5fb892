"""docs/profile.md says what the checks do."""

from __future__ import annotations

from pathlib import Path

import pytest

from language import calls
from language.compile import compile_definition
from language.profile import FEATURES, as_markdown
from language.tasks import TASK_TYPES
from language.tasks.run import NOT_IN_PROFILE as NOT_RUN

HEAD = "document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0' }\n"


def _state_of(feature: str) -> str:
    return next(each.state for each in FEATURES if f"`{feature}`" in each.name)


def test_the_page_is_the_table():
    """`python -m language.profile > docs/profile.md` was run after the last change."""
    page = Path(__file__).parents[2] / "docs" / "profile.md"

    assert page.read_text(encoding="utf-8") == as_markdown()


@pytest.mark.parametrize("call", [*calls.NOT_IN_PROFILE, *(f"run:{each}" for each in NOT_RUN)])
def test_what_the_page_leaves_out_is_refused_in_the_same_words(call: str):
    """The finding names the feature and says what the page says."""
    feature = call.replace("run:", "run: ") if call.startswith("run:") else f"call: {call}"
    task = f"{{ {feature.split(': ')[0]}: {{ {call[4:]}: {{}} }} }}" if call.startswith("run:") else f"{{ call: {call} }}"  # fmt: skip
    _, findings = compile_definition(f"{HEAD}do: [ {{ a: {task} }} ]\n", "p.yaml")

    assert [f'"{feature}" is {_state_of(feature)}'] == [each.message for each in findings]


def test_every_task_type_is_on_the_page():
    """No task type is forgotten."""
    names = " ".join(each.name for each in FEATURES)

    assert [each for each in TASK_TYPES if f"`{each}" not in names] == []


@pytest.mark.parametrize(
    "task",
    [
        "{ call: asyncapi, with: { subscription: { foreach: { item: message, do: [ { x: { set: { a: '${ $message }' } } } ] } } } }",
        "{ run: { script: { code: 'a', arguments: '${ $unheard } ' } } }",
    ],
)  # fmt: skip
def test_inside_of_what_is_left_out_nothing_else_is_found(task: str):
    """One finding for one cause: expressions of a feature that is not there are not looked at."""
    _, findings = compile_definition(f"{HEAD}do: [ {{ a: {task} }} ]\n", "p.yaml")

    assert [each.code for each in findings] == ["CW113"]
