"""Alertmanager's notifications to cases."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.errors import CaseEnded, InputInvalid, Problem, ServerUnavailable
from intake.alerts import Alerts, BrokenPayload, Taken, read_payload
from tests.api.doubles import RecordingCases, WrittenDown

FIRING: dict[str, Any] = json.loads(
    (Path(__file__).parent / "alerts" / "firing.json").read_text("utf-8")
)


def resolved(**changes: Any) -> dict[str, Any]:
    """Return the notification that the alert of `firing.json` is over."""
    payload = copy.deepcopy(FIRING)
    payload["status"] = "resolved"
    payload["alerts"][0].update(status="resolved", endsAt="2026-03-02T01:30:00Z", **changes)
    return payload


class Receiver:
    """Alerts over recording doubles."""

    def __init__(self) -> None:
        self.cases = RecordingCases()
        self.quarantine = WrittenDown()

    def take(self, payload: object) -> list[str]:
        """Take a notification; the results of its alerts."""
        return [each.result for each in self.taken(payload)]

    def taken(self, payload: object) -> tuple[Taken, ...]:
        """Take a notification."""
        return asyncio.run(Alerts(self.cases, self.quarantine).take(payload))


def test_a_firing_alert_starts_its_case() -> None:
    """The case's input holds the alert as the definition's schema names it."""
    receiver = Receiver()

    assert receiver.take(FIRING) == ["started"]

    [call] = receiver.cases.named("start")
    assert call["name"] == "alert-to-incident"
    assert call["key"] == "be6d4d1d0b7a5b54@2026-03-02T01:00:00.123456Z"
    assert call["input"] == {
        "alert": {
            "fingerprint": "be6d4d1d0b7a5b54",
            "status": "firing",
            "name": "PrinterDown",
            "severity": "critical",
            "labels": FIRING["alerts"][0]["labels"],
            "annotations": {"summary": "Принтер 3 打印机"},
            "startsAt": "2026-03-02T01:00:00.123456Z",
            "endsAt": None,
            "generatorURL": FIRING["alerts"][0]["generatorURL"],
            "groupKey": FIRING["groupKey"],
            "receiver": "caseway",
        }
    }
    assert call["event"]["type"] == "alert.firing"


def test_the_end_of_an_alert_reaches_its_case() -> None:
    """The same fingerprint and beginning lead to the case."""
    receiver = Receiver()
    receiver.take(FIRING)

    assert receiver.take(resolved()) == ["delivered"]

    [call] = receiver.cases.named("event")
    assert call["case"] == f"alert-to-incident:{receiver.cases.named('start')[0]['key']}"
    assert (call["event"]["type"], call["event"]["time"]) == (
        "alert.resolved",
        "2026-03-02T01:30:00Z",
    )


def test_the_same_notification_again_changes_nothing() -> None:
    """Alertmanager repeats itself: to be sure, and after each interval."""
    receiver = Receiver()
    for payload in (FIRING, FIRING, resolved(), resolved(), FIRING):
        receiver.take(payload)

    starts = receiver.cases.named("start")
    assert {(call["key"], call["request_id"]) for call in starts} == {
        (starts[0]["key"], starts[0]["request_id"])
    }
    assert {call["event"]["id"] for call in starts} == {starts[0]["event"]["id"]}
    assert receiver.take(FIRING) == ["unchanged"]
    assert receiver.take(resolved()) == ["unchanged"]


def test_the_same_alert_beginning_anew_is_a_new_case() -> None:
    """A printer that breaks again breaks again."""
    receiver = Receiver()
    later = copy.deepcopy(FIRING)
    later["alerts"][0]["startsAt"] = "2026-03-03T01:00:00Z"

    assert receiver.take(FIRING) + receiver.take(later) == ["started", "started"]


def test_a_time_written_in_another_zone_is_the_same_beginning() -> None:
    """Senders of a cluster may differ in how they write one instant."""
    receiver = Receiver()
    other = copy.deepcopy(FIRING)
    other["alerts"][0]["startsAt"] = "2026-03-02T09:00:00.123456+08:00"

    assert receiver.take(FIRING) + receiver.take(other) == ["started", "unchanged"]


def test_an_end_without_a_beginning_is_recorded_and_starts_nothing() -> None:
    """And a beginning that comes after its end starts nothing either."""
    receiver = Receiver()

    assert receiver.take(resolved()) == ["recorded"]
    assert receiver.take(resolved()) == ["recorded"]
    assert receiver.take(FIRING) == ["unchanged"]

    assert receiver.cases.named("start") == []
    [entry] = receiver.quarantine.entries.values()
    assert (entry["reason"], entry["source"]) == ("resolved-before-firing", "alertmanager")


def test_the_end_of_an_alert_whose_case_has_ended_changes_nothing() -> None:
    """Somebody closed it by hand before."""
    receiver = Receiver()
    receiver.take(FIRING)
    receiver.cases.fails = CaseEnded("alert-to-incident:x")

    assert receiver.take(resolved()) == ["unchanged"]


def test_an_alert_that_the_definition_does_not_take_is_kept_for_a_person() -> None:
    """Sending it again would not help, so it is answered, and not lost."""
    receiver = Receiver()
    receiver.cases.fails = InputInvalid([Problem("/alert/severity", "must be string")])

    assert receiver.take(FIRING) == ["recorded"]

    [entry] = receiver.quarantine.entries.values()
    assert entry["reason"] == "not-accepted"
    assert "be6d4d1d0b7a5b54" in entry["detail"]


def test_an_alert_that_cannot_be_delivered_fails_the_whole_notification() -> None:
    """The sender then repeats all of it, which is safe."""
    receiver = Receiver()
    receiver.cases.fails = ServerUnavailable("127.0.0.1:7233")

    with pytest.raises(ServerUnavailable):
        receiver.take(FIRING)


def test_each_alert_of_a_group_is_a_case_of_its_own() -> None:
    """Grouping is how they were sent, not what they are."""
    receiver = Receiver()
    two = copy.deepcopy(FIRING)
    two["alerts"].append({**two["alerts"][0], "fingerprint": "0000000000000001"})

    assert [each.result for each in receiver.taken(two)] == ["started", "started"]
    assert len(receiver.cases.running) == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"version": "3"}, "/version"),
        ({"alerts": "no"}, "/alerts"),
        ({"alerts": None}, "/alerts"),
        ({"alerts": [1]}, "/alerts/0"),
        ({"groupKey": 3}, "/groupKey"),
        ({"alerts": [{}] * 1001}, "/alerts"),
    ],
)
def test_a_broken_notification_names_the_place(change: dict[str, Any], pointer: str) -> None:
    """Whoever set the sender up sees what to correct."""
    with pytest.raises(BrokenPayload) as error:
        read_payload({**FIRING, **change})

    assert error.value.pointer == pointer


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"status": "pending"}, "/alerts/0/status"),
        ({"fingerprint": "a/b"}, "/alerts/0/fingerprint"),
        ({"fingerprint": ""}, "/alerts/0/fingerprint"),
        ({"startsAt": "2026-03-02T09:00:00"}, "/alerts/0/startsAt"),
        ({"startsAt": "0001-01-01T00:00:00+08:00"}, "/alerts/0/startsAt"),
        ({"labels": {"a/b": 1}}, "/alerts/0/labels/a~1b"),
        ({"annotations": []}, "/alerts/0/annotations"),
    ],
)
def test_a_broken_alert_names_the_place(change: dict[str, Any], pointer: str) -> None:
    """The pointer leads to the value."""
    broken = copy.deepcopy(FIRING)
    broken["alerts"][0].update(change)

    with pytest.raises(BrokenPayload) as error:
        read_payload(broken)

    assert error.value.pointer == pointer


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*FIRING, *FIRING["alerts"][0]]), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_any_json_is_read_or_refused(body: object, alert: object) -> None:
    """A webhook is open to whatever somebody sends."""
    for payload in (body, {"version": "4", "alerts": [alert]}):
        with contextlib.suppress(BrokenPayload):
            assert all(each.fingerprint for each in read_payload(payload))
