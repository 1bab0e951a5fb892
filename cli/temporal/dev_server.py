"""The dev server of `caseway up`: how it is started, and on which database it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.problem import CannotRun
from cli.temporal.chain import Program


@dataclass(frozen=True, slots=True)
class DevServer:
    """A dev server with a file database below `folder`."""

    program: Program
    folder: Path
    port: int
    ui_port: int
    attributes: Mapping[str, str]
    """Search attributes: name -> type in Temporal's words."""
    namespaces: Sequence[str] = ()
    """Made at the start, besides `default`."""

    @property
    def database(self) -> Path:
        """The file that holds all running cases."""
        return self.folder / "temporal.db"

    @property
    def version_file(self) -> Path:
        """Says which version of the Temporal CLI made the database."""
        return self.folder / "version"

    def prepare(self) -> None:
        """Make the folder, and refuse a database that this program would not understand.

        Raises:
            CannotRun: another version made it, or the folder cannot be written.
        """
        version = self.program.version.cli
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.database.exists():
                made_by = (
                    self.version_file.read_text().strip()
                    if self.version_file.exists()
                    else "unknown"
                )
                if made_by != version:
                    raise CannotRun(self._other_version(made_by))
            else:
                # Before the database: without this file its maker would be unknown.
                self.version_file.write_text(version + "\n")
        except OSError as error:
            raise CannotRun(
                f"{self.folder} cannot be written ({error.strerror}). "
                "Give it write permission, or set CASEWAY_DATA to a folder that has it."
            ) from error

    def command(self) -> list[str]:
        """Return the command line."""
        command = [str(self.program.path), "server", "start-dev", "--ip", "127.0.0.1"]
        command += ["--port", str(self.port), "--ui-port", str(self.ui_port)]
        command += ["--db-filename", str(self.database)]
        # One fsync per checkpoint instead of one per write: twice the throughput, and a killed server loses nothing.
        command += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"]
        command += ["--dynamic-config-value", "system.enableActivityEagerExecution=true"]
        for name, type_name in self.attributes.items():
            command += ["--search-attribute", f"{name}={type_name}"]
        for namespace in self.namespaces:
            command += ["--namespace", namespace]
        return [*command, "--log-level", "warn", "--ui-disable-news-fetch"]

    def _other_version(self, made_by: str) -> str:
        return (
            f"{self.database} was made by Temporal CLI {made_by}, and {self.program.path} is "
            f"{self.program.version.cli}, which does not convert it. To keep its cases, put version "
            f"{made_by} first on PATH and start again; to begin anew, move {self.folder} away."
        )
