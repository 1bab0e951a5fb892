"""`caseway up --demo`: three stories, told while they happen, with an exit status."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from api.tokens import Tokens
from cli.demo import by_alert, by_mail, by_silence
from cli.demo.door import Door
from cli.demo.narrator import Narrator
from cli.demo.patience import StoryFailed
from cli.demo.stage import Stage
from cli.running.supervisor import Supervisor
from settings import Settings


async def tell(
    settings: Settings,
    namespace: str,
    tokens: Tokens,
    supervisor: Supervisor,
    say: Callable[[str], None],
) -> int:
    """Tell all stories; returns 0 when everything happened, once, and in time, else 1."""
    tag = secrets.token_hex(4)
    narrator = Narrator(say, settings.temporal_ui_url, namespace)
    token = tokens.make(label="demo", scope="admin")
    try:
        async with Door(settings.api_url, token) as door:
            stage = Stage(settings, door, supervisor, narrator, tag)
            await by_mail.tell(stage)
            await by_silence.tell(stage)
            await by_alert.tell(stage)
    except StoryFailed as failure:
        narrator.tell(
            "Demo", f"The story stopped here: {failure}. The logs lie in {settings.logs_folder}."
        )
        return 1
    finally:
        tokens.revoke(token)
    say("")
    say("The story is complete.")
    return 0
