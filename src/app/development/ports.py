"""Free ports to listen on."""

import errno
import json
import socket
from collections.abc import Collection
from http.client import HTTPException
from urllib.request import urlopen

#: What `GET /health/live` of a bot returns.
ALIVE = {"status": "ok"}
ANSWER_SECONDS = 1.0
#: Ports that are tried, one after the other.
MAX_TRIED_PORTS = 50


class PortTaken(Exception):
    """The port that was asked for is in use by another program."""

    def __init__(self, port: int, setting: str = "PORT", *, by_bot: bool = False) -> None:
        user, name = ("a bot that is running", "bot") if by_bot else ("another program", "program")
        super().__init__(
            f"Port {port} is in use by {user}. Stop that {name}, or set {setting} to "
            f"another number, or leave {setting} out to take any free one."
        )


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if hasattr(socket, "SO_REUSEPORT"):  # as servers do; on Windows it means "take it anyway"
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def is_served_by_bot(host: str, port: int) -> bool:
    """Return whether a bot of this program answers there; waits at most ANSWER_SECONDS."""
    address = f"[{host}]" if ":" in host else host
    try:
        with urlopen(f"http://{address}:{port}/health/live", timeout=ANSWER_SECONDS) as answer:
            return bool(json.load(answer) == ALIVE)
    except (OSError, ValueError, HTTPException):
        return False


def choose_port(host: str, wanted: int, *, taken: Collection[int | None] = ()) -> int:
    """Return the wanted port, or the first free one after it that is not in `taken`."""
    for port in range(wanted, wanted + MAX_TRIED_PORTS):
        if port not in taken and is_free(host, port):
            return port
    raise PortTaken(wanted)
