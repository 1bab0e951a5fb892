"""The sample organization is whole: every name leads somewhere, every target is an assumption."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "definitions" / "organization"
TABLES = sorted((FOLDER / "tables").glob("*.yaml"))


def read(name: str) -> Any:
    """A file of the organization."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def table(name: str) -> Any:
    """A decision table of the organization."""
    return read(f"tables/{name}.yaml")["table"]


def test_people_belong_to_groups_and_roles_that_exist() -> None:
    """Nobody is listed in a group, role or calendar that does not exist."""
    people = read("people.yaml")["people"]
    groups = read("groups.yaml")["groups"]
    roles = read("roles.yaml")["roles"]

    for person in people.values():
        assert set(person["groups"]) <= set(groups)
        assert set(person["roles"]) <= set(roles)
        assert person.get("manager", "wang") in people
        assert (FOLDER / "calendars" / f"{person['calendar']}.yaml").is_file()


def test_people_and_roles_tell_the_same() -> None:
    """Who has a role says so in both places."""
    people = read("people.yaml")["people"]
    roles = read("roles.yaml")["roles"]

    for name, role in roles.items():
        assert set(role["people"]) == {
            person for person, each in people.items() if name in each["roles"]
        }


def test_groups_have_members_a_lead_and_a_fallback() -> None:
    """No group can be left without somebody to ask."""
    people = read("people.yaml")["people"]
    roles = read("roles.yaml")["roles"]

    for name, group in read("groups.yaml")["groups"].items():
        assert any(name in person["groups"] for person in people.values())
        assert group["lead"] in people
        assert group["fallback"] in roles


def test_rota_names_people() -> None:
    """Whoever is on call exists."""
    people = read("people.yaml")["people"]

    for rota in read("rota.yaml")["rota"].values():
        assert all(set(layer["people"]) <= set(people) for layer in rota["layers"])


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_tables_bear_the_name_of_their_file_and_are_marked_as_assumptions(path: Path) -> None:
    """The figures of the sample stand in no contract, and each table says so."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))["table"]

    assert content["name"] == path.stem
    assert content["assumption"] is True


def test_priority_covers_every_impact_and_urgency_once() -> None:
    """Triage never ends without a priority, and never with two."""
    priority = table("priority")
    inputs = priority["inputs"]
    wanted = set(itertools.product(inputs["impact"]["enum"], inputs["urgency"]["enum"]))
    rows = [(row["when"]["impact"], row["when"]["urgency"]) for row in priority["rows"]]

    assert len(rows) == len(set(rows))
    assert set(rows) == wanted


def test_graver_or_more_urgent_is_never_less_important() -> None:
    """The matrix has no surprise: a step up in impact or urgency never lowers the priority."""
    priority = table("priority")
    impacts, urgencies = (priority["inputs"][name]["enum"] for name in ("impact", "urgency"))
    matrix = {
        (row["when"]["impact"], row["when"]["urgency"]): row["then"]["priority"]
        for row in priority["rows"]
    }

    for (impact, urgency), level in matrix.items():
        for graver in impacts[: impacts.index(impact) + 1]:
            for sooner in urgencies[: urgencies.index(urgency) + 1]:
                assert matrix[graver, sooner] <= level


def test_tables_of_groups_lead_to_groups_that_exist() -> None:
    """No category and no class of faults ends with a group that nobody knows."""
    groups = read("groups.yaml")["groups"]

    for name in ("category-groups", "fault-groups"):
        assert {row["then"]["group"] for row in table(name)["rows"]} <= set(groups)


def test_every_priority_has_service_levels() -> None:
    """Whatever the matrix gives has targets for all three clocks."""
    priorities = table("priority")["outputs"]["priority"]["enum"]
    levels = {row["when"]["priority"]: row["then"] for row in table("service-levels")["rows"]}

    assert set(levels) == set(priorities)
    assert all(set(each) == {"response", "update", "resolution"} for each in levels.values())
