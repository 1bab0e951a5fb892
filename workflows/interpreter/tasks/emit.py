"""`emit`: an event for everybody who listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Emit
from service.cloud_events import VERSION, problems
from workflows.effects import Action, ActionFailed
from workflows.interpreter.due import elapsed
from workflows.interpreter.errors import CaseError
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope

PUBLISH = "events.publish"
"""The activity behind it."""

PATIENCE_SECONDS = 3600.0


async def run(
    run: CaseRun, task: Emit, frame: Frame, n: int, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Publish the event, once.

    Returns:
        The event. What its author left out is filled in: the id from the case, the task and its
        occurrence, the source from the definition, the time from the case's clock.

    Raises:
        CaseError: type `validation` where it is no CloudEvent, `communication` where it could not
            be published.
    """
    if run.level < 4:
        raise CaseError.of("configuration", "emit is not in this version", task.path)
    if "event" not in frame:
        point = Point.inside(run, task, scope, given)
        event = _complete(run, task, n, point.evaluate(task.event, given))
        found = problems(event)
        if found:
            detail = "; ".join(f"{each.pointer or '/'} {each.message}" for each in found)
            raise CaseError.of("validation", f"{task.name} emits no event: {detail}", task.path)
        frame["event"] = event
    event = frame["event"]
    await frame.once("published", lambda: _publish(run, task, n, event))
    return dict(event), None


def _complete(run: CaseRun, task: Emit, n: int, given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    plan = run.plan
    filled = {
        "specversion": VERSION,
        "id": run.key_of(task.path, n),
        "source": f"/{plan.namespace}/{plan.name}/{plan.version}",
        "time": run.now_text(),
    }
    # A field that an expression leaves empty is one that the author left out.
    event = filled | {name: value for name, value in given.items() if value is not None}
    if "data" in event:
        event.setdefault("datacontenttype", "application/json")
    return event


async def _publish(run: CaseRun, task: Emit, n: int, event: dict[str, Any]) -> bool:
    patience = task.metadata.get("patience")
    action = Action(
        function=PUBLISH,
        key=run.key_of(task.path, n),
        arguments={"event": event},
        case={"id": run.state.id},
        path=f"{task.path}#{n}",
        summary=f"{task.name}: {event['type']}",
        patience_seconds=(
            PATIENCE_SECONDS if patience is None else elapsed(patience, task.path).total_seconds()
        ),
    )
    try:
        await run.act(action)
    except ActionFailed as error:
        raise CaseError.of(
            "timeout" if error.kind == "TimedOut" else "communication",
            f"{task.name} could not publish {event['type']}: {error.detail}",
            task.path,
            status=error.status,
            title=error.kind,
        ) from error
    run.note("emitted", f"{task.name}: {event['type']}", task=task.name)
    run.trace(emits=event["type"], task=task.name)
    return True
