"""The processes of `caseway up` on this machine, and how to see that each does its work."""

from __future__ import annotations

import asyncio
import sys

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from cases.connect import connect
from cases.errors import ServerUnavailable
from cli.running.ports import answers
from cli.running.supervisor import Program, Ready
from cli.temporal.dev_server import DevServer
from settings import Settings

MAILBOX, WORKER, API, TEMPORAL = "mailbox", "worker", "api", "temporal"
TASK_QUEUE = "caseway"


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs a module of ours, never one of that name in the current folder."""
    return (sys.executable, "-P", "-m", module, *arguments)


def as_environment(settings: Settings) -> dict[str, str]:
    """Return what another process of ours must be told to find this installation."""
    told = {
        "data": settings.data,
        "definitions": settings.definitions,
        "temporal_port": settings.temporal_port,
        "temporal_ui_port": settings.temporal_ui_port,
        "api_host": settings.api_host,
        "api_port": settings.api_port,
        "smtp_host": settings.smtp_host,
        "smtp_port": settings.smtp_port,
        "mail_address": settings.mail_address,
        "outgoing_hosts": ",".join(settings.outgoing_hosts),
        "outgoing_networks": ",".join(settings.outgoing_networks),
    }
    return {f"CASEWAY_{name.upper()}": str(value) for name, value in told.items()}


def temporal(settings: Settings, server: DevServer) -> Program:
    """Return the dev server. It stops last and may take its time to close the database."""
    return Program(
        TEMPORAL, server.command(), settings.logs_folder / "temporal.log", stop_seconds=20
    )


def mailbox(settings: Settings) -> Program:
    """Return the embedded SMTP mailbox."""
    arguments = ("--port", str(settings.smtp_port), "--folder", str(settings.mailbox_folder))
    command = python("integrations.mail.mailbox", *arguments)
    return Program(MAILBOX, command, settings.logs_folder / "mailbox.log", as_environment(settings))


def worker(settings: Settings) -> Program:
    """Return the worker; it gets the time that its running actions may take, and a little more."""
    return Program(
        WORKER,
        python("worker"),
        settings.logs_folder / "worker.log",
        as_environment(settings),
        stop_seconds=settings.shutdown_seconds + 5,
    )


def api(settings: Settings) -> Program:
    """Return the API."""
    return Program(
        API, python("server"), settings.logs_folder / "api.log", as_environment(settings)
    )


def listens(host: str, port: int) -> Ready:
    """Ready when a port accepts connections."""

    async def ready(_: int) -> bool:
        return await asyncio.to_thread(answers, host, port)

    return ready


def serves(address: str) -> Ready:
    """Ready when a Temporal server does what it is asked: it opens its port a moment earlier."""
    host, _, port = address.rpartition(":")

    async def ready(_: int) -> bool:
        if not await asyncio.to_thread(answers, host, int(port)):
            return False
        try:
            await connect(address)
        except ServerUnavailable:
            return False
        return True

    return ready


def polls(client: Client, task_queue: str = TASK_QUEUE) -> Ready:
    """Ready when the server has seen the process ask for workflow tasks."""

    async def ready(pid: int) -> bool:
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=task_queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        # The SDK's default identity is <process id>@<host>.
        return any(poller.identity.startswith(f"{pid}@") for poller in described.pollers)

    return ready
