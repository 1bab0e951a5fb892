"""HTTP in a rehearsal: which stub answers a request, and what its answer means for the case."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from service.http_status import answered, is_error, kind_of, shown
from workflows.effects import ActionFailed


def fits(request: Mapping[str, Any], method: str, uri: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a stub is meant for a request: what it does not name may be anything.

    `uri` may hold `*`; of query, headers and an object as body, the named fields count.
    """
    if str(request.get("method", method)).lower() != method:
        return False
    if not fnmatchcase(uri, str(request.get("uri", "*"))):
        return False
    headers = {str(n).lower(): v for n, v in (arguments.get("headers") or {}).items()}
    wanted = {str(n).lower(): v for n, v in (request.get("headers") or {}).items()}
    return (
        _holds(arguments.get("query") or {}, request.get("query") or {})
        and _holds(headers, wanted)
        and ("body" not in request or _holds(arguments.get("body"), request["body"]))
    )


def answer_of(
    response: Mapping[str, Any], method: str, uri: str, arguments: Mapping[str, Any]
) -> Any:
    """What a call gives for a stub's response, or the error of a live call with this status.

    Raises:
        ActionFailed: the status is an error.
    """
    status = int(response.get("status", 200))
    body = response.get("body")
    if is_error(status, redirect=bool(arguments.get("redirect"))):
        said = body if isinstance(body, str) else _written(body)
        raise ActionFailed(
            kind_of(status), answered(method.upper(), shown(uri), status, said), status
        )
    match arguments.get("output"):
        case "raw":
            return base64.b64encode(_written(body).encode()).decode()
        case "response":
            headers = (arguments.get("headers") or {}).items()
            return {
                "request": {
                    "method": method,
                    "uri": uri,
                    "headers": {str(n).lower(): v for n, v in headers if v is not None},
                },
                "statusCode": status,
                "headers": {str(n).lower(): v for n, v in (response.get("headers") or {}).items()},
                "content": body,
            }
        case _:
            return body


def _written(body: Any) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def _holds(given: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(given, Mapping) and all(
            name in given and _holds(given[name], each) for name, each in wanted.items()
        )
    return bool(given == wanted)
