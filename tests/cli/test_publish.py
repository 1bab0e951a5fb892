"""`caseway publish`: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cases.bundles.folder import FolderBundles
from cli.main import run
from language.plan import Call
from tests.cases.stage import DEFINITIONS


@pytest.fixture
def definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Definitions that a test may edit, and a data folder of its own."""
    monkeypatch.setenv("CASEWAY_DATA", str(tmp_path / "data"))
    return Path(shutil.copytree(DEFINITIONS, tmp_path / "definitions"))


def test_it_names_what_it_published(definitions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per definition, and whether it was there before."""
    assert run(["publish", str(definitions / "leave")]) == 0
    assert capsys.readouterr().out == "Published leave@1.0.0.\n"

    assert run(["publish", str(definitions)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Published at-once@1.0.0.",
        "Published by-turns@1.0.0.",
        "Published before: leave@1.0.0.",
        "Published needs-system@1.0.0.",
        "Published only-one@1.0.0.",
        "Published promise@1.0.0.",
    ]


def test_json_is_one_document(definitions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs get names, versions and digests."""
    assert run(["publish", str(definitions / "leave"), "--json"]) == 0

    published = json.loads(capsys.readouterr().out)["published"]
    assert [(each["name"], each["version"], each["new"]) for each in published] == [
        ("leave", "1.0.0", True)
    ]
    assert len(published[0]["digest"]) == 64


def test_findings_end_with_1(definitions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken definition prints where it is broken, as text or in the form of validate's JSON."""
    file = definitions / "leave" / "process.yaml"
    file.write_text(file.read_text().replace("group: office", "group: offica"))

    assert run(["publish", str(definitions)]) == 1
    shown = capsys.readouterr()
    assert "process.yaml:" in shown.out
    assert "offica" in shown.out
    assert '"leave" was not published' in shown.err

    assert run(["publish", str(definitions), "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert any("offica" in each["message"] for each in findings)


def test_a_taken_version_ends_with_1(definitions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence says what to raise."""
    run(["publish", str(definitions / "leave")])
    file = definitions / "leave" / "process.yaml"
    file.write_text(file.read_text().replace("title: Leave", "title: Days off"))
    capsys.readouterr()

    assert run(["publish", str(definitions / "leave")]) == 1
    assert "Raise document.version" in capsys.readouterr().err


def test_organization_data_are_published_alone(
    definitions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed table or group needs no new version of any definition."""
    assert run(["publish", str(definitions / "organization")]) == 0

    assert "in force" in capsys.readouterr().err
    assert (tmp_path / "data" / "bundles" / "organization" / "current").is_file()


@pytest.mark.parametrize("path", ["nowhere", "leave/forms"])
def test_nothing_to_publish_ends_with_2(
    definitions: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path without a definition is a mistake of the caller."""
    assert run(["publish", str(definitions / path)]) == 2
    assert "definition" in capsys.readouterr().err


def test_an_unusable_setting_ends_with_2(
    definitions: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names the variable."""
    monkeypatch.setenv("CASEWAY_API_PORT", "many")

    assert run(["publish", str(definitions)]) == 2
    assert "CASEWAY_API_PORT is not usable" in capsys.readouterr().err


def test_documents_of_addresses_obey_the_settings(
    definitions: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is fetched at publish reaches no more than what runs; it is pinned in the bundle."""
    pets = {
        "openapi": "3.1.0",
        "servers": [{"url": "/v1"}],
        "paths": {"/pets": {"get": {"operationId": "listPets"}}},
    }

    class Pets(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(pets).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pets) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        folder = definitions.parent / "look-up"
        folder.mkdir()
        (folder / "process.yaml").write_text(
            "document: { dsl: '1.0.3', namespace: tests, name: look-up, version: '1.0.0' }\n"
            f"do: [ {{ ask: {{ call: openapi, with: {{ document: {{ endpoint: '{url}/pets.json' }},"
            " operationId: listPets } } } ]\n"
        )
        assert run(["publish", str(folder)]) == 1
        assert "CASEWAY_OUTGOING_NETWORKS" in capsys.readouterr().out
        monkeypatch.setenv("CASEWAY_OUTGOING_NETWORKS", "127.0.0.1/32")
        assert run(["publish", str(folder)]) == 0
        server.shutdown()

    store = FolderBundles(definitions.parent / "data" / "bundles")
    bundle = asyncio.run(store.newest("look-up"))
    assert bundle is not None
    [(address, pinned)] = bundle.resources.items()
    assert address == f"{url}/pets.json"
    assert len(pinned["digest"]) == 64
    call = bundle.plan.tasks[0]
    assert isinstance(call, Call)
    assert f"{url}/v1" in str(call.arguments)
