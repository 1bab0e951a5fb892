"""Expressions that cannot mean what they say, by the types of what flows, from schemas."""

from __future__ import annotations

from language.draft import Draft
from language.lint.data_flow import DataFlow, Finding

_CODES = {
    "field": "CW209", "unlisted": "CW310", "failure": "CW311", "kinds": "CW312", "null": "CW313",
    "default": "CW314", "hyphen": "CW315", "equality": "CW316", "condition": "CW317",
}  # fmt: skip


def check(draft: Draft) -> None:
    """Check all expressions against the types of their values."""
    said = [(each.line, each.column, each.column + each.length) for each in draft.report.findings]
    for finding in DataFlow(draft).findings():
        remark = finding.remark
        line, column = finding.site.place_of(remark.offset)
        end = column + remark.length
        # One cause is one finding: what another check has said of this place is enough.
        if any(line == at and column < upto and end > start for at, start, upto in said):
            continue
        code, message, hint = _worded(draft, finding)
        draft.report.say_at(code, line, column, message, hint, remark.length)


def _worded(draft: Draft, finding: Finding) -> tuple[str, str, str]:
    """Code, message and hint; where `.` itself has no such field, who made it so."""
    remark, maker = finding.remark, finding.maker
    code = _CODES[remark.kind]
    if not remark.name or not maker:
        return code, remark.message, remark.hint
    task = next((each for each in draft.tasks if each.name == maker), None)
    if task is None or task.type is None:
        return code, remark.message, remark.hint
    what = task.function or task.type.keyword
    message = f'"." is here the output of "{maker}" ({what}), which has no "{remark.name}"'
    if what == "set":
        # The standard lets it be null; it is not what anybody means.
        code = "CW318"
    if what == "set" and not remark.hint.startswith("Did you mean"):
        hint = (
            f"{remark.hint} A set gives what it lists and nothing else: to keep the rest, "
            "write set: ${ . + { ... } }."
        )
        return code, message, hint.strip()
    return code, message, remark.hint
