"""What our namespace needs before cases may start: search attributes and a retention."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cli.problem import CannotRun

RETENTION = timedelta(days=30)
"""Closed cases stay in Temporal at least as long as the longest reopen window."""

TYPES: Mapping[str, IndexedValueType.ValueType] = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}


async def prepare_namespace(client: Client, attributes: Mapping[str, str]) -> None:
    """Register the missing ones of our search attributes (name -> type), and lengthen a short retention.

    Raises:
        CannotRun: the server does not let us, or has an attribute of another type.
    """
    try:
        await _add_attributes(client, attributes)
        await _lengthen_retention(client)
    except RPCError as error:
        raise CannotRun(
            f'the namespace "{client.namespace}" could not be prepared: {error.message}. '
            "An administrator of the Temporal server must allow it or do it."
        ) from error


async def _add_attributes(client: Client, attributes: Mapping[str, str]) -> None:
    there = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    wanted = {name: TYPES[type_name] for name, type_name in attributes.items()}
    for name, type_ in wanted.items():
        other = there.custom_attributes.get(name, type_)
        if other != type_:
            raise CannotRun(
                f'the namespace "{client.namespace}" has a search attribute {name} of another type. '
                "Rename or remove it there."
            )
    missing = {name: type_ for name, type_ in wanted.items() if name not in there.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )


async def _lengthen_retention(client: Client) -> None:
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    if described.config.workflow_execution_retention_ttl.ToTimedelta() >= RETENTION:
        return
    duration = Duration()
    duration.FromTimedelta(RETENTION)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=duration),
        )
    )
