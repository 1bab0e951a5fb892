"""A whole Caseway as people run it: `caseway up` as a process, with ports and a folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from tests.conftest import free_port

Found = TypeVar("Found")

UP_SECONDS = 90
SIGNS = {
    "worker": b"worker",
    "api": b"server",
    "mailbox": b"integrations.mail.mailbox",
    "temporal": b"start-dev",
}
"""What the command of each child has among its first words."""

PORTS = ("TEMPORAL", "TEMPORAL_UI", "API", "SMTP")


class Installation:
    """One installation in a folder; it can be started again and finds its cases."""

    def __init__(self, folder: Path, definitions: Path, **settings: str) -> None:
        self.folder = folder
        self.definitions = definitions
        self.ports = {name: free_port() for name in PORTS}
        told = {f"CASEWAY_{name}_PORT": str(port) for name, port in self.ports.items()}
        told |= {"CASEWAY_DATA": str(folder), "CASEWAY_DEFINITIONS": str(definitions)}
        told |= {f"CASEWAY_{name.upper()}": value for name, value in settings.items()}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CASEWAY_", "TEMPORAL_"))}
        self.environment = kept | told
        self.tokens: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None
        self.said = folder.with_name(f"{folder.name}.out")

    # --- its life -------------------------------------------------------------------------------

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `caseway up` without waiting for anything."""
        with self.said.open("a") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "cli.main", "up", *arguments],
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
            )
        return self._process

    def start(self) -> None:
        """Start `caseway up` and wait until everything answers."""
        before = self.output().count("Caseway is up.")
        process = self.begin()
        deadline = time.monotonic() + UP_SECONDS
        while self.output().count("Ctrl-C stops everything") <= before:
            if process.poll() is not None:
                raise AssertionError(f"caseway up ended: {self.output()[-3000:]}")
            if time.monotonic() > deadline:
                raise AssertionError(f"caseway up is not ready: {self.output()[-3000:]}")
            time.sleep(0.1)
        for scope, token in re.findall(
            r"^ +(admin|agent|intake) +(cw_\S+)$", self.output(), re.MULTILINE
        ):
            self.tokens.setdefault(scope, token)

    def stop(self, limit_seconds: float = 60) -> int:
        """Press Ctrl-C and wait for the end; returns the exit status."""
        process = self._process
        assert process is not None
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            return process.wait(limit_seconds)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def output(self) -> str:
        """Everything that `caseway up` has printed so far."""
        return self.said.read_text() if self.said.exists() else ""

    def log(self, name: str) -> str:
        """The log of one of its processes."""
        file = self.folder / "logs" / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def pid(self, program: str) -> int | None:
        """Process id of a child: worker, api, mailbox or temporal; None while there is none."""
        assert self._process is not None
        for place in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
                command = (place / "cmdline").read_bytes().split(b"\0")
            except (OSError, IndexError, ValueError):
                continue
            if parent == self._process.pid and SIGNS[program] in command[:4]:
                return int(place.name)
        return None

    def kill(self, program: str) -> bool:
        """End a child as a power cut would; False where it did not run just now."""
        pid = self.pid(program)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        return pid is not None

    # --- its doors ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Address of the API."""
        return f"http://127.0.0.1:{self.ports['API']}"

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = "admin",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """One request; returns the status and the JSON (or text) of the answer.

        Args:
            token: The scope of one of the first tokens, or None for a request without one.
        """
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {self.tokens[token]}"
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        address = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(address, data=raw, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, _read(answer.headers.get("Content-Type", ""), answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _read(error.headers.get("Content-Type", ""), error.read())

    def case(self, case: str) -> Mapping[str, Any] | None:
        """Where a case stands; None while nobody can say."""
        try:
            status, view = self.request("GET", f"/cases/{quote(case, safe='')}")
        except (OSError, http.client.HTTPException):
            return None
        return view if status == 200 else None

    def cases(self, **filters: str) -> list[Mapping[str, Any]]:
        """All cases that match, every page of the list."""
        found: list[Mapping[str, Any]] = []
        cursor = ""
        while True:
            query = "&".join(
                f"{k}={quote(v)}" for k, v in (*filters.items(), ("cursor", cursor)) if v
            )
            status, page = self.request("GET", f"/cases?{query}&limit=100")
            assert status == 200, page
            found += page["cases"]
            cursor = page.get("next") or ""
            if not cursor:
                return found

    def answer(self, case: str, item: str, by: str, outcome: str, **values: Any) -> Any:
        """Answer a work item; returns the API's answer."""
        status, answer = self.request(
            "POST",
            f"/cases/{quote(case, safe='')}/work-items/{quote(item, safe='')}/answer",
            {"by": by, "outcome": outcome, "values": values},
        )
        assert status == 200, (status, answer)
        return answer

    def open_item(self, case: str, task: str) -> Mapping[str, Any] | None:
        """The open work item of a task, or None."""
        view = self.case(case)
        for item in (view or {}).get("items", ()):
            if item["task"] == task and item["state"] in ("open", "claimed"):
                found: Mapping[str, Any] = item
                return found
        return None

    def send(self, mail: EmailMessage | bytes, sender: str, to: str = "help@example.org") -> None:
        """Deliver a mail over SMTP, as the world does."""
        with smtplib.SMTP("127.0.0.1", self.ports["SMTP"], timeout=20) as server:
            raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=policy.SMTP)
            server.sendmail(sender, [to], raw)

    def mails(self, address: str) -> list[EmailMessage]:
        """Every delivery to an address, in the order of their arrival."""
        files = sorted(
            (self.folder / "mail" / address).rglob("*.eml"), key=lambda p: p.stat().st_mtime_ns
        )
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def until(what: str, look: Callable[[], Found | None], limit_seconds: float = 60) -> Found:
    """Look until there is something, and return it."""
    deadline = time.monotonic() + limit_seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit_seconds:.0f} s in vain for {what}")
        time.sleep(0.1)
    return found


def question(sender: str, subject: str, text: str, message_id: str | None) -> EmailMessage:
    """A customer's mail."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = "help@example.org"
    mail["Subject"] = subject
    mail["Date"] = "Mon, 02 Mar 2026 09:00:00 +0800"
    if message_id is not None:
        mail["Message-ID"] = message_id
    mail.set_content(text)
    return mail


def _read(kind: str, content: bytes) -> Any:
    return json.loads(content) if "json" in kind else content.decode("utf-8", "replace")
