"""Reading an answer up to a limit, whatever it says about its length or its compression."""

from __future__ import annotations

import zlib

import httpx

ACCEPTED = "gzip, deflate"
"""What we can unpack under a limit."""


class TooLong(Exception):
    """The answer is longer than allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer is longer than {limit:,} bytes")


class Unreadable(Exception):
    """The answer is packed in a way that we cannot undo."""


async def read_body(answer: httpx.Response, limit: int) -> bytes:
    """The body of a streamed answer, unpacked.

    Raises:
        TooLong: it is longer than `limit`; a small packet that unpacks to more is one of these.
        Unreadable: its packing is not known, or is broken.
    """
    said = answer.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:20]) > limit:
        raise TooLong(limit)
    unpack = _unpacker(answer.headers.get("content-encoding", ""))
    content = bytearray()
    assert isinstance(answer.stream, httpx.AsyncByteStream)
    async for part in answer.stream:
        content += part if unpack is None else unpack.feed(part, limit + 1 - len(content))
        if len(content) > limit:
            raise TooLong(limit)
    return bytes(content)


class _Unpacker:
    """gzip and deflate, with or without the header that the standard asks for."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | (16 if kind == "gzip" else 0))
        self._begun = False

    def feed(self, part: bytes, room: int) -> bytes:
        """At most `room` bytes of what a packed part holds."""
        try:
            content = self._inner.decompress(part, room)
        except zlib.error as error:
            if self._begun or self._kind == "gzip":
                raise Unreadable(f"the answer says that it is {self._kind}, and is not") from error
            # Many servers send deflate without its header.
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
            self._begun = True
            return self.feed(part, room)
        self._begun = True
        return content


def _unpacker(encoding: str) -> _Unpacker | None:
    kind = encoding.strip().lower().removeprefix("x-")
    if kind in ("", "identity"):
        return None
    if kind in ("gzip", "deflate"):
        return _Unpacker(kind)
    raise Unreadable(f"the answer is packed as {kind[:40]}, which nobody asked for")
