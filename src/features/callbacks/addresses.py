"""Where callbacks may go: public addresses, by https, and to the very address that was checked.

A name is resolved when a connection is made, and every address of it has to be public: a name that
leads elsewhere a moment later leads to an error (DNS rebinding).
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

#: Addresses that stand for others: what they stand for is checked.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Returns the addresses of a host.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class ForbiddenAddress(ValueError):
    """Callbacks may not go there; the text says why, and what to do."""


def checked_url(url: str, *, allows_private: bool = False) -> str:
    """Return the address of an endpoint. Raise ForbiddenAddress.

    Names are not resolved here: see `PublicResolver`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenAddress("this is no URL: expected https://host/path") from error
    schemes = ("https", "http") if allows_private else ("https",)
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise ForbiddenAddress("expected a URL that begins with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ForbiddenAddress("a URL has no user name, no password and no # here")
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ForbiddenAddress("a URL has no spaces")
    if not allows_private:
        _check_literal(parts.hostname.rstrip("."))
    return url


def _check_literal(host: str) -> None:
    """Check a host that is an address, in whichever writing a system understands."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        raise ForbiddenAddress("this name is of a private network")
    try:
        address: IpAddress = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:  # such as 127.1, 0x7f000001 and 2130706433
            address = ipaddress.IPv4Address(socket.inet_aton(host))
        except OSError:
            return
    require_public(str(address))


def require_public(address: str) -> None:
    """Raise ForbiddenAddress for an address that the internet does not lead to."""
    found: IpAddress = ipaddress.ip_address(address.partition("%")[0])
    for one in _meant(found):
        if not one.is_global or one.is_multicast or one.is_reserved or one.is_unspecified:
            raise ForbiddenAddress("its address is not public")


def _meant(address: IpAddress) -> Sequence[IpAddress]:
    """Return an address, and those of IPv4 that it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    inner: list[IpAddress] = []
    if (mapped := address.ipv4_mapped) is not None:
        return (mapped,)
    if (old := address.sixtofour) is not None:
        inner.append(old)
    if (tunnel := address.teredo) is not None:
        inner += tunnel
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address, *inner)


class PublicResolver(AbstractResolver):
    """Resolves names for a client; a name with an address that is not public is an error.

    The client connects to what this returns, and asks nobody else.
    """

    def __init__(self, resolve: Resolve | None = None) -> None:
        self._resolve = resolve or _ask_system

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raise ForbiddenAddress, or OSError without any."""
        addresses = await self._resolve(host, port)
        for address in addresses:
            require_public(address)
        if not addresses:
            raise OSError("the name has no address")
        return [_result(host, port, address) for address in addresses]

    async def close(self) -> None:
        """Hold nothing that is to be closed."""


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST,
    )


async def _ask_system(host: str, port: int) -> Sequence[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))
