"""What looks like a secret in clear text, and what only sounds like one."""

from __future__ import annotations

import pytest

from language.compile import check_definition

DEFINITION = """
document: {{ dsl: '1.0.3', namespace: n, name: x, version: '1.0.0' }}
use: {{ secrets: [key] }}
do:
  - ask: {{ call: http, with: {{ method: get, endpoint: {{ uri: https://example.org, authentication: {{ oauth2: {{ authority: https://login.example.org, grant: client_credentials, {more} }} }} }} }} }}
"""


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("client: { id: me, secret: '4711' }", ["CW502"]),
        ("client: { id: me, secret: '${ $secrets.key }' }", []),
        (
            "client: { id: me, secret: '${ $secrets.key }' }, endpoints: { token: /oauth2/token }",
            [],
        ),
    ],
)
def test_an_address_of_tokens_is_no_token(more: str, codes: list[str]):
    """A secret that stands there is named; where tokens are got is no secret."""
    _, findings = check_definition(DEFINITION.format(more=more), "process.yaml")

    assert [each.code for each in findings if each.code == "CW502"] == codes
