"""The standard's task types, feature by feature, written as definitions and run in every runtime.

Source: Open Workflow Specification DSL 1.0.3, `dsl.md` and `dsl-reference.md`.
"""

from __future__ import annotations

from tests.workflows.scenarios import Scenario, Step, definition

ERRORS = "https://open-workflow-specification.org/spec/1.0.0/errors/"

DATA_FLOW: tuple[Scenario, ...] = (
    definition(
        "data-in-order",
        """
        input: { schema: { document: { required: [order] } }, from: .order }
        do:
          - first:
              if: .id == 7
              input: { schema: { document: { required: [id, more] } }, from: '{ n: .id }' }
              set: { dot: '${ . }', in: '${ $input }', raw: '${ $task.input }' }
              output:
                as: '{ out: ., raw: $task.output.in, in: $input }'
                schema: { document: { required: [out, raw, in] } }
              export:
                as: '{ flowed: $output.out.dot, in: $input, raw: $task.output.dot }'
                schema: { document: { required: [flowed, in, raw] } }
          - second:
              set: { context: '${ $context }', dot: '${ . }' }
        output: { as: '{ result: ., context: $context }', schema: { document: { required: [result] } } }
        """,
        input={"order": {"id": 7, "more": True}},
        output={
            "result": {
                "context": {"flowed": {"n": 7}, "in": {"n": 7}, "raw": {"n": 7}},
                "dot": {
                    "out": {"dot": {"n": 7}, "in": {"n": 7}, "raw": {"id": 7, "more": True}},
                    "raw": {"n": 7},
                    "in": {"n": 7},
                },
            },
            "context": {"flowed": {"n": 7}, "in": {"n": 7}, "raw": {"n": 7}},
        },
    ),
    definition(
        "keys-in-order",
        """
        do:
          - note: { call: log, with: { message: x } }
          - order: { set: { given: '${ $workflow.input | keys_unsorted }', text: '${ $workflow.input | tojson }' } }
        """,
        input={"b": 1, "a": {"d": 2, "c": 3}},
        output={"given": ["b", "a"], "text": '{"b":1,"a":{"d":2,"c":3}}'},
    ),
    definition(
        "logged",
        """
        do:
          - plain: { call: log, with: { message: '${ .who + " came" }' } }
          - formed:
              call: log:1.0.0@default
              with: { message: '{LEVEL}', level: warning, timestamp: false, format: '{TIMESTAMP}[{LEVEL}] ({CONTEXT}): {MESSAGE}' }
          - both: { set: { plain: '${ $case.results.plain.text }', formed: '${ $case.results.formed | del(.at) }' } }
        """,
        input={"who": "Amy"},
        output={
            "plain": "Amy came",
            "formed": {"text": "[warning] (logged:1 formed): {LEVEL}", "level": "warning"},
        },
    ),
    definition(
        "skipped",
        """
        do:
          - never: { if: '${ false }', set: { gone: true }, export: { as: '{ gone: true }' }, then: end }
          - next: { set: { kept: '${ .kept }', context: '${ $context }' } }
        """,
        input={"kept": 1},
        output={"kept": 1, "context": None},
    ),
    definition(
        "described",
        """
        do:
          - look:
              input: { from: .n }
              set:
                name: ${ $task.name }
                reference: ${ $task.reference }
                keys: ${ $task.definition | keys }
                workflow: ${ $workflow.definition.document.name }
                tasks: ${ $workflow.definition.do | length }
                given: ${ $workflow.input }
                times: ${ [$task.startedAt, $workflow.startedAt] | map(.epoch.seconds * 1000 <= .epoch.milliseconds) }
                runtime: ${ $runtime.name }
        """,
        input={"n": 5},
        output={
            "name": "look",
            "reference": "/do/0/look",
            "keys": ["input", "set"],
            "workflow": "described",
            "tasks": 1,
            "given": {"n": 5},
            "times": [True, True],
            "runtime": "caseway",
        },
    ),
    definition(
        "set-by-expression",
        "do: [ { all: { set: '${ .list }' } } ]",
        input={"list": [1, 2]},
        output=[1, 2],
    ),
)

VALIDATION = {"type": ERRORS + "validation", "status": 400}

FAULTS: tuple[Scenario, ...] = (
    definition(
        "bad-workflow-input",
        """
        input: { schema: { document: { required: [id] } } }
        do: [ { one: { set: { a: 1 } } } ]
        """,
        input={},
        ends="failed",
        error={**VALIDATION, "instance": "/"},
    ),
    definition(
        "bad-workflow-output",
        """
        do: [ { one: { set: { a: 1 } } } ]
        output: { as: .a, schema: { document: { type: string } } }
        """,
        ends="failed",
        error={**VALIDATION, "instance": "/"},
    ),
    definition(
        "bad-input",
        """
        do:
          - group:
              do:
                - one: { input: { schema: { document: { required: [id] } } }, set: { a: 1 } }
        """,
        input={},
        ends="failed",
        error={**VALIDATION, "instance": "/do/0/group/do/0/one"},
    ),
    definition(
        "bad-output",
        """
        do:
          - one: { set: { a: 1 }, output: { as: .a, schema: { document: { type: string } } } }
        """,
        ends="failed",
        error={**VALIDATION, "instance": "/do/0/one"},
    ),
    definition(
        "bad-export",
        """
        do:
          - attempt:
              try:
                - one: { set: { a: 1 }, export: { as: .a, schema: { document: { type: string } } } }
              catch: { do: [ { say: { set: { at: '${ $error.instance }', context: '${ $context }' } } } ] }
        """,
        output={"at": "/do/0/attempt/try/0/one", "context": None},
    ),
    definition(
        "bad-expression",
        """
        do:
          - choose:
              switch:
                - broken: { when: '.a + {}', then: end }
        """,
        input={"a": 1},
        ends="failed",
        error={"type": ERRORS + "expression", "status": 400, "instance": "/do/0/choose"},
    ),
    definition(
        "bad-condition-in-a-round",
        """
        do:
          - each:
              for: { in: .list }
              do:
                - one: { if: '$item | test(1)', set: { a: 1 } }
        """,
        input={"list": ["x"]},
        ends="failed",
        error={"type": ERRORS + "expression", "instance": "/do/0/each/do/0/one"},
    ),
    definition(
        "no-list",
        "do: [ { each: { for: { in: .list }, do: [ { one: { set: { a: 1 } } } ] } } ]",
        input={"list": "abc"},
        ends="failed",
        error={**VALIDATION, "instance": "/do/0/each"},
    ),
    definition(
        "refused-call",
        "do: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]",
        failing={"http": 1},
        ends="failed",
        error={"type": ERRORS + "communication", "status": 422, "instance": "/do/0/ask"},
        actions=(("http", "/do/0/ask#1"),),
    ),
)

FLOW: tuple[Scenario, ...] = (
    definition(
        "exit-leaves-the-block",
        """
        do:
          - block:
              do:
                - one: { set: { a: 1 }, then: exit }
                - two: { set: { a: 2 } }
          - after: { set: { a: '${ .a }', after: true } }
        """,
        output={"a": 1, "after": True},
    ),
    definition(
        "end-leaves-everything",
        """
        do:
          - block:
              do:
                - each:
                    for: { in: '[1, 2]' }
                    do: [ { one: { set: { a: '${ $item }' }, then: end } } ]
          - after: { set: { a: 2 } }
        """,
        output={"a": 1},
    ),
    definition(
        "end-in-a-try",
        """
        do:
          - attempt:
              try: [ { no: { raise: { error: { type: about:blank, status: 400 } } } } ]
              catch: { do: [ { one: { set: { a: 1 }, then: end } } ], then: after }
          - between: { set: { a: 2 } }
          - after: { set: { a: 3 } }
        """,
        output={"a": 1},
    ),
    definition(
        "forwards-and-backwards",
        """
        do:
          - begin: { set: { n: 0, seen: [] }, then: check }
          - add: { set: { n: '${ .n + 1 }', seen: '${ .seen + ["add"] }' } }
          - check:
              switch:
                - few: { when: .n < 2, then: add }
                - default: { then: last }
          - never: { set: { n: -1 } }
          - last: { set: { n: '${ .n }', seen: '${ .seen }' } }
        """,
        output={"n": 2, "seen": ["add", "add"]},
    ),
    definition(
        "switch-without-a-match",
        """
        do:
          - choose: { switch: [ { other: { when: .n == 2, then: end } } ], then: last }
          - between: { set: { n: 0 } }
          - last: { set: { got: '${ .n }' } }
        """,
        input={"n": 1},
        output={"got": 1},
    ),
    definition(
        "switch-default-anywhere",
        """
        do:
          - choose: { switch: [ { default: { then: end } }, { one: { when: .n == 1, then: last } } ] }
          - last: { set: { got: '${ .n }' } }
        """,
        input={"n": 1},
        output={"got": 1},
    ),
)

LOOPS: tuple[Scenario, ...] = (
    definition(
        "for-with-names",
        """
        do:
          - each:
              for: { each: pet, at: place, in: .pets }
              while: .count < 2
              do:
                - one: { set: { count: '${ .count + 1 }', seen: '${ .seen + ["\\($place) \\($pet)"] }' } }
        """,
        input={"pets": ["a", "b", "c"], "count": 0, "seen": []},
        output={"count": 2, "seen": ["0 a", "1 b"]},
    ),
    definition(
        "for-of-nothing",
        """
        do:
          - each: { for: { in: '${ [] }' }, do: [ { one: { set: { a: 1 } } } ] }
        """,
        input={"kept": 1},
        output={"kept": 1},
    ),
    definition(
        "for-of-a-list-in-the-file",
        """
        do:
          - each:
              for: { in: [ { n: 1 }, { n: '${ .two }' } ] }
              do: [ { one: { set: { two: '${ .two }', sum: '${ (.sum // 0) + $item.n }' } } } ]
        """,
        input={"two": 2},
        output={"two": 2, "sum": 3},
    ),
    definition(
        "for-inside-for",
        """
        do:
          - rows:
              for: { each: row, in: .rows, at: x }
              do:
                - cells:
                    for: { each: cell, in: $row, at: y }
                    do: [ { one: { set: { rows: '${ .rows }', seen: '${ (.seen // []) + [[$x, $y, $cell]] }' } } } ]
        """,
        input={"rows": [["a"], ["b", "c"]]},
        output={
            "rows": [["a"], ["b", "c"]],
            "seen": [[0, 0, "a"], [1, 0, "b"], [1, 1, "c"]],
        },
    ),
    definition(
        "exit-ends-the-round",
        """
        do:
          - each:
              for: { in: .list }
              do:
                - one:
                    set: { list: '${ .list }', seen: '${ (.seen // []) + [$item] }' }
                    then: exit
                - two: { set: { seen: [] } }
        """,
        input={"list": [1, 2]},
        output={"list": [1, 2], "seen": [1, 2]},
    ),
)

FORKS: tuple[Scenario, ...] = (
    definition(
        "fork-in-declared-order",
        """
        do:
          - all:
              fork:
                branches:
                  - slow:
                      do: [ { pause: { wait: { milliseconds: 40 } } }, { say: { set: { n: 1 } } } ]
                      export: { as: '($context // []) + [.n]' }
                  - fast: { set: { n: 2 }, export: { as: '($context // []) + [.n]' } }
                  - other: { set: { n: 3 }, export: { as: '($context // []) + [.n]' } }
        output: { as: '{ outputs: ., context: $context }' }
        """,
        output={"outputs": [{"n": 1}, {"n": 2}, {"n": 3}], "context": [2, 3, 1]},
    ),
    definition(
        "fork-with-an-error",
        """
        do:
          - all:
              fork:
                branches:
                  - long: { wait: { hours: 9 } }
                  - bad:
                      do:
                        - no: { raise: { error: { type: 'https://example.org/no', status: 418, title: No } } }
        """,
        ends="failed",
        error={
            "type": "https://example.org/no",
            "status": 418,
            "title": "No",
            "instance": "/do/0/all/fork/branches/1/bad/do/0/no",
        },
    ),
    definition(
        "competing-and-cancelled",
        """
        do:
          - first:
              fork:
                compete: true
                branches:
                  - long:
                      do:
                        - pause: { wait: { hours: 9 } }
                        - never: { call: http, with: { method: get, endpoint: 'https://example.org/never' } }
                  - short:
                      do: [ { pause: { wait: { milliseconds: 20 } } }, { say: { set: { won: short } } } ]
              output: { as: '. + { alone: true }' }
        """,
        output={"won": "short", "alone": True},
    ),
    definition(
        "competing-with-an-error",
        """
        do:
          - attempt:
              try:
                - first:
                    fork:
                      compete: true
                      branches:
                        - bad: { raise: { error: { type: 'https://example.org/no', status: 418 } } }
                        - long: { wait: { hours: 9 } }
              catch: { do: [ { say: { set: { at: '${ $error.instance }' } } } ] }
        """,
        output={"at": "/do/0/attempt/try/0/first/fork/branches/0/bad"},
    ),
)


def _caught(name: str, filter_: str, caught: bool, more: str = "") -> Scenario:
    """One error, and a filter that catches it or does not."""
    text = f"""
        do:
          - attempt:
              try:
                - no:
                    raise:
                      error:
                        type: https://example.org/errors/stock
                        status: 409
                        title: Out of stock
                        detail: ${{ "no \\(.what) left" }}
              catch:
                {filter_}
                as: problem
                {more}
                do: [ {{ say: {{ set: {{ got: '${{ $problem.detail }}' }} }} }} ]
    """
    if caught:
        return definition(name, text, input={"what": "ink"}, output={"got": "no ink left"})
    error = {"status": 409, "detail": "no ink left", "instance": "/do/0/attempt/try/0/no"}
    return definition(name, text, input={"what": "ink"}, ends="failed", error=error)


FILTERS: tuple[Scenario, ...] = (
    _caught(
        "caught-by-type", "errors: { with: { type: 'https://example.org/errors/stock' } }", True
    ),
    _caught(
        "not-caught-by-type",
        "errors: { with: { type: 'https://example.org/errors/other' } }",
        False,
    ),
    _caught("caught-by-status", "errors: { with: { status: 409 } }", True),
    _caught("not-caught-by-status", "errors: { with: { status: 410 } }", False),
    _caught("caught-by-title", "errors: { with: { title: Out of stock } }", True),
    _caught("caught-by-detail", "errors: { with: { detail: no ink left } }", True),
    _caught("caught-by-details", "errors: { with: { details: no ink left } }", True),
    _caught("not-caught-by-detail", "errors: { with: { detail: no paper left } }", False),
    _caught("caught-by-instance", "errors: { with: { instance: /do/0/attempt/try/0/no } }", True),
    _caught("not-caught-by-instance", "errors: { with: { instance: /do/0/other } }", False),
    _caught("caught-when", "when: '$problem.status > 400 and .what == \"ink\"'", True),
    _caught("not-caught-when", "when: '$problem.status > 500'", False),
    _caught("not-caught-except-when", "exceptWhen: '$problem.status == 409'", False),
    _caught("caught-not-except", "exceptWhen: '$problem.status == 410'", True),
    definition(
        "caught-by-another-spelling",
        """
        do:
          - attempt:
              try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]
              catch:
                errors:
                  with: { type: 'https://serverlessworkflow.io/dsl/errors/types/communication', status: 422 }
                do: [ { say: { set: { title: '${ $error.title }', at: '${ $error.instance }' } } } ]
        """,
        failing={"http": 1},
        output={"title": "Refused", "at": "/do/0/attempt/try/0/ask"},
        actions=(("http", "/do/0/attempt/try/0/ask#1"),),
    ),
    definition(
        "caught-further-out",
        """
        do:
          - outer:
              try:
                - inner:
                    try: [ { no: { raise: { error: { type: 'https://example.org/a', status: 400 } } } } ]
                    catch: { errors: { with: { status: 500 } } }
              catch: { do: [ { say: { set: { at: '${ $error.instance }' } } } ] }
        """,
        output={"at": "/do/0/outer/try/0/inner/try/0/no"},
    ),
    definition(
        "an-error-in-the-catch",
        """
        do:
          - outer:
              try:
                - inner:
                    try: [ { no: { raise: { error: { type: 'https://example.org/a', status: 400 } } } } ]
                    catch: { do: [ { again: { raise: { error: { type: 'https://example.org/b', status: 400 } } } } ] }
              catch: { do: [ { say: { set: { type: '${ $error.type }', at: '${ $error.instance }' } } } ] }
        """,
        output={
            "type": "https://example.org/b",
            "at": "/do/0/outer/try/0/inner/catch/do/0/again",
        },
    ),
    definition(
        "caught-and-on",
        """
        do:
          - attempt:
              try: [ { no: { raise: { error: { type: 'https://example.org/a', status: 400 } } } } ]
              catch: { then: last }
              then: end
          - between: { set: { n: 0 } }
          - last: { set: { got: '${ .n }' } }
        """,
        input={"n": 1},
        output={"got": 1},
    ),
    definition(
        "caught-and-out",
        """
        do:
          - block:
              do:
                - attempt:
                    try: [ { no: { raise: { error: { type: 'https://example.org/a', status: 400 } } } } ]
                    catch: { do: [ { say: { set: { n: 2 } } } ], then: exit }
                - never: { set: { n: 3 } }
          - last: { set: { got: '${ .n }' } }
        """,
        input={"n": 1},
        output={"got": 2},
    ),
)

_TWICE = """
        use:
          retries:
            twice: { delay: { milliseconds: 10 }, limit: { attempt: { count: 2 } } }
"""

RETRIES: tuple[Scenario, ...] = (
    definition(
        "retried-by-name",
        _TWICE
        + """
        do:
          - attempt:
              try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]
              catch: { errors: { with: { status: 422 } }, retry: twice }
        """,
        failing={"http": 2},
        output={"deliveries": []},
        actions=(("http", "/do/0/attempt/try/0/ask#1"),) * 3,
    ),
    definition(
        "retried-in-vain",
        _TWICE
        + """
        do:
          - attempt:
              try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]
              catch: { retry: twice }
        """,
        failing={"http": 9},
        ends="failed",
        error={"status": 422, "instance": "/do/0/attempt/try/0/ask"},
        actions=(("http", "/do/0/attempt/try/0/ask#1"),) * 3,
    ),
    definition(
        "retried-in-vain-and-on",
        _TWICE
        + """
        do:
          - attempt:
              try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]
              catch: { retry: twice, then: last }
          - between: { set: { n: 0 } }
          - last: { set: { got: '${ .n }' } }
        """,
        input={"n": 1},
        failing={"http": 9},
        output={"got": 1},
        actions=(("http", "/do/0/attempt/try/0/ask#1"),) * 3,
    ),
    definition(
        "not-retried-when",
        """
        do:
          - attempt:
              try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]
              catch:
                as: why
                retry: { when: '$why.status == 503', limit: { attempt: { count: 9 } } }
                do: [ { say: { set: { got: '${ $why.status }' } } } ]
        """,
        failing={"http": 1},
        output={"got": 422},
        actions=(("http", "/do/0/attempt/try/0/ask#1"),),
    ),
    definition(
        "not-retried-except-when",
        """
        do:
          - attempt:
              try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } } } ]
              catch:
                retry: { exceptWhen: '${ $error.status == 422 }', limit: { attempt: { count: 9 } } }
                do: [ { say: { set: { got: '${ $error.status }' } } } ]
        """,
        failing={"http": 1},
        output={"got": 422},
        actions=(("http", "/do/0/attempt/try/0/ask#1"),),
    ),
    definition(
        "each-attempt-in-time",
        """
        do:
          - attempt:
              try:
                - ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } }
                - pause: { wait: { milliseconds: 1500 } }
              catch:
                retry:
                  delay: PT0.01S
                  limit: { attempt: { count: 1, duration: { milliseconds: 400 } } }
                do: [ { say: { set: { status: '${ $error.status }', type: '${ $error.type }', at: '${ $error.instance }' } } } ]
        """,
        output={"status": 408, "type": ERRORS + "timeout", "at": "/do/0/attempt"},
        actions=(("http", "/do/0/attempt/try/0/ask#1"),) * 2,
    ),
    definition(
        "a-round-is-retried",
        """
        do:
          - each:
              for: { in: '[1, 2]' }
              do:
                - attempt:
                    try: [ { ask: { call: http, with: { method: get, endpoint: 'https://example.org/{n}' } } } ]
                    catch: { retry: { limit: { attempt: { count: 1 } } } }
                    output: { as: '{ n: $item }' }
        """,
        input={"n": 0},
        failing={"http": 1},
        output={"n": 2},
        actions=(
            ("http", "/do/0/each/do/0/attempt/try/0/ask#1"),
            ("http", "/do/0/each/do/0/attempt/try/0/ask#1"),
            ("http", "/do/0/each/do/0/attempt/try/0/ask#2"),
        ),
    ),
)

RAISED: tuple[Scenario, ...] = (
    definition(
        "raised-by-name",
        """
        use:
          errors:
            full: { type: 'https://example.org/errors/full', status: 507, title: '${ "Full: " + .what }' }
        do:
          - block: { do: [ { no: { raise: { error: full } } } ] }
        """,
        input={"what": "disk"},
        ends="failed",
        error={
            "type": "https://example.org/errors/full",
            "status": 507,
            "title": "Full: disk",
            "instance": "/do/0/block/do/0/no",
        },
    ),
    definition(
        "raised-at-another-place",
        "do: [ { no: { raise: { error: { type: about:blank, status: 400, instance: /here } } } } ]",
        ends="failed",
        error={"type": "about:blank", "status": 400, "instance": "/here"},
    ),
    definition(
        "raised-with-a-bad-title",
        """
        do: [ { no: { raise: { error: { type: 'about:blank', status: 400, title: '${ .title }' } } } } ]
        """,
        input={"title": 5},
        ends="failed",
        error={**VALIDATION, "instance": "/do/0/no"},
    ),
)

TIMES: tuple[Scenario, ...] = (
    definition(
        "waits",
        """
        do:
          - one: { wait: { milliseconds: 10 } }
          - two: { wait: PT0.01S }
          - three: { wait: '${ .span }' }
          - four: { wait: '${ { milliseconds: .count } }' }
        """,
        input={"span": "PT0.01S", "count": 10},
        output={"span": "PT0.01S", "count": 10},
    ),
    definition(
        "waits-for-nonsense",
        "do: [ { one: { wait: '${ .span }' } } ]",
        input={"span": "soon"},
        ends="failed",
        error={**VALIDATION, "instance": "/do/0/one"},
    ),
    definition(
        "task-out-of-time",
        """
        use: { timeouts: { short: { after: { milliseconds: 20 } } } }
        do:
          - attempt:
              try:
                - block:
                    timeout: short
                    do: [ { one: { wait: { hours: 1 } } }, { two: { set: { n: 2 } } } ]
              catch:
                errors: { with: { type: 'https://open-workflow-specification.org/spec/1.0.0/errors/timeout' } }
                do: [ { say: { set: { status: '${ $error.status }', at: '${ $error.instance }' } } } ]
        """,
        output={"status": 408, "at": "/do/0/attempt/try/0/block"},
    ),
    definition(
        "task-in-time",
        "do: [ { one: { timeout: { after: '${ .limit }' }, wait: PT0.01S } } ]",
        input={"limit": "PT10S"},
        output={"limit": "PT10S"},
    ),
    definition(
        "case-out-of-time",
        """
        use: { timeouts: { short: { after: PT0.05S } } }
        timeout: short
        do: [ { one: { wait: { hours: 1 } } } ]
        """,
        ends="failed",
        error={"type": ERRORS + "timeout", "status": 408, "instance": "/"},
    ),
    definition(
        "case-out-of-time-in-a-try",
        """
        timeout: { after: '${ .limit }' }
        do:
          - attempt:
              try: [ { one: { wait: { hours: 1 } } } ]
              catch: { do: [ { never: { set: { caught: true } } } ] }
        """,
        input={"limit": "PT0.05S"},
        ends="failed",
        error={"type": ERRORS + "timeout", "status": 408, "instance": "/"},
    ),
)

HELD: tuple[Scenario, ...] = (
    definition(
        "tried-again-in-time",
        """
        do:
          - late:
              timeout: { after: PT0.4S }
              do:
                - ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } }
                - pause: { if: '$case.runs.ask < 2', wait: PT2S }
                - say: { set: { asked: '${ $case.runs.ask }' } }
        """,
        metadata="{ owner: somebody, onError: hold }",
        steps=(Step(operate="retry"),),
        output={"asked": 2},
        actions=(("http", "/do/0/late/do/0/ask#1"), ("http", "/do/0/late/do/0/ask#2")),
    ),
)

DOUBLES = definition(
    "doubles",
    """
    input: { schema: { document: { type: object, required: [n] } } }
    do: [ { double: { set: { n: '${ .n * 2 }' } } } ]
    output: { as: .n }
    """,
)
BREAKS = definition(
    "breaks",
    "do: [ { no: { raise: { error: { type: 'https://example.org/no', status: 418, title: No } } } } ]",
)
SLEEPS = definition("sleeps", "do: [ { long: { wait: { hours: 1 } } } ]")

PARTS: tuple[Scenario, ...] = (
    definition(
        "runs-a-part",
        """
        do:
          - part:
              run: { workflow: { namespace: tests, name: doubles, version: latest, input: { n: '${ .n }' } } }
              output: { as: '{ doubled: . }' }
        """,
        input={"n": 4},
        output={"doubled": 8},
        parts=(DOUBLES,),
    ),
    definition(
        "runs-without-waiting",
        """
        do:
          - part:
              run:
                workflow: { namespace: tests, name: doubles, version: '1.0.0', input: { n: 1 } }
                await: false
        """,
        input={"n": 4},
        output={"n": 4},
        parts=(DOUBLES,),
    ),
    definition(
        "runs-a-part-that-fails",
        """
        do:
          - attempt:
              try: [ { part: { run: { workflow: { namespace: tests, name: breaks, version: latest } } } } ]
              catch: { do: [ { say: { set: { status: '${ $error.status }', title: '${ $error.title }', at: '${ $error.instance }' } } } ] }
        """,
        output={"status": 418, "title": "No", "at": "/do/0/attempt/try/0/part"},
        parts=(BREAKS,),
    ),
    definition(
        "runs-a-part-with-bad-input",
        "do: [ { part: { run: { workflow: { namespace: tests, name: doubles, version: latest, input: {} } } } } ]",
        ends="failed",
        error={**VALIDATION, "instance": "/do/0/part"},
        parts=(DOUBLES,),
    ),
    definition(
        "runs-a-part-again",
        """
        do:
          - attempt:
              try: [ { part: { run: { workflow: { namespace: tests, name: breaks, version: latest } } } } ]
              catch:
                retry: { delay: { milliseconds: 10 }, limit: { attempt: { count: 1 } } }
                do: [ { say: { set: { status: '${ $error.status }' } } } ]
        """,
        output={"status": 418},
        parts=(BREAKS,),
    ),
    definition(
        "runs-parts-of-one-name",
        """
        do:
          - both:
              fork:
                branches:
                  - left: { do: [ { part: { run: { workflow: { namespace: tests, name: doubles, version: latest, input: { n: 1 } } } } } ] }
                  - right: { do: [ { part: { run: { workflow: { namespace: tests, name: doubles, version: latest, input: { n: 2 } } } } } ] }
        """,
        output=[2, 4],
        parts=(DOUBLES,),
    ),
    definition(
        "gives-up-a-part",
        """
        do:
          - attempt:
              try:
                - part:
                    timeout: { after: { milliseconds: 300 } }
                    run: { workflow: { namespace: tests, name: sleeps, version: latest } }
              catch: { do: [ { say: { set: { at: '${ $error.instance }' } } } ] }
        """,
        output={"at": "/do/0/attempt/try/0/part"},
        parts=(SLEEPS,),
    ),
)

_DOCUMENTS = {
    "functions/greet.yaml": """
input: { schema: { document: { type: object, required: [name], properties: { name: { type: string } } } } }
do:
  - ask: { call: http, with: { method: get, endpoint: 'https://example.org/{name}' } }
  - make: { set: { text: '${ "Hello " + $input.name }' }, input: { from: $workflow.input } }
output: { as: .text, schema: { document: { type: string } } }
""",
    "https://example.org/twice.yaml": """
for: { in: '[1, 2]' }
do: [ { one: { call: ./add.yaml, with: { n: '${ .n }', by: $item } } } ]
""".replace("$item }", "'${ $item }' }"),
    "https://example.org/add.yaml": "set: { n: '${ .n + .by }' }",
    "schemas/named.yaml": "{ type: object, required: [name] }",
}

FUNCTIONS: tuple[Scenario, ...] = (
    definition(
        "function-of-the-file",
        """
        use:
          functions:
            double:
              input: { schema: { document: { type: object, required: [n] } }, from: .n }
              set: { n: '${ . * 2 }', in: '${ $input }' }
              output: { as: '. + { seen: true }', schema: { document: { required: [seen] } } }
              export: { as: '{ last: .n }' }
        do:
          - first: { call: double, with: { n: '${ .n }' }, output: { as: '{ n: .n, in: .in, seen: .seen }' } }
          - second: { call: double, with: { n: '${ .n }' }, export: { as: '$context + { outer: .n }' } }
        output: { as: '. + { context: $context }' }
        """,
        input={"n": 3},
        output={"n": 12, "in": 6, "seen": True, "context": {"last": 12, "outer": 12}},
    ),
    definition(
        "functions-in-functions",
        """
        use:
          functions:
            ask: { call: http, with: { method: get, endpoint: 'https://example.org/' } }
            both: { do: [ { one: { call: ask } }, { two: { call: ask } } ] }
        do:
          - first: { call: both }
          - second: { call: both, output: { as: '{ runs: $case.runs.two }' } }
        """,
        output={"runs": 2},
        actions=(
            ("http", "/do/0/first/call/both/do/0/one/call/ask#1"),
            ("http", "/do/0/first/call/both/do/1/two/call/ask#1"),
            ("http", "/do/1/second/call/both/do/0/one/call/ask#1"),
            ("http", "/do/1/second/call/both/do/1/two/call/ask#1"),
        ),
    ),
    definition(
        "function-of-another-file",
        """
        input: { schema: { resource: { endpoint: schemas/named.yaml } } }
        do: [ { greet: { call: ./functions/greet.yaml, with: { name: '${ .name }' } } } ]
        """,
        documents=_DOCUMENTS,
        input={"name": "Amy"},
        output="Hello Amy",
        actions=(("http", "/do/0/greet/call/greet/do/0/ask#1"),),
    ),
    definition(
        "function-of-an-address",
        "do: [ { twice: { call: 'https://example.org/twice.yaml', with: { n: 4 } } } ]",
        documents=_DOCUMENTS,
        output={"n": 7},
    ),
    definition(
        "function-given-something-else",
        """
        do:
          - attempt:
              try: [ { greet: { call: ./functions/greet.yaml, with: { name: '${ .given }' } } } ]
              catch: { do: [ { say: { set: { type: '${ $error.type }', at: '${ $error.instance }' } } } ] }
        """,
        documents=_DOCUMENTS,
        input={"given": 5},
        output={
            "type": ERRORS + "validation",
            "at": "/do/0/attempt/try/0/greet/call/greet",
        },
    ),
    definition(
        "function-that-fails",
        "do: [ { greet: { call: ./functions/greet.yaml, with: { name: Amy } } } ]",
        documents=_DOCUMENTS,
        input={"name": "Amy"},
        failing={"http": 1},
        ends="failed",
        error={"status": 422, "instance": "/do/0/greet/call/greet/do/0/ask"},
        actions=(("http", "/do/0/greet/call/greet/do/0/ask#1"),),
    ),
    definition(
        "schema-of-another-file",
        """
        input: { schema: { resource: { endpoint: schemas/named.yaml } } }
        do: [ { one: { set: { a: 1 } } } ]
        """,
        documents=_DOCUMENTS,
        input={},
        ends="failed",
        error={**VALIDATION, "instance": "/"},
    ),
)

_HTTP = "{ call: http, with: { method: get, endpoint: 'https://example.org/' } }"

EXTENSIONS: tuple[Scenario, ...] = (
    definition(
        "extended",
        f"""
        use:
          extensions:
            - log:
                extend: set
                when: $task.name != "quiet"
                before: [ {{ ask: {_HTTP} }} ]
                after:
                  - tell: {{ set: {{ seen: '${{ $task.reference }}', out: '${{ . }}', was: '${{ $task.set }}' }}, export: {{ as: '$context + [$output]' }} }}
        do:
          - first: {{ set: {{ n: '${{ .n + 1 }}' }} }}
          - quiet: {{ set: {{ n: '${{ .n + 1 }}' }} }}
          - block: {{ do: [ {{ last: {{ set: {{ n: '${{ .n + 1 }}' }}, output: {{ as: .n }} }} }} ] }}
        output: {{ as: '{{ n: ., context: $context }}' }}
        """,
        input={"n": 0},
        output={
            "n": 3,
            "context": [
                {"seen": "/do/0/first", "out": {"n": 1}, "was": {"n": "${ .n + 1 }"}},
                {"seen": "/do/2/block/do/0/last", "out": {"n": 3}, "was": {"n": "${ .n + 1 }"}},
            ],
        },
        actions=(
            ("http", "/do/0/first/extensions/log/before/0/ask#1"),
            ("http", "/do/2/block/do/0/last/extensions/log/before/0/ask#1"),
        ),
    ),
    definition(
        "mocked",
        """
        use:
          extensions:
            - mockService:
                extend: call
                when: $task.call == "http" and ($task.with.endpoint | startswith("https://mocked.example.org"))
                before:
                  - mockResponse:
                      set: { statusCode: 200, content: { foo: bar } }
                      then: exit
        do:
          - real: { call: http, with: { method: get, endpoint: 'https://example.org/' } }
          - mock: { call: http, with: { method: get, endpoint: 'https://mocked.example.org/' }, output: { as: .content } }
        output: { as: '{ out: ., kept: $case.results.mock.statusCode }' }
        """,
        output={"out": {"foo": "bar"}, "kept": 200},
        actions=(("http", "/do/0/real#1"),),
    ),
    definition(
        "extended-in-rounds-and-retries",
        f"""
        use: {{ extensions: [ {{ log: {{ extend: switch, after: [ {{ ask: {_HTTP} }} ] }} }} ] }}
        do:
          - each:
              for: {{ in: '[1, 2]' }}
              do:
                - attempt:
                    try: [ {{ choose: {{ switch: [ {{ always: {{ then: continue }} }} ] }} }} ]
                    catch: {{ retry: {{ limit: {{ attempt: {{ count: 1 }} }} }} }}
        """,
        failing={"http": 1},
        input={"n": 1},
        output={"n": 1},
        actions=(
            ("http", "/do/0/each/do/0/attempt/try/0/choose/extensions/log/after/0/ask#1"),
            ("http", "/do/0/each/do/0/attempt/try/0/choose/extensions/log/after/0/ask#1"),
            ("http", "/do/0/each/do/0/attempt/try/0/choose/extensions/log/after/0/ask#2"),
        ),
    ),
    definition(
        "extended-everywhere",
        """
        use:
          functions: { double: { do: [ { one: { set: { n: '${ .n * 2 }' } } } ] } }
          extensions:
            - count: { extend: all, before: [ { add: { set: {}, if: 'false' } }, { note: { set: { a: 1 }, export: { as: '$context + [$task.name + " " + $task.reference]' } } } ] }
        do:
          - double: { call: double, with: { n: 2 } }
          - skipped: { if: 'false', set: { n: 0 } }
        output: { as: '{ n: .n, names: $context }' }
        """.replace("set: {}, if", "set: { b: 1 }, if"),
        output={
            "n": 4,
            "names": [
                "double /do/0/double",
                "double /do/0/double/call/double",
                "one /do/0/double/call/double/do/0/one",
            ],
        },
    ),
    definition(
        "extension-that-fails",
        """
        use: { extensions: [ { guard: { extend: wait, before: [ { no: { raise: { error: { type: 'https://example.org/no', status: 403 } } } } ] } } ] }
        do:
          - attempt:
              try: [ { pause: { wait: { hours: 1 } } } ]
              catch: { do: [ { say: { set: { at: '${ $error.instance }' } } } ] }
        """,
        output={"at": "/do/0/attempt/try/0/pause/extensions/guard/before/0/no"},
    ),
    definition(
        "extension-that-ends",
        """
        use: { extensions: [ { guard: { extend: wait, before: [ { stop: { set: { stopped: true }, then: end } } ] } } ] }
        do: [ { block: { do: [ { pause: { wait: { hours: 1 } } } ] } }, { never: { set: { n: 1 } } } ]
        """,
        output={"stopped": True},
    ),
    definition(
        "extension-whose-condition-fails",
        """
        use:
          extensions:
            - odd: { extend: set, when: .n.of.text == 1, before: [ { stop: { set: { n: 0 }, then: exit } } ] }
        do: [ { first: { set: { n: 2 } } } ]
        """,
        input={"n": 1},
        output={"n": 2},
    ),
    definition(
        "several-extensions",
        """
        use:
          extensions:
            - one: { extend: set, before: [ { a: { wait: PT0.01S, export: { as: '$context + ["a"]' } } } ], after: [ { b: { wait: PT0.01S, export: { as: '$context + ["b"]' } } } ] }
            - two: { extend: all, when: '.n == 1', before: [ { c: { wait: PT0.01S, export: { as: '$context + ["c"]' } } } ] }
        do: [ { first: { set: { n: 2 } } }, { second: { set: { n: 3 } } } ]
        output: { as: '. + { order: $context }' }
        """,
        input={"n": 1},
        output={"n": 3, "order": ["a", "c", "b", "a", "b"]},
    ),
)

LANGUAGE: tuple[Scenario, ...] = (
    *DATA_FLOW, *FAULTS, *FLOW, *LOOPS, *FORKS, *FILTERS, *RETRIES, *RAISED, *TIMES, *HELD, *PARTS, *FUNCTIONS, *EXTENSIONS,
)  # fmt: skip
