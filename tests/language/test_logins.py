"""How calls log in: what the plan holds, and what is found before anything runs."""

from __future__ import annotations

import pytest

from language.expressions import evaluate_one, parse
from language.plan import Call, Expression, Literal, MapTemplate
from language.plan_codec import pack_plan, unpack_plan
from tests.language.test_compile import codes_of, plan_of


def policy_of(text: str) -> tuple[Call, object]:
    """The call `a` of a definition, and the policy in its arguments."""
    plan = plan_of(text)
    assert plan == unpack_plan(pack_plan(plan))
    task = plan.tasks[0]
    assert isinstance(task, Call)
    assert isinstance(task.arguments, MapTemplate)
    endpoint = task.arguments.get("endpoint")
    match endpoint:
        case MapTemplate():
            return task, endpoint.get("authentication")
        case Literal(dict() as value):
            return task, value["authentication"]
    raise AssertionError(endpoint)


def calling(policy: str, use: str = "{}") -> str:
    """Write a definition with one call."""
    return (
        f"use: {use}\ndo:\n  - a: {{ call: http, with: {{ method: get,"
        f" endpoint: {{ uri: https://example.org, authentication: {policy} }} }} }}\n"
    )


@pytest.mark.parametrize("kind", ["basic", "digest", "oauth2", "oidc"])
def test_a_policy_from_a_secret_is_an_expression_of_the_plan(kind: str) -> None:
    """So that no data of a case can choose a secret, and the case never evaluates it."""
    use = (
        f"{{ secrets: [my-login], authentications: {{ own: {{ {kind}: {{ use: my-login }} }} }} }}"
    )
    for policy in (f"{{ {kind}: {{ use: my-login }} }}", "{ use: own }"):
        task, found = policy_of(calling(policy, use))
        taken = " | {username, password}" if kind in ("basic", "digest") else ""
        assert found == MapTemplate(((kind, Expression('$secrets["my-login"]' + taken)),))
        assert task.secrets


def test_a_token_may_be_a_secret_of_one_text() -> None:
    """The policy has one field, and nobody writes an object for it."""
    _, found = policy_of(calling("{ bearer: { use: key } }", "{ secrets: [key] }"))
    assert isinstance(found, MapTemplate)
    expression = found.get("bearer")
    assert isinstance(expression, Expression)
    program = parse(expression.source)
    for secret in ("t", {"token": "t"}, {"token": "t", "user": "u"}):
        assert evaluate_one(program, None, {"secrets": {"key": secret}}) == {"token": "t"}


def test_a_call_without_secrets_says_so() -> None:
    """The interpreter need not look for them."""
    task, _ = policy_of(calling("{ bearer: { token: '${ .token }' } }"))
    assert not task.secrets


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        ("{ oauth2: { authority: https://x.org, grant: authorization_code } }", ["CW113"]),
        ("{ oidc: { authority: https://x.org, grant: client_credentials } }", ["CW504"]),
        ("{ oidc: { authority: https://x.org, grant: password, username: a, client: { id: c, authentication: none } } }", ["CW504"]),
        ("{ oauth2: { authority: https://x.org, grant: client_credentials, client: { secret: '${ .s }' } } }", ["CW504"]),
        ("{ oauth2: { authority: https://x.org, grant: client_credentials, client: { id: c, authentication: private_key_jwt } } }", ["CW504"]),
        ("{ oauth2: { authority: https://x.org, grant: client_credentials, client: { id: c, authentication: client_secret_jwt, assertion: '${ .a }' } } }", []),
        ("{ oauth2: { authority: https://x.org, grant: refresh_token, client: { id: c, authentication: none } } }", ["CW504"]),
        ("{ oauth2: { authority: https://x.org, grant: client_credentials, client: { id: c, secret: '${ .s }' } } }", []),
        ("{ oauth2: { authority: 'https://x.org/{realm}', grant: password, username: '${ .u }', password: '${ .p }', client: { id: c, authentication: none } } }", []),
    ],
)  # fmt: skip
def test_a_policy_that_can_give_no_token_is_found(policy: str, codes: list[str]) -> None:
    """Inline and named."""
    assert codes_of(calling(policy)) == codes
    named = calling("{ use: own }", f"{{ authentications: {{ own: {policy} }} }}")
    assert codes_of(named) == codes


@pytest.mark.parametrize(
    ("task", "codes"),
    [
        ("{ set: { a: '${ $secrets.key }' } }", ["CW501"]),
        ("{ call: decide, with: { table: t, facts: { a: '${ $secrets.key }' } } }", ["CW503"]),
        ("{ call: http, with: '${ $secrets.key }' }", ["CW503"]),
        ("{ call: http, with: { method: get, endpoint: https://x.org, query: { a: '${ $secrets[.a] }' } } }", ["CW503"]),
        ("{ call: http, with: { method: get, endpoint: https://x.org, query: { a: '${ $secrets | tostring }' } } }", ["CW503"]),
        ("{ call: http, with: { method: get, endpoint: https://x.org, query: { a: '${ $secrets.kye }' } } }", ["CW204"]),
        ("{ call: http, with: { method: get, endpoint: https://x.org, query: { a: '${ $secrets.key.a[.b] }' } } }", []),
    ],
)  # fmt: skip
def test_secrets_stand_where_the_activity_reads_them(task: str, codes: list[str]) -> None:
    """Each by its name."""
    found = codes_of(f"use: {{ secrets: [key] }}\ndo:\n  - a: {task}\n")
    assert [each for each in found if each[:3] == "CW5" or each == "CW204"] == codes
