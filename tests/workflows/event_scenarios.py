"""Scenarios of events: `emit`, `listen` and what routes between them, as definitions write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from language.compile import compile_definition
from language.plan import Plan
from tests.workflows.scenarios import Scenario, Step


@dataclass(frozen=True, slots=True)
class Written(Scenario):
    """A scenario whose tasks are written as in a file: the part below `do:`."""

    text: str = ""

    @property
    def plan(self) -> Plan:
        """The compiled plan."""
        return written(self.name, self.text)


def written(name: str, text: str) -> Plan:
    """Compile a definition from what stands below its document."""
    head = f"document: {{dsl: '1.0.3', namespace: tests, name: {name}, version: '1.0.0'}}\n"
    plan, findings = compile_definition(head + text, "process.yaml")
    assert plan is not None, [str(each) for each in findings]
    return plan


def event(id: str, type: str, data: Any = None, **more: Any) -> Mapping[str, Any]:
    """A CloudEvent of a hospital."""
    return {
        "specversion": "1.0", "id": id, "source": "https://hospital.example", "type": type,
        "data": data, **more,
    }  # fmt: skip


EVENT_SCENARIOS: tuple[Written, ...] = (
    Written(
        "emits",
        (),
        text="""
do:
  - tell:
      emit:
        event:
          with:
            source: https://petstore.example
            type: emits.placed
            data: { pet: '${ .pet }', quantity: 101 }
  - shorten: { set: { got: '${ del(.id, .time) }', hasId: '${ .id | type }', at: '${ .time | type }' } }
""",
        input={"pet": "dalmatian"},
        output={
            "got": {
                "specversion": "1.0",
                "source": "https://petstore.example",
                "type": "emits.placed",
                "datacontenttype": "application/json",
                "data": {"pet": "dalmatian", "quantity": 101},
            },
            "hasId": "string",
            "at": "string",
        },
        actions=(("events.publish", "/do/0/tell#1"),),
    ),
    Written(
        "emit-fills-in",
        (),
        text="""
do:
  - tell: { emit: { event: { with: { type: fills.in, subject: '${ .nobody }' } } } }
  - look: { set: '${ {source, keys: keys} }' }
""",
        input={},
        output={
            "source": "/tests/emit-fills-in/1.0.0",
            "keys": ["id", "source", "specversion", "time", "type"],
        },
        actions=(("events.publish", "/do/0/tell#1"),),
    ),
    Written(
        "emit-no-event",
        (),
        text="""
do:
  - tell: { emit: { event: { with: { type: no.event, time: '${ "soon" }' } } } }
""",
        ends="failed",
    ),
    Written(
        "emit-refused-and-caught",
        (),
        text="""
do:
  - attempt:
      try:
        - tell: { emit: { event: { with: { type: refused.caught } } } }
      catch:
        errors: { with: { type: https://open-workflow-specification.org/spec/1.0.0/errors/communication } }
        do:
          - sorry: { set: { sorry: true } }
""",
        failing={"events.publish": 1},
        output={"sorry": True},
        actions=(("events.publish", "/do/0/attempt/try/0/tell#1"),),
    ),
    Written(
        "listen-to-one",
        (),
        text="""
do:
  - wait:
      listen: { to: { one: { with: { type: one.temperature, data: '${ .temperature > 38 }' } } } }
""",
        steps=(
            Step(publish=event("1", "one.temperature", {"temperature": 37})),
            Step(publish=event("2", "one.temperature", {"temperature": 39})),
        ),
        output=[{"temperature": 39}],
    ),
    Written(
        "listen-to-all",
        (),
        text="""
do:
  - wait:
      listen:
        to:
          all:
            - with: { type: all.a }
            - with: { type: all.b, data: { urgent: true } }
""",
        steps=(
            Step(publish=event("1", "all.b", {"urgent": False, "n": 0})),
            Step(publish=event("2", "all.b", {"urgent": True, "n": 1})),
            Step(publish=event("3", "all.a", {"n": 2})),
        ),
        # Which of two types arrives first is up to their routers.
        output=...,
    ),
    Written(
        "each-event-counts-for-one-filter",
        (),
        text="""
do:
  - wait:
      listen:
        to:
          all:
            - with: { type: counts.t, data: '${ .n > 38 }' }
            - with: { type: counts.t, data: '${ .n > 40 }' }
""",
        steps=(
            Step(publish=event("1", "counts.t", {"n": 41})),
            Step(publish=event("2", "counts.t", {"n": 39})),
        ),
        output=[{"n": 41}, {"n": 39}],
    ),
    Written(
        "listen-until-a-condition",
        (),
        text="""
do:
  - wait:
      listen:
        to:
          any: [ { with: { type: condition.t } } ]
          until: (. | length) >= $input.n
""",
        input={"n": 3},
        steps=tuple(Step(publish=event(str(n), "condition.t", {"n": n})) for n in range(3)),
        output=[{"n": 0}, {"n": 1}, {"n": 2}],
    ),
    Written(
        "listen-until-an-event",
        (),
        text="""
do:
  - wait:
      listen:
        to:
          any: [ { with: { type: until.event, data: '${ .n != null }' } } ]
          until: { one: { with: { type: until.event, data: { out: true } } } }
        read: envelope
      foreach:
        item: vital
        at: place
        do:
          - keep: { set: { id: '${ $vital.id }', n: '${ $vital.data.n }', place: '${ $place }' } }
        output: { as: '${ . + { seen: true } }' }
        export: { as: '${ (. // {}) + { last: .n } }' }
  - show: { set: { heard: '${ . }', last: '${ $context.last }' } }
""",
        steps=(
            Step(publish=event("e1", "until.event", {"n": 1})),
            Step(publish=event("e2", "until.event", {"n": 2})),
            Step(publish=event("e3", "until.event", {"out": True, "n": 9})),
        ),
        output={
            "heard": [
                {"id": "e1", "n": 1, "place": 0, "seen": True},
                {"id": "e2", "n": 2, "place": 1, "seen": True},
            ],
            "last": 2,
        },
    ),
    Written(
        "listen-correlates-with-an-expectation",
        (),
        text="""
do:
  - wait:
      listen:
        to:
          one:
            with: { type: expected.admitted }
            correlate: { patient: { from: .data.patient, expect: .id } }
""",
        input={"id": "p2"},
        steps=(
            Step(publish=event("1", "expected.admitted", {"patient": "p1"})),
            Step(publish=event("2", "expected.admitted", {"patient": "p2"})),
        ),
        output=[{"patient": "p2"}],
    ),
    Written(
        "the-first-event-fixes-the-correlation",
        (),
        text="""
do:
  - wait:
      listen:
        to:
          all:
            - with: { type: fixed.read, data: '${ .of == "temperature" }' }
              correlate: { room: { from: .data.room } }
            - with: { type: fixed.read, data: '${ .of == "humidity" }' }
              correlate: { room: { from: .data.room } }
""",
        steps=(
            Step(publish=event("1", "fixed.read", {"of": "temperature", "room": 1})),
            Step(publish=event("2", "fixed.read", {"of": "humidity", "room": 2})),
            Step(publish=event("3", "fixed.read", {"of": "humidity"})),
            Step(publish=event("4", "fixed.read", {"of": "humidity", "room": 1})),
        ),
        output=[{"of": "temperature", "room": 1}, {"of": "humidity", "room": 1}],
    ),
    Written(
        "listen-reads-raw",
        (),
        text="""
do:
  - wait: { listen: { to: { one: { with: { type: raw.t } } }, read: raw } }
""",
        steps=(Step(publish=event("1", "raw.t", {"a": [1, 2]})),),
        output=['{"a":[1,2]}'],
    ),
    Written(
        "a-filter-that-fails-leaves-the-event-out",
        (),
        text="""
do:
  - wait: { listen: { to: { one: { with: { type: fails.t, data: '${ .n.m > 1 }' } } } } }
""",
        steps=(
            Step(publish=event("1", "fails.t", {"n": "text"})),
            Step(publish=event("2", "fails.t", {"n": {"m": 2}})),
        ),
        output=[{"n": {"m": 2}}],
    ),
    Written(
        "came-early-and-sent-to-the-case",
        (),
        text="""
do:
  - pause: { wait: { milliseconds: 300 } }
  - wait: { listen: { to: { one: { with: { type: early.case } } } } }
""",
        steps=(Step(event={"id": "x", "type": "early.case", "data": {"n": 1}}),),
        output=[{"n": 1}],
    ),
    Written(
        "listens-to-what-it-is-told",
        (),
        text="""
do:
  - pause: { wait: { milliseconds: 300 } }
  - wait:
      listen: { to: { one: { with: { type: told.t } } }, read: envelope }
      foreach:
        do: [ { keep: { set: { n: '${ $item.data.n }', version: '${ $item.specversion }' } } } ]
""",
        steps=(Step(event={"id": "x", "type": "told.t", "data": {"n": 1}}),),
        output=[{"n": 1, "version": "1.0"}],
    ),
    Written(
        "came-early-and-published",
        (),
        text="""
do:
  - pause: { wait: { milliseconds: 300 } }
  - wait: { listen: { to: { one: { with: { type: early.published } } } } }
""",
        steps=(Step(publish=event("1", "early.published", {"n": 1})),),
        output=[{"n": 1}],
    ),
    Written(
        "the-same-event-twice",
        (),
        text="""
do:
  - wait:
      listen:
        to:
          any: [ { with: { type: twice.t } } ]
          until: (. | length) >= 2
""",
        steps=(
            Step(publish=event("1", "twice.t", {"n": 1})),
            Step(publish=event("1", "twice.t", {"n": 1})),
            Step(publish=event("2", "twice.t", {"n": 2})),
        ),
        output=[{"n": 1}, {"n": 2}],
    ),
    Written(
        "talks-to-itself",
        (),
        text="""
do:
  - both:
      fork:
        branches:
          - hear: { listen: { to: { one: { with: { type: itself.t, data: { to: '${ $workflow.id }' } } } } } }
          - say: { emit: { event: { with: { type: itself.t, data: { to: '${ $workflow.id }' } } } } }
  - told: { set: '${ .[0][0].to == .[1].data.to }' }
""",
        output=True,
        actions=(("events.publish", "/do/0/both/fork/branches/1/say#1"),),
    ),
    Written(
        "each-branch-hears-the-same-event",
        (),
        text="""
do:
  - both:
      fork:
        branches:
          - vitals:
              listen:
                to:
                  any: [ { with: { type: branches.t, data: '${ .n != null }' } } ]
                  until: { one: { with: { type: branches.t, data: { out: true } } } }
          - out: { listen: { to: { one: { with: { type: branches.t, data: { out: true } } } } } }
          - slow:
              listen:
                to:
                  any: [ { with: { type: branches.t } } ]
                  until: (. | length) >= 3
              foreach: { do: [ { pause: { wait: { milliseconds: 50 } } } ] }
  - again:
      listen: { to: { one: { with: { type: branches.t } } } }
      timeout: { after: { milliseconds: 200 } }
""",
        steps=(
            Step(publish=event("1", "branches.t", {"n": 1})),
            Step(publish=event("2", "branches.t", {"n": 2})),
            Step(publish=event("3", "branches.t", {"out": True})),
        ),
        # What the branches have heard is over for the task after them.
        ends="failed",
    ),
    Written(
        "what-the-branches-heard",
        (),
        text="""
do:
  - both:
      fork:
        branches:
          - vitals:
              listen:
                to:
                  any: [ { with: { type: heard.t, data: '${ .n != null }' } } ]
                  until: { one: { with: { type: heard.t, data: { out: true } } } }
          - out: { listen: { to: { one: { with: { type: heard.t, data: { out: true } } } } } }
          - slow:
              listen:
                to:
                  any: [ { with: { type: heard.t } } ]
                  until: (. | length) >= 3
              foreach: { do: [ { pause: { wait: { milliseconds: 50 } } } ] }
""",
        steps=(
            Step(publish=event("1", "heard.t", {"n": 1})),
            Step(publish=event("2", "heard.t", {"n": 2})),
            Step(publish=event("3", "heard.t", {"out": True})),
        ),
        output=[
            [{"n": 1}, {"n": 2}],
            [{"out": True}],
            [{"n": 1}, {"n": 2}, {"out": True}],
        ],
    ),
    Written(
        "a-race-that-events-lose",
        (),
        text="""
do:
  - race:
      fork:
        compete: true
        branches:
          - hear: { listen: { to: { one: { with: { type: never.comes } } } } }
          - pause: { wait: { milliseconds: 400 } }
  - after: { set: { done: true } }
""",
        output={"done": True},
    ),
    Written(
        "listen-in-time",
        (),
        text="""
do:
  - attempt:
      try:
        - hear:
            listen: { to: { one: { with: { type: never.in.time } } } }
            timeout: { after: { milliseconds: 200 } }
      catch:
        errors: { with: { status: 408 } }
        do: [ { late: { set: { late: true } } } ]
""",
        output={"late": True},
    ),
    Written(
        "each-event-in-its-round",
        (),
        text="""
do:
  - hear: { listen: { to: { one: { with: { type: rounds.t } } } } }
  - again:
      switch:
        - last: { when: '.[0].last', then: end }
        - more: { then: hear }
""",
        steps=(
            Step(publish=event("1", "rounds.t", {"n": 1})),
            Step(publish=event("2", "rounds.t", {"n": 2})),
            Step(publish=event("3", "rounds.t", {"n": 3, "last": True})),
        ),
        output=[{"n": 3, "last": True}],
    ),
)
