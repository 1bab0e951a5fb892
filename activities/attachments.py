"""Files that go along: definitions name them as intake does, `{name, mediaType, size, file}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.errors import Refused
from integrations.files.interface import FileStore
from integrations.mail.interface import Attachment


def digests_of(attach: Any) -> tuple[str, ...]:
    """The digests of files in the file store.

    Raises:
        Refused: an entry is no file.
    """
    return tuple(_digest(each) for each in attach or ())


async def load(files: FileStore, attach: Any) -> tuple[Attachment, ...]:
    """The files with their content.

    Raises:
        Refused: an entry is no file.
        NotFound: the file store does not have one.
    """
    found = []
    for each in attach or ():
        named = each if isinstance(each, Mapping) else {}
        digest = _digest(each)
        found.append(
            Attachment(
                str(named.get("name") or digest[:12]),
                str(named.get("mediaType") or "application/octet-stream"),
                await files.get(digest),
            )
        )
    return tuple(found)


def _digest(each: Any) -> str:
    digest = each.get("file") if isinstance(each, Mapping) else each
    if not isinstance(digest, str):
        raise Refused("files", "an attachment is { name, mediaType, file } or a digest")
    return digest
