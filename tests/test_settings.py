"""Settings as the environment spells them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from settings import Settings


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces and a comma at the end mean nothing; an empty value is an empty list."""
    monkeypatch.setenv("CASEWAY_OUTGOING_HOSTS", "api.example.org, *.example.net,")
    monkeypatch.setenv("CASEWAY_OUTGOING_NETWORKS", "")
    settings = Settings()
    assert settings.outgoing_hosts == ("api.example.org", "*.example.net")
    assert settings.outgoing_networks == ()


def test_a_network_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip must not be found at the first call that is refused."""
    monkeypatch.setenv("CASEWAY_OUTGOING_NETWORKS", "10.2.0.0/33")
    with pytest.raises(ValidationError, match="outgoing_networks"):
        Settings()


def test_a_sink_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lifecycle events go to http or https; an empty value is none, and a slip stops the start."""
    for written, sink in (
        ("https://events.example.org/in", "https://events.example.org/in"),
        ("", None),
    ):
        monkeypatch.setenv("CASEWAY_EVENT_SINK", written)
        assert Settings().event_sink == sink
    for wrong in ("events.example.org", "amqp://events.example.org", "https://"):
        monkeypatch.setenv("CASEWAY_EVENT_SINK", wrong)
        with pytest.raises(ValidationError, match="event_sink"):
            Settings()
