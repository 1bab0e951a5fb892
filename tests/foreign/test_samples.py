"""Definitions that nobody here wrote: the standard's examples, those of its reference, the Java SDK's samples."""

from __future__ import annotations

import pytest

from tests.foreign.corpora import needed, standard
from tests.foreign.samples import Sample, judge_all, of_files, of_pages, read
from tests.foreign.verdicts import Verdict

PATTERNS = ("*.yaml", "*.yml", "*.json")


def held(verdicts: list[Verdict]) -> None:
    """None is wrong, and none needs what only a later version will have."""
    assert [str(each) for each in verdicts if each.kind not in ("right", "refused")] == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("corpus", ["examples", "java-samples"])
def test_every_file_is_accepted_and_runs_or_is_refused_by_name(corpus: str) -> None:
    """No internal error, no hang, no finding without a feature, no end that nothing explains."""
    held(list(judge_all(of_files(needed(corpus, *PATTERNS)))))


@pytest.mark.timeout(600)
def test_every_definition_of_the_reference_too() -> None:
    """The code blocks of the standard's own pages that are whole definitions."""
    held(list(judge_all(of_pages(needed(".", "*.md")))))


def test_the_standards_schema_is_there() -> None:
    """Without it nothing would tell a valid file from an invalid one."""
    needed("schema", "*.yaml")
    assert standard() is not None


# --- the judge itself -------------------------------------------------------------------------------

HEAD = "document: { dsl: '1.0.3', namespace: t, name: judged, version: '1.0.0' }\n"


def _judged(body: str) -> Verdict:
    sample: Sample = read("judged.yaml", HEAD + body)
    return next(iter(judge_all([sample])))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("do: [ { a: { set: { x: 1 } } } ]", "right"),
        ("do: [ { a: { set: { x: '${ .count + 1 }' } } } ]", "right"),
        ("do: [ { a: { raise: { error: { type: https://x.example/e, status: 400 } } } } ]", "right"),
        ("do: [ { a: { call: http, with: { method: get, endpoint: 'https://httpbin.org/status/418' } } } ]", "right"),
        ("do: [ { a: { call: grpc, with: { proto: { endpoint: 'file://x' }, service: { name: s, host: h }, method: m } } } ]", "refused"),
        ("do: [ { a: { set: { x: 1 }, then: nowhere } } ]", "right"),
        ("do: [ { a: { set: { x: '${ .a + }' } } } ]", "right"),
        ("do: [ { a: { set: { x: '${ .a' } } } ]", "right"),
        ("do: [ { a: { set: { x: '${ error(\"always\") }' } } } ]", "right"),
        ("do: [ { a: { wait: { days: 4000 } } } ]", "wrong"),
        ("do: [ { a: { listen: { to: { any: [], until: '${ false }' } } } } ]", "right"),
        ("do: [ { a: { listen: { to: { one: { with: { type: t, data: '${ .n > 3 }' }, correlate: { k: { from: .data.id, expect: .id } } } } } } } ]", "right"),
        ("do: [ { a: { for: { each: pet, in: .pets }, do: [ { b: { set: { n: '${ $pet.owner.name + \"!\" }' } } } ] } } ]", "right"),
        ("use: { secrets: [ key ] }\ndo: [ { a: { call: http, with: { method: get, endpoint: 'https://x.example', headers: { A: '${ \"b \" + $secrets.key }' } } } } ]", "right"),
        ("do: [ { a: { call: http, with: { method: get, endpoint: 'https://x.example/{id}' }, export: { as: { next: '${ .home }' } } } }, { b: { call: http, with: { method: get, endpoint: '${ $context.next }' } } } ]", "right"),
    ],
)  # fmt: skip
def test_the_judge_tells_kinds_apart(body: str, kind: str) -> None:
    """What runs, faults with a reason, is invalid or left out, and what has no explanation."""
    needed("schema", "*.yaml")
    assert _judged(body).kind == kind, _judged(body)
