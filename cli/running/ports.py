"""Whether the ports that `caseway up` needs are free."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass

from cli.problem import CannotRun


@dataclass(frozen=True, slots=True)
class Door:
    """A port that one of our processes is about to listen on."""

    what: str
    host: str
    port: int
    setting: str


def require_free(doors: Iterable[Door]) -> None:
    """Try each port.

    Raises:
        CannotRun: one is taken or not allowed; says which, and the setting that moves it.
    """
    for door in doors:
        try:
            with socket.socket(socket.AF_INET6 if ":" in door.host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((door.host, door.port))
        except OSError as error:
            raise CannotRun(
                f"port {door.port} for {door.what} cannot be used ({error.strerror}). "
                f"Stop what listens there (another `caseway up`?), or set {door.setting} to another port."
            ) from error


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there now."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
