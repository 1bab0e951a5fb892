"""Plans of running cases, decoded once per digest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from language.plan import Plan
from language.plan_codec import unpack_plan

KEPT = 200
"""Decoded plans kept; cases of one definition share theirs."""

_decoded: OrderedDict[str, Plan] = OrderedDict()


def decode_plan(loaded: Mapping[str, Any]) -> Plan:
    """The plan of `{digest, plan}`; equal digests give the same object."""
    key = f"{loaded['digest']}@{loaded.get('version')}"
    plan = _decoded.get(key)
    if plan is None:
        plan = unpack_plan(loaded["plan"])
        _decoded[key] = plan
        while len(_decoded) > KEPT:
            _decoded.popitem(last=False)
    else:
        _decoded.move_to_end(key)
    return plan
