"""The connection to Temporal: where it goes, and what is said when nothing answers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cases.connect import connect
from cases.errors import ServerUnavailable
from cases.payloads import CONVERTER
from tests.conftest import Namespace, free_port


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE", "TEMPORAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_the_configured_server_comes_before_the_usual_one(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporal's own variables decide; the address of `caseway up` counts only without them."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", namespace.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", namespace.name)

    client = asyncio.run(connect(f"127.0.0.1:{free_port()}"))

    assert client.service_client.config.target_host == namespace.address
    assert client.namespace == namespace.name


def test_nothing_at_the_address_is_said_in_one_sentence() -> None:
    """The address, the reason in plain words, and what to do."""
    address = f"127.0.0.1:{free_port()}"

    with pytest.raises(ServerUnavailable) as raised:
        asyncio.run(connect(address))

    assert str(raised.value) == (
        f"No Temporal server answers at {address} (Connection refused). "
        "Start one with `caseway up`, or set TEMPORAL_ADDRESS."
    )


def test_what_goes_to_temporal_keeps_the_order_of_its_keys() -> None:
    """Expressions see an object of another system as it came, in a rehearsal and on a server."""
    value = {"b": 1, "a": {"d": [{"z": None, "y": "я"}], "c": 2.5}}

    async def there_and_back() -> Any:
        return await CONVERTER.decode(await CONVERTER.encode([value]))

    [found] = asyncio.run(there_and_back())

    assert json.dumps(found) == json.dumps(value)
