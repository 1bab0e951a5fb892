"""After publishing: schedules are made equal to it, or it is said when they will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from temporalio.client import Client

    from cases.bundles.folder import FolderBundles
    from settings import Settings

WAIT_SECONDS = 8.0
"""How long a worker may take before publishing goes on without its answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """`state` is applied, waiting (for a worker) or unreachable; `lines` say it to people."""

    state: str
    lines: tuple[str, ...]
    report: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"state": self.state, "lines": list(self.lines), **self.report}


async def apply(settings: Settings, bundles: FolderBundles) -> Told:
    """Ask the reconciler at the configured server, and wait a little for what it did."""
    from cases.connect import connect
    from cases.errors import CaseError

    try:
        client = await connect(settings.temporal_address)
        return await apply_with(client, bundles)
    except CaseError as error:
        why = f"The schedules are not changed yet: {error}"
        return Told("unreachable", (why, "They are as soon as a worker starts."))


async def apply_with(client: Client, bundles: FolderBundles) -> Told:
    """As `apply`, at this server.

    Raises:
        ServerUnavailable: Temporal does not answer.
    """
    from cases.opening import TASK_QUEUE
    from cases.schedules.reconciler import apply_now
    from cases.schedules.schedules import Schedules
    from cases.temporal_errors import translated

    async with translated(client, "", WAIT_SECONDS):
        report = await apply_now(client, TASK_QUEUE, WAIT_SECONDS)
        if report is None:
            why = "No worker has taken the schedules yet. They are changed as soon as one runs: "
            return Told("waiting", (f"{why}`caseway worker`.",))
        schedules = Schedules(client, bundles, bundles)
        lines = await _lines(schedules, report)
    return Told("applied", lines, report)


async def _lines(schedules: Any, report: Mapping[str, Any]) -> tuple[str, ...]:
    from cases.errors import ScheduleNotFound
    from cases.schedules.temporal import names_in
    from cli.showing import local_time

    lines = []
    for how in ("created", "updated", "paused", "deleted"):
        for each in report[how]:
            definition, name = names_in(each) or (each, "")
            called = f"Schedule {name} of {definition}"
            if how == "deleted":
                lines.append(f"{called} is removed.")
                continue
            try:
                shown = await schedules.show(definition, name)
            except ScheduleNotFound:
                # Somebody has published again meanwhile.
                continue
            if shown.paused:
                lines.append(f"{called} is paused: {shown.note}")
                continue
            times = ", ".join(local_time(at) for at in shown.next)
            lines.append(
                f"{called}: {shown.says.get('says')}" + (f"; next {times}" if times else "")
            )
    lines += [f"Events do not start {each} any more." for each in report.get("ended", ())]
    for each in report["unusable"]:
        name = f"Schedule {each['name']} of" if each["name"] else "The schedules of"
        lines.append(f"{name} {each['definition']} cannot be: {each['why']}")
    return tuple(lines)
