"""Files that a task names, and what is no file."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from tests.activities.stage import Stage


def test_a_bare_digest_goes_along_under_a_short_name(stage: Stage) -> None:
    """A digest alone says nothing of name and type."""
    digest = asyncio.run(stage.files.put(b"x"))
    stage.act("notify", {"to": "owner", "text": "x", "attach": [digest]})
    [file] = stage.mail.sent[0].attachments
    assert (file.name, file.content_type) == (digest[:12], "application/octet-stream")


@pytest.mark.parametrize(
    ("attach", "kind"),
    [
        ({"name": "a.txt"}, "Refused"), (5, "Refused"), (None, "Refused"),
        ("../../etc/passwd", "Refused"), ({"name": "a", "file": "0" * 64}, "NotFound"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_ours_sends_nothing(stage: Stage, attach: Any, kind: str) -> None:
    """The mail stays here, and the process owner reads why."""
    with pytest.raises(ApplicationError) as error:
        stage.act("mail.reply", {"text": "x", "attach": [attach]})
    assert (error.value.type, error.value.non_retryable) == (kind, True)
    assert stage.mail.sent == []


@pytest.mark.parametrize("name", ["../../a.txt", "a\r\nX: y.txt", "", "a" * 500])
def test_a_customers_file_name_is_only_a_name(stage: Stage, name: str) -> None:
    """No path, no line ends, and not of any length."""
    digest = asyncio.run(stage.files.put(b"x"))
    stage.act("mail.reply", {"text": "x", "attach": [{"name": name, "file": digest}]})
    [file] = stage.mail.sent[0].attachments
    assert "/" not in file.name
    assert "\n" not in file.name
    assert 0 < len(file.name) <= 200


@pytest.mark.parametrize("kind", ["text", "text/", "te xt/plain", "a/b\r\nX: y", 5, None])
def test_a_wrong_media_type_is_none(stage: Stage, kind: Any) -> None:
    """The type of a customer's file cannot break the mail."""
    digest = asyncio.run(stage.files.put(b"x"))
    file = {"name": "a", "mediaType": kind, "file": digest}
    stage.act("mail.reply", {"text": "x", "attach": [file]})
    assert stage.mail.sent[0].attachments[0].content_type == "application/octet-stream"
