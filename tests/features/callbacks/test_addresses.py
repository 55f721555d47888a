"""Callbacks go to public addresses only, and to those that were checked."""

import asyncio
from collections.abc import Sequence

import pytest

from features.callbacks.addresses import ForbiddenAddress, PublicResolver, checked_url
from features.callbacks.poster import CallbackFailed, Poster

FORBIDDEN_URLS = (
    "http://crm.example.com/",
    "ftp://crm.example.com/",
    "crm.example.com",
    "https://",
    "https://user:pass@crm.example.com/",
    "https://crm.example.com/#part",
    "https://crm.example.com:99999/",
    "https://crm.example.com:0/",
    "https://crm.example.com/a b",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://api.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0.0.0.0/",
    "https://10.0.0.5/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.0.2.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
)


@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_an_address_that_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        checked_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/whatsapp?key=1",
        "https://crm.example.com:8443/",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1::1]/",
        "https://[::ffff:93.184.216.34]/",
    ],
)
def test_a_public_address_may_be_used(url: str) -> None:
    assert checked_url(url) == url


def test_a_private_network_may_be_allowed() -> None:
    assert checked_url("http://crm:8080/hook", allows_private=True)


def resolver(*answers: Sequence[str]) -> PublicResolver:
    """Resolves one name to these addresses, in turn."""
    waiting = list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return waiting.pop(0)

    return PublicResolver(resolve)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "::1", "::ffff:10.0.0.1", "fe80::1%2"]
)
async def test_one_private_address_of_a_name_is_enough_to_refuse_it(address: str) -> None:
    with pytest.raises(ForbiddenAddress):
        await resolver(["93.184.216.34", address]).resolve("crm.example.com", 443)


async def test_a_name_that_leads_elsewhere_a_moment_later_gets_nothing() -> None:
    """DNS rebinding: what is checked is what the client connects to."""
    arrived: list[bytes] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await reader.read(10))
        writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    changing = resolver(["93.184.216.34"], ["127.0.0.1"])
    await changing.resolve("crm.example.com", port)  # as it was when it was registered
    poster = Poster(allows_private=False, resolver=changing)
    with pytest.raises(CallbackFailed, match="not public"):
        await poster.post(f"https://crm.example.com:{port}/", b"{}", {})
    await poster.close()
    server.close()
    await server.wait_closed()
    assert arrived == []


async def test_a_name_without_an_address_is_an_error() -> None:
    poster = Poster(allows_private=False, resolver=resolver([]))
    with pytest.raises(CallbackFailed, match="could not be reached"):
        await poster.post("https://crm.example.com/", b"{}", {})
    await poster.close()
