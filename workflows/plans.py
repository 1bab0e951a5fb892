"""Plans as histories hold them: compressed JSON, decoded once per digest."""

from __future__ import annotations

import base64
import json
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from language.plan import Plan
from language.plan_codec import plan_from_json, plan_to_json

KEPT = 200
"""Decoded plans kept; cases of one definition share theirs."""

_decoded: OrderedDict[str, Plan] = OrderedDict()


def encode_plan(plan: Plan) -> str:
    """The text that a history holds: base64 of zlib of JSON."""
    raw = json.dumps(plan_to_json(plan), separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def decode_plan(loaded: Mapping[str, Any]) -> Plan:
    """The plan of `{digest, plan}`; equal digests give the same object."""
    key = f"{loaded['digest']}@{loaded.get('version')}"
    plan = _decoded.get(key)
    if plan is None:
        raw = zlib.decompress(base64.b64decode(loaded["plan"]))
        plan = plan_from_json(json.loads(raw))
        _decoded[key] = plan
        while len(_decoded) > KEPT:
            _decoded.popitem(last=False)
    else:
        _decoded.move_to_end(key)
    return plan
