"""Files that go along: definitions name them as intake does, `{name, mediaType, size, file}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from activities.messages.plain import one_line
from integrations.errors import Refused
from integrations.files.interface import FileStore
from integrations.mail.interface import Attachment

LONGEST_NAME = 150
"""Characters of a file's name that go along; the end is kept, for it says what the file is."""

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60}")


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
                _name(named.get("name")) or digest[:12],
                _media_type(named.get("mediaType")),
                await files.get(digest),
            )
        )
    return tuple(found)


def _digest(each: Any) -> str:
    digest = each.get("file") if isinstance(each, Mapping) else each
    if not isinstance(digest, str):
        raise Refused("files", "an attachment is { name, mediaType, file } or a digest")
    return digest


def _name(given: Any) -> str:
    """A name from outside as a mere name: no folders, one line."""
    line = one_line(str(given or "")).replace("\\", "/").rpartition("/")[2]
    return line[-LONGEST_NAME:].strip()


def _media_type(given: Any) -> str:
    if isinstance(given, str) and _MEDIA_TYPE.fullmatch(given):
        return given
    return "application/octet-stream"
