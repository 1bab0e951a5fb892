"""Bundles are told apart by their digests."""

from __future__ import annotations

import json
from dataclasses import replace

from language.bundle import Bundle
from language.compile import compile_definition

TEXT = """
document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0' }
do: [ { first: { set: { a: 1 } } } ]
"""


def bundle(text: str = TEXT) -> Bundle:
    """A bundle of a small definition."""
    plan, findings = compile_definition(text, "process.yaml")
    assert plan is not None, findings
    messages = {"hello": {"en": "Hello", "zh-TW": "您好"}}
    return Bundle("p", "n", plan.version, plan, text, {}, messages)


def test_a_bundle_comes_back_equal_with_its_digest():
    """A store gives back what was published."""
    stored = bundle().to_json()

    assert bundle() == Bundle.from_json(json.loads(json.dumps(stored)))
    assert stored["digest"] == bundle().digest


def test_every_change_changes_the_digest():
    """The same version with other content is noticed."""
    other_text = bundle(TEXT.replace("a: 1", "a: 2"))
    other_message = replace(bundle(), messages={"hello": {"en": "Hi"}})

    assert len({bundle().digest, other_text.digest, other_message.digest}) == 3


def test_the_content_digest_does_not_see_the_version():
    """An unchanged definition needs no new development version."""
    later = bundle().under_version("1.0.0-dev.7")

    assert later.plan.version == "1.0.0-dev.7"
    assert bundle().content_digest == later.content_digest
    assert bundle().digest != later.digest


STATUSES = """
document:
  dsl: '1.0.3'
  namespace: n
  name: p
  version: '1.0.0'
  metadata: { owner: lead, statuses: { received: { phase: open }, closed: { phase: closed } } }
do: [ { first: { set: { a: 1 } } } ]
"""


def test_the_order_of_statuses_is_content():
    """A case begins in the first status: another order is another definition."""
    one, two = "received: { phase: open }", "closed: { phase: closed }"
    turned = STATUSES.replace(f"{one}, {two}", f"{two}, {one}")

    assert bundle(STATUSES).content_digest != bundle(turned).content_digest
