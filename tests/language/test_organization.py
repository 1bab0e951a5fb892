"""Organization files: what they hold and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from language.files import read_organization
from language.organization import Organization, merge_files

PEOPLE = "people: { lin: { name: Lin, groups: [desk] }, chen: { name: Chen, manager: lin } }\n"
GROUPS = "groups: { desk: { lead: lin } }\n"
TABLE = """
table:
  name: priority
  version: '1.0.0'
  hit: first
  inputs: { impact: { enum: [major, minor] }, count: number }
  outputs: { priority: { enum: [P1, P2] }, within: duration }
  rows:
    - { when: { impact: [major, minor], count: '>= 3' }, then: { priority: P1, within: 4 business hours } }
    - { when: { count: '1..2' }, then: { priority: P2, within: { businessDays: 1 } } }
    - { then: { priority: P1, within: 1 hour } }
"""
WINDOW = (
    "windows: { a: { kind: maintenance, every: 'Sun 01:00-05:00', timezone: UTC, assets: all } }\n"
)
CALENDAR = "calendar: { timezone: Asia/Taipei, week: { mon-fri: ['09:00-18:00'] } }\n"


def merged(*files: tuple[str, str]) -> tuple[Organization, list[tuple[str, str]]]:
    """An organization of (text, stem), and (code, message) of what is wrong."""
    organization, findings = merge_files([(text, f"{stem}.yaml", stem) for text, stem in files])
    return organization, [(each.code, each.message) for each in findings]


def test_files_make_one_document_with_tables_and_calendars_by_their_files():
    """Readers get one JSON document, whatever the files are called."""
    organization, wrong = merged(
        (PEOPLE, "people"), (GROUPS, "groups"), (TABLE, "priority"), (CALENDAR, "office")
    )

    assert wrong == []
    assert organization.names("person") == ("lin", "chen")
    assert organization.names("table") == ("priority",)
    assert (organization.calendar("office") or {})["timezone"] == "Asia/Taipei"
    assert Organization.from_json(json.loads(json.dumps(organization.to_json()))) == organization


def test_every_change_changes_the_digest():
    """The store tells documents apart by it."""
    one, _ = merged((TABLE, "priority"), (PEOPLE, "people"))
    other_people, _ = merged((TABLE, "priority"))
    other_table, _ = merged((TABLE.replace("'>= 3'", "'>= 4'"), "priority"), (PEOPLE, "people"))

    assert len({one.digest, other_people.digest, other_table.digest}) == 3


@pytest.mark.parametrize(
    ("text", "stem", "code", "says"),
    [
        ("people: { a: { name: A, groups: [dsk] } }", "people", "CW205", 'no group "dsk"'),
        ("people: { a: { name: A, mial: a@b.c } }", "people", "CW105", "mial"),
        ("peple: {}", "people", "CW105", "peple"),
        ("people: { a: { name: A, mail: nobody } }", "people", "CW108", "mail address"),
        (CALENDAR.replace("09:00-18:00", "9-18"), "office", "CW108", "hours such as"),
        (CALENDAR.replace("mon-fri", "monday"), "office", "CW108", "weekday"),
        (CALENDAR.replace("Asia/Taipei", "CST+8"), "office", "CW108", "time zone"),
        (TABLE.replace("count: '1..2'", "counts: 1"), "priority", "CW309", 'no input "counts"'),
        (TABLE.replace("priority: P2", "priority: P9"), "priority", "CW309", '"P9"'),
        (
            TABLE.replace("priority: P2, ", ""),
            "priority",
            "CW309",
            'does not say the output "priority"',
        ),
        (TABLE.replace("4 business hours", "soon"), "priority", "CW309", '"soon"'),
        (TABLE, "levels", "CW111", 'its file "levels"'),
        (TABLE.replace("hit: first", "hit: best"), "priority", "CW108", '"best"'),
        ("windows: { a: { kind: freeze, assets: all } }", "windows", "CW428", "says no time"),
        (WINDOW.replace("01:00-05:00", "05:00-05:00"), "windows", "CW428", "ends when it begins"),
        (WINDOW.replace("Sun", "Son"), "windows", "CW108", "days and hours such as"),
        (WINDOW.replace(", timezone: UTC", ""), "windows", "CW429", "does not say where"),
        (WINDOW.replace("all", "[rooter]"), "windows", "CW205", 'no asset "rooter"'),
        ("assets: { a: { parent: b }, b: { parent: a } }", "assets", "CW254", "hang on itself"),
    ],
)
def test_mistakes_in_organization_files_are_named(text: str, stem: str, code: str, says: str):
    """Every name and every cell is checked where it is written."""
    _, wrong = merged((text, stem))

    assert [each for each in wrong if each[0] == code and says in each[1]], wrong


def test_the_shipped_organization_has_no_findings():
    """People copy it."""
    _, findings = read_organization(Path(__file__).parents[2] / "definitions" / "organization")

    assert findings == ()
