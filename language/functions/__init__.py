"""The default catalog: what `call:` can name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from language.functions import (
    approvals,
    cases,
    changes,
    checklists,
    clocks,
    decisions,
    escalation,
    http,
    log,
    mail,
    notices,
    openapi,
    register,
    reports,
    tickets,
    undoing,
    work_items,
)
from language.functions.descriptor import Function, Kind

CATALOG: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for capability in (
            work_items,
            approvals,
            decisions,
            cases,
            clocks,
            changes,
            checklists,
            escalation,
            log,
            notices,
            mail,
            tickets,
            http,
            openapi,
            reports,
            register,
            undoing,
        )
        for function in capability.FUNCTIONS
    }
)
"""Function name -> newest version."""

__all__ = ["CATALOG", "Function", "Kind"]
