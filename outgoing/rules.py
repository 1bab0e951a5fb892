"""Where a request may go: hosts by name, and addresses by what kind of network they belong to."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

METADATA = frozenset(
    ipaddress.ip_address(each)
    for each in (
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23", "100.100.100.200",
        "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
    )
)  # fmt: skip
"""Where clouds tell a machine its own credentials: each is allowed by itself or not at all."""

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")


class NotAllowed(Exception):
    """A request may not go there; the text says why, and who can allow it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an installation allows.

    `hosts` are names such as `api.example.org`, `*.example.org` or `api.example.org:8443`; none
    means every host. `networks` are those of our own that may be reached all the same.
    """

    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, hosts: Iterable[str] = (), networks: Iterable[str] = ()) -> Rules:
        """The rules that settings spell.

        Raises:
            ValueError: a network is none.
        """
        return cls(
            tuple(each.strip().lower().rstrip(".") for each in hosts),
            tuple(ipaddress.ip_network(each.strip(), strict=False) for each in networks),
        )

    def check_host(self, host: str, port: int) -> None:
        """Refuse a host that the list does not have.

        Raises:
            NotAllowed: there is a list, and the host is not on it.
        """
        name = host.lower().rstrip(".").strip("[]")
        if self.hosts and not any(_fits(each, name, port) for each in self.hosts):
            raise NotAllowed(
                f"{name} is not one of the hosts that may be called;"
                " an administrator can add it to CASEWAY_OUTGOING_HOSTS"
            )

    def check_address(self, host: str, address: Address) -> None:
        """Refuse an address that is not public, unless it lies in a network that is allowed.

        Raises:
            NotAllowed: it belongs to this machine, its network, or a cloud's metadata.
        """
        for each in (address, *embedded(address)):
            kind = kind_of(each)
            if kind is None or self._allows(each, kind):
                continue
            shown = host if host == str(address) else f"{host} ({address})"
            raise NotAllowed(
                f"{shown} is {kind}, and only public addresses may be called;"
                " an administrator can add its network to CASEWAY_OUTGOING_NETWORKS"
            )

    def _allows(self, address: Address, kind: str) -> bool:
        for network in self.networks:
            if address.version == network.version and address in network:
                if kind != METADATA_KIND or network.num_addresses == 1:
                    return True
        return False

    def reachable(self, host: str, addresses: Sequence[Address]) -> list[Address]:
        """Those of a host's addresses that may be called.

        Raises:
            NotAllowed: none of them may.
        """
        found: list[Address] = []
        refused: NotAllowed | None = None
        for each in addresses:
            try:
                self.check_address(host, each)
            except NotAllowed as error:
                refused = refused or error
            else:
                found.append(each)
        if not found and refused is not None:
            raise refused
        return found


METADATA_KIND = "where a cloud tells a machine its credentials"


def kind_of(address: Address) -> str | None:
    """What keeps an address from being public, in words; None where nothing does."""
    if address in METADATA:
        return METADATA_KIND
    if address.is_unspecified:
        return "no address"
    if address.is_loopback:
        return "this machine itself"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            return "private"
        if embedded(address):
            # Judged by the address inside.
            return None
    if address.is_private or not address.is_global:
        return "private"
    if address.is_reserved:
        return "reserved"
    return None


def embedded(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to: mapped, compatible, NAT64, 6to4, Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    number = int(address)
    if any(address in network for network in _NAT64) or (address in _COMPATIBLE and number > 1):
        return (ipaddress.IPv4Address(number & 0xFFFF_FFFF),)
    return ()


def _fits(pattern: str, host: str, port: int) -> bool:
    # An address of IPv6 has colons of its own: only a name, or one in brackets, takes a port.
    name, separator, wanted = pattern.rpartition(":")
    if separator and wanted.isdigit() and (":" not in name or name.endswith("]")):
        if int(wanted) != port:
            return False
        pattern = name
    pattern = pattern.strip("[]")
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return pattern in ("*", host)
