"""Events that name no case: other systems tell what happened, and every case that listens hears it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from api.ports import Publisher
from api.problems import Problem
from api.security import Starter
from intake.events import (
    BATCH_MEDIA_TYPE,
    FORMS,
    MEDIA_TYPE,
    BodyBroken,
    EventsInvalid,
    NotEvents,
    read_events,
)

router = APIRouter(tags=["events"])

_ATTRIBUTES = {
    "type": "object",
    "required": ["specversion", "id", "source", "type"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "type": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"},
        "subject": {"type": "string"},
        "datacontenttype": {"type": "string"},
        "data": {},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            MEDIA_TYPE: {"schema": _ATTRIBUTES},
            BATCH_MEDIA_TYPE: {"schema": {"type": "array", "items": _ATTRIBUTES}},
        },
    }
}


class EventPublished(BaseModel):
    """An event that cannot be lost any more."""

    id: str
    source: str
    state: str = "published"


class EventsPublished(BaseModel):
    """What was published, in the order of the request."""

    events: list[EventPublished]


@router.post("/events", status_code=202, response_model=EventsPublished, openapi_extra=_BODY)
async def publish_events(request: Request, _: Starter) -> JSONResponse:
    """Publish CloudEvents to every case that listens, and to definitions that start on them.

    One event or a batch, or one in binary mode (headers `ce-...`). The same source and id again
    counts once, so a request may be repeated. A batch is taken whole or not at all.
    """
    try:
        events = read_events(request.headers, await request.body())
    except NotEvents as error:
        raise Problem("wrong-media-type", f"Send {FORMS}.") from error
    except BodyBroken as error:
        raise Problem("broken-body", str(error)) from error
    except EventsInvalid as error:
        raise Problem(
            "request-invalid",
            "These are no CloudEvents: nothing was published.",
            errors=[{"pointer": each.pointer, "detail": each.message} for each in error.problems],
        ) from error
    publisher: Publisher = request.app.state.events
    for each in events:
        await publisher.publish(each)
    published = [EventPublished(id=each["id"], source=each["source"]) for each in events]
    return JSONResponse(EventsPublished(events=published).model_dump(), 202)
