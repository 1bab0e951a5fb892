"""Schedules over HTTP: who may look, who may stop them, and what is answered."""

from __future__ import annotations

from tests.api.doubles import Door

MONTHLY = "/schedules/service-report/monthly"


def test_schedules_are_listed_with_times_and_the_last_case(door: Door) -> None:
    """What an operator's page shows comes in one answer."""
    (line,) = door.send("GET", "/schedules").json()["schedules"]

    assert line["next"] == ["2026-03-02T01:00:00Z"]
    assert line["last"]["case"] == "service-report:monthly-2026-02-02"
    assert line == door.send("GET", MONTHLY).json()


def test_an_operator_pauses_and_resumes_with_a_reason(door: Door) -> None:
    """The reason is kept; the answer is how the schedule stands now."""
    paused = door.send("POST", f"{MONTHLY}/pause", scope="admin", json={"reason": "audit"})
    assert (paused.status_code, paused.json()["paused"], paused.json()["note"]) == (
        200,
        True,
        "audit",
    )
    resumed = door.send("POST", f"{MONTHLY}/resume", scope="admin", json={"reason": "done"})

    assert resumed.json()["paused"] is False
    assert door.schedules.calls == ["pause by admin: audit", "resume by admin: done"]


def test_a_case_is_started_by_hand_once_per_idempotency_key(door: Door) -> None:
    """A caller who did not hear the answer asks again, and one case is started."""
    headers = {"Idempotency-Key": "k-1"}
    for _ in range(2):
        answer = door.send("POST", f"{MONTHLY}/trigger", scope="admin", headers=headers)
        assert answer.status_code == 200

    assert door.schedules.calls == ["trigger"]


def test_only_operators_change_schedules(door: Door) -> None:
    """Agents look; what starts for everybody is not theirs to stop."""
    for act in ("pause", "resume", "trigger"):
        refused = door.send("POST", f"{MONTHLY}/{act}", json={"reason": "tired"})
        assert refused.status_code == 403
        assert "needs admin" in refused.json()["detail"]
    assert door.send("GET", "/schedules", scope="intake").status_code == 403
    assert door.schedules.calls == []


def test_a_schedule_that_is_not_there(door: Door) -> None:
    """The problem names those that are."""
    answer = door.send("GET", "/schedules/service-report/yearly")

    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/schedule-not-found")
    assert "service-report monthly" in answer.json()["detail"]


def test_a_reason_is_needed(door: Door) -> None:
    """Nobody remembers in May why something was paused in March."""
    answer = door.send("POST", f"{MONTHLY}/pause", scope="admin", json={"reason": ""})

    assert answer.status_code == 422
    assert door.schedules.calls == []
