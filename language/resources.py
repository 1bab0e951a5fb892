"""What a definition names in other files and at other addresses: functions and schemas.

The language reads nothing by itself. Who compiles gives it a `Resources` that can read files beside
the definition, and addresses where a definition is published; what was read goes into the bundle.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.parse import urljoin, urlsplit

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FILE = re.compile(r"(\.{1,2}/.+|.+\.(yaml|yml|json))\Z")
_GITHUB = re.compile(
    r"https://github\.com/(?P<project>[^/]+/[^/@]+)"
    r"(?:/(?:tree|blob|raw)/(?P<ref>[^/]+)(?P<path>/.*)?|(?P<sub>/.*?))?\Z"
)
_GITLAB = re.compile(r"(?P<project>https://gitlab\.com/.+?)/-/(?:tree|blob)/(?P<rest>.+)\Z")
_AT_VERSION = re.compile(r"(?P<path>.*/[^/@]+)@(?P<ref>[^/@]+)\Z")


class Resource(NamedTuple):
    """A document as it was read."""

    address: str
    """A whole address, or a path relative to the definition."""
    text: str
    digest: str
    """SHA-256 of its bytes."""
    file: str = ""
    """What findings call it; the address by default."""


class ResourceMissing(Exception):
    """A document cannot be had; the argument says why."""


class ResourceLater(Exception):
    """A document is at an address, and nothing is fetched here: publishing does that."""


class Resources(Protocol):
    """Reads documents by file or address."""

    def read(self, address: str, login: Mapping[str, str]) -> Resource:
        """The document at a path relative to the definition, or at an address.

        Args:
            address: As `absolute` and `machine_readable` give it.
            login: Headers for the address.

        Raises:
            ResourceMissing: it cannot be had.
            ResourceLater: it is fetched when the definition is published.
        """
        ...


class NoResources:
    """For a text without a place: nothing lies beside it, and nothing is fetched."""

    def read(self, address: str, login: Mapping[str, str]) -> Resource:
        """Never gives anything."""
        del login
        if is_address(address):
            raise ResourceLater
        raise ResourceMissing("the definition has no folder")


def is_address(reference: str) -> bool:
    """Whether it names a place on the network."""
    return bool(_ADDRESS.match(reference))


def is_file(reference: str) -> bool:
    """Whether the name of a function means a file beside the definition."""
    return bool(_FILE.match(reference)) and not is_address(reference)


def absolute(reference: str, base: str) -> str:
    """A reference as it is meant in the document `base`, itself an address or a relative path."""
    if is_address(reference):
        return reference
    if is_address(base):
        return urljoin(base, reference)
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), reference))


def machine_readable(address: str) -> str:
    """The address of the raw document, where one names a page of GitHub or GitLab about it."""
    found = _GITHUB.match(address)
    if found:
        path, ref = found["path"] or found["sub"] or "", found["ref"]
        versioned = _AT_VERSION.match(path) if ref is None else None
        if versioned:
            # As dsl.md writes it: https://github.com/owner/repository/function@version
            path, ref = f"{versioned['path']}/function.yaml", versioned["ref"]
        return f"https://raw.githubusercontent.com/{found['project']}/{ref or 'HEAD'}{path}"
    found = _GITLAB.match(address)
    return f"{found['project']}/-/raw/{found['rest']}" if found else address


def in_catalog(endpoint: str, name: str, version: str) -> str:
    """The address of a function in a catalog, whose structure the standard lays down."""
    return f"{endpoint.rstrip('/')}/functions/{name}/{version}/function.yaml"


def short_name(address: str) -> str:
    """What a reader calls the document: `log/1.0.0`, `greet`."""
    parts = [each for each in urlsplit(address).path.split("/") if each and each != ".."]
    stem = parts[-1].rsplit(".", 1)[0] if parts else address
    if stem == "function" and len(parts) > 1:
        return "/".join(parts[-3:-1])
    return stem
