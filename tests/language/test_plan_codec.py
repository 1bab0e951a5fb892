"""Plans become JSON and come back as they were."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language import plan as plans
from language.plan import FORMAT, TASK_TYPES, Expression, ListTemplate, Literal, MapTemplate, Plan
from language.plan_codec import PlanFormatUnknown, plan_from_json, plan_to_json

TEXT = st.text(max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
EXPRESSIONS = st.builds(Expression, TEXT, st.integers(0, 9), st.integers(0, 9))
MAPS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.lists(st.tuples(TEXT, TEMPLATES), max_size=2).map(tuple).map(MapTemplate)
)
TEMPLATES: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        JSON.map(Literal)
        | EXPRESSIONS
        | st.lists(TEMPLATES, max_size=2).map(tuple).map(ListTemplate)
        | MAPS
    )
)
TASKS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(*[st.builds(each, **_fields(each)) for each in TASK_TYPES])
)

_BY_NAME: dict[str, Any] = {
    "tasks": st.deferred(lambda: st.lists(TASKS, max_size=1).map(tuple)),
    "schema": JSON,
    "schedule": JSON,
    "metadata": st.dictionaries(TEXT, JSON, max_size=2),
}


def _fields(record: type) -> dict[str, Any]:
    return {
        each.name: _of(each.name, str(each.type))
        for each in dataclasses.fields(record)
        if each.name != "format"
    }


def _of(name: str, hint: str) -> st.SearchStrategy[Any]:
    """A strategy for a field by its annotation as it is written."""
    if name in _BY_NAME:
        return _BY_NAME[name]  # type: ignore[no-any-return]
    if hint.endswith(" | None"):
        return st.none() | _of(name, hint.removesuffix(" | None"))
    if hint.startswith("tuple[tuple[str, Expression"):
        entry = st.tuples(TEXT, EXPRESSIONS, st.none() | TEMPLATES)
        return st.lists(entry, max_size=1).map(tuple)
    if hint.startswith("tuple["):
        inner = hint.removeprefix("tuple[").removesuffix(", ...]")
        return st.lists(_of("", inner), max_size=1).map(tuple)
    if hint.startswith("Mapping[str, "):
        inner = hint.removeprefix("Mapping[str, ").removesuffix("]")
        return st.dictionaries(
            TEXT, _of("", inner + ("]" if inner.count("[") > inner.count("]") else "")), max_size=1
        )
    simple = {
        "str": TEXT,
        "int": st.integers(0, 9),
        "bool": st.booleans(),
        "float": st.floats(0, 200),
        "Any": JSON,
        "Template": TEMPLATES,
        "MapTemplate | Literal": MAPS | JSON.map(Literal),
        "Expression": EXPRESSIONS,
        "Task": TASKS,
    }
    if hint in simple:
        return simple[hint]
    return st.builds(getattr(plans, hint), **_fields(getattr(plans, hint)))


PLANS = st.builds(Plan, **_fields(Plan))


@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_a_plan_comes_back_equal_through_json_text(plan: Plan):
    """A case decodes from its history exactly what was published."""
    text = json.dumps(plan_to_json(plan))

    assert plan == plan_from_json(json.loads(text))


@given(JSON)
def test_data_is_never_taken_for_an_expression(value: Any):
    """A definition may hold any data, even data that looks like our own encoding."""
    for data in (value, ["e", value, 1, 2], {"e": value}):
        plan = _plan(Literal(data))

        assert plan == plan_from_json(json.loads(json.dumps(plan_to_json(plan))))


def test_what_stands_at_its_default_is_left_out():
    """Plans travel in every history: they stay small."""
    encoded = plan_to_json(_plan(Literal(1)))

    assert {"format", "namespace", "name", "version", "tasks"} == set(encoded)
    assert {"kind", "name", "path", "value"} == set(encoded["tasks"][0])


def test_another_format_is_refused_with_what_to_do():
    """An old program does not misread a new plan."""
    with pytest.raises(PlanFormatUnknown, match="reads format"):
        plan_from_json({**plan_to_json(_plan(Literal(1))), "format": FORMAT + 1})


def _plan(value: Literal) -> Plan:
    task = plans.Set(name="a", path="/do/0/a", value=value)
    return Plan(namespace="n", name="p", version="1.0.0", tasks=(task,))
