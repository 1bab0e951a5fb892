"""Connections of asyncio itself for httpcore, which ships only those of other libraries.

Whether an idle connection may be used again costs no system call here, and httpcore asks it of
every idle connection at each request.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

BUFFERED = 65_536
"""Bytes that are taken from the network ahead of being read."""


class _Reader(asyncio.StreamReader):
    """Knows whether anything came that nobody has read."""

    stirred = False

    def feed_data(self, data: Any) -> None:
        """Take what the network brought."""
        self.stirred = True
        super().feed_data(data)

    def feed_eof(self) -> None:
        """The other side sends nothing more."""
        self.stirred = True
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """The connection is broken."""
        self.stirred = True
        super().set_exception(exc)

    async def some(self, most: int) -> bytes:
        """At most so many bytes; none at the end."""
        data = await self.read(most)
        if data and not self._buffer:  # type: ignore[attr-defined]
            # An end that was heard already is told by the next read.
            self.stirred = self.at_eof()
        return data


class AsyncioStream(httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read what is there, or wait for it.

        Raises:
            httpcore.ReadTimeout, httpcore.ReadError.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.some(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except (OSError, ssl.SSLError) as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write everything.

        Raises:
            httpcore.WriteTimeout, httpcore.WriteError.
        """
        if not buffer:
            return
        try:
            self._writer.write(buffer)
            if not self._writer.transport.get_write_buffer_size():
                # The system has taken all of it: the usual course of a small request.
                return
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except (OSError, ssl.SSLError) as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Close; what was written is still sent."""
        self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted.

        Raises:
            httpcore.ConnectTimeout, httpcore.ConnectError.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            self._writer.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, ssl.SSLError) as error:
            self._writer.close()
            raise httpcore.ConnectError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks: `is_readable` is whether an idle connection may not be used again."""
        if info == "is_readable":
            return self._reader.stirred or self._writer.is_closing()
        names = {"ssl_object": "ssl_object", "client_addr": "sockname", "server_addr": "peername"}
        return self._writer.get_extra_info(names.get(info, info))


class AsyncioBackend:
    """Opens connections."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncioStream:
        """Connect to an address.

        Raises:
            httpcore.ConnectTimeout, httpcore.ConnectError.
        """
        loop = asyncio.get_running_loop()
        reader = _Reader(limit=BUFFERED, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        local = None if local_address is None else (local_address, 0)
        try:
            async with asyncio.timeout(timeout):
                transport, _ = await loop.create_connection(
                    lambda: protocol, host, port, local_addr=local
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for option in socket_options or ():
            transport.get_extra_info("socket").setsockopt(*option)
        return AsyncioStream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
