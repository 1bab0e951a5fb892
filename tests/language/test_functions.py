"""The catalog: every function is described completely."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from language.functions import CATALOG, Function
from language.lint.case_data import FIELDS

FUNCTIONS = [pytest.param(each, id=name) for name, each in CATALOG.items()]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arguments_and_results_are_json_schemas(function: Function):
    """Other validators read our schemas as we do."""
    Draft202012Validator.check_schema(function.arguments)
    Draft202012Validator.check_schema(function.result)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arguments_are_closed_so_that_a_misspelled_one_is_found(function: Function):
    """An argument that nobody reads is a mistake of its author."""
    assert function.arguments["additionalProperties"] is False
    assert set(function.arguments.get("required", ())) <= set(function.arguments["properties"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_needs_and_summary_name_what_exists(function: Function):
    """An activity gets fields that a case has; a history shows an argument that is there."""
    assert set(function.needs) <= set(FIELDS)
    assert function.summary is None or function.summary in function.arguments["properties"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_required_arguments_say_what_they_are_for(function: Function):
    """The finding for a missing argument explains it."""
    properties = function.arguments["properties"]
    silent = [
        name
        for name in function.arguments.get("required", ())
        if not properties[name].get("description")
    ]

    assert silent == []
