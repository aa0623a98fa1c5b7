"""Which addresses carriers may have: the internet's, and nobody's inside (T41)."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.network import PublicResolver, is_public_address, is_public_host

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2600:1901:0:1::1", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 # as a name that leads here, not to listen on
        ("224.0.0.1", False),
        ("239.1.1.1", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:169.254.169.254", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("2002:a9fe:a9fe::", False),
        ("", False),
        ("example.com", False),
    ],
)
def test_t41_addresses(address: str, public: bool) -> None:
    assert is_public_address(address) is public


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("hook.example.com", True),
        ("hook.example.com.", True),
        ("93.184.216.34", True),
        ("localhost", False),
        ("app.localhost", False),
        ("printer.local", False),
        ("metadata.google.internal", False),
        ("metadata", False),
        ("169.254.169.254", False),
        ("[::1]", False),
        ("::1", False),
        ("0x7f.1", False),
        ("0x7f000001", False),
        ("2130706433", False),
        ("127.1", False),
        ("0177.0.0.1", False),
        ("017700000001", False),
        ("", False),
        (".", False),
    ],
)
def test_t41_hosts(host: str, public: bool) -> None:
    assert is_public_host(host) is public


class Names(AbstractResolver):
    """Answers differently at every question, as a hostile name server may."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.answers.pop(0)
        ]

    async def close(self) -> None:
        return


async def test_t41_a_name_leads_to_public_addresses_alone() -> None:
    resolver = PublicResolver(Names(["10.0.0.1", "93.184.216.34"], ["169.254.169.254"], []))
    found = await resolver.resolve("hook.example.com", 443)
    assert [result["host"] for result in found] == ["93.184.216.34"]
    for _ in range(2):
        with pytest.raises(OSError, match="no public address"):
            await resolver.resolve("hook.example.com", 443)
    await resolver.close()
