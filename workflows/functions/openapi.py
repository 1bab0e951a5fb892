"""`openapi`: the standard's call of an operation, which the plan keeps resolved."""

from __future__ import annotations

from typing import Any

from language.plan import MapTemplate
from service.http_status import shown
from service.openapi import ParametersInvalid, fill
from workflows.functions.call import FunctionCall
from workflows.functions.http import authority_filled
from workflows.interpreter.errors import CaseError
from workflows.interpreter.secrets import hides


async def run(call: FunctionCall) -> Any:
    """Call the operation.

    Raises:
        CaseError: type `validation`, where a parameter is missing or does not fit.
    """
    arguments = {name: each for name, each in call.arguments.items() if name != "document"}
    operation = arguments.get("operation")
    if operation is None:
        raise CaseError.of(
            "configuration",
            f"the document of {call.task.name} was not read: publish the definition",
            call.task.path,
        )
    if "authentication" in arguments:
        written = call.task.arguments
        arguments["authentication"] = authority_filled(
            call,
            arguments["authentication"],
            written.get("authentication") if isinstance(written, MapTemplate) else None,
        )
    uri = operation["server"] + operation["path"]
    if not hides(call.deferred, "parameters"):
        try:
            uri = fill(operation, arguments.get("parameters") or {})["uri"]
        except ParametersInvalid as error:
            raise CaseError.of(
                "validation",
                f"{arguments.get('operationId')} of {call.task.name}: {error}",
                call.task.path,
            ) from error
    # The query stays out of what everybody reads.
    return await call.act(
        arguments=arguments,
        summary=f"{call.task.name}: {operation['method'].upper()} {shown(uri).partition('?')[0]}",
    )
