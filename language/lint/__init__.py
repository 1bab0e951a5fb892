"""Rules of sense: what has the right shape and is probably not meant. One file per rule."""

from __future__ import annotations

from types import ModuleType

from language.lint import (
    argument_types,
    beside_the_flow,
    called_definitions,
    case_data,
    conditions,
    events,
    expression_syntax,
    extends_nothing,
    facts,
    flow,
    flowing_value,
    half_expressions,
    languages,
    logins,
    message_values,
    names_of_results,
    results,
    safe_read,
    secrets,
    switch_default,
    undoing,
    unused_declarations,
    unused_files,
    value_types,
    waiting,
    working_time,
)

RULES: tuple[ModuleType, ...] = (
    expression_syntax,
    half_expressions,
    secrets,
    logins,
    flow,
    switch_default,
    case_data,
    flowing_value,
    value_types,
    facts,
    waiting,
    safe_read,
    beside_the_flow,
    extends_nothing,
    events,
    unused_files,
    conditions,
    argument_types,
    message_values,
    languages,
    names_of_results,
    results,
    called_definitions,
    unused_declarations,
    working_time,
    undoing,
)
"""Each has `check(draft)`."""
