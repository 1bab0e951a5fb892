"""Which addresses and hosts may be called."""

from __future__ import annotations

import ipaddress

import pytest

from outgoing.rules import NotAllowed, Rules


def check(address: str, *networks: str) -> None:
    """Judge one address."""
    Rules.of(networks=networks).check_address(address, ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "169.254.1.1", "100.64.0.1", "100.100.100.200",
        "168.63.129.16", "192.0.0.192", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
        "2001:db8::1", "100::1",
        # The same addresses, dressed up as IPv6.
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::10.0.0.1",
        "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    """This machine, its network, metadata of clouds, multicast: in whichever form they come."""
    with pytest.raises(NotAllowed, match="CASEWAY_OUTGOING_NETWORKS"):
        check(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"],
)
def test_what_is_public_is_allowed(address: str) -> None:
    """Also where a network leads IPv4 through IPv6."""
    check(address)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("127.0.0.1", "127.0.0.0/8"), ("::ffff:127.0.0.1", "127.0.0.0/8"), ("::1", "::1/128"),
        ("10.2.3.4", "10.2.0.0/16"), ("169.254.169.254", "169.254.169.254/32"),
        ("169.254.7.7", "169.254.0.0/16"),
    ],
)  # fmt: skip
def test_a_network_of_ours_can_be_allowed(address: str, network: str) -> None:
    """And nothing but that network."""
    check(address, network)
    with pytest.raises(NotAllowed):
        check("192.168.1.1", network)


@pytest.mark.parametrize("network", ["169.254.0.0/16", "0.0.0.0/0"])
def test_metadata_is_only_allowed_by_itself(network: str) -> None:
    """Whoever allows a whole network does not think of the machine's credentials."""
    with pytest.raises(NotAllowed, match="credentials"):
        check("169.254.169.254", network)


@pytest.mark.parametrize(
    ("allowed", "host", "port", "fits"),
    [
        ("api.example.org", "api.example.org", 443, True),
        ("api.example.org", "API.example.org.", 443, True),
        ("api.example.org", "evil-api.example.org", 443, False),
        ("api.example.org", "api.example.org.evil.example", 443, False),
        ("*.example.org", "api.example.org", 443, True),
        ("*.example.org", "a.b.example.org", 443, True),
        ("*.example.org", "example.org", 443, False),
        ("*.example.org", "evilexample.org", 443, False),
        ("api.example.org:8443", "api.example.org", 8443, True),
        ("api.example.org:8443", "api.example.org", 443, False),
        ("::1", "::1", 80, True), ("[::1]:80", "::1", 80, True), ("[::1]:80", "::1", 81, False),
    ],
)  # fmt: skip
def test_a_list_of_hosts_is_complete(allowed: str, host: str, port: int, *, fits: bool) -> None:
    """What is not on it may not be called; a star stands for what comes before a dot."""
    rules = Rules.of([allowed])
    if fits:
        rules.check_host(host, port)
    else:
        with pytest.raises(NotAllowed, match="CASEWAY_OUTGOING_HOSTS"):
            rules.check_host(host, port)


def test_without_a_list_every_host_may_be_called() -> None:
    """Its addresses decide then."""
    Rules().check_host("anything.example", 443)


def test_only_those_addresses_are_used_that_passed() -> None:
    """A name with a public and a private address leads to the public one."""
    both = [ipaddress.ip_address(each) for each in ("10.0.0.1", "1.1.1.1")]
    assert Rules().reachable("x.example", both) == both[1:]
    with pytest.raises(NotAllowed):
        Rules().reachable("x.example", both[:1])
