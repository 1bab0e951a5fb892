"""Definitions made from the grammar of the standard: all task types nested, odd names, targets of `then`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Json = Any

NAMES = st.one_of(
    st.sampled_from(["a", "b", "c", "look", "tell", "a b", "a/b", "~a", "größe", "任务", "0", "null", "x.y", "it's"]),
    st.text("abcxyz_-", min_size=1, max_size=6),
)  # fmt: skip
LEAVES = st.sampled_from(
    [None, True, False, 0, 1, -1, 2.5, "", "text", "PT1S", [], {}, [1, 2], {"x": 1}]
)
EXPRESSIONS = st.sampled_from(
    [
        ".", ".x", ".n + 1", "null", "[.]", "{x: .}", "$input", "$context", "$workflow.id", "$task.name",
        "$workflow.input.x", ".[0]", "length", ".x // 1", 'error("no")', "[limit(3; repeat(1))]",
        "$runtime.name", "$case.key", "tostring", "keys", ". == 1", "[.[]?]",
    ]
)  # fmt: skip
CONDITIONS = st.sampled_from(["true", "false", ".x == 1", "$context.n == 1", ".", "error"])
TYPES = ("org.example.a", "org.example.b")
"""Types of the events that listening tasks of generated definitions name."""

DURATIONS = st.sampled_from(
    [{"seconds": 1}, {"milliseconds": 10}, "PT2S", {"minutes": 5}, {"hours": 1, "minutes": 1}, "P1D", '${ "PT1S" }']
)  # fmt: skip
ERRORS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["https://example.org/errors/broken", "https://open-workflow-specification.org/spec/1.0.0/errors/runtime"]
        ),
        "status": st.sampled_from([400, 404, 503]),
    },
    optional={"title": st.just("Broken"), "detail": st.sampled_from(["it broke", "${ .x }", '${ "why \\(.)" }'])},
)  # fmt: skip


def wrapped(expressions: SearchStrategy[str]) -> SearchStrategy[str]:
    """Expressions as they stand where any value may stand."""
    return expressions.map(lambda source: f"${{ {source} }}")


VALUES = st.one_of(LEAVES, wrapped(EXPRESSIONS))
BARE = st.one_of(EXPRESSIONS, wrapped(EXPRESSIONS))
PLAIN = st.sampled_from(
    [".", "${ . }", ".x", "{x: .}", "$workflow.input.x", "[.]", "$runtime.name"]
)
"""Expressions that can stand anywhere: not every place sees every variable."""


@st.composite
def filters(draw: DrawFn) -> Json:
    """One filter of events."""
    wanted: dict[str, Json] = {"type": draw(st.sampled_from(TYPES))}
    if draw(st.booleans()):
        wanted["data"] = draw(st.sampled_from(["${ .x == 1 }", {"x": 1}, "${ . != null }"]))
    made: dict[str, Json] = {"with": wanted}
    if draw(st.integers(0, 3)) == 0:
        made["correlate"] = {
            "key": {"from": ".data.x", **draw(st.sampled_from([{}, {"expect": "1"}]))}
        }
    return made


@st.composite
def bodies(draw: DrawFn, depth: int) -> Json:
    """What makes a task one of its type."""
    inner = task_lists(depth - 1)
    simple = ["set", "raise", "wait", "switch", "http", "case", "listen", "emit", "run"]
    kind = draw(
        st.sampled_from(
            simple if depth <= 0 else [*simple, "do", "for", "fork", "try", "do", "try"]
        )
    )
    match kind:
        case "set":
            value = st.dictionaries(
                st.sampled_from(["x", "n", "a b", "y"]), VALUES, min_size=1, max_size=3
            )
            return {"set": draw(st.one_of(value, wrapped(st.sampled_from(["{x: 1}", ".", "{}"]))))}
        case "raise":
            return {"raise": {"error": draw(st.one_of(ERRORS, st.just("known")))}}
        case "wait":
            return {"wait": draw(DURATIONS)}
        case "switch":
            return {"switch": None}
        case "http":
            arguments = {
                "method": draw(st.sampled_from(["get", "post"])),
                "endpoint": "https://example.org/{x}",
            }
            optional: SearchStrategy[Json] = st.fixed_dictionaries(
                {}, optional={"output": st.sampled_from(["content", "response"]), "body": VALUES}
            )
            return {"call": "http", "with": {**arguments, **draw(optional)}}
        case "case":
            return {"call": "case.update", "with": {"data": {"seen": draw(VALUES)}}}
        case "emit":
            return {
                "emit": {
                    "event": {
                        "with": {
                            "type": draw(st.sampled_from(TYPES)),
                            "source": "https://example.org",
                            "data": draw(VALUES),
                        }
                    }
                }
            }
        case "run":
            return {
                "run": {
                    "workflow": {
                        "namespace": "tests",
                        "name": "part",
                        "version": "1.0.0",
                        "input": draw(VALUES),
                    },
                    **draw(st.sampled_from([{}, {"await": False}])),
                }
            }
        case "listen":
            mode = draw(st.sampled_from(["one", "all", "any"]))
            wanted: Json = (
                draw(filters())
                if mode == "one"
                else draw(
                    st.lists(filters(), max_size=2)
                    if mode == "any"
                    else st.lists(filters(), min_size=1, max_size=2)
                )
            )
            to: dict[str, Json] = {mode: wanted}
            if mode == "any" and draw(st.booleans()):
                to["until"] = draw(
                    st.sampled_from(["length > 1", "true", {"one": {"with": {"type": TYPES[1]}}}])
                )
            made: dict[str, Json] = {
                "listen": {
                    "to": to,
                    **draw(st.sampled_from([{}, {"read": "envelope"}, {"read": "raw"}])),
                }
            }
            if depth > 0 and draw(st.integers(0, 2)) == 0:
                made["foreach"] = {"item": "event", "do": draw(inner)}
            return made
        case "do":
            return {"do": draw(inner)}
        case "for":
            goes = draw(
                st.sampled_from(
                    ["${ [1, 2, 3] }", [{"x": 1}, {"x": 2}], "${ .x }", "[range(3)]", "${ [] }"]
                )
            )
            given: dict[str, Json] = {
                "in": goes,
                **draw(st.sampled_from([{}, {"each": "thing"}, {"each": "e", "at": "i"}])),
            }
            return {
                "for": given,
                **draw(st.sampled_from([{}, {"while": "true"}, {"while": ".x != 1"}])),
                "do": draw(inner),
            }
        case "fork":
            branches = st.lists(
                st.tuples(NAMES, tasks(depth - 1, switches=False)),
                min_size=1,
                max_size=3,
                unique_by=lambda pair: pair[0],
            )
            return {
                "fork": {
                    "branches": [{name: body} for name, body in draw(branches)],
                    **draw(st.sampled_from([{}, {"compete": True}])),
                }
            }
        case _:
            return {"try": draw(inner), "catch": draw(catches(depth - 1))}


@st.composite
def catches(draw: DrawFn, depth: int) -> Json:
    """What a `try` catches, and does then."""
    policy = st.fixed_dictionaries(
        {"delay": st.sampled_from([{"seconds": 1}, "PT3S"])},
        optional={
            "backoff": st.sampled_from([{"constant": {}}, {"linear": {}}, {"exponential": {}}]),
            "limit": st.sampled_from([{"attempt": {"count": 2}}, {"duration": {"seconds": 10}}]),
            "jitter": st.just({"from": {"milliseconds": 1}, "to": {"seconds": 1}}),
        },
    ).map(lambda made: {"limit": {"attempt": {"count": 3}}, **made})
    made: dict[str, Json] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "errors": st.just({"with": {"status": 400}}),
                "as": st.just("problem"),
                "when": CONDITIONS,
                "exceptWhen": CONDITIONS,
                "retry": st.one_of(policy, st.just("known")),
            },
        )
    )
    if depth > 0 and draw(st.booleans()):
        made["do"] = draw(task_lists(depth - 1))
    return made


@st.composite
def tasks(draw: DrawFn, depth: int, *, switches: bool = True) -> Json:
    """One task with what any task may have; a switch gets its cases from the list around it."""
    made = bodies(depth)
    body: dict[str, Json] = draw(
        made if switches else made.filter(lambda each: "switch" not in each)
    )
    common = st.fixed_dictionaries(
        {},
        optional={
            "if": CONDITIONS,
            "input": st.fixed_dictionaries({}, optional={"from": st.one_of(PLAIN, st.just({"x": 1}))}),
            "output": st.fixed_dictionaries({}, optional={"as": BARE, "schema": st.just({"document": {"type": ["object", "null"]}})}),
            "export": st.fixed_dictionaries({}, optional={"as": BARE}),
            "timeout": st.one_of(st.fixed_dictionaries({"after": DURATIONS}), st.just("known")),
            "metadata": st.just({"note": "x"}),
        },
    )  # fmt: skip
    # Most tasks have none of it: a task with everything mostly faults at once.
    extra = draw(common) if draw(st.integers(0, 2)) == 0 else {}
    if "listen" in body and "timeout" not in extra:
        extra["timeout"] = {"after": {"hours": 2}}
    return {**body, **extra}


@st.composite
def task_lists(draw: DrawFn, depth: int) -> Json:
    """Tasks in a row; `then` and the cases of switches lead to some of them, or out."""
    made = draw(
        st.lists(
            st.tuples(NAMES, tasks(depth)), min_size=1, max_size=3, unique_by=lambda pair: pair[0]
        )
    )
    names = [name for name, _ in made]
    result = []
    for index, (name, body) in enumerate(made):
        # Backwards now and then only: most such flows go in a circle until they are stopped.
        ahead = names if draw(st.integers(0, 9)) == 0 else names[index + 1 :]
        places = st.sampled_from([*ahead, "continue", "exit", "end"])
        if "switch" in body:
            labels = draw(
                st.lists(st.sampled_from(["p", "q", "r"]), min_size=1, max_size=3, unique=True)
            )
            cases = [{label: {"when": draw(CONDITIONS), "then": draw(places)}} for label in labels]
            if draw(st.booleans()):
                cases[-1] = {labels[-1]: {"then": draw(places)}}
            body = {**body, "switch": cases}
        if draw(st.integers(0, 3)) == 0:
            body = {**body, "then": draw(places)}
        if "catch" in body and draw(st.integers(0, 3)) == 0:
            body = {**body, "catch": {**body["catch"], "then": draw(places)}}
        result.append({name: body})
    return result


@st.composite
def extensions(draw: DrawFn) -> Json:
    """What runs before or after the tasks of a type."""
    kinds = st.sampled_from(["call", "emit", "for", "set", "switch", "try", "wait", "all"])
    made: dict[str, Json] = {"extend": draw(kinds)}
    if draw(st.booleans()):
        made["when"] = draw(st.sampled_from(["true", "false", '$task.name == "a"']))
    beside = st.lists(
        st.sampled_from(BESIDE), min_size=1, max_size=2, unique_by=lambda each: next(iter(each))
    )
    for place in draw(st.sampled_from([["before"], ["after"], ["before", "after"]])):
        made[place] = draw(beside)
    return [{"extra": made}]


BESIDE: tuple[Json, ...] = (
    {"mark": {"set": {"marked": True}}},
    {"pause": {"wait": {"seconds": 1}}},
    {"leave": {"set": {"left": 1}, "then": "exit"}},
    {"fail": {"raise": {"error": {"type": "https://example.org/errors/extra", "status": 500}}}},
    {"ask": {"call": "http", "with": {"method": "get", "endpoint": "https://example.org/extra"}}},
)
"""Tasks of extensions."""


@st.composite
def definitions(draw: DrawFn) -> Json:
    """A whole definition."""
    optional: SearchStrategy[Json] = st.fixed_dictionaries(
        {},
        optional={
            "input": st.fixed_dictionaries({}, optional={"from": PLAIN}),
            "output": st.fixed_dictionaries({}, optional={"as": PLAIN}),
            "timeout": st.just({"after": {"hours": 3}}),
        },
    )
    use: dict[str, Json] = (
        {"extensions": draw(extensions())} if draw(st.integers(0, 3)) == 0 else {}
    )
    return {
        "document": {
            "dsl": "1.0.3",
            "namespace": "tests",
            "name": "made",
            "version": "1.0.0",
            "metadata": {"owner": "tester"},
        },
        "use": {
            "errors": {"known": {"type": "https://example.org/errors/known", "status": 418}},
            "retries": {"known": {"delay": {"seconds": 1}, "limit": {"attempt": {"count": 2}}}},
            "timeouts": {"known": {"after": {"minutes": 1}}},
            **use,
        },
        "do": draw(task_lists(2)),
        **draw(optional),
    }


@st.composite
def deliveries(draw: DrawFn) -> list[dict[str, Json]]:
    """Events for a running case, each with the second at which it comes."""
    made = st.tuples(
        st.sampled_from(TYPES),
        st.sampled_from([{"x": 1}, {"x": 2}, None, "text"]),
        st.integers(0, 90),
    )
    return [
        {
            "at": at,
            "event": {"id": f"e{n}", "type": type_, "source": "https://example.org", "data": data},
        }
        for n, (type_, data, at) in enumerate(draw(st.lists(made, max_size=4)))
    ]
