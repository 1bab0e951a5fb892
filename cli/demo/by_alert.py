"""The third story: an alert of the monitoring opens a case and, once it is over, closes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cli.demo.patience import require, until
from cli.demo.stage import Stage

DEFINITION = "alert-to-incident"


async def tell(stage: Stage) -> None:
    """Tell the story from the firing alert to the closed incident.

    Raises:
        StoryFailed: something did not happen in time, or happened twice.
    """
    narrator = stage.narrator
    narrator.chapter("An alert becomes an incident")
    firing = notification(stage.tag, datetime.now(UTC))
    require(await stage.door.alert(firing) == ["started"], "the alert started no case")
    case = await _case(stage)
    narrator.tell("Monitoring", 'reports through the webhook: "Disk almost full on db1"', case)
    await stage.opened(case, "acknowledge")
    narrator.tell("Caseway", "has opened a ticket and waits for the person on call", case)

    require(
        await stage.door.alert(firing) == ["unchanged"], "the same notification changed something"
    )
    narrator.tell("Monitoring", "sends the same notification again; nothing changes")

    await stage.door.alert(
        notification(stage.tag, datetime.fromisoformat(_starts(firing)), over=True)
    )
    narrator.tell("Monitoring", "reports that the alert is over")
    view = await stage.ended(case, "closed")
    ticket = view["row"]["ticket"] or (view["case"]["results"].get("openTicket") or {}).get("id")
    narrator.tell(
        "Caseway", f"has withdrawn the work item, closed ticket {ticket} and ended the case", case
    )


def notification(tag: str, since: datetime, *, over: bool = False) -> dict[str, Any]:
    """Return the body that Alertmanager (version 4) sends for one alert."""
    status = "resolved" if over else "firing"
    labels = {
        "alertname": "DiskAlmostFull",
        "instance": "db1",
        "severity": "warning",
        "job": "node",
    }
    annotations = {
        "summary": "Disk almost full on db1",
        "description": "Less than 5% of /var is free.",
    }
    alert = {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": since.isoformat(),
        # Go's zero time: still firing.
        "endsAt": datetime.now(UTC).isoformat() if over else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph",
        "fingerprint": tag,
    }
    return {
        "version": "4",
        "groupKey": '{}:{alertname="DiskAlmostFull"}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "caseway",
        "groupLabels": {"alertname": "DiskAlmostFull"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "http://alertmanager.example.org",
        "alerts": [alert],
    }


def _starts(payload: Mapping[str, Any]) -> str:
    starts: str = payload["alerts"][0]["startsAt"]
    return starts


async def _case(stage: Stage) -> str:
    async def look() -> str | None:
        for each in await stage.door.cases(definition=DEFINITION):
            if stage.tag in str(each["case"]):
                return str(each["case"])
        return None

    return await until("the case of the alert in the list", look)
