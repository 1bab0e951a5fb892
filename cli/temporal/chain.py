"""Where the Temporal server comes from: the first link of the chain that works.

Each link is one function. It returns what it found, or why it has nothing and what would help.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.problem import CannotRun
from cli.temporal.version import (
    MODULE_FOLDER,
    OLDEST_SERVER,
    CliVersion,
    ask_version,
    pinned_version,
)


@dataclass(frozen=True, slots=True)
class Configured:
    """A server that somebody else runs."""

    address: str
    why: str


@dataclass(frozen=True, slots=True)
class Program:
    """A `temporal` program that can run the dev server."""

    path: Path
    version: CliVersion
    why: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """A link that has nothing to offer. `fault` tells a broken one from one that is merely not there."""

    link: str
    reason: str
    remedy: str
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """What the links may look at: an environment, folders, and a way to say what takes long."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    module_folder: Path = MODULE_FOLDER
    say: Callable[[str], None] = print

    @property
    def cache_folder(self) -> Path:
        """Where the pinned version is kept between runs: below `XDG_CACHE_HOME`, else `~/.cache`."""
        base = self.environment.get("XDG_CACHE_HOME")
        home = Path(self.environment.get("HOME") or Path.home())
        folder = Path(base) if base and Path(base).is_absolute() else home / ".cache"
        return folder / "caseway" / "temporal" / pinned_version(self.module_folder)

    @property
    def cached_program(self) -> Path:
        """Where the program of the pinned version is kept."""
        return self.cache_folder / "temporal"


Link = Callable[[Machine], Configured | Program | Nothing]


def configured(machine: Machine) -> Configured | Nothing:
    """Link 1: the address in TEMPORAL_ADDRESS or in Temporal's own profile file."""
    # Read through the SDK, so that we agree with every other Temporal tool on this machine.
    from temporalio.envconfig import ClientConfig

    try:
        config = ClientConfig.load_client_connect_config(override_env_vars=machine.environment)
    except (RuntimeError, ValueError) as error:
        raise CannotRun(
            f"Temporal's configuration cannot be read ({error}). Correct the profile file or the TEMPORAL_* variables."
        ) from error
    address = config.get("target_host")
    if not address:
        return Nothing("configured address", "none is configured", "set TEMPORAL_ADDRESS")
    source = (
        "TEMPORAL_ADDRESS"
        if machine.environment.get("TEMPORAL_ADDRESS")
        else "Temporal's profile file"
    )
    return Configured(address, f"{source} names it")


def on_path(machine: Machine) -> Program | Nothing:
    """Link 2: `temporal` on PATH."""
    link = "temporal on PATH"
    found = shutil.which("temporal", path=machine.environment.get("PATH", ""))
    if found is None:
        return Nothing(link, "there is none", "install the Temporal CLI")
    return _usable(link, Path(found), "it is on PATH", "upgrade it, or take it off PATH")


def cached(machine: Machine) -> Program | Nothing:
    """Link 3: the pinned version, kept from an earlier download or build."""
    link = "cache of Caseway"
    path = machine.cached_program
    if not path.exists():
        return Nothing(link, f"{path} is not there yet", "the next steps make it")
    return _usable(link, path, "Caseway keeps it in its cache", f"delete {path}, it is made again")


def downloaded(machine: Machine) -> Program | Nothing:
    """Link 4: the Temporal SDK's own download of the pinned version."""
    from cli.temporal.download import DownloadFailed, download

    link = "download by the Temporal SDK"
    machine.say("Temporal: trying the download of the Temporal SDK (at most a minute) ...")
    try:
        download(machine.cached_program, pinned_version(machine.module_folder))
    except DownloadFailed as error:
        return Nothing(
            link, str(error), "allow this machine to reach Temporal's download site", fault=True
        )
    return _usable(link, machine.cached_program, "the Temporal SDK downloaded it", "try again")


def built(machine: Machine) -> Program | Nothing:
    """Link 5: a build from the Go modules that tools/temporal pins."""
    from cli.temporal.build import BuildFailed, build

    link = "build from Go modules"
    try:
        toolchain = build(
            machine.cached_program, machine.module_folder, machine.environment, machine.say
        )
    except BuildFailed as error:
        return Nothing(link, error.reason, error.remedy, fault=True)
    return _usable(
        link, machine.cached_program, f"built from tools/temporal with {toolchain}", "try again"
    )


CHAIN: tuple[Link, ...] = (configured, on_path, cached, downloaded, built)


def find_server(machine: Machine, chain: tuple[Link, ...] = CHAIN) -> Configured | Program:
    """Walk the chain and return the first server it offers.

    Raises:
        CannotRun: no link works; says for each one why, and what would help.
    """
    tried: list[Nothing] = []
    for link in chain:
        found = link(machine)
        if not isinstance(found, Nothing):
            return found
        tried.append(found)
        if found.fault:
            machine.say(f"Temporal: {found.link}: {found.reason}")
    lines = "\n".join(f"  {nothing.link}: {nothing.reason}; {nothing.remedy}" for nothing in tried)
    raise CannotRun(f"no Temporal server could be found or made. One of these must work:\n{lines}")


def _usable(link: str, path: Path, why: str, remedy: str) -> Program | Nothing:
    version = ask_version(path)
    if version is None:
        return Nothing(link, f"{path} does not run as the Temporal CLI", remedy, fault=True)
    if version.server < OLDEST_SERVER:
        oldest = ".".join(map(str, OLDEST_SERVER))
        return Nothing(link, f"{path} is {version}, older than server {oldest}", remedy, fault=True)
    return Program(path, version, why)
