"""Every setting of an installation in one place: the only module that reads the environment.

Each field is the environment variable `CASEWAY_<FIELD>`; without one the embedded systems of `caseway up` are used.
The connection to Temporal is not described here but by Temporal's own variables and profile file
(`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, `TEMPORAL_PROFILE`, ...).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """What a process of ours needs to know about where it runs. Paths are absolute after loading."""

    model_config = SettingsConfigDict(env_prefix="CASEWAY_", frozen=True, extra="ignore")

    data: Path = Path(".caseway")
    """Everything Caseway keeps on this machine lies below this folder."""
    definitions: Path = Path("definitions")
    """The folder that `caseway up` watches and publishes."""

    temporal_port: Port = 7233
    """Where `caseway up` lets its dev server listen; unused with a configured address."""
    temporal_ui_port: Port = 8233
    temporal_ui: str | None = None
    """Address of the Temporal UI; None is the dev server's."""
    workflow_slots: Annotated[int, Field(ge=2, le=200)] = 20
    """How many workflow tasks one worker process decides at the same time."""
    shutdown_seconds: Annotated[float, Field(gt=0)] = 20.0
    """How long a worker that is asked to stop lets running actions finish."""

    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    base_url: str | None = None
    """The address under which people and systems reach the API; None is `http://<api_host>:<api_port>`."""

    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 2525
    """Where mail goes out; also where the embedded mailbox of `caseway up` listens."""
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_address: str = "help@example.org"
    """The address that customers write to and that our mail comes from."""
    own_addresses: Annotated[tuple[str, ...], NoDecode] = ()
    """Further addresses that are ours, separated by commas: mail from them is never taken for a customer's."""
    mailbox_poll_seconds: Annotated[float, Field(gt=0)] = 1.0
    mail_limit_bytes: Annotated[int, Field(ge=10_000)] = 25_000_000

    outgoing_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """The hosts that definitions may call, separated by commas: `api.example.org`, `*.example.org`,
    `api.example.org:8443`. None given, all public ones."""
    outgoing_networks: Annotated[tuple[str, ...], NoDecode] = ()
    """Networks that are not public and may be called all the same: `10.2.0.0/16`, `127.0.0.1/32`.
    Without them no definition reaches this machine, its network, or a cloud's metadata."""

    secrets_folder: Path | None = None
    """Where secrets lie as files; None is `secrets` in the data folder. A secret may also be a variable
    of the environment, `CASEWAY_SECRET_<NAME>`."""

    early_event_hours: Annotated[float, Field(gt=0, le=720)] = 1.0
    """How long a published event waits for cases that begin to listen after it; of routers that start from now on."""
    event_sink: str | None = None
    """The http(s) address to which cases that start from now on tell their lifecycle events; None tells nobody."""

    records: str | None = None
    """SQLAlchemy address of the records; None is an SQLite file in the data folder."""

    @field_validator("own_addresses", "outgoing_hosts", "outgoing_networks", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("outgoing_networks", mode="after")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            ip_network(each, strict=False)
        return value

    @field_validator("event_sink", mode="after")
    @classmethod
    def _check_sink(cls, value: str | None) -> str | None:
        if not value:
            return None
        address = urlsplit(value)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("must be an address such as https://events.example.org/caseway")
        return value

    @field_validator("data", "definitions", mode="after")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def bundles_folder(self) -> Path:
        """Published definitions and organization documents."""
        return self.data / "bundles"

    @property
    def records_url(self) -> str:
        """SQLAlchemy address of the records."""
        return self.records or f"sqlite:///{self.data / 'records.db'}"

    @property
    def tickets_file(self) -> Path:
        """The embedded ticket store."""
        return self.data / "tickets.db"

    @property
    def files_folder(self) -> Path:
        """The content-addressed store of bodies and attachments."""
        return self.data / "files"

    @property
    def mailbox_folder(self) -> Path:
        """The embedded mailbox: one folder per recipient."""
        return self.data / "mail"

    @property
    def keys_folder(self) -> Path:
        """Secrets made by Caseway itself; the folder is 0700 and its files 0600."""
        return self.data / "keys"

    @property
    def secret_files(self) -> Path:
        """The folder of secrets."""
        return (self.secrets_folder or self.data / "secrets").expanduser().absolute()

    @property
    def tokens_file(self) -> Path:
        """The tokens that the API accepts."""
        return self.keys_folder / "tokens.json"

    @property
    def link_key_file(self) -> Path:
        """The key that signs links in mails."""
        return self.keys_folder / "links.key"

    @property
    def temporal_address(self) -> str:
        """Where the dev server answers; counts only where no other address is configured."""
        return f"127.0.0.1:{self.temporal_port}"

    @property
    def temporal_folder(self) -> Path:
        """The dev server's database, with the version that made it beside it."""
        return self.data / "temporal"

    @property
    def logs_folder(self) -> Path:
        """One log file per process of `caseway up`."""
        return self.data / "logs"

    @property
    def running_file(self) -> Path:
        """Written by a running `caseway up`: the settings that its other commands need to find it."""
        return self.data / "running.env"

    @property
    def api_url(self) -> str:
        """The address of the API without a slash at its end."""
        return (self.base_url or f"http://{self.api_host}:{self.api_port}").rstrip("/")

    @property
    def temporal_ui_url(self) -> str:
        """The address of the Temporal UI without a slash at its end."""
        return (self.temporal_ui or f"http://127.0.0.1:{self.temporal_ui_port}").rstrip("/")

    @property
    def addresses_of_ours(self) -> tuple[str, ...]:
        """All addresses that are ours, the one that customers write to first."""
        return (self.mail_address, *self.own_addresses)

    @property
    def mailbox_poll(self) -> timedelta:
        """How often a mailbox is looked into."""
        return timedelta(seconds=self.mailbox_poll_seconds)


def secrets_of_environment() -> Mapping[str, str]:
    """The variables `CASEWAY_SECRET_<NAME>` of this process."""
    return {name: value for name, value in os.environ.items() if name.startswith("CASEWAY_SECRET_")}


def load() -> Settings:
    """The settings of this process: the environment, then what a running `caseway up` wrote down, then defaults."""
    return Settings(_env_file=Settings().running_file)  # pydantic-settings' own argument
