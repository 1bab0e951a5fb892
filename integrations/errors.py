"""The six ways in which another system can fail us, each with its retry decision.

IntegrationError
├── Unavailable(retry_after)    retry
├── RateLimited(retry_after)    retry, not before `retry_after`
├── NotAuthorized               do not retry; an administrator must act
├── Refused(reason)             do not retry; the process owner must act
├── NotFound(what)              do not retry; the task decides
└── Conflict(what)              do not retry; done already, or changed by somebody else
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar


class IntegrationError(Exception):
    """Base. `retry` is the decision; `status` is what the standard's error object carries."""

    retry: ClassVar[bool] = False
    status: int = 500
    standard: str | None = None
    """Type of the standard's error, where the kind does not say it: timeout, expression, ..."""

    def __init__(
        self,
        system: str,
        detail: str,
        *,
        retry_after: timedelta | None = None,
        status: int | None = None,
        standard: str | None = None,
    ) -> None:
        super().__init__(f"{system}: {detail}")
        self.system = system
        self.detail = detail
        self.retry_after = retry_after
        self.standard = standard
        if status is not None:
            self.status = status


class Unavailable(IntegrationError):
    """The system did not answer, or answered that it cannot now."""

    retry = True
    status = 503


class RateLimited(IntegrationError):
    """The system asks for fewer calls."""

    retry = True
    status = 429


class NotAuthorized(IntegrationError):
    """The system does not accept our credentials, or they do not suffice."""

    status = 401


class Refused(IntegrationError):
    """The system understood and said no: the content is wrong for it."""

    status = 422


class NotFound(IntegrationError):
    """What the call names does not exist there."""

    status = 404


class Conflict(IntegrationError):
    """It exists already in another form, or somebody changed it meanwhile."""

    status = 409


KINDS: tuple[type[IntegrationError], ...] = (
    Unavailable, RateLimited, NotAuthorized, Refused, NotFound, Conflict,
)  # fmt: skip
