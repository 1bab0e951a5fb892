"""The connection to Temporal, described by Temporal's own variables and profile file."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import GrpcCompression

from cases.errors import ServerUnavailable
from cases.payloads import CONVERTER


async def connect(default_address: str, *, runtime: Runtime | None = None) -> Client:
    """Connect to the configured server, or to `default_address` where none is configured.

    Raises:
        ServerUnavailable: nothing answers, or it refuses us.
    """
    config = ClientConfig.load_client_connect_config()
    address = config.setdefault("target_host", default_address)
    try:
        return await Client.connect(
            **config,
            runtime=runtime or quiet_runtime(),
            data_converter=CONVERTER,
            # Compressing on one machine only costs time of its processors.
            grpc_compression=GrpcCompression.NONE if _is_local(address) else GrpcCompression.GZIP,
            connect_timeout=timedelta(seconds=10),
        )
    except RuntimeError as error:
        raise ServerUnavailable(address, _reason(error)) from error


def quiet_runtime() -> Runtime:
    """Return the runtime of this process, which writes warnings of the SDK's core only."""
    global _runtime  # noqa: PLW0603 - the SDK wants one runtime per process
    if _runtime is None:
        level = TelemetryFilter(core_level="WARN", other_level="ERROR")
        _runtime = Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=level)))
    return _runtime


_runtime: Runtime | None = None


def _reason(error: RuntimeError) -> str:
    """What the SDK has to say, without the names of its parts."""
    text = str(error).splitlines()[0]
    said = re.search(r'message: "([^"]+)"', text)
    return said[1] if said else text


def _is_local(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
