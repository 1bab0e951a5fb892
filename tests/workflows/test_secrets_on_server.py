"""A case with secrets on a real server: neither its history nor the worker's log holds one."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from cases.bundles.folder import FolderBundles
from language.files import compile_folder
from settings import Settings
from tests.conftest import Namespace
from tests.outgoing.servers import LOCAL, Asked, Said, serving
from worker import TASK_QUEUE, compose, make_worker

pytestmark = pytest.mark.server

SECRET = "cl1ent-Secret-word"
TOKEN = "t0ken-of-the-day"


def answer(asked: Asked) -> Said:
    """Give tokens, and say back whatever is asked."""
    json_type = {"Content-Type": "application/json"}
    if asked.path == "/realm/oauth2/token":
        return Said(200, json.dumps({"access_token": TOKEN}).encode(), json_type)
    said = json.dumps({"heard": dict(asked.headers), "target": asked.target})
    return Said(403 if asked.path == "/forbidden" else 200, said.encode(), json_type)


def process(url: str) -> str:
    """Write a definition that calls twice: the second time it is forbidden to."""
    return f"""document: {{ dsl: '1.0.3', namespace: tests, name: secretive, version: '1.0.0' }}
use:
  secrets: [shop, word]
  authentications:
    shop: {{ oauth2: {{ use: shop }} }}
do:
  - ask:
      call: http
      with:
        method: get
        endpoint: {{ uri: '{url}/things/{{id}}', authentication: {{ use: shop }} }}
        headers: {{ X-Word: '${{ "word " + $secrets.word }}', X-Who: '${{ .who }}' }}
        output: response
      output: {{ as: '${{ {{ status: .statusCode, content: .content }} }}' }}
      export: {{ as: '${{ {{ asked: . }} }}' }}
  - again:
      call: http
      with:
        method: get
        endpoint: {{ uri: '{url}/forbidden', authentication: {{ use: shop }} }}
        query: {{ word: '${{ $secrets.word }}' }}
"""


def test_no_secret_is_written_down(
    namespace: Namespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not the client's secret, not the token, not a word that the other system says back."""
    caplog.set_level(logging.DEBUG)
    # As `logs` sets them: at this level they would tell of each request.
    for name in ("httpx", "httpcore"):
        caplog.set_level(logging.WARNING, name)
    folder = tmp_path / "secretive"
    folder.mkdir()

    async def story() -> tuple[str, Any, list[Asked]]:
        async with serving(answer) as [server]:
            policy = {
                "authority": f"{server.url}/realm",
                "grant": "client_credentials",
                "client": {"id": "caseway", "secret": SECRET},
            }
            monkeypatch.setenv("CASEWAY_SECRET_SHOP", json.dumps(policy))
            monkeypatch.setenv("CASEWAY_SECRET_WORD", SECRET)
            (folder / "process.yaml").write_text(process(server.url))
            bundle = compile_folder(folder).bundle
            assert bundle is not None
            settings = Settings(data=tmp_path / "data", outgoing_networks=(LOCAL,))
            FolderBundles(settings.bundles_folder).publish(bundle)
            client = await Client.connect(namespace.address, namespace=namespace.name)
            async with (
                compose(client, settings) as composition,
                make_worker(client, composition, settings),
            ):
                handle = await client.start_workflow(
                    "secretive", {"id": 7, "who": "amy"}, id="secretive:1", task_queue=TASK_QUEUE
                )
                with pytest.raises(WorkflowFailureError) as failure:
                    await handle.result()
            history = (await handle.fetch_history()).to_json()
            return history, failure.value.cause, server.asked

    history, cause, asked = asyncio.run(story())

    calls = [each for each in asked if each.path != "/realm/oauth2/token"]
    assert [each.headers["authorization"] for each in calls] == [f"Bearer {TOKEN}"] * 2
    assert calls[0].headers["x-word"] == f"word {SECRET}"
    assert isinstance(cause, ApplicationError)
    error = cause.details[0]
    assert error["type"].endswith("/authorization")
    assert (error["status"], error["instance"]) == (403, "/do/1/again")
    for hidden in (SECRET, TOKEN):
        assert hidden not in decoded(history)
        assert hidden not in caplog.text
    # The comparison above means something: what is no secret is there, and what was hidden too.
    assert '"x-who": "amy"' in decoded(history).replace('":"', '": "')
    assert "***" in decoded(history)


def decoded(history: str) -> str:
    """A history with its payloads as text."""
    import base64

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: base64.b64decode(each).decode("utf-8", "replace")
                if name == "data" and isinstance(each, str)
                else walk(each)
                for name, each in value.items()
            }
        return [walk(each) for each in value] if isinstance(value, list) else value

    return json.dumps(walk(json.loads(history)), ensure_ascii=False).replace("\\", "")
