"""Whatever people, time and events do to an item in whatever order, it ends once and with one answer.

The acts go through the doors of a whole case in the rehearsal world, straight and from a snapshot at
every moment, beside a due time, steps of `onDue`, an event that answers and a withdrawal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import Refused
from tests.workflows.in_world import MONDAY, Fixed
from tests.workflows.scenarios import ORGANIZATION, definition
from workflows.case import ACTS
from workflows.rehearsal.world import Published, World

ENDS = ("answered", "expired", "withdrawn")
ASKED = definition(
    "interleaved",
    """
    do:
      - look:
          call: work-item
          with:
            title: Please look
            assign: { group: desk }
            due: { minutes: 5 }
            onDue:
              - { after: { minutes: 2 }, reassign: { group: desk, strategy: round-robin } }
              - { after: { minutes: 3 }, answer: timed }
            outcomes: { yes: {}, no: {}, timed: {}, heard: {} }
            answeredBy: [ { event: heard, outcome: heard } ]
      - tell:
          call: ticket.comment
          with: { ticket: T-1, visibility: internal, text: '${ $case.results.look.outcome }' }
    """,
    """{ owner: leads, statuses: { open: { phase: open } }, reactions: { over: { on: { event: over }, do: [
      { gone: { call: work-item.withdraw, with: { task: look, reason: over } } } ] } } }""",
)
PEOPLE = st.sampled_from(["chen", "lin", "tsai"])
ACT = st.tuples(
    # Never in the instant in which a timer rings: which of the two comes first there is open.
    st.integers(0, 22).map(lambda half: half * 30 + 7),
    st.sampled_from(
        ["answer", "claim", "release", "delegate", "reassign", "draft", "heard", "over"]
    ),
    PEOPLE,
    PEOPLE,
    st.sampled_from(["yes", "no"]),
)


def play(acts: list[tuple[int, str, str, str, str]], *, restart: bool) -> Any:
    """Give what was taken, the item at the end, what followed, and how the case stands."""
    world = World(
        start=MONDAY,
        definitions={"interleaved": Published(ASKED.plan, "digest")},
        organization=ORGANIZATION,
        systems=Fixed(ASKED),
        restart=restart,
    )
    world.open("interleaved", "interleaved:1", None)
    taken: list[tuple[str, str, str]] = []

    def act(number: int) -> None:
        _, name, by, to, outcome = acts[number]
        run = world.cases["interleaved:1"].run
        if name in ("heard", "over"):
            run.events.deliver({"id": f"e{number}", "type": name, "data": {}})
            return
        receiver: Any = {"who": [{"person": to}], "people": [to], "groups": []}
        if name == "delegate":
            receiver = {"person": to}
        request = {
            "id": f"r{number}", "item": "look", "by": by, "to": receiver, "reason": "r",
            "outcome": outcome, "values": {"n": number},
        }  # fmt: skip
        try:
            ACTS[name](run, request)
        except Refused:
            return
        taken.append((name, by, outcome))

    for number, (seconds, *_) in enumerate(acts):
        world.loop.call_at((MONDAY + timedelta(seconds=seconds)).timestamp(), act, number)
    world.run()
    assert not world.loop.failures
    case = world.cases["interleaved:1"].run
    comments = [each for each in world.actions if each.function == "ticket.comment"]
    said = [each.arguments["text"] for each in comments]
    return taken, case.state.items["look"], said, world.outcome("interleaved:1")["as"]


@settings(max_examples=120, deadline=None)
@given(st.lists(ACT, max_size=9))
def test_an_item_ends_once(acts: list[tuple[int, str, str, str, str]]) -> None:
    """One end in its history, at most one answer taken, and that is what the process goes on with."""
    taken, item, said, how = play(acts, restart=False)

    ends = [line for line in item["history"] if line["act"] in ENDS]
    assert len(ends) == 1
    answers = [outcome for name, _, outcome in taken if name == "answer"]
    assert len(answers) == (ends[0]["act"] == "answered")
    wanted = item["outcome"] or "withdrawn"
    assert said == [wanted]
    assert how == "completed"
    if answers:
        assert answers == [item["outcome"]]

    again = play(acts, restart=True)
    assert again == (taken, item, said, how), "snapshots change something"
