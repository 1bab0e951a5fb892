"""One call of a function: its arguments, its memory, and what it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflows.effects import Action, ActionFailed
from workflows.interpreter.case_data import case_data, facts_for
from workflows.interpreter.due import elapsed
from workflows.interpreter.errors import CaseError
from workflows.interpreter.undoable import is_undoable, to_its_end

if TYPE_CHECKING:
    from language.functions.descriptor import Function
    from language.plan import Call
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope

SUMMARY_LENGTH = 120
READS = {"people.assign": "who does ", "people.resolve": "who is meant in "}
"""How the summary of a read begins, where the call's own would say too little."""
DEFAULT_PATIENCE_SECONDS = 3600.0
TELLING = ("notify", "work-item.announce")
"""Actions whose deliveries a window may hold back."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """What a function of the catalog works with."""

    run: CaseRun
    task: Call
    descriptor: Function
    frame: Frame
    arguments: dict[str, Any]
    n: int
    given: Any
    scope: Scope
    deferred: Mapping[str, Any] | None = None
    """What of the arguments is left to the activity, because it names secrets."""

    @property
    def key(self) -> str:
        """Idempotency key: first run, task path, occurrence."""
        return self.run.key_of(self.task.path, self.n)

    @property
    def summary(self) -> str:
        """What this call is about, for a reader of the history."""
        about = self.arguments.get(self.descriptor.summary or "")
        text = f"{self.task.name}: {about}" if isinstance(about, str) and about else self.task.name
        return text[:SUMMARY_LENGTH]

    def case(self, needs: tuple[str, ...], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The part of `$case` that an activity gets, with what its message reads."""
        data = case_data(self.run)
        part = {name: data[name] for name in needs if name in data}
        message = arguments.get("message")
        if isinstance(message, str):
            part["facts"] = facts_for(data, self.run.plan.messages.get(message, ()))
        return part

    async def act(
        self,
        step: str = "result",
        function: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        summary: str | None = None,
    ) -> Any:
        """Carry out an action once per call and step.

        Raises:
            CaseError: type `communication` (or the one that fits the kind), retries included.
        """
        given = self.arguments if arguments is None else arguments
        key = self.key if step == "result" else f"{self.key}:{step}"
        patience = self.task.metadata.get("patience")
        action = Action(
            function=function or self.descriptor.name,
            key=key,
            arguments=given,
            case=self.case(self.descriptor.needs, given),
            path=f"{self.task.path}#{self.n}" + ("" if step == "result" else f":{step}"),
            summary=(summary or self.summary)[:SUMMARY_LENGTH],
            timeout_seconds=float(self.descriptor.timeout_seconds),
            patience_seconds=_seconds(self, patience),
            deferred=self.deferred,
            on_the_spot=self._reads_only and self.run.is_alone(self.scope),
        )

        def carried_out(result: Any) -> Any:
            if action.function in TELLING:
                item = given["item"]["id"] if "item" in given else None
                self.run.held_notices.hold(action, self.task.name, result, item)
            self.run.trace(
                action=action.function,
                task=self.task.name,
                message=given.get("message"),
                to=told(result),
            )
            return result

        def came_late(result: Any) -> None:
            """The call is withdrawn, and what it did is undone like anything that was done."""
            carried_out(result)
            self.run.undoing.finished(self.task, self.n, result, self.scope)

        async def carry_out() -> Any:
            try:
                if step == "result" and self.run.level >= 16 and is_undoable(self.task):
                    result = await to_its_end(self.run, action, came_late)
                else:
                    result = await self.run.act(action)
            except ActionFailed as error:
                raise self.failure(error) from error
            return carried_out(result)

        return await self.frame.once(step, carry_out)

    @property
    def _reads_only(self) -> bool:
        """Whether function or definition say that the call changes nothing and may be repeated."""
        return self.descriptor.kind == "reads" or self.task.metadata.get("safeRead") is True

    async def read(self, name: str, arguments: Mapping[str, Any], step: str | None = None) -> Any:
        """Carry out a safe read once per call and step.

        Raises:
            CaseError: type `configuration`: the organization lacks what the call names.
        """

        async def carry_out() -> Any:
            try:
                return await self.run.read(name, arguments, READS.get(name, "") + self.summary)
            except ActionFailed as error:
                raise self.failure(error, "configuration") from error

        return await self.frame.once(step or name, carry_out)

    def failure(self, error: ActionFailed, kind: str | None = None) -> CaseError:
        """The standard's error object for an action that failed."""
        if kind is None:
            kind = error.standard or standard_type(error.kind, error.status, self.run.level)
        return CaseError.of(
            kind,
            f"{self.task.function}: {error.detail}",
            self.task.path,
            status=error.status,
            title=error.kind,
        )


def standard_type(kind: str, status: int, level: int) -> str:
    """Which of the standard's types of error a kind of ours with this status is."""
    match kind:
        case "NotAuthorized":
            return "authorization" if status == 403 and level >= 5 else "authentication"
        case "TimedOut":
            return "timeout"
        case _:
            return "communication"


def told(result: Any) -> list[str]:
    """People and addresses that the result of a notice or mail names."""
    if not isinstance(result, Mapping):
        return []
    people = [
        str(each.get("person"))
        for each in result.get("deliveries") or ()
        if each.get("state") not in ("skipped", "held")
    ]
    return people + [str(each) for each in result.get("accepted") or ()]


def _seconds(call: FunctionCall, patience: Any) -> float:
    if patience is None:
        return DEFAULT_PATIENCE_SECONDS
    return elapsed(patience, call.task.path).total_seconds()
