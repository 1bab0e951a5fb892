"""The file as a whole: its root keys, the document, and what `use` declares."""

from __future__ import annotations

from language.draft import Draft
from language.extensions import EXTENSIONS
from language.functions.http import AUTHENTICATION_POLICY, ENDPOINT
from language.functions.schemas import (
    JSON_OBJECT,
    STANDARD_DURATION,
    choice,
    list_of,
    map_of,
    record,
    text,
)
from language.shape import Shape
from language.tasks.base import INPUT, OUTPUT, TASK_LIST, TIMEOUT
from language.tasks.listen import EVENTS
from language.tasks.raise_error import ERROR
from language.tasks.try_catch import RETRY_POLICY

_SEMVER = {
    "type": "string",
    "x-literal": True,
    "pattern": r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$",
    "x-says": "a version such as 1.0.0",
    "x-hint": "Write three numbers with dots between them, for example '1.0.0'.",
}
_NAME = {
    "type": "string",
    "x-literal": True,
    "pattern": r"^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$",
    "x-says": "a name of letters, digits and -, at most 63 long",
}

OUR_PREFIX = "caseway-"

DOCUMENT = record(
    {
        "dsl": {**_SEMVER, "description": "the version of the language, '1.0.3'"},
        "namespace": {**_NAME, "description": "the field that it belongs to, such as service-desk"},
        "name": {**_NAME, "description": "the name of the process"},
        "version": {**_SEMVER, "description": "the version of the definition, such as '1.0.0'"},
        "title": text(),
        "summary": text(),
        "tags": JSON_OBJECT,
        "metadata": JSON_OBJECT,
    },
    ["dsl", "namespace", "name", "version"],
)
_SCHEDULE = {
    **record(
        {
            "every": STANDARD_DURATION,
            "cron": text(),
            "after": STANDARD_DURATION,
            "on": EVENTS,
            "read": choice("data", "envelope", "raw"),
        },
        minProperties=1,
    )
}
_USE = record(
    {
        "authentications": map_of(AUTHENTICATION_POLICY),
        "errors": map_of(ERROR),
        "functions": JSON_OBJECT,
        "retries": map_of(RETRY_POLICY),
        "secrets": list_of(text()),
        "timeouts": map_of(record({"after": STANDARD_DURATION}, ["after"])),
        "extensions": EXTENSIONS,
        "catalogs": map_of(record({"endpoint": ENDPOINT}, ["endpoint"])),
    }
)
ROOT = record(
    {
        "document": {**DOCUMENT, "description": "what the process is called"},
        "input": INPUT,
        "use": _USE,
        "do": {**TASK_LIST, "description": "the tasks"},
        "timeout": TIMEOUT,
        "output": OUTPUT,
        "schedule": _SCHEDULE,
        "evaluate": record({"language": text(), "mode": choice("strict", "loose")}),
    },
    ["document", "do"],
)


def check(draft: Draft) -> None:
    """Check everything but tasks and metadata."""
    Shape(draft.report, expressions=True, structure=True).check(draft.root, ROOT, "a definition")
    name = draft.part("document").get("name")
    if name is not None and name.text and name.text.startswith(OUR_PREFIX):
        draft.report.say(
            "CW111",
            name,
            f'a definition cannot be named "{name.text}"',
            f"Names that begin with {OUR_PREFIX} are those of Caseway's own workflows.",
        )
