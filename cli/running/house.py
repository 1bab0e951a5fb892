"""The life of `caseway up`: what is started in which order, what is printed, and how it all ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from temporalio.client import Client

from api.tokens import Tokens, TokensDamaged
from cases.bundles.folder import FolderBundles
from cases.connect import connect
from cases.errors import CaseError, ServerUnavailable
from cases.search_attributes import TYPE_NAMES
from cli import applying
from cli.problem import CannotRun
from cli.running import programs
from cli.running.folder import owned
from cli.running.ports import Door, require_free
from cli.running.publishing import Publisher, Store
from cli.running.supervisor import Supervisor
from cli.running.watch import changes
from cli.temporal.chain import Configured, Machine, Program, find_server
from cli.temporal.dev_server import DevServer
from cli.temporal.namespace import prepare_namespace
from outgoing.rules import Rules
from settings import Settings

Say = Callable[[str], None]


@dataclass(slots=True)
class House:
    """All processes of one installation on one machine."""

    settings: Settings
    store: Store
    say: Say

    async def run(self, *, demo: bool, exit_after: bool) -> int:
        """Start everything, tell the story where asked to, and stay until Ctrl-C; returns the exit status.

        Raises:
            CannotRun: something needed is not there; everything started until then is stopped again.
        """
        with owned(self.settings.data), self._written_down():
            supervisor = Supervisor(self.say)
            stop = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            living = asyncio.create_task(self._live(supervisor, demo=demo, exit_after=exit_after))
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if living.done():
                    return living.result()
                # Before its end the story has no good result to report.
                return 130 if demo and exit_after else 0
            finally:
                self.say("Stopping ...")
                for task in (living, stopping):
                    task.cancel()
                await asyncio.gather(living, stopping, return_exceptions=True)
                await supervisor.stop()
                self.say("Stopped. The cases are kept, and go on with the next `caseway up`.")

    async def _live(self, supervisor: Supervisor, *, demo: bool, exit_after: bool) -> int:
        client = await self._start_temporal(supervisor)
        await prepare_namespace(client, TYPE_NAMES)
        publisher = Publisher(
            self.settings.definitions, self.store, self.say, rules=_outgoing(self.settings)
        )
        if demo:
            from cli.demo.quick import in_seconds

            publisher.amend = in_seconds
        await asyncio.to_thread(publisher.publish)
        settings = self.settings
        tokens = Tokens(settings.tokens_file)
        try:
            first = tokens.make_first()
        except TokensDamaged as error:
            raise CannotRun(str(error)) from error
        await supervisor.start(
            programs.mailbox(settings), programs.listens(settings.smtp_host, settings.smtp_port)
        )
        await supervisor.start(programs.worker(settings), programs.polls(client))
        await supervisor.start(
            programs.api(settings), programs.listens(settings.api_host, settings.api_port)
        )
        self._print_addresses({str(scope): token for scope, token in first.items()})
        status = 0
        if demo:
            from cli.demo.story import tell

            status = await tell(settings, client.namespace, tokens, supervisor, self.say)
            if exit_after:
                return status
        self.say("Ctrl-C stops everything. Definitions are watched.")
        async for files in changes(settings.definitions):
            await asyncio.to_thread(publisher.publish, files)
            await self._apply_schedules(client)
        return status

    async def _apply_schedules(self, client: Client) -> None:
        """Make schedules equal to what is published now; a worker that starts does so by itself."""
        try:
            told = await applying.apply_with(client, FolderBundles(self.settings.bundles_folder))
        except CaseError as error:
            self.say(f"The schedules are not changed yet: {error}")
            return
        for line in told.lines:
            self.say(line)

    async def _start_temporal(self, supervisor: Supervisor) -> Client:
        found = await asyncio.to_thread(find_server, Machine(say=self.say))
        settings = self.settings
        if isinstance(found, Configured):
            self.say(f"Temporal: the server at {found.address}, because {found.why}.")
            require_free(_own_doors(settings))
        else:
            self.say(f"Temporal: {found.path}, {found.version}, because {found.why}.")
            require_free([*_server_doors(settings), *_own_doors(settings)])
            await self._start_dev_server(supervisor, found)
        try:
            return await connect(settings.temporal_address)
        except ServerUnavailable as error:
            raise CannotRun(str(error)) from error

    async def _start_dev_server(self, supervisor: Supervisor, program: Program) -> None:
        settings = self.settings
        server = DevServer(
            program,
            settings.temporal_folder,
            settings.temporal_port,
            settings.temporal_ui_port,
            TYPE_NAMES,
        )
        server.prepare()
        await supervisor.start(
            programs.temporal(settings, server),
            programs.serves(settings.temporal_address),
        )

    def _print_addresses(self, tokens: Mapping[str, str]) -> None:
        settings = self.settings
        self.say("")
        self.say("Caseway is up.")
        self.say(f"  Temporal UI  {settings.temporal_ui_url}")
        self.say(f"  API          {settings.api_url}  (its documentation: {settings.api_url}/docs)")
        self.say(
            f"  Mail         write to {settings.mail_address} over SMTP at "
            f"{settings.smtp_host}:{settings.smtp_port}; what comes out lies in {settings.mailbox_folder}"
        )
        self.say(f"  Logs         {settings.logs_folder}")
        if tokens:
            self.say("  API tokens, shown this once; write `Authorization: Bearer <token>`:")
        for scope, token in tokens.items():
            self.say(f"    {scope:8} {token}")
        self.say("")

    @contextlib.contextmanager
    def _written_down(self) -> Iterator[None]:
        """Tell the other commands where this installation answers, for as long as it runs."""
        file = self.settings.running_file
        lines = [
            f"{name}={value}\n" for name, value in programs.as_environment(self.settings).items()
        ]
        file.write_text("".join(lines))
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def _server_doors(settings: Settings) -> list[Door]:
    return [
        Door("Temporal", "127.0.0.1", settings.temporal_port, "CASEWAY_TEMPORAL_PORT"),
        Door("the Temporal UI", "127.0.0.1", settings.temporal_ui_port, "CASEWAY_TEMPORAL_UI_PORT"),
    ]


def _own_doors(settings: Settings) -> list[Door]:
    return [
        Door("the API", settings.api_host, settings.api_port, "CASEWAY_API_PORT"),
        Door("the mailbox", settings.smtp_host, settings.smtp_port, "CASEWAY_SMTP_PORT"),
    ]


def _outgoing(settings: Settings) -> Rules:
    return Rules.of(settings.outgoing_hosts, settings.outgoing_networks)
