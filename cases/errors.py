"""What can go wrong between a caller and a case, in sentences that say what to do.

CaseError
├── DefinitionNotFound(name, version, known)   no such definition is published
├── DefinitionInvalid(findings)                the process owner can fix it
├── BundleConflict(name, version)              this version is published with other content
├── BundleDamaged(place)                       the store's content is not what was published
├── InputInvalid(problems)                     the caller can fix it; JSON pointers
├── CaseNotFound(case)
├── CaseEnded(case)
├── Refused(reason)                            the case, or its start rules, said no
├── WorkerSilent(case, seconds)                no worker answered; nothing is lost
├── ServerUnavailable(address)                 no Temporal server answers
├── ScheduleNotFound(definition, name)         nothing starts by itself under this name
├── ScheduleUnusable(detail)                   a schedule cannot be, in the organization in force
├── KeyReused(key)                             an idempotency key came back with another request
└── RecordsUnavailable(place, detail)          the records can be neither read nor written
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from language.findings import Finding

SHOWN_NAMES = 10
"""How many known names a message lists before it counts the rest."""


class CaseError(Exception):
    """Base: its text is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a value: where (JSON pointer), and what, in a readable sentence."""

    pointer: str
    message: str


class DefinitionNotFound(CaseError):
    """No published definition has this name, or none of its versions fits."""

    def __init__(self, name: str, version: str | None = None, known: Sequence[str] = ()) -> None:
        self.name = name
        self.version = version
        self.known = tuple(known)
        if name in self.known:
            text = (
                f'No published version of "{name}" fits "{version}". '
                "Leave the version out for the newest one, or publish the version."
            )
        else:
            text = f'No definition "{name}" is published. {_suggest(name, self.known)}'
        super().__init__(text)


class DefinitionInvalid(CaseError):
    """A definition has findings of severity error, so it was not published."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        self.name = name
        self.findings = tuple(findings)
        count = len(self.findings)
        super().__init__(
            f'"{name}" was not published: it has {count} finding{"" if count == 1 else "s"}. '
            "Correct what they point at, then publish again."
        )


class BundleConflict(CaseError):
    """A published version never changes; this one exists with other content."""

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.version = version
        super().__init__(
            f'"{name}" {version} is published already with other content. '
            "Raise document.version in its process.yaml, then publish again."
        )


class BundleDamaged(CaseError):
    """A stored file does not have the content that its digest promises."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(
            f"{place} is damaged: its content does not have the digest it was published with. "
            "Restore it from a backup, or remove it and publish the definition again."
        )


class InputInvalid(CaseError):
    """The input of a start does not fit the published definition."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        more = len(self.problems) - 1
        super().__init__(
            f'The input is not accepted: at "{first.pointer or "/"}" {first.message}'
            + (f" (and {more} more)" if more else "")
        )


class CaseNotFound(CaseError):
    """No case has this id."""

    def __init__(self, case: str) -> None:
        self.case = case
        super().__init__(f'There is no case "{case}". `caseway list` shows the cases there are.')


class ScheduleNotFound(CaseError):
    """No schedule of that definition has this name."""

    def __init__(self, definition: str, name: str, known: Sequence[str] = ()) -> None:
        self.definition = definition
        self.name = name
        shown = (
            f"There are: {', '.join(known[:SHOWN_NAMES])}." if known else "There is none at all."
        )
        super().__init__(f'"{definition}" has no schedule "{name}". {shown}')


class ScheduleUnusable(CaseError):
    """What a definition declares cannot be with the organization data in force."""


class CaseEnded(CaseError):
    """The case has ended and takes nothing more; `reason` is what became of what was asked about."""

    def __init__(self, case: str, reason: str | None = None) -> None:
        self.case = case
        self.reason = reason
        why = f" {reason[:1].upper()}{reason[1:]}." if reason else ""
        super().__init__(
            f'The case "{case}" has ended; nothing can be changed in it any more.{why}'
        )


class Refused(CaseError):
    """The case understood and said no; the text is its reason.

    `problems` are the places in the values of an answer that do not fit its form.
    """

    def __init__(self, reason: str, problems: Sequence[Problem] = ()) -> None:
        self.reason = reason
        self.problems = tuple(problems)
        super().__init__(reason)


class WorkerSilent(CaseError):
    """No worker answered in time. What was asked may still happen, and asking again is safe.

    `started`: after a start, whether the server has the case; `joined`: whether it had it before.
    """

    def __init__(
        self, case: str, seconds: float, *, started: bool = False, joined: bool = False
    ) -> None:
        self.case = case
        self.seconds = seconds
        self.started = started
        self.joined = joined
        kept = " Its start is recorded and goes on as soon as a worker runs." if started else ""
        super().__init__(
            f'No worker answered for the case "{case}" within {seconds:g} seconds.{kept} '
            "Start one with `caseway worker`, or look at its log."
        )


class CaseUnreadable(CaseError):
    """A worker answered, but its code fails on the case's history: a fault of ours, not a refusal."""

    def __init__(self, case: str, detail: str) -> None:
        self.case = case
        self.detail = detail
        super().__init__(
            f'The case "{case}" cannot be read now: the worker fails on its history ({detail}). '
            "Nothing is lost; the worker's log says where, and the case goes on once it is mended."
        )


class ServerUnavailable(CaseError):
    """Nothing that speaks Temporal answers at the address."""

    def __init__(self, address: str, detail: str = "") -> None:
        self.address = address
        self.detail = detail
        super().__init__(
            f"No Temporal server answers at {address}{f' ({detail})' if detail else ''}. "
            "Start one with `caseway up`, or set TEMPORAL_ADDRESS."
        )


class KeyReused(CaseError):
    """An idempotency key names one request for ever."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f'The idempotency key "{key}" was used for another request. Use a new key for each.'
        )


class RecordsUnavailable(CaseError):
    """The database of the records does not answer as it must."""

    def __init__(self, place: str, detail: str, advice: str | None = None) -> None:
        self.place = place
        self.detail = detail
        usual = "Check that the folder exists and may be written, or set CASEWAY_RECORDS."
        super().__init__(f"The records at {place} cannot be used: {detail}. {advice or usual}")


def _suggest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    if not known:
        return "Nothing is published yet: use `caseway publish PATH`."
    shown = ", ".join(known[:SHOWN_NAMES])
    more = len(known) - SHOWN_NAMES
    return f"Published: {shown}{f' and {more} more' if more > 0 else ''}."
