"""The improvement register as cases reach it: entered once, measured by whoever, refused in sentences."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from tests.activities.stage import Stage


def entries(stage: Stage) -> Any:
    """Read the register."""
    return asyncio.run(stage.records.improvements())


def add(stage: Stage, key: str = "r:/do/0#1", **given: Any) -> Any:
    """Enter an improvement as one case."""
    arguments = {"title": "Less open work", "run": "run-1", **given}
    return stage.act("register.add", arguments, key=key, case={"id": "improvement:1"})


def change(stage: Stage, key: str, **given: Any) -> Any:
    """Change an entry as another case."""
    arguments = {"run": "run-2", **given}
    return stage.act("register.update", arguments, key=key, case={"id": "review:1"})


def test_an_attempt_again_is_the_same_entry(stage: Stage) -> None:
    """A worker that died after writing has entered it once; another task enters another one."""
    first, again, other = add(stage), add(stage), add(stage, key="r:/do/1#1")

    assert first == again
    assert other["id"] != first["id"]
    assert len(entries(stage)) == 2


def test_another_case_measures_with_the_figures_of_the_records(stage: Stage) -> None:
    """What `report.kpi` gives is what the register takes; a filter makes it another figure."""
    before = stage.act("report.kpi", {"kpi": "backlog"}, key="before")
    entry_id = add(stage, baseline=before, target=10)["id"]
    same = stage.act("report.kpi", {"kpi": "backlog"}, key="after")
    other = stage.act("report.kpi", {"kpi": "backlog", "only": {"group": "x"}}, key="other")

    told = change(stage, "r2:/do/0#1", entry=entry_id, result=same, status="checking")
    again = change(stage, "r2:/do/0#1", entry=entry_id, result=same, status="checking")
    unlike = change(stage, "r2:/do/1#1", entry=entry_id, result=other)

    assert told == again
    assert (told["comparable"], told["change"], told["improved"], told["reached"]) == (
        True, 0, False, True,
    )  # fmt: skip
    assert unlike == {
        "id": entry_id, "status": "checking", "comparable": False, "change": None, "improved": None,
        "reached": None,
    }  # fmt: skip
    (entry,) = entries(stage)
    assert [(each["case"], each["comparable"]) for each in entry["acts"]] == [
        ("review:1", True), ("review:1", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"entry": "improvement-9"}, "NotFound", "no entry 'improvement-9'"),
        ({"result": {"value": 3}}, "Refused", "give the whole result of a report.kpi task"),
    ],
)
def test_what_cannot_be_is_not_tried_again(
    stage: Stage, given: dict[str, Any], kind: str, said: str
) -> None:
    """And leaves the entry as it was."""
    arguments = {"entry": add(stage)["id"], "status": "done", **given}

    with pytest.raises(ApplicationError, match=said) as raised:
        change(stage, "r2:/do/0#1", **arguments)

    assert (raised.value.type, raised.value.non_retryable) == (kind, True)
    assert [each["status"] for each in entries(stage)] == ["proposed"]
