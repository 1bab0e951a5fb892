"""Organization data: people, groups, calendars, tables and what else definitions name.

One file per kind under `definitions/organization/`; calendars and tables one file each in their
folders. Reading them needs no knowledge of any definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from language.checks.ladders import check_ladders
from language.checks.rota import Cover, check_rotas
from language.checks.windows import EVERY, check_assets, check_windows
from language.digest import digest
from language.findings import Finding, in_order
from language.functions.schemas import (
    CHANNELS,
    COUNT,
    DELIVERY_WINDOW,
    DURATION,
    FLAG,
    JSON_OBJECT,
    WHO,
    Schema,
    choice,
    list_of,
    map_of,
    named,
    record,
    text,
)
from language.report import Report
from language.shape import Shape
from language.source import Node, Source, read_source
from language.tables import check_rows, check_table, table_schema
from language.words import suggestion

_TITLE: Schema = {"anyOf": [text(), map_of(text())], "x-says": "a text, or one per language"}
_TIME_ZONE: Schema = {
    "type": "string",
    "pattern": r"^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$",
    "x-says": "a time zone such as Asia/Taipei",
    "description": "the time zone, for example Asia/Taipei",
}
_DATE: Schema = {"type": "string", "format": "date"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_INTERVALS = list_of(
    {
        "type": "string",
        "pattern": r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        "x-says": "hours such as '09:00-12:00'",
    }
)
_WEEKDAYS = r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$"

PERSON = record(
    {
        "name": text("the person's name"),
        "mail": {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+$", "x-says": "a mail address"},
        "language": text(),
        "manager": named("person"),
        "groups": list_of(named("group")),
        "roles": list_of(named("role")),
        "skills": map_of(COUNT),
        "calendar": named("calendar"),
        "channels": list_of(text()),
        "party": text(),
        "phone": text(),
    },
    ["name"],
)
CALENDAR = record(
    {
        "timezone": _TIME_ZONE,
        "week": map_of(_INTERVALS, minProperties=1, description="working hours by weekday"),
        "holidays": record(
            {
                "country": text(),
                "subdivision": text(),
                "extra": list_of(_DATE),
                "worked": list_of(_DATE),
            }
        ),
        "exceptions": map_of(_INTERVALS),
        "title": _TITLE,
    },
    ["timezone", "week"],
)
_ABSENCE = record(
    {
        "person": named("person"),
        "from": _TIME,
        "until": _TIME,
        "delegate": named("person"),
        "approvals": {
            **FLAG,
            "description": "whether the deputy votes on approvals as well; false leaves votes out",
        },
    },
    ["person", "from", "until"],
)
_LEVEL = record(
    {
        "to": {**WHO, "description": "who is told at this level"},
        "wait": {**DURATION, "description": "how long an answer is waited for"},
        "channel": CHANNELS,
        "reassign": {**WHO, "description": "who gets the work item, where one is escalated"},
        "urgent": FLAG,
    },
    ["to", "wait"],
)
_LADDER = record(
    {
        "title": _TITLE,
        "acknowledge": record({"within": DURATION}, ["within"]),
        "window": DELIVERY_WINDOW,
        "levels": list_of(_LEVEL, minItems=1),
        "repeat": record({"times": {"type": "integer", "minimum": 0, "maximum": 100}}, ["times"]),
        "finally": record(
            {
                "workItem": text("what the last task is called"),
                "to": {**WHO, "description": "who gets what nobody took"},
            },
            ["to"],
        ),
    },
    ["levels"],
)
_ROTA = record(
    {
        "title": _TITLE,
        "timezone": _TIME_ZONE,
        "layers": list_of(
            record(
                {
                    "people": list_of(named("person"), minItems=1),
                    "rotate": choice("daily", "weekly", "monthly"),
                    "handover": text(),
                    "starts": _DATE,
                    "until": {**_DATE, "description": "the first day without this layer"},
                    "hours": named("calendar", "when this layer covers; always without it"),
                },
                ["people", "rotate", "handover", "starts"],
            ),
            minItems=1,
        ),
        "overrides": list_of(
            record(
                {"from": _TIME, "until": _TIME, "person": named("person")},
                ["from", "until", "person"],
            )
        ),
        "fallback": named("role", "who is asked while nobody is on call"),
    },
    ["timezone", "layers"],
)
_WINDOW = record(
    {
        "kind": choice("freeze", "maintenance"),
        "from": _TIME,
        "until": _TIME,
        "every": EVERY,
        "timezone": _TIME_ZONE,
        "assets": {"anyOf": [choice("all"), list_of(named("asset"))]},
        "override": named("role"),
        "title": _TITLE,
    },
    ["kind", "assets"],
)
_ASSET = record(
    {
        "class": text(),
        "owner": named("person"),
        "parent": named("asset"),
        "watch": JSON_OBJECT,
        "title": _TITLE,
    }
)
_CHANNEL = record(
    {
        "address": text(),
        "levels": named("table"),
        "calendar": named("calendar"),
        "heartbeat": record({"every": DURATION}, ["every"]),
        "title": _TITLE,
    }
)
_GROUP = record(
    {
        "title": _TITLE,
        "lead": named("person"),
        "fallback": named("role"),
        "calendar": named("calendar"),
    }
)
_ROLE = record({"title": _TITLE, "people": list_of(named("person"))})

SECTIONS: Mapping[str, Schema] = {
    "people": map_of(PERSON),
    "groups": map_of(_GROUP),
    "roles": map_of(_ROLE),
    "absences": list_of(_ABSENCE),
    "rota": map_of(_ROTA),
    "ladders": map_of(_LADDER),
    "windows": map_of(_WINDOW),
    "assets": map_of(_ASSET),
    "channels": map_of(_CHANNEL),
    "drill": record({"to": {**WHO, "description": "who hears of drills"}}, ["to"]),
}
"""Root key of an organization file -> what stands under it."""

KINDS: Mapping[str, str] = {
    "person": "people",
    "group": "groups",
    "role": "roles",
    "rota": "rota",
    "calendar": "calendars",
    "ladder": "ladders",
    "table": "tables",
    "asset": "assets",
    "channel": "channels",
}
"""Kind of a name -> the section that has it."""


@dataclass(frozen=True)
class Organization:
    """Everything of `definitions/organization/` as one JSON document."""

    document: Mapping[str, Any]

    def names(self, kind: str) -> tuple[str, ...]:
        """All names of a kind: person, group, role, rota, calendar, ladder, table, ..."""
        return tuple(self.document.get(KINDS[kind], ()))

    def table(self, name: str) -> Mapping[str, Any] | None:
        """A table by name."""
        found: Mapping[str, Any] | None = self.document.get("tables", {}).get(name)
        return found

    def calendar(self, name: str) -> Mapping[str, Any] | None:
        """A calendar by name."""
        found: Mapping[str, Any] | None = self.document.get("calendars", {}).get(name)
        return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the whole document."""
        return digest(self.document)

    def to_json(self) -> dict[str, Any]:
        """The document."""
        return dict(self.document)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Organization:
        """An organization from its document."""
        return cls(data)


def merge_files(
    files: Sequence[tuple[str, str, str]], cover: Cover | None = None
) -> tuple[Organization, tuple[Finding, ...]]:
    """Make one organization of its files, and say what is wrong with them.

    Args:
        files: (text, file, stem of the file's name) of each, in a fixed order.
        cover: When nobody is on call, as of a day; without it gaps are not looked for.
    """
    document: dict[str, Any] = {section: {} for section in SECTIONS} | {
        "absences": [],
        "calendars": {},
        "tables": {},
    }
    checks: list[_File] = []
    for text_, file, stem in files:
        source = read_source(text_, file)
        checks.append(_File(source, Report(file), stem))
    for each in checks:
        each.merge_into(document)
    organization = Organization(document)
    findings: list[Finding] = []
    for each in checks:
        each.check(organization, cover)
        findings += [*each.source.findings, *each.report.findings]
    return organization, in_order(findings)


class _File(NamedTuple):
    source: Source
    report: Report
    stem: str

    def merge_into(self, document: dict[str, Any]) -> None:
        root = self.source.root
        for key, node in (root.entries if root else None) or ():
            if key.name in ("calendar", "table"):
                document[key.name + "s"][self.stem] = node.value
            elif key.name == "absences" and node.items is not None:
                document["absences"] = [*document["absences"], *node.value]
            elif key.name in SECTIONS and node.entries is not None:
                document[key.name] = {**document[key.name], **node.value}

    def check(self, organization: Organization, cover: Cover | None) -> None:
        root = self.source.root
        if root is None:
            return
        properties = {**SECTIONS, "calendar": CALENDAR, "table": table_schema()}
        shape = Shape(self.report, expressions=False, on_name=self._name_check(organization))
        shape.check(root, record(properties, minProperties=1), "an organization file")
        windows, assets = root.get("windows"), root.get("assets")
        if windows is not None:
            check_windows(windows, self.report)
        if assets is not None:
            check_assets(assets, organization.document, self.report)
        table, calendar = root.get("table"), root.get("calendar")
        if table is not None:
            check_table(table, self.stem, self.report)
            if not self.report.findings and not self.source.findings:
                check_rows(table, self.report)
        if calendar is not None:
            self._check_calendar(calendar)
        ladders, rotas = root.get("ladders"), root.get("rota")
        if ladders is not None:
            check_ladders(ladders, self.report, organization.document)
        if rotas is not None:
            # A rota that cannot be read has no cover that could be looked at.
            readable = cover if not self.report.findings and not self.source.findings else None
            check_rotas(rotas, self.report, organization.document, readable)

    def _name_check(self, organization: Organization) -> Callable[[str, Node], None]:
        def on_name(kind: str, node: Node) -> None:
            if kind not in KINDS:
                return
            known = organization.names(kind)
            if node.text not in known:
                self.report.say(
                    "CW205",
                    node,
                    f'there is no {kind} "{node.text}"',
                    suggestion(str(node.text), known, allowed="Known"),
                )

        return on_name

    def _check_calendar(self, calendar: Node) -> None:
        for section, pattern, says in (
            ("week", _WEEKDAYS, "a weekday such as mon or mon-fri"),
            ("exceptions", r"^\d{4}-\d\d-\d\d$", "a date"),
        ):
            for key, hours in (calendar.get(section) or calendar).entries or ():
                if calendar.get(section) is None:
                    continue
                if not re.match(pattern, key.name):
                    self.report.say("CW108", key, f'"{key.name}" is not {says}')
                for item in hours.items or ():
                    start, _, end = (item.text or "").partition("-")
                    if item.text and end and end <= start:
                        self.report.say(
                            "CW404",
                            item,
                            f'"{item.text}" ends before it starts',
                            "Hours over midnight are two intervals, until '24:00' and from '00:00'.",
                        )
