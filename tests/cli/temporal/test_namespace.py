"""A namespace made ready for cases, on a real server."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from cases.connect import connect
from cases.errors import ServerUnavailable
from cases.search_attributes import TYPE_NAMES
from cli.problem import CannotRun
from cli.temporal.namespace import RETENTION, prepare_namespace
from tests.conftest import Namespace, free_port

pytestmark = pytest.mark.server


def test_namespace_gets_attributes_and_retention(namespace: Namespace) -> None:
    """Closed cases stay for the reopen window, every attribute can be searched, and twice is fine."""

    async def story() -> tuple[int, set[str]]:
        client = await Client.connect(namespace.address, namespace=namespace.name)
        await prepare_namespace(client, {**TYPE_NAMES, "CasewayLater": "Keyword"})
        await prepare_namespace(client, TYPE_NAMES)
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace.name)
        )
        attributes = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=namespace.name)
        )
        return described.config.workflow_execution_retention_ttl.ToSeconds(), set(
            attributes.custom_attributes
        )

    retention, attributes = asyncio.run(story())

    assert retention == RETENTION.total_seconds()
    assert {*TYPE_NAMES, "CasewayLater"} <= attributes


def test_attribute_of_another_type_is_named(namespace: Namespace) -> None:
    """An attribute that somebody else registered with another type is a sentence, not a broken case."""

    async def story() -> None:
        client = await Client.connect(namespace.address, namespace=namespace.name)
        await prepare_namespace(client, {"CasewayKey": "Bool"})

    with pytest.raises(CannotRun, match="CasewayKey of another type"):
        asyncio.run(story())


def test_silent_server_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens: the address stands in the message, and what to do."""
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    address = f"127.0.0.1:{free_port()}"

    with pytest.raises(ServerUnavailable, match=f"{address} .* `caseway up`"):
        asyncio.run(connect(address))
