"""Who gets in."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from api.tokens import Tokens, TokensDamaged
from tests.api.doubles import Door

OPEN_TO_ALL = {"/healthz", "/readyz", "/problems/{code}"}
OWN_TOKEN = {"/hooks/alertmanager", "/hooks/alertmanager/{token}"}


def test_every_operation_needs_a_token(door: Door) -> None:
    """A new route cannot be left open by mistake."""
    for path, operations in door.app.openapi()["paths"].items():
        for method in operations:
            if path in OPEN_TO_ALL:
                continue
            address = path.format(
                case="x:1", item="i", definition="d", name="n", token="t", clock="c"
            )
            answer = door.send(method, address, scope=None, json={})
            assert (answer.status_code, answer.headers.get("www-authenticate")) == (
                401,
                'Bearer realm="caseway"',
            ), f"{method} {path}"
    assert door.cases.calls == []


@pytest.mark.parametrize("token", ["", "x", "cw_00000000_nope", "Bearer", "cw__", "é"])
def test_a_wrong_token_is_refused(door: Door, token: str) -> None:
    """Anything that is not one of ours is like none."""
    answer = door.send(
        "GET", "/cases", scope=None, headers={"Authorization": f"Bearer {token}".encode()}
    )

    assert answer.status_code == 401


def test_an_intake_token_starts_but_does_not_look(door: Door) -> None:
    """A monitoring system needs no view of cases."""
    start = {"definition": "service-desk-case"}

    assert door.send("POST", "/cases", json=start, scope="intake").status_code == 202
    assert door.send("GET", "/cases", scope="intake").status_code == 403
    assert door.send("GET", "/work-items", scope="intake").status_code == 403
    assert door.send("GET", "/cases", scope="admin").status_code == 200


def test_first_tokens_are_made_once(tmp_path: Path) -> None:
    """They are printed by the first `up` and never again."""
    tokens = Tokens(tmp_path / "keys" / "tokens.json")
    first = tokens.make_first()

    assert sorted(first) == ["admin", "agent", "intake"]
    assert tokens.make_first() == {}
    caller = Tokens(tmp_path / "keys" / "tokens.json").caller(first["agent"])
    assert caller is not None
    assert (caller.scope, caller.label) == ("agent", "agent")


def test_the_token_file_is_private_and_holds_no_token(tmp_path: Path) -> None:
    """Whoever reads the file still cannot call the API."""
    file = tmp_path / "keys" / "tokens.json"
    token = Tokens(file).make(label="ci", scope="agent")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert token.split("_", 2)[2] not in file.read_text("utf-8")


def test_a_token_made_by_another_process_counts_at_once(tmp_path: Path) -> None:
    """The API need not be restarted for a new token, nor for a removed one."""
    file = tmp_path / "tokens.json"
    api, command = Tokens(file), Tokens(file)
    api.make(label="a", scope="agent")

    token = command.make(label="b", scope="intake")
    caller = api.caller(token)
    assert caller is not None
    assert caller.label == "b"
    file.unlink()
    assert api.caller(token) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tokens": []}'])
def test_a_damaged_token_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    """Nobody gets in by damage, and the operator learns where to look."""
    file = tmp_path / "tokens.json"
    file.write_text(content, "utf-8")

    with pytest.raises(TokensDamaged, match="caseway up"):
        Tokens(file).caller("cw_1_2")


def test_a_revoked_token_opens_nothing(tmp_path: Path) -> None:
    """The others stay as they are."""
    tokens = Tokens(tmp_path / "tokens.json")
    gone, kept = (tokens.make(label=each, scope="agent") for each in ("gone", "kept"))

    tokens.revoke(gone)

    assert tokens.caller(gone) is None
    assert tokens.caller(kept) is not None
