"""What is published says which schedules there are to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cases.bundles.store import BundleStore
from language.bundle import Bundle
from language.cron import CronInvalid
from language.plan import Plan
from service.errors import ServiceError
from service.forms import check
from service.schedules.declared import Declared, declared

OLDER_VERSIONS = 3
"""How many versions back a schedule that is no longer declared is looked for by its name."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A schedule that there is to be, with what its cases are called for people."""

    declared: Declared
    title: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A schedule that is declared and cannot be, and why. An empty name means all of a definition."""

    definition: str
    name: str
    why: str


def has_schedules(plan: Plan) -> bool:
    """Whether cases of this definition start by themselves at times."""
    return bool(names_of(plan))


def names_of(plan: Plan) -> tuple[str, ...]:
    """Names of the schedules of a definition; `on` starts cases by events and is none."""
    standard = plan.schedule or {}
    return (
        *(each for each in ("every", "cron", "after") if each in standard),
        *plan.rules.schedules,
    )


async def wanted(
    bundles: BundleStore, organization: Mapping[str, Any]
) -> tuple[list[Wanted], list[Unusable]]:
    """The schedules of the newest version of every definition."""
    found: list[Wanted] = []
    unusable: list[Unusable] = []
    for name in await bundles.names():
        bundle = await bundles.newest(name)
        if bundle is None or not has_schedules(bundle.plan):
            continue
        for each in _declared(bundle, organization, unusable):
            problem = _problem(bundle.plan, each)
            if problem is None:
                found.append(Wanted(each, bundle.plan.title or bundle.name))
            else:
                unusable.append(Unusable(name, each.name, problem))
    return found, unusable


async def concerned(bundles: BundleStore, names: Iterable[str]) -> bool:
    """Whether cases of one of these start by themselves, or did before its newest version."""
    for name in names:
        for version in (await bundles.versions(name))[:2]:
            bundle = await bundles.newest(name, version)
            if bundle is not None and (has_schedules(bundle.plan) or bundle.plan.starts_on):
                return True
    return False


async def names_ever(bundles: BundleStore) -> list[tuple[str, str]]:
    """(definition, schedule) of the newest versions and of some before them."""
    found: dict[tuple[str, str], None] = {}
    for name in await bundles.names():
        for version in (await bundles.versions(name))[:OLDER_VERSIONS]:
            bundle = await bundles.newest(name, version)
            if bundle is not None:
                found.update({(name, each): None for each in names_of(bundle.plan)})
    return list(found)


def of_plan(plan: Plan, organization: Mapping[str, Any]) -> tuple[Declared, ...]:
    """The schedules of one definition.

    Raises:
        ServiceError: one of them cannot be, in this organization.
    """
    return declared(
        plan.name, plan.schedule, plan.rules.schedules, plan.rules.calendar, organization
    )


def _declared(
    bundle: Bundle, organization: Mapping[str, Any], unusable: list[Unusable]
) -> tuple[Declared, ...]:
    try:
        return of_plan(bundle.plan, organization)
    except ServiceError as error:
        unusable.append(Unusable(bundle.name, "", str(error)))
        return ()


def _problem(plan: Plan, each: Declared) -> str | None:
    """Why the cases of a schedule would all fail, or could not be started."""
    schema = plan.input.schema
    if schema is not None:
        problems = check(schema, each.input)
        if problems:
            first = problems[0]
            return f"its input does not fit the definition: {first.pointer or '/'} {first.message}"
    try:
        if each.kind == "rule":
            each.days()
        elif each.kind == "cron":
            from language.cron import read_cron  # noqa: PLC0415 (few definitions have one)

            read_cron(each.text)
    except (ServiceError, CronInvalid) as error:
        return str(error)
    return None
