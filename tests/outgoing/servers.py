"""Real servers of a test on this machine, and a resolver that says where names lie."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

LOCAL = "127.0.0.1/32"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire; names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def form(self) -> dict[str, str]:
        """A body of the kind that forms send."""
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Server:
    """A server on this machine; `asked` are the requests that reached it."""

    answer: Callable[[Asked], Said]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests of one connection until it is closed."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in head[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                asked = Asked(method, target, headers, body)
                self.asked.append(asked)
                writer.write(_written(self.answer(asked)))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _written(said: Said) -> bytes:
    lines = [f"HTTP/1.1 {said.status} Said", f"Content-Length: {len(said.body)}"]
    lines += [f"{name}: {value}" for name, value in said.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + said.body


@asynccontextmanager
async def serving(*answers: Callable[[Asked], Said]) -> AsyncIterator[Sequence[Server]]:
    """One server for each function that answers."""
    servers = [Server(each) for each in answers]
    running = []
    for each in servers:
        listening = await asyncio.start_server(each.serve, "127.0.0.1", 0)
        each.port = listening.sockets[0].getsockname()[1]
        running.append(listening)
    try:
        yield servers
    finally:
        for listening in running:
            listening.close()
