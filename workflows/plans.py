"""Plans of running cases, each decoded once."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from language.plan import Plan
from language.plan_codec import PlanFormatUnknown, unpack_plan

KEPT = 200
"""Decoded plans kept; cases of one definition share theirs."""

_decoded: OrderedDict[str, Plan] = OrderedDict()
"""By the plan as it was packed: whoever starts a case may say anything about its digest."""


class PlanMalformed(Exception):
    """What a case was started with is not a plan."""


def decode_plan(loaded: Any) -> Plan:
    """The plan of `{digest, plan}`; equal ones give the same object.

    Raises:
        PlanMalformed: it is none.
        PlanFormatUnknown: it was written by a program that knew another shape.
    """
    if not isinstance(loaded, dict) or not all(
        isinstance(loaded.get(name), str) for name in ("digest", "plan")
    ):
        raise PlanMalformed("it is no object with a digest and a plan")
    key = loaded["plan"]
    plan = _decoded.get(key)
    if plan is None:
        try:
            plan = unpack_plan(key)
        except PlanFormatUnknown:
            raise
        except Exception as error:
            # Whatever base64, zlib, JSON and the decoder have to say about it.
            raise PlanMalformed(f"{type(error).__name__}: {error}") from error
        _decoded[key] = plan
        while len(_decoded) > KEPT:
            _decoded.popitem(last=False)
    else:
        _decoded.move_to_end(key)
    return plan
