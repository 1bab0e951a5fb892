"""Runs foreign definitions: in the rehearsal world and on a Temporal server, every host answered by the stub."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import httpx
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import ActivityEnvironment

from activities.build import Collaborators, build_activities
from cases.bundles.folder import FolderBundles
from language.bundle import Bundle
from language.functions import CATALOG
from language.plan import Plan, Task
from language.plan_codec import plan_to_json
from outgoing.client import open_client
from outgoing.rules import Rules
from settings import Settings
from tests.conftest import Namespace
from tests.foreign.stub import Stub
from worker import HTTP_SECONDS, TASK_QUEUE, compose, make_worker
from workflows.effects import Action, ActionFailed
from workflows.interpreter import case_run
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONGEST = timedelta(days=800)
"""Of the rehearsal world's time: what waits longer than this is taken to wait for ever."""
PATIENCE_SECONDS = 20.0
"""Of our time, for one run in the rehearsal world: more is a hang."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of a task: started, skipped, completed, faulted or cancelled."""

    phase: str
    task: str
    path: str
    value: Any


@dataclass(slots=True)
class Run:
    """How a case ended: as completed, faulted, cancelled or running, and its tasks on the way."""

    ends: str
    output: Any = None
    error: Mapping[str, Any] | None = None
    history: list[Happened] = field(default_factory=list)
    waits: str = ""

    def last(self, phase: str, task: str) -> Happened | None:
        """The last time that a task came to this phase."""
        found = [each for each in self.history if each.phase == phase and each.task == task]
        return found[-1] if found else None

    def started(self) -> list[str]:
        """Names of the tasks in the order of their starts."""
        return [each.task for each in self.history if each.phase == "started"]


# --- the rehearsal world ----------------------------------------------------------------------------


class Secrets:
    """Whatever secret a definition names: what the stub's harness made of how it is read, else a login."""

    def __init__(self) -> None:
        self.known: Mapping[str, Any] = {}

    async def read(self, name: str) -> Any:
        """The secret."""
        return self.known.get(name, {"username": name, "password": "a word"})


class Outside:
    """The activities that leave the machine, carried out for real against the stub."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self.stub = Stub()
        self.secrets = Secrets()
        carry = httpx.MockTransport(self._answer)
        client = open_client(Rules.of(), HTTP_SECONDS, transport=carry)
        others = {
            name: Mock(name=name)
            for name in Collaborators.__dataclass_fields__
            if name not in ("http", "kinds", "now", "secrets")
        }
        made = build_activities(
            Collaborators(**others, http=client, kinds={}, secrets=self.secrets)
        )
        self._activities = {
            str(getattr(each, "__temporal_activity_definition").name): each for each in made
        }
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self.stub.answer(request)

    def knows(self, function: str) -> bool:
        """Whether a function is one of the standard's calls, which leave the machine."""
        described = CATALOG.get(function)
        return described is not None and described.portable and function in self._activities

    def carry_out(self, action: Action) -> Any:
        """The result of the activity.

        Raises:
            ActionFailed: as in a case on Temporal.
        """
        call = ActivityEnvironment().run(
            self._activities[action.function], action.request("digest")
        )
        try:
            return asyncio.run_coroutine_threadsafe(call, self._loop).result(HTTP_SECONDS + 5)
        except ApplicationError as error:
            facts = error.details[0] if error.details else {}
            raise ActionFailed(
                error.type or "Unavailable",
                str(facts.get("detail") or error.message),
                int(facts.get("status") or 500),
                facts.get("standard"),
            ) from error


@cache
def _outside() -> Outside:
    return Outside()


class StubbedSystems(Systems):
    """Systems of a rehearsal whose outgoing requests are the real ones, sent to the stub."""

    def __init__(self, stub: Stub) -> None:
        super().__init__({})
        self._outside = _outside()
        self._outside.stub = stub
        self._outside.secrets.known = stub.secrets

    def _attempt(self, world: World, case: str, action: Action) -> Any:
        if self._outside.knows(action.function):
            return self._outside.carry_out(action)
        return super()._attempt(world, case, action)


class Hang(Exception):
    """A run that came to no end in the time that any run takes."""


def rehearse(
    plan: Plan,
    given: Any,
    stub: Stub,
    *,
    others: Sequence[Plan] = (),
    events: Sequence[Mapping[str, Any]] = (),
    restart: bool = False,
) -> Run:
    """Run one definition in the rehearsal world; each event comes a second after the one before.

    Raises:
        Hang: it came to no end.
        Exception: an internal error.
    """
    world = World(
        start=MONDAY,
        definitions={
            each.name: Published(each, f"digest of {each.name}") for each in (*others, plan)
        },
        organization={},
        systems=StubbedSystems(stub),
        restart=restart,
    )
    case = f"{plan.name}:1"
    history: list[Happened] = []

    def hear(of: str, phase: str, task: Task, value: Any) -> None:
        if of == case:
            history.append(Happened(phase, task.name, task.path, value))

    world.witnesses.append(hear)
    world.open(plan.name, case, given)
    for number, event in enumerate(events, 1):
        world.loop.call_at(MONDAY.timestamp() + number, _deliver, world, case, dict(event))
    limit, end = MONDAY + LONGEST, time.monotonic() + PATIENCE_SECONDS
    world.settle()
    while world.cases[case].run.state.ended is None and world.loop.advance(limit.timestamp()):
        world.settle()
        if time.monotonic() > end:
            raise Hang(f"no end after {PATIENCE_SECONDS:.0f} s")
    outcome = world.outcome(case)
    waits = world.cases[case].run.at
    if world.loop.failures:
        raise world.loop.failures[0]
    world.close()
    ends = {"failed": "faulted"}.get(outcome["as"], outcome["as"])
    return Run(ends, outcome["output"], outcome["error"], history, waits)


def _deliver(world: World, case: str, event: dict[str, Any]) -> None:
    if world.cases[case].run.state.ended is None:
        world.deliver(case, event)


# --- a Temporal server ------------------------------------------------------------------------------


def run_on_server(
    namespace: Namespace, folder: Path, plan: Plan, source: str, given: Any, stub: Stub
) -> Run:
    """Publish a definition, start a case through our door on a worker as in production, and wait for its end."""
    return asyncio.run(_on_server(namespace, folder, plan, source, given, stub))


async def _on_server(
    namespace: Namespace, folder: Path, plan: Plan, source: str, given: Any, stub: Stub
) -> Run:
    settings = Settings(data=folder)
    client = await Client.connect(namespace.address, namespace=namespace.name)
    FolderBundles(settings.bundles_folder).publish(
        Bundle(
            name=plan.name,
            namespace=plan.namespace,
            version=plan.version,
            plan=plan,
            source=source,
            forms=plan_to_json(plan).get("forms", {}),
            messages={},
        )
    )
    case = f"{plan.name}:{uuid.uuid4().hex[:8]}"
    with _watched(case) as history:
        async with (
            compose(client, settings, transport=stub.transport()) as composition,
            make_worker(client, composition, settings),
        ):
            handle = await client.start_workflow(
                plan.name,
                given,
                id=case,
                task_queue=TASK_QUEUE,
                execution_timeout=timedelta(minutes=1),
            )
            try:
                return Run("completed", await handle.result(), None, history)
            except WorkflowFailureError as error:
                if isinstance(error.cause, CancelledError):
                    return Run("cancelled", history=history)
                if not isinstance(error.cause, ApplicationError):
                    raise
                details = error.cause.details
                return Run("faulted", None, details[0] if details else {}, history)


@contextmanager
def _watched(case: str) -> Iterator[list[Happened]]:
    """Hear what becomes of a case's tasks, in a worker of this process."""
    history: list[Happened] = []
    seen: dict[tuple[str, str, int], None] = {}

    class Watched(case_run.CaseRun):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            counts: dict[tuple[str, str], int] = {}

            def hear(phase: str, task: Task, value: Any) -> None:
                counts[phase, task.path] = n = counts.get((phase, task.path), 0) + 1
                # A replay tells everything again.
                if self.state.id == case and (phase, task.path, n) not in seen:
                    seen[phase, task.path, n] = None
                    history.append(Happened(phase, task.name, task.path, value))

            self.witnesses.append(hear)

    with patch("workflows.case.CaseRun", Watched):
        yield history


Runner = Callable[[Plan, str, Any], Run]
"""Runs a plan (with its source) with an input in one of the runtimes."""
