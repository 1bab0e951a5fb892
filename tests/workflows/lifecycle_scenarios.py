"""Cases that tell what becomes of them, to be run in every runtime."""

from __future__ import annotations

from tests.workflows.scenarios import Step, definition

HTTP = "{ call: http, with: { method: get, endpoint: 'https://example.org/' } }"

WHOLE = definition(
    "told",
    f"""
    do:
      - ask: {HTTP}
      - skipped: {{ if: 'false', set: {{ a: 1 }} }}
      - each: {{ for: {{ in: '[1, 2]' }}, do: [ {{ one: {{ set: {{ n: $item }} }} }} ] }}
    """.replace("n: $item", "n: '${ $item }'"),
    announces=True,
)
RETRIED = definition(
    "retried",
    f"""
    do:
      - attempt:
          try: [ {{ ask: {HTTP} }} ]
          catch: {{ retry: {{ limit: {{ attempt: {{ count: 1 }} }} }} }}
    """,
    failing={"http": 2},
    ends="failed",
    announces=True,
)
RACE = definition(
    "told-race",
    """
    do:
      - first:
          fork:
            compete: true
            branches: [ { long: { wait: { hours: 1 } } }, { short: { wait: PT0.02S } } ]
    """,
    announces=True,
)
HELD = definition(
    "held-twice",
    f"do: [ {{ ask: {HTTP} }} ]",
    metadata="{ owner: somebody, onError: hold }",
    failing={"http": 2},
    steps=(Step(operate="retry"), Step(operate="retry")),
    announces=True,
)
CANCELLED = definition(
    "given-up",
    "do: [ { block: { do: [ { pause: { wait: { hours: 1 } } } ] } } ]",
    steps=(Step(cancel="not needed"),),
    ends="cancelled",
    announces=True,
)
HEARD = definition(
    "heard",
    "do: [ { hear: { listen: { to: { one: { with: { type: order.placed } } } } } } ]",
    steps=(Step(event={"id": "e1", "type": "order.placed", "data": {}}),),
    announces=True,
)
BAD_INPUT = definition(
    "bad",
    "do: [ { one: { input: { schema: { document: { required: [id] } } }, set: { a: 1 } } } ]",
    input={},
    ends="failed",
    announces=True,
)
ALL = (WHOLE, RETRIED, RACE, HELD, CANCELLED, HEARD, BAD_INPUT)
