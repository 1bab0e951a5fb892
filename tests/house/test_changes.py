"""Changes in a running installation: one of several gets the time, over kills of the worker too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.house.installation import Installation, until

pytestmark = pytest.mark.server

FAR = datetime.now(UTC).replace(microsecond=0) + timedelta(days=800)
"""Long after the freeze that ships."""
FREEZE = datetime(2026, 12, 23, 16, tzinfo=UTC), datetime(2027, 1, 2, 16, tzinfo=UTC)


def window(days: int) -> dict[str, str]:
    """Give two hours on a day that is far enough away."""
    return between(FAR + timedelta(days=days), timedelta(hours=2))


def between(begin: datetime, span: timedelta) -> dict[str, str]:
    """Give a window."""
    return {"from": begin.isoformat(), "to": (begin + span).isoformat()}


def start(
    house: Installation, key: str, when: Mapping[str, str], *, drill: bool = False, **facts: Any
) -> str:
    """Start a standard change of the mail server."""
    change = {
        "id": key, "title": f"Firmware {key}", "category": "software", "template": "firmware-update",
        "requester": "emma", "assets": ["mail-server"], "window": dict(when), "steps": ["Install"],
        **facts,
    }  # fmt: skip
    body = {"definition": "change-review", "input": change, "drill": drill}
    status, answer = house.request("POST", "/cases", body)
    assert status == 202, answer
    return str(answer["case"])


def standing(house: Installation, case: str) -> str | None:
    """Say what has become of a change: scheduled, or asked for another time."""
    view = house.case(case) or {}
    if house.open_item(case, "revise"):
        return "revise"
    status: str | None = view.get("status")
    return status if status == "scheduled" else None


def test_one_of_several_gets_the_time_whatever_happens_to_the_worker(house: Installation) -> None:
    """Six changes of one asset at one time, the worker killed among them: one is scheduled, the
    others are asked for another time; when it is cancelled, one of them can have its time."""
    cases = [start(house, f"RACE-{number}", window(0)) for number in range(3)]
    house.kill("worker")
    cases += [start(house, f"RACE-{number}", window(0)) for number in range(3, 6)]

    became: Mapping[str, str | None] = until(
        "all of them to be decided",
        lambda: all((found := {each: standing(house, each) for each in cases}).values()) and found,
    )

    (winner,) = [case for case, stands in became.items() if stands == "scheduled"]
    loser = next(case for case in cases if case != winner)
    assert list(became.values()).count("revise") == 5
    item = house.open_item(loser, "revise")
    assert item is not None
    assert winner in item["description"]
    (booking,) = [each for each in (house.case(winner) or {})["bookings"] if not each["released"]]
    assert booking["assets"] == ["mail-server"]

    house.request("POST", f"/cases/{winner}/cancel", {"reason": "test"})
    until("its end", lambda: (house.case(winner) or {}).get("ended"))
    house.answer(loser, item["id"], "emma", "revised", **window(0))
    until("its time", lambda: standing(house, loser) == "scheduled")


def test_a_drill_is_seen_and_reaches_the_drill_list_only(house: Installation) -> None:
    """It is scheduled like any change, keeps nobody from that time, and writes to the list alone."""
    before = len(house.mails("emma@example.org"))
    case = start(house, "PRACTICE", window(5), drill=True)
    until("it to be scheduled", lambda: standing(house, case) == "scheduled")
    real = start(house, "REAL", window(5))
    until("the real one", lambda: standing(house, real) == "scheduled")

    assert case == "change-review:drill~PRACTICE"
    drills = [each["case"] for each in house.cases(drill="true")]
    assert drills == [case]
    told = until("the mail to the list", lambda: house.mails("wang@example.org"))
    assert any("[Drill / 演練]" in str(mail["Subject"]) for mail in told)
    until("the mail of the real one", lambda: len(house.mails("emma@example.org")) > before)
    subjects = [str(mail["Subject"]) for mail in house.mails("emma@example.org")[before:]]
    assert not any("Drill" in each or "PRACTICE" in each for each in subjects)


@pytest.mark.skipif(FREEZE[0] <= datetime.now(UTC) < FREEZE[1], reason="the shipped freeze is now")
def test_a_change_is_carried_out_step_by_step(house: Installation) -> None:
    """Its steps open one after the other, each answered over the API, and its test by another."""
    soon = between(datetime.now(UTC) + timedelta(seconds=4), timedelta(minutes=20))
    case = start(
        house, "NOW", soon,
        assets=["customer-database"], steps=["Stop", "Install"], implementer="liu",
    )  # fmt: skip

    for step, outcome in (("step-1", "done"), ("step-2", "skipped")):
        item = until(step, lambda step=step: house.open_item(case, f"implement.{step}"))
        assert item["title"] in ("Stop", "Install")
        house.answer(case, item["id"], "liu", outcome, remark="as planned")
    verify = until("the test", lambda: house.open_item(case, "verify"))
    house.answer(case, verify["id"], "chen", "passed", functionTest="ok", performanceTest="ok")
    view = until("the end", lambda: (v := house.case(case)) and v.get("ended") and v)

    assert view["status"] == "closed"
    assert [each["released"] for each in view["bookings"]] == [True]
    invitations = [
        part.get_content_type()
        for mail in house.mails("liu@example.org")
        for part in mail.walk()
        if part.get_content_type() == "text/calendar"
    ]
    assert invitations
