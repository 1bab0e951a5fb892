"""Which findings are refusals of a feature, and how the feature is called."""

from __future__ import annotations

import re
from typing import Any

from language.findings import Finding
from tests.foreign.verdicts import Kind

_QUOTED = re.compile(r'"([^"]+)"')
_FORGOTTEN = re.compile(
    r'list of tasks is empty|"schedule" of a definition is empty|"event" of "emit" needs "with"'
)
_SUBSET = re.compile(r"not in this subset: (\S+)")


def feature_of(finding: Finding) -> tuple[Kind, str] | None:
    """`refused` or `not yet`, and the feature that the finding names; None where it names none."""
    match finding.code:
        case "CW113":
            return "refused", _name(finding.message)
        case "CW114":
            return "not yet", _name(finding.message)
        case "CW302":
            found = _SUBSET.search(finding.message)
            return "refused", f"expressions: {found[1] if found else finding.message}"
        case "CW501":
            return "refused", "$secrets outside of call arguments and authentications"
        case "CW105":
            return "refused", "a key that the standard does not have, where its schema lets it pass"
        case "CW106" if _FORGOTTEN.search(finding.message):
            return (
                "refused",
                "empty lists of tasks, schedules without a rule, events without attributes",
            )
        case "CW103":
            return "refused", "YAML anchors, aliases, merge keys, tags"
    return None


def _name(message: str) -> str:
    found = _QUOTED.search(message)
    return (
        found[1]
        if found and message.startswith('"')
        else re.sub(r" (is|are) not in this .*", "", message)
    )


_UNFINISHED = (
    re.compile(r"(?P<feature>.+?) (?:is|are) not in this version"),
    re.compile(r"(?:\w+: )?this version cannot (?P<feature>log in with \w+)"),
)


def unfinished(error: Any) -> str | None:
    """The feature with which a running case has faulted because this version does not have it."""
    detail = str(error.get("detail")) if isinstance(error, dict) else ""
    found = next((match for each in _UNFINISHED if (match := each.match(detail))), None)
    return None if found is None else found["feature"]


def unknown_function(finding: Finding, document: Any) -> str | None:
    """The function of the `default` catalog that a finding misses: what is in it each runtime decides."""
    named = _QUOTED.search(finding.message)
    if finding.code != "CW201" or named is None:
        return None
    return next(
        (
            call
            for call in _calls(document)
            if call.endswith("@default") and call.startswith(f"{named[1]}:")
        ),
        None,
    )


def _calls(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["call"]] if isinstance(value.get("call"), str) else []
        return own + [call for each in value.values() for call in _calls(each)]
    if isinstance(value, list):
        return [call for each in value for call in _calls(each)]
    return []
