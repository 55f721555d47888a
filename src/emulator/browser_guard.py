"""Keeps web pages of others away from the emulator, which signs and answers whatever it is told.

A page that a developer has open may post to any port of their machine (the browser adds `Origin`),
and with DNS rebinding it may even read the answers (the browser sends the page's name as `Host`).
"""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: Methods that change something.
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: Paths of the emulator's own pages; the emulated APIs take what the real ones take.
OWN_PATHS = "/emulator/"
#: End of the paths that take a file of any type.
FILES = "/files"
#: Endings of names that nobody can register.
LOCAL_DOMAINS = (".localhost", ".internal")
#: The answer to who uses another name of this machine.
OTHER_NAME = (
    "The emulator is not reached under this name: use its address, or name it in "
    "EMULATOR_ALLOWED_HOSTS."
)


class BrowserGuard:
    """Refuses requests of foreign web pages; programs of this machine or network send neither.

    `hosts` are more names under which the emulator is reached.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refused := self._refusal(scope)):
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        name = urlsplit(f"//{host}").hostname if _is_readable(host) else None
        if name is None or not (_is_local(name) or name in self._hosts):
            return JSONResponse({"error": OTHER_NAME}, 403)
        if origin is not None and origin.partition("://")[2] != host:
            return JSONResponse({"error": "The emulator answers no other web page."}, 403)
        if _needs_json(scope) and not _is_json(headers.get("content-type", "")):
            return JSONResponse({"error": "Send application/json."}, 415)
        return None


def _is_readable(host: str) -> bool:
    """Return whether the name of a host can be read: not a half IPv6 address."""
    try:
        urlsplit(f"//{host}")
    except ValueError:
        return False
    return True


def _is_local(name: str) -> bool:
    """Return whether no name server of a stranger can lead this name here.

    Those are addresses, and names without a dot: localhost, and containers of a network.
    """
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(LOCAL_DOMAINS)
    return True


def _needs_json(scope: Scope) -> bool:
    path: str = scope["path"]
    is_file = path.endswith(FILES)
    return scope["method"] in CHANGING - {"DELETE"} and path.startswith(OWN_PATHS) and not is_file


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"
