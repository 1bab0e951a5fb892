"""Makes the records of open cases again from what the cases themselves tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cases.errors import CaseEnded, CaseError, CaseNotFound, ServerUnavailable
from cases.records.projections import Difference, Ending
from cases.records.rows import projection_of, run_of
from cases.records.store import RecordStore


class ShownCases(Protocol):
    """Where open cases are found, and what they tell; its methods raise the errors of `cases.errors`."""

    def open_cases(self) -> AsyncIterator[str]:
        """Ids of all cases that run now."""
        ...

    async def show(self, case: str) -> Mapping[str, Any]:
        """The case's answer to the query `show`, also of one that has just ended."""
        ...

    async def ending(self, case: str, run: str) -> Ending | None:
        """How this run of a case ended; None where it has not."""
        ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was looked at, and what was not as the cases tell it.

    `cases` counts those that run. `differences` are by row, in the order of the cases; `ended` are
    cases that ended without telling it, with how; `silent` are cases that could not be asked, with
    the reason.
    """

    cases: int
    differences: tuple[Difference, ...]
    ended: tuple[tuple[str, Ending], ...]
    silent: tuple[tuple[str, str], ...]

    @property
    def equal(self) -> bool:
        """Whether every case could be asked and was kept as it tells."""
        return not (self.differences or self.ended or self.silent)


async def rebuild(shown: ShownCases, records: RecordStore, *, only_look: bool = False) -> Rebuilt:
    """Write what every open case tells, and note the end of those that have gone without a word.

    Closed cases stay as they are: nobody but the records knows them. Running twice is harmless;
    the second time nothing differs. With `only_look` nothing is written.

    Raises:
        ServerUnavailable: Temporal does not answer.
        RecordsUnavailable: the records cannot be read or written.
    """
    differences: list[Difference] = []
    silent: dict[str, str] = {}
    accounted_for: set[tuple[str, str]] = set()
    running = [case async for case in shown.open_cases()]
    kept_as_open = await records.open_runs()
    for case in dict.fromkeys([*running, *(case for case, _ in kept_as_open)]):
        try:
            view = await shown.show(case)
        except ServerUnavailable:
            raise
        except (CaseEnded, CaseNotFound):
            continue
        except CaseError as error:
            silent[case] = str(error)
            continue
        if "row" not in view:
            # It has just begun, and has nothing to tell yet.
            continue
        projection = projection_of(view)
        differences += await records.compare(projection)
        if not only_look:
            await records.write(projection)
        if case in running or "closed" in projection:
            accounted_for.add((case, run_of(projection)))
    ended: list[tuple[str, Ending]] = []
    for case, run in kept_as_open:
        ending = None if (case, run) in accounted_for else await shown.ending(case, run)
        if ending is None:
            continue
        silent.pop(case, None)
        ended.append((case, ending))
        if not only_look:
            await records.end(case, run, ending)
    return Rebuilt(len(running), tuple(differences), tuple(ended), tuple(silent.items()))
