"""How every process of ours logs: one line of JSON per event, on standard error."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor
from temporalio.exceptions import ApplicationError


class Told(logging.Filter):
    """Leaves out where in our code an answer of another system was told to the case.

    What it said stands in the line, and in the history; a stack trace is kept for what nobody expected.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass; those of errors that actions tell on purpose become short."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ApplicationError) and error.type is not None:
            record.exc_info = None
            record.msg = f"{record.msg}: {error.type}: {error.message}"
        return True


def log_to_stderr() -> None:
    """One line of JSON per event, ours and the SDK's."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.getLogger("temporalio.activity").addFilter(Told())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # One line for every request would drown what matters.
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
