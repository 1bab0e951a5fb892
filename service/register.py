"""The improvement register: what is to become better, and whether it has. Pure.

An entry is JSON: {id, case, title, source, owner, kpi, baseline, target, period, status, addedAt,
updatedAt, acts}. A figure is what `report.kpi` gives. Two figures are compared only where both count
the same, which their digests say: else a change of the definition would look like an improvement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.errors import Refused, shown
from service.instants import write_instant

STATUSES = ("proposed", "planned", "doing", "checking", "done", "dropped")
"""From the idea to its end, as the catalog has them; a test holds both together."""

OVER = ("done", "dropped")
"""Statuses in which nobody works on an entry any more."""

_KEPT = ("kpi", "value", "n", "unit", "better", "digest", "period", "closed")


def entry_id(key: str) -> str:
    """Id of the entry that an action with this key makes: the same on every attempt."""
    return f"improvement-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def new_entry(given: Mapping[str, Any], id: str, case: str, at: datetime) -> dict[str, Any]:
    """The entry that the arguments of `register.add` make.

    Raises:
        Refused: no title, a baseline that is no figure or another one, or a target that no figure
            can reach.
    """
    title = str(given["title"]).strip()
    if not title:
        raise Refused("an improvement needs a title that says what is to become better")
    baseline = _baseline(given.get("baseline"), given.get("kpi"))
    kpi = given.get("kpi") or (baseline or {}).get("kpi")
    target = given.get("target")
    if target is not None and kpi is None:
        raise Refused(
            f"nothing says which figure is to reach the target {shown(target)}: "
            "give kpi, or a baseline that report.kpi has measured"
        )
    now = write_instant(at)
    return {
        "id": id,
        "case": case,
        "title": title,
        "source": given.get("source"),
        "owner": given.get("owner"),
        "kpi": kpi,
        "baseline": baseline,
        "target": target,
        "period": given.get("period"),
        "status": given.get("status") or "proposed",
        "addedAt": now,
        "updatedAt": now,
        "acts": [],
    }


def updated(
    entry: Mapping[str, Any], given: Mapping[str, Any], key: str, case: str, at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entry after `register.update`, and the result; the same key again changes nothing.

    Raises:
        Refused: what is given as result or baseline is no figure, or there is a baseline already.
    """
    for act in entry["acts"]:
        if act["key"] == key:
            return dict(entry), result_of(entry["id"], act)
    baseline, kpi = entry["baseline"], entry["kpi"]
    if given.get("baseline") is not None:
        if baseline is not None:
            raise Refused(
                f"{entry['id']} has a baseline already, and it stays: what is measured later would "
                "else be compared with what somebody has changed it to"
            )
        baseline = _baseline(given["baseline"], kpi)
        kpi = kpi or (baseline or {}).get("kpi")
    measured = given.get("result")
    figure = None if measured is None else _figure("result", measured)
    now = write_instant(at)
    act = {
        "key": key,
        "case": case,
        "at": now,
        "status": given.get("status") or entry["status"],
        "result": figure,
        "reason": given.get("reason"),
        **_judged(figure, baseline, kpi, entry["target"]),
    }
    changed = {
        **entry, "owner": given.get("owner") or entry["owner"], "baseline": baseline, "kpi": kpi, "status": act["status"], "updatedAt": now,
        "acts": [*entry["acts"], act],
    }  # fmt: skip
    return changed, result_of(entry["id"], act)


def result_of(id: str, act: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The result of `register.update`; nothing is judged without an act."""
    act = act or {"status": "proposed"}
    return {
        "id": id,
        "status": act["status"],
        **{name: act.get(name) for name in ("comparable", "change", "improved", "reached")},
    }


def said_of(act: Mapping[str, Any]) -> str:
    """What a measurement has shown, in a few words; nothing where nothing was measured."""
    if act.get("result") is None:
        return ""
    if act["comparable"] is False:
        return "not comparable"
    if act["result"]["value"] is None:
        return "nothing measured"
    words = []
    if act["improved"] is not None:
        words.append("better" if act["improved"] else "not better")
    if act["reached"] is not None:
        words.append("target reached" if act["reached"] else "target not reached")
    return ", ".join(words) or "measured"


def last_measurement(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The newest act that came with a result, or None."""
    return next((each for each in reversed(entry["acts"]) if each["result"] is not None), None)


def _judged(
    figure: Mapping[str, Any] | None,
    baseline: Mapping[str, Any] | None,
    kpi: str | None,
    target: float | None,
) -> dict[str, Any]:
    """{comparable, change, improved, reached}: null where it cannot be said."""
    nothing = {"comparable": None, "change": None, "improved": None, "reached": None}
    if figure is None:
        return nothing
    if baseline is not None:
        comparable: bool | None = figure["digest"] == baseline["digest"]
    else:
        comparable = None if kpi in (None, figure["kpi"]) else False
    value = figure["value"]
    if comparable is False or value is None:
        return {**nothing, "comparable": comparable}
    # One that was measured before figures told it, or that a stub gives, may not say the direction.
    better = figure["better"] or (baseline or {}).get("better")
    before = None if baseline is None else baseline["value"]
    change = None if before is None else value - before
    improved = None
    if change is not None and better in ("lower", "higher"):
        improved = change < 0 if better == "lower" else change > 0
    reached = None
    if target is not None and kpi is not None and better is not None:
        reached = value <= target if better == "lower" else value >= target
    return {"comparable": comparable, "change": change, "improved": improved, "reached": reached}


def _baseline(given: Any, kpi: str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    figure = _figure("baseline", given)
    if kpi is not None and figure["kpi"] != kpi:
        raise Refused(f"the baseline measures {shown(figure['kpi'])}, and the entry is about {kpi}")
    return figure


def _figure(name: str, given: Any) -> dict[str, Any]:
    """What is kept of a figure. A value is a number, or nothing where nothing was measured."""
    value = given.get("value") if isinstance(given, Mapping) else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if (
        not isinstance(given, Mapping)
        or not isinstance(given.get("digest"), str)
        or not isinstance(given.get("kpi"), str)
        or not (value is None or number)
    ):
        raise Refused(f"{name} is no figure: give the whole result of a report.kpi task")
    return {each: given.get(each) for each in _KEPT}
