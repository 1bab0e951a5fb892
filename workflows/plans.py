"""Plans of running cases, each decoded once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from language.plan import Plan
from language.plan_codec import PlanFormatUnknown, unpack_plan

KEPT = 200
"""Decoded plans kept; cases of one definition share theirs."""


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
    try:
        return _unpacked(loaded["plan"])
    except PlanFormatUnknown:
        raise
    except Exception as error:
        # Whatever base64, zlib, JSON and the decoder have to say about it.
        raise PlanMalformed(f"{type(error).__name__}: {error}") from error


@lru_cache(maxsize=KEPT)
def _unpacked(packed: str) -> Plan:
    # By what it says: whoever starts a case may say anything about its digest.
    return unpack_plan(packed)
