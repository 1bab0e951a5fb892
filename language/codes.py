"""The table of findings: what each code stands for. A code never changes its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Severity(StrEnum):
    """An error keeps a definition from being published; a warning does not. A note asks for nothing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(NamedTuple):
    """How grave a finding is, and its title in `docs/findings.md`."""

    severity: Severity
    title: str


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES: Mapping[str, Code] = MappingProxyType(
    {
        # 1xx: shape
        "CW101": Code(_E, "The file is not valid YAML"),
        "CW102": Code(_E, "The same key twice"),
        "CW103": Code(_E, "Anchors, aliases, merge keys and tags"),
        "CW104": Code(_E, "Too large or too deep"),
        "CW105": Code(_E, "A key that is not known here"),
        "CW106": Code(_E, "Something is missing"),
        "CW107": Code(_E, "A value of another kind"),
        "CW108": Code(_E, "A value that is not allowed"),
        "CW109": Code(_E, "Exactly one of several"),
        "CW110": Code(_E, "A task of no type, or of two"),
        "CW111": Code(_E, "A name that cannot be used"),
        "CW112": Code(_W, "A number that was probably meant as text"),
        "CW113": Code(_E, "Not in this profile"),
        "CW114": Code(_E, "Not in this version"),
        "CW115": Code(_W, "A comment that ignores nothing"),
        "CW116": Code(_W, "A comment that cannot ignore"),
        "CW117": Code(_E, "A file that cannot be read"),
        "CW118": Code(_E, "A rehearsal that asserts nothing"),
        "CW119": Code(_E, "A JSON Schema that cannot be right"),
        "CW120": Code(_W, "An attribute that no event has"),
        "CW121": Code(_W, "An until without any"),
        "CW122": Code(_W, "A field of an attribute that is a text"),
        "CW125": Code(_E, "A text that needs quotes"),
        "CW126": Code(_W, "A text that # cuts short"),
        # 2xx: references
        "CW201": Code(_E, "No such function"),
        "CW202": Code(_E, "No such task to go to"),
        "CW203": Code(_W, "A task that is never reached"),
        "CW204": Code(_E, "A name that the definition does not have"),
        "CW205": Code(_E, "A name that the organization does not have"),
        "CW206": Code(_E, "No such definition"),
        "CW207": Code(_E, "The result of a task that is not there"),
        "CW208": Code(_E, "A field that a case does not have"),
        "CW209": Code(_E, "A field that a value does not have"),
        "CW210": Code(_W, "A switch without a default"),
        "CW211": Code(_W, "A file that nothing uses"),
        "CW212": Code(_W, "A message without English text"),
        "CW213": Code(_E, "Facts that the table does not take"),
        "CW217": Code(_E, "A function that calls itself"),
        "CW218": Code(_E, "A function or schema that cannot be read"),
        "CW219": Code(_N, "Fetched when the definition is published"),
        "CW220": Code(_E, "A document that is no function, or no schema"),
        "CW221": Code(_W, "An extension that never runs"),
        "CW222": Code(_E, "A name that the rehearsed definition does not have"),
        "CW223": Code(_E, "Data that the rehearsed definition would refuse"),
        "CW224": Code(_W, "A field that the schema does not mention"),
        "CW226": Code(_W, "A language that the definition does not speak"),
        "CW227": Code(_W, "A declaration that nothing uses"),
        "CW228": Code(_W, "Two results of one name"),
        "CW229": Code(_E, "A result that is not there yet"),
        "CW230": Code(_W, "A result that may be missing"),
        "CW231": Code(_E, "An input that the other definition would refuse"),
        "CW232": Code(_W, "A rule that the roster cannot meet"),
        "CW233": Code(_E, "A roster of nobody"),
        "CW234": Code(_E, "A vote on something else"),
        "CW237": Code(_E, "A who that excludes everybody"),
        "CW238": Code(_E, "A strategy that lacks what it chooses by"),
        "CW240": Code(_E, "A ladder without an end"),
        "CW241": Code(_E, "A ladder that ends with nobody"),
        "CW242": Code(_W, "A level that reaches nobody"),
        "CW243": Code(_E, "An escalation without its definition"),
        "CW247": Code(_E, "An undo that cannot be"),
        "CW248": Code(_E, "An undo that would change the flow"),
        "CW249": Code(_E, "No such task to go back to"),
        "CW250": Code(_W, "Going back to where nothing is undone"),
        "CW251": Code(_E, "An onCancel that cannot be"),
        "CW254": Code(_E, "An asset that hangs on itself"),
        "CW255": Code(_E, "An item of a checklist that cannot be"),
        "CW256": Code(_W, "A booking that nothing asks about"),
        "CW261": Code(_E, "Facts that no row is for"),
        "CW262": Code(_E, "Two rows for the same facts"),
        "CW263": Code(_W, "A row that never applies"),
        "CW264": Code(_E, "A condition that cannot hold"),
        "CW265": Code(_E, "A target that no figure is for"),
        "CW271": Code(_W, "A requester whom nobody names"),
        # 3xx: data and expressions
        "CW301": Code(_E, "An expression that cannot be read"),
        "CW302": Code(_E, "Not in the subset of expressions"),
        "CW303": Code(_E, "A variable that is not there"),
        "CW304": Code(_W, "The value that flows, where $case was probably meant"),
        "CW305": Code(_W, "An expression inside of text"),
        "CW306": Code(_E, "A reaction that would change the flow"),
        "CW307": Code(_E, "A message that cannot be read"),
        "CW308": Code(_E, "A form that is not a JSON Schema"),
        "CW309": Code(_E, "A row that does not fit its table"),
        "CW310": Code(_W, "A field that the schema does not name"),
        "CW311": Code(_E, "An operation that always fails"),
        "CW312": Code(_W, "An order between values of different kinds"),
        "CW313": Code(_W, "An order with a value that may be null"),
        "CW314": Code(_W, "A default that replaces false"),
        "CW315": Code(_E, "A hyphen in a path"),
        "CW316": Code(_W, "An equality that never holds"),
        "CW317": Code(_W, "A condition that is always the same"),
        "CW318": Code(_W, "A value that an earlier set dropped"),
        "CW320": Code(_E, "Half an expression"),
        "CW321": Code(_E, "An assignment where something is asked"),
        "CW322": Code(_E, "An expression of another kind than the argument"),
        # 4xx: time and retries
        "CW401": Code(_W, "A loop that never waits"),
        "CW402": Code(_W, "Waiting without an end"),
        "CW403": Code(_E, "A threshold that is no part of the target"),
        "CW404": Code(_E, "Times that do not fit together"),
        "CW405": Code(_E, "A time that a schedule cannot keep"),
        "CW406": Code(_E, "A cron expression that cannot be used"),
        "CW407": Code(_E, "A rule that names no days"),
        "CW408": Code(_E, "No such time of day or time zone"),
        "CW409": Code(_E, "A schedule that does not fit together"),
        "CW410": Code(_W, "Working time without a calendar"),
        "CW438": Code(_E, "Working time that no calendar counts"),
        "CW415": Code(_E, "A time that leaves no time"),
        "CW416": Code(_W, "A reminder after the end"),
        "CW417": Code(_E, "A step that never comes"),
        "CW418": Code(_E, "A clock that nothing starts or ends"),
        "CW420": Code(_E, "A safe read that may change something"),
        "CW421": Code(_W, "A ladder that is slower than its clock"),
        "CW422": Code(_E, "A time in which nobody is on call"),
        "CW423": Code(_E, "A hand-over that cannot be"),
        "CW428": Code(_E, "A window that cannot be"),
        "CW429": Code(_W, "A window that does not say in which time zone"),
        "CW430": Code(_E, "A wait whose parts do not fit"),
        # 5xx: safety
        "CW501": Code(_E, "A secret outside of a call"),
        "CW502": Code(_W, "A secret in clear text"),
        "CW503": Code(_E, "A secret that the case itself would read"),
        "CW504": Code(_E, "A login that cannot work"),
        "CW505": Code(_E, "An OpenAPI document that cannot be used"),
        "CW506": Code(_E, "No such operation"),
        "CW507": Code(_E, "Parameters that an operation does not take, or lacks"),
        # 6xx: ownership
        "CW601": Code(_E, "A definition that nobody owns"),
    }
)
