"""Alerts of Alertmanager (webhook body, version 4) and of what speaks its format, to cases.

Deliveries are grouped and come at least once. Each alert is one case, named after its fingerprint
and the moment it began; each firing and each end is one event with an id of its own, so that a
repeated delivery changes nothing. Source: https://prometheus.io/docs/alerting/latest/configuration
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from cases.errors import CaseEnded, CaseNotFound, InputInvalid
from intake.ports import CaseDoor, Quarantine

DEFINITION = "alert-to-incident"
SOURCE = "alertmanager"
ALERTS_LIMIT = 1000

Result = Literal["started", "delivered", "unchanged", "recorded"]

log = structlog.get_logger()


class BrokenPayload(Exception):
    """The body is not an Alertmanager notification. `pointer` (JSON pointer) says where."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f'at "{pointer or "/"}": {detail}')
        self.pointer = pointer
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of a notification. Times are ISO 8601 in UTC; `ends_at` is None while it fires."""

    fingerprint: str
    status: Literal["firing", "resolved"]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: str
    ends_at: str | None
    generator_url: str
    group_key: str
    receiver: str

    @property
    def name(self) -> str:
        """The rule that gave the alert."""
        return self.labels.get("alertname", "alert")

    @property
    def key(self) -> str:
        """Key of the case: one for each time that the alert begins, as the definition makes it."""
        return f"{self.fingerprint}@{self.starts_at}"

    @property
    def event_id(self) -> str:
        """The same for every delivery of the same news."""
        end = self.ends_at if self.status == "resolved" else None
        return f"{SOURCE}:{self.key}:{self.status}" + (f":{end}" if end else "")

    def to_json(self) -> dict[str, Any]:
        """The `alert` of the case's input, and the data of its events."""
        return {
            "fingerprint": self.fingerprint,
            "status": self.status,
            "name": self.name,
            "severity": self.labels.get("severity"),
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "startsAt": self.starts_at,
            "endsAt": self.ends_at,
            "generatorURL": self.generator_url,
            "groupKey": self.group_key,
            "receiver": self.receiver,
        }

    def to_event(self) -> dict[str, Any]:
        """The alert as a CloudEvent for its case."""
        return {
            "id": self.event_id,
            "type": f"alert.{self.status}",
            "source": SOURCE,
            "time": self.ends_at if self.status == "resolved" else self.starts_at,
            "data": self.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one alert. `case` is None where there is none."""

    fingerprint: str
    status: str
    result: Result
    case: str | None


class Alerts:
    """The way of alerts into cases."""

    def __init__(self, cases: CaseDoor, quarantine: Quarantine) -> None:
        self._cases = cases
        self._quarantine = quarantine

    async def take(self, payload: object) -> tuple[Taken, ...]:
        """Start or tell the case of every alert; on return all of it is durable.

        The whole payload is read before anything starts.

        Raises:
            BrokenPayload: nothing was started.
            CaseError: an alert could not be delivered; delivering all of it again is safe.
        """
        return tuple([await self._take(alert) for alert in read_payload(payload)])

    async def _take(self, alert: Alert) -> Taken:
        taken = await (self._fire(alert) if alert.status == "firing" else self._resolve(alert))
        log.info(
            "alert taken",
            alert=alert.key,
            status=alert.status,
            result=taken.result,
            case=taken.case,
        )
        return taken

    async def _fire(self, alert: Alert) -> Taken:
        if await self._quarantine.quarantined(_over_before(alert)) is not None:
            # It was reported as over before it was reported at all: nothing is left to do.
            return Taken(alert.fingerprint, alert.status, "unchanged", None)
        try:
            started = await self._cases.start(
                DEFINITION,
                {"alert": alert.to_json()},
                key=alert.key,
                by=SOURCE,
                event=alert.to_event(),
                request_id=alert.event_id,
            )
        except InputInvalid as error:
            detail = json.dumps(alert.to_json(), ensure_ascii=False)
            await self._write_down(alert, alert.event_id, "not-accepted", f"{error}\n{detail}")
            return Taken(alert.fingerprint, alert.status, "recorded", None)
        result: Result = "started" if started.started else "unchanged"
        return Taken(alert.fingerprint, alert.status, result, started.case)

    async def _resolve(self, alert: Alert) -> Taken:
        case = f"{DEFINITION}:{alert.key}"
        try:
            delivered = await self._cases.event(case, alert.to_event())
        except CaseEnded:
            return Taken(alert.fingerprint, alert.status, "unchanged", case)
        except CaseNotFound:
            detail = f"{alert.name} was reported as over, but no case was ever started for it"
            await self._write_down(alert, _over_before(alert), "resolved-before-firing", detail)
            return Taken(alert.fingerprint, alert.status, "recorded", None)
        changed = delivered.state in ("delivered", "buffered", "reopened")
        return Taken(alert.fingerprint, alert.status, "delivered" if changed else "unchanged", case)

    async def _write_down(self, alert: Alert, id: str, reason: str, detail: str) -> None:
        await self._quarantine.quarantine(
            id=id,
            source=SOURCE,
            reason=reason,
            detail=detail,
            subject=alert.name,
            at=datetime.now(UTC),
        )


def read_payload(payload: object) -> tuple[Alert, ...]:
    """The alerts of a notification, in its order.

    Raises:
        BrokenPayload: a field is missing or has the wrong shape.
    """
    body = _mapping(payload, "")
    if body.get("version") != "4":
        raise BrokenPayload("/version", 'the version must be "4"')
    alerts = body.get("alerts")
    if not isinstance(alerts, Sequence) or isinstance(alerts, str):
        raise BrokenPayload("/alerts", "there must be a list of alerts")
    if len(alerts) > ALERTS_LIMIT:
        raise BrokenPayload("/alerts", f"at most {ALERTS_LIMIT} alerts are taken at once")
    group_key = _text(body, "groupKey", "", default="")
    receiver = _text(body, "receiver", "", default="")
    return tuple(
        _read_alert(each, f"/alerts/{n}", group_key, receiver) for n, each in enumerate(alerts)
    )


def _read_alert(value: object, pointer: str, group_key: str, receiver: str) -> Alert:
    alert = _mapping(value, pointer)
    status = _text(alert, "status", pointer)
    if status not in ("firing", "resolved"):
        raise BrokenPayload(f"{pointer}/status", 'the status must be "firing" or "resolved"')
    fingerprint = _text(alert, "fingerprint", pointer)
    if not (fingerprint.isalnum() and fingerprint.isascii() and len(fingerprint) <= 64):
        raise BrokenPayload(
            f"{pointer}/fingerprint", "a fingerprint is up to 64 letters and digits"
        )
    return Alert(
        fingerprint=fingerprint,
        status="firing" if status == "firing" else "resolved",
        labels=_texts(alert, "labels", pointer),
        annotations=_texts(alert, "annotations", pointer),
        starts_at=_time(alert, "startsAt", pointer),
        ends_at=_time(alert, "endsAt", pointer) if status == "resolved" else None,
        generator_url=_text(alert, "generatorURL", pointer, default=""),
        group_key=group_key,
        receiver=receiver,
    )


def _mapping(value: object, pointer: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise BrokenPayload(pointer, "there must be an object")
    return value


def _text(holder: Mapping[str, object], name: str, pointer: str, default: str | None = None) -> str:
    value = holder.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise BrokenPayload(f"{pointer}/{name}", "there must be a text")
    return value


def _texts(holder: Mapping[str, object], name: str, pointer: str) -> dict[str, str]:
    texts = {}
    for key, value in _mapping(holder.get(name, {}), f"{pointer}/{name}").items():
        if not isinstance(value, str):
            place = key.replace("~", "~0").replace("/", "~1")
            raise BrokenPayload(f"{pointer}/{name}/{place}", "there must be a text")
        texts[key] = value
    return texts


def _time(holder: Mapping[str, object], name: str, pointer: str) -> str:
    text = _text(holder, name, pointer)
    try:
        # Go writes up to nine digits of a second; six are kept, as Python has them.
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BrokenPayload(
            f"{pointer}/{name}", "there must be a time with its zone, as 2026-03-02T09:00:00Z"
        )
    try:
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError as error:
        raise BrokenPayload(f"{pointer}/{name}", "there is no such time in UTC") from error


def _over_before(alert: Alert) -> str:
    return f"{SOURCE}:{alert.key}:over"
