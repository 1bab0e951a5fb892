"""What is remembered of a mail that Caseway sends, so that it goes out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

MailKind = Literal["correspondence", "acknowledgement", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecord:
    """One outgoing mail: written as `begun` before the server gets it, as `sent` afterwards.

    A record that is still `begun` when the action runs again means that the process died, or the
    connection broke, while the server may already have accepted the mail.
    """

    message_id: str
    """With angle brackets, as in the header."""
    case: str
    """Id of the case that sent it."""
    to: tuple[str, ...]
    """Addresses in lower case, copies included."""
    kind: MailKind
    automatic: bool
    subject: str
    at: datetime
    state: Literal["begun", "sent"]
    result: Mapping[str, Any] | None = None
    """What the action returned; None while begun."""
