"""Runs scenarios on a Temporal server, with a worker like the production one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RawValue, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from cases.ending import told_to_whole
from cases.payloads import CONVERTER
from cases.routing import Routing
from language.plan_codec import pack_plan
from service.errors import ServiceError
from service.links import trace_links
from service.reads import READS
from tests.conftest import Namespace
from tests.workflows.in_world import (
    CALENDAR,
    MONDAY,
    NEXT_CASE,
    REGISTER,
    Outcome,
    comparable,
    of_calendar,
    of_register,
)
from tests.workflows.scenarios import ORGANIZATION, Scenario, Step
from workflows.case import CaseWorkflow
from workflows.ends import Ends
from workflows.routing.router import RouterWorkflow
from workflows.schedules import MEANT_FOR

QUEUE = "caseway"
PASSED_THROUGH = (
    "language",
    "service",
    "workflows",
    "jsonschema",
    "jsonschema_specifications",
    "referencing",
    "rpds",
    "attr",
    "attrs",
    "yaml",
    "holidays",
)


class Activities:
    """Answers for all scenarios of a server; each case has its own counters."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._scenarios = {each.name: each for whole in scenarios for each in (whole, *whole.parts)}
        self.actions: dict[str, list[tuple[str, str]]] = {}
        self.arguments: dict[str, list[Any]] = {}
        self.records: dict[str, Any] = {}
        self.announced: dict[str, list[dict[str, Any]]] = {}
        self.deliveries = 0
        self.sink_away = 0
        """How many deliveries of lifecycle events fail."""
        self._edition = 1

    def publish(self, scenario: Scenario) -> None:
        """Replace a definition by an edited one."""
        self._scenarios[scenario.name] = scenario
        self._edition += 1

    @activity.defn(name="definition.load")
    async def load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give the plan of a scenario."""
        scenario = self._scenarios.get(request["name"])
        if scenario is None:
            raise ApplicationError(
                f"there is no definition {request['name']!r}",
                {"detail": f"there is no definition {request['name']!r}", "status": 404},
                type="DefinitionNotFound",
                non_retryable=True,
            )
        plan = scenario.plan
        return {
            "name": plan.name,
            "version": plan.version,
            "digest": f"digest {self._edition} of {plan.name}",
            "plan": pack_plan(plan),
            "semantics": scenario.level,
            "announces": scenario.announces,
        }

    @activity.defn(name="organization.read")
    async def read(self, request: dict[str, Any]) -> Any:
        """Answer from the scenarios' organization."""
        try:
            return READS[request["read"]](ORGANIZATION, request["arguments"])
        except ServiceError as error:
            raise ApplicationError(
                str(error), {"detail": str(error)}, type="NotFound", non_retryable=True
            ) from error

    @activity.defn(name="records.write")
    async def write(self, payload: dict[str, Any]) -> None:
        """Keep the newest projection."""
        self.records[payload["case"]] = payload

    @activity.defn(name="schedule.decide")
    async def decide(self, request: dict[str, Any]) -> Any:
        """Let every scheduled case start."""
        del request
        return {"due": True, "why": "", "calendar": None, "digest": None}

    def take(self, payload: Mapping[str, Any]) -> None:
        """Keep what a case that only acts tells at its end."""
        # Through JSON as the activity gets it, so that nothing is shared with the running case.
        self.records[payload["case"]] = json.loads(json.dumps(payload))

    @activity.defn(name="lifecycle.publish")
    async def announce(self, request: dict[str, Any]) -> dict[str, Any]:
        """Keep lifecycle events; the sink may be away."""
        self.deliveries += 1
        if self.sink_away:
            self.sink_away -= 1
            raise ApplicationError("the sink is away", type="Unavailable")
        for event in request["events"]:
            self.announced.setdefault(event["subject"], []).append(event)
        return {"refused": []}

    @activity.defn(name="case.ended")
    async def ended(self, request: dict[str, Any]) -> Any:
        """Look at the server, as in production."""
        return await told_to_whole(activity.client(), request["case"], 5)

    @activity.defn(name="case.lineage")
    async def lineage(self, request: dict[str, Any]) -> Any:
        """Follow links through what the cases have recorded."""

        def look(case: str) -> Mapping[str, Any] | None:
            told = self.records.get(case)
            if told is None:
                return None
            closed = told.get("closed") or {}
            return {
                "links": told["row"]["links"], "ended": bool(closed),
                "mergedInto": closed.get("mergedInto"),
            }  # fmt: skip

        return trace_links(look, request["case"], request["to"], request["kind"])

    @activity.defn(dynamic=True)
    async def act(self, args: Sequence[RawValue]) -> Any:
        """Answer any action, refusing as often as the scenario says."""
        request = activity.payload_converter().from_payload(args[0].payload, dict)
        calls = self.note(request)
        info = activity.info()
        comment = info.activity_type == "ticket.comment"
        value: Any = {"id": f"c{calls}", "at": "then"} if comment else {"deliveries": []}
        if info.activity_type == "schedule.follow":
            value = NEXT_CASE
        if info.activity_type in CALENDAR:
            value = of_calendar(info.activity_type, request["arguments"])
        if info.activity_type in REGISTER:
            value = of_register(info.activity_type, request["arguments"])
        # As the wrapper of real activities does.
        now = datetime.now(UTC).isoformat()
        return {"value": value, "at": now} if info.is_local else value

    def note(self, request: dict[str, Any]) -> int:
        """Write an action down; give how many of its kind were not refused.

        Raises:
            ApplicationError: the scenario refuses it.
        """
        info = activity.info()
        case = info.workflow_id or ""
        done = self.actions.setdefault(case, [])
        done.append((info.activity_type, request["key"].partition(":")[2]))
        if info.activity_type != "work-item.announce":
            self.arguments.setdefault(case, []).append(
                comparable(info.activity_type, request["arguments"])
            )
        name, _, _ = case.partition(":")
        calls = sum(1 for function, _ in done if function == info.activity_type)
        failing = self._scenarios[name].failing.get(info.activity_type, 0)
        if calls <= failing:
            raise ApplicationError(
                "not now", {"detail": "not now", "status": 422}, type="Refused", non_retryable=True
            )
        return calls - failing


class Published:
    """The activities of events, as the worker has them; what is published is written down."""

    def __init__(self, client: Client, activities: Activities) -> None:
        self._routing = Routing(client)
        self._activities = activities

    @activity.defn(name="events.publish")
    async def publish(self, request: dict[str, Any]) -> Any:
        """Publish an event of a case, refusing as often as its scenario says."""
        self._activities.note(request)
        await self._routing.publish(request["arguments"]["event"])
        return {"published": True}

    @activity.defn(name="events.subscribe")
    async def subscribe(self, subscription: dict[str, Any]) -> None:
        """Tell the routers."""
        await self._routing.subscribe(subscription)

    @activity.defn(name="events.unsubscribe")
    async def unsubscribe(self, subscription: dict[str, Any]) -> None:
        """Let the routers forget."""
        await self._routing.unsubscribe(subscription)

    @activity.defn(name="events.gone")
    async def gone(self, request: dict[str, Any]) -> Any:
        """Say who has ended."""
        return await self._routing.gone(request["subscribers"])


def sandboxed() -> WorkflowRunner:
    """The runner of tests and replay: our packages pass through, everything else is watched."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


def worker_on(
    client: Client, activities: Activities, *, sandbox: bool = False, cached: int = 100
) -> Worker:
    """A worker for the scenarios' queue."""
    events = Published(client, activities)
    return Worker(
        client,
        task_queue=QUEUE,
        interceptors=[Ends(activities.take)],
        workflows=[CaseWorkflow, RouterWorkflow],
        activities=[
            activities.load,
            activities.read,
            activities.write,
            activities.announce,
            activities.decide,
            activities.ended,
            activities.lineage,
            activities.act,
            events.publish,
            events.subscribe,
            events.unsubscribe,
            events.gone,
        ],
        workflow_runner=sandboxed() if sandbox else UnsandboxedWorkflowRunner(),
        max_cached_workflows=cached,
    )


async def connect(namespace: Namespace) -> Client:
    """A client of a test's namespace."""
    return await Client.connect(
        namespace.address,
        namespace=namespace.name,
        identity="caseway@tests",
        data_converter=CONVERTER,
    )


async def run_on_server(client: Client, activities: Activities, scenario: Scenario) -> Outcome:
    """Start the scenario's case and play its script."""
    case = f"{scenario.name}:1"
    handle = await client.start_workflow(
        scenario.name,
        scenario.input,
        id=case,
        task_queue=QUEUE,
        execution_timeout=timedelta(minutes=2),
        **_as_started_by(scenario.schedule),
    )
    for number, step in enumerate(scenario.steps):
        await perform(handle, step, len(scenario.steps) - 1 - number)
        if step.publish is not None:
            await Routing(client).publish(step.publish)
    output: Any = None
    fault: Any = {}
    try:
        output = await handle.result()
        ends = "completed"
    except WorkflowFailureError as error:
        ends = "cancelled" if isinstance(error.cause, CancelledError) else "failed"
        if isinstance(error.cause, ApplicationError) and error.cause.details:
            fault = error.cause.details[0]
    done, given = activities.actions.get(case, []), activities.arguments.get(case, [])
    return Outcome(ends, output, done, given, error=fault)


def _as_started_by(kind: str | None) -> dict[str, Any]:
    """What a Schedule gives along with the start of a case."""
    if kind is None:
        return {}
    meant_for = SearchAttributePair(MEANT_FOR, MONDAY)
    return {
        "memo": {"schedule": {"name": "times", "kind": kind, "decides": False}},
        "search_attributes": TypedSearchAttributes([meant_for]),
    }


async def perform(handle: WorkflowHandle[Any, Any], step: Step, number: int) -> None:
    """Wait for what the step waits for, then carry it out."""
    await wait_for(handle, step)
    await asyncio.sleep(step.after)
    if step.answer is not None:
        await handle.execute_update(
            "answer",
            {
                "id": f"answer-{number}",
                "item": step.when,
                "by": step.by,
                "outcome": step.answer,
                "values": dict(step.values),
            },
            id=f"answer-{number}",
        )
    if step.act is not None:
        name, more = step.act
        asked = {"id": f"act-{number}", "item": step.when, "by": step.by, **more}
        await handle.execute_update(name, asked, id=asked["id"])
    if step.event is not None:
        await handle.execute_update("event", dict(step.event))
    if step.cancel is not None:
        await handle.execute_update("cancel", {"id": "cancel", "reason": step.cancel, "by": "lin"})
    if step.operate is not None:
        await handle.execute_update(
            "operate", {"id": f"operate-{number}", "act": step.operate, "by": "lin"}
        )


async def wait_for(handle: WorkflowHandle[Any, Any], step: Step) -> None:
    """Look at the case until the step's work item is open, or a task is held."""
    for _ in range(200):
        try:
            view = await handle.query("show")
        except RPCError:
            view = {}
        items = {item["id"]: item["state"] for item in view.get("items", [])}
        if step.when is not None and items.get(step.when) == step.state:
            return
        if step.phase is not None:
            if view.get("phase") == step.phase:
                return
        elif step.when is None and (step.operate is None or _undecided(view)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing to do for {step}: {json.dumps(view)[:2000]}")


def _undecided(view: Mapping[str, Any]) -> bool:
    """Whether a task is held that nobody has decided about: one is shown until it goes on."""
    return any("decision" not in held for held in (view.get("held") or {}).values())
