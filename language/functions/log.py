"""A line in the case's timeline, as the standard's public catalog writes one to a console.

Arguments as `log:1.0.0` of github.com/serverlessworkflow/catalog.
"""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import FLAG, choice, record, text

LOG = Function(
    name="log",
    kind="decides",
    doc="Writes a line into the case's timeline and its audit.",
    arguments=record(
        {
            "message": text("what the line says"),
            "level": choice("trace", "debug", "information", "warning", "error", "critical"),
            "timestamp": {**FLAG, "description": "whether {TIMESTAMP} is filled in; yes"},
            "format": text("the line, with {TIMESTAMP}, {LEVEL}, {CONTEXT} and {MESSAGE}"),
        },
        ["message"],
    ),
    result=record({"text": text(), "level": text(), "at": text()}, ["text", "level", "at"]),
    summary="message",
    # Of the standard's public catalog: a file that calls nothing else of ours is a plain one.
    portable=True,
)

FUNCTIONS = (LOG,)
