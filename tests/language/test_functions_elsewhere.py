"""Functions and schemas of other files and addresses: how they are found, checked and built in."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from language.compile import check_definition, compile_definition
from language.findings import Finding
from language.plan import Call, Do, Plan, Set, Wait
from tests.language.beside import Beside

GREET = """
input: { schema: { document: { type: object, required: [name], properties: { name: { type: string }, loud: { type: boolean } }, additionalProperties: false } } }
set: { text: '${ "Hello " + .name }' }
output: { as: .text }
"""
CATALOG = "https://example.org/catalog"
LOG = f"{CATALOG}/functions/log/1.0.0/function.yaml"
FILES = {
    "functions/greet.yaml": GREET,
    "functions/twice.yaml": "do: [ { one: { call: ./greet.yaml, with: { name: a } } }, { two: { wait: PT1S } } ]",
    "functions/round.yaml": "do: [ { again: { call: ./trip.yaml } } ]",
    "functions/trip.yaml": "do: [ { again: { call: ./round.yaml } } ]",
    "functions/list.yaml": "[1, 2]",
    "functions/broken.yaml": "set: { a: 1 }\nwiht: 2\n",
    "functions/named.yaml": "timeout: short\nwait: PT1S\n",
    "schemas/order.yaml": "{ type: object, required: [id] }",
    "schemas/text.json": '"text"',
    "https://example.org/greet.yaml": GREET,
    "https://example.org/far.yaml": "do: [ { one: { call: ./greet.yaml, with: { name: a } } } ]",
    "https://example.org/sly.yaml": "do: [ { one: { call: 'file:///etc/passwd' } } ]",
    LOG: "set: { logged: '${ .message }' }",
}


def text_of(body: str) -> str:
    """Make a definition of what follows the document."""
    head = "document: { dsl: '1.0.3', namespace: n, name: p, version: '1.0.0' }\n"
    return head + textwrap.dedent(body)


def findings(body: str, *, online: bool = True) -> list[Finding]:
    """Check a definition."""
    return list(
        check_definition(text_of(body), "process.yaml", resources=Beside(FILES, online=online))[1]
    )


def said(body: str, *, online: bool = True) -> list[tuple[str, str, int]]:
    """Give code, file and line of every finding."""
    return [(each.code, each.file, each.line) for each in findings(body, online=online)]


def plan_of(body: str) -> Plan:
    """Compile a definition that has no findings."""
    plan, found = compile_definition(text_of(body), "process.yaml", resources=Beside(FILES))
    assert not found
    assert plan is not None
    return plan


def calling(name: str, arguments: str = "{ name: Amy }") -> str:
    """Write a definition that calls one function."""
    return f"do: [ {{ greet: {{ call: '{name}', with: {arguments} }} }} ]"


@pytest.mark.parametrize("name", ["./functions/greet.yaml", "https://example.org/greet.yaml"])
def test_a_function_of_another_document_is_a_part_of_the_plan(name: str) -> None:
    """Its arguments become its input, and a path of its own keeps keys apart."""
    plan = plan_of(calling(name))

    call = plan.tasks[0]
    assert isinstance(call, Do)
    given, body = call.tasks
    assert isinstance(given, Set)
    assert isinstance(body, Set)
    assert (body.name, body.path) == ("greet", "/do/0/greet/call/greet")
    assert body.input.schema["required"] == ["name"]
    assert plan.functions[name].startswith("sha256:")


def test_references_of_a_function_start_where_it_lies() -> None:
    """Both a file and an address name their neighbors."""
    for name in ("./functions/twice.yaml", "https://example.org/far.yaml"):
        body: Any = plan_of(calling(name, "{}")).tasks[0]
        inner = body.tasks[1].tasks[0].tasks[1]
        assert isinstance(inner, Set)
        assert inner.path == f"{body.tasks[1].path}/do/0/one/call/greet"


def test_a_catalog_of_the_file_is_searched_by_name_and_version() -> None:
    """Where the function lies follows from the standard's structure of catalogs."""
    plan = plan_of(
        f"use: {{ catalogs: {{ global: {{ endpoint: '{CATALOG}' }} }} }}\n"
        + calling("log:1.0.0@global", "{ message: hello }")
    )

    assert plan.functions == {"log:1.0.0@global": plan.functions["log:1.0.0@global"]}
    assert plan.tasks[0].tasks[1].path == "/do/0/greet/call/log~11.0.0"  # type: ignore[attr-defined]


def test_a_catalog_of_the_file_may_stand_in_for_the_default_one() -> None:
    """The standard allows it on purpose; names without a catalog stay the runtime's."""
    catalogs = f"use: {{ catalogs: {{ default: {{ endpoint: {{ uri: '{CATALOG}' }} }} }} }}\n"

    assert not isinstance(plan_of(catalogs + calling("log:1.0.0@default", "{}")).tasks[0], Call)
    assert said(catalogs + calling("notify:1.0.0@default")) == [("CW218", "process.yaml", 3)]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("log@global", '"log@global" names no version: a function of a catalog has one'),
        ("log:1.0.0@other", 'there is no catalog "other", only "default", "global"'),
        ("notify:9.0.0", 'there is no version 9.0.0 of "notify", only 1.0.0'),
        ("notify:9.0.0@default", 'there is no version 9.0.0 of "notify", only 1.0.0'),
    ],
)
def test_what_no_catalog_has_is_said_with_what_it_has(name: str, sentence: str) -> None:
    """A version or catalog that is not known is named beside those that are."""
    found = findings(
        f"use: {{ catalogs: {{ global: {{ endpoint: '{CATALOG}' }} }} }}\n" + calling(name)
    )

    assert [each.message for each in found if each.code == "CW201"] == [sentence]


def test_a_login_of_a_catalog_is_sent_when_it_is_written_out() -> None:
    """Inline or by the name of a policy of the file."""
    body = """
        use:
          authentications: { me: { bearer: { token: abc } } }
          catalogs: { global: { endpoint: { uri: 'https://example.org/catalog', authentication: AUTH } } }
        do: [ { say: { call: 'log:1.0.0@global', with: { message: hello } } } ]
    """
    for login, header in (
        ("{ basic: { username: me, password: pw } }", "Basic bWU6cHc="),
        ("{ use: me }", "Bearer abc"),
    ):
        beside = Beside(FILES)
        compile_definition(text_of(body.replace("AUTH", login)), "p.yaml", resources=beside)
        assert beside.asked == [(LOG, {"Authorization": header})]


@pytest.mark.parametrize(
    "login",
    [
        "{ bearer: { use: token } }",
        "{ bearer: { token: '${ $secrets.token }' } }",
        "{ oauth2: { authority: 'https://example.org', grant: client_credentials } }",
    ],
)
def test_a_login_that_publishing_cannot_carry_out_is_said(login: str) -> None:
    """It has no secrets and asks no other server for a token."""
    body = f"""
        use:
          secrets: [token]
          catalogs: {{ global: {{ endpoint: {{ uri: 'https://example.org/catalog', authentication: {login} }} }} }}
        do: [ {{ say: {{ call: 'log:1.0.0@global', with: {{ message: hello }} }} }} ]
    """

    found = [each for each in findings(body) if each.code == "CW218"]

    assert [each.line for each in found] == [6]
    assert "its login needs a secret or a server of its own" in found[0].message


def test_without_a_network_validation_says_what_publishing_will_do() -> None:
    """An address is a warning where nothing is fetched, and no plan can be made without it."""
    body = calling("https://example.org/greet.yaml")

    assert [each.hint for each in findings(body, online=False)] == [
        "It is fetched and checked when the definition is published, and pinned by its digest."
    ]
    assert said(body, online=False) == [("CW219", "process.yaml", 2)]
    plan, found = compile_definition(
        text_of(body), "process.yaml", resources=Beside(FILES, online=False)
    )
    assert plan is None
    assert [each.code for each in found] == ["CW218"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("./functions/missing.yaml", "CW218"),
        ("https://example.org/missing.yaml", "CW218"),
        ("file:///etc/passwd", "CW218"),
        ("./functions/list.yaml", "CW220"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_call(name: str, code: str) -> None:
    """The line of the call is where the author can mend it."""
    assert said(calling(name)) == [(code, "process.yaml", 2)]


def test_an_address_cannot_name_files_of_this_machine() -> None:
    """What somebody else has published must not read what lies here."""
    assert said(calling("https://example.org/sly.yaml", "{}")) == [
        ("CW218", "https://example.org/sly.yaml", 1)
    ]


def test_what_is_wrong_inside_of_a_function_is_said_there() -> None:
    """With the function's own file and line."""
    assert said(calling("./functions/broken.yaml", "{}")) == [("CW105", "functions/broken.yaml", 2)]
    body = "use: { timeouts: { short: { after: PT1S } } }\n" + calling(
        "./functions/named.yaml", "{}"
    )
    assert ("CW204", "functions/named.yaml", 1) in said(body)


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ("{ name: '${ .n }', loud: true }", []),
        ("{ loud: true }", ['the function "greet" needs "name"']),
        ("{ name: 5 }", ['"name" of the function "greet" must be a text, not a whole number']),
        ("{ name: a, lowd: true }", ['"lowd" is not known in the function "greet"']),
    ],
)
def test_arguments_are_held_against_what_the_function_takes(
    arguments: str, messages: list[str]
) -> None:
    """What stands in the definition is checked there; what is computed, when it runs."""
    alias = "use: { functions: { greet: { call: ./functions/greet.yaml } } }\n"

    assert [each.message for each in findings(alias + calling("greet", arguments))] == messages


@pytest.mark.parametrize(
    "body",
    [
        "use: { functions: { a: { do: [ { x: { call: b } } ] }, b: { do: [ { x: { call: a } } ] } } }\n"
        + calling("a"),
        "use: { functions: { a: { for: { in: '[1]' }, do: [ { x: { call: a } } ] } } }\n"
        + calling("a"),
        calling("./functions/round.yaml", "{}"),
        "use: { functions: { a: { call: b }, b: { call: a } } }\n" + calling("a"),
    ],
)
def test_functions_that_come_to_call_themselves_are_refused(body: str) -> None:
    """Directly or over others: their plan would have no end."""
    assert "CW217" in [each.code for each in findings(body)]


def test_a_function_may_be_called_by_many() -> None:
    """Only a circle is refused, not that two functions use a third."""
    body = """
        use:
          functions:
            base: { set: { a: 1 } }
            left: { do: [ { x: { call: base } } ] }
            right: { do: [ { x: { call: base } }, { y: { call: left } } ] }
        do: [ { one: { call: left } }, { two: { call: right } } ]
    """
    assert findings(body) == []


def test_a_schema_of_another_document_is_a_part_of_the_plan() -> None:
    """At each point of the data flow, by file or address."""
    plan = plan_of(
        """
        input: { schema: { resource: { endpoint: schemas/order.yaml } } }
        do:
          - pause:
              input: { schema: { resource: { endpoint: { uri: ./schemas/order.yaml } } } }
              wait: PT1S
        """
    )

    assert plan.input.schema == {"type": "object", "required": ["id"]}
    assert isinstance(plan.tasks[0], Wait)
    assert plan.tasks[0].input.schema == plan.input.schema


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("schemas/missing.yaml", "CW218"),
        ("schemas/text.json", "CW220"),
        ("https://example.org/schema.json", "CW219"),
    ],
)
def test_a_schema_that_cannot_be_used_is_said_where_it_is_named(endpoint: str, code: str) -> None:
    """As with functions."""
    body = f"input: {{ schema: {{ resource: {{ endpoint: '{endpoint}' }} }} }}\ndo: [ {{ a: {{ wait: PT1S }} }} ]"

    assert said(body, online=False) == [(code, "process.yaml", 2)]
