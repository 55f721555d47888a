"""Who may see metrics and the details of health: monitors of ours, and not the world."""

import hmac
import ipaddress
from collections.abc import Mapping

#: Headers that a proxy adds, whose own address says nothing about who asks.
PROXY_HEADERS = ("x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "via")
#: Answer to everybody else.
NOT_FOR_YOU = "Send METRICS_TOKEN as a bearer token, or ask directly from a private address."


class MonitorAccess:
    """Allows whoever has the token; without a token of ours, machines of the same network.

    Those are clients that come directly, through no proxy, from a private or loopback address.
    """

    def __init__(self, token: str | None) -> None:
        self._expected = f"Bearer {token}".encode() if token else None

    def allows(self, address: str, headers: Mapping[str, str]) -> bool:
        """Return whether a client may see everything; names of `headers` are in lower case."""
        if self._expected is not None:
            given = headers.get("authorization", "").encode("utf-8", "surrogatepass")
            return hmac.compare_digest(given, self._expected)
        return _is_private(address) and not any(name in headers for name in PROXY_HEADERS)


def _is_private(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return bool(mapped.is_private or mapped.is_loopback)
