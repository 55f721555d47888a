"""Meta's place: takes every message as fast as can be, and remembers when."""

import itertools
import json
import re
import time
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send
from tests.benchmarks.serving import Server

#: whom a message is for: a phone number or a user id of `tests.benchmarks.bodies`
RECIPIENT = re.compile(rb"57300(\d{7})|CO\.1349(\d{10})")
READ_MARK = b'"status": "read"'
ANSWER = (
    b'{"messaging_product":"whatsapp","contacts":[{"input":"%b","wa_id":"%b"}],'
    b'"messages":[{"id":"wamid.%d"}]}'
)


class Sink:
    """As a callback URL it takes every webhook. GET tells what arrived."""

    def __init__(self) -> None:
        self._messages = itertools.count()
        #: (recipient, moment) of each message
        self._arrivals: list[tuple[int, float]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        answer = self._take(body) if scope["method"] == "POST" else self._tell(scope)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _take(self, body: bytes) -> bytes:
        if READ_MARK in body:
            return b'{"success":true}'
        found = RECIPIENT.search(body)
        if found is None:
            return b'{"success":true}'
        self._arrivals.append((int(found[1] or found[2]), time.monotonic()))
        return ANSWER % (found[0], found[0], next(self._messages))

    def _tell(self, scope: Scope) -> bytes:
        query: bytes = scope["query_string"]
        if challenge := parse_qs(query).get(b"hub.challenge"):
            return challenge[0]
        if scope["path"] == "/arrivals":
            return json.dumps(self._arrivals).encode()
        return str(len(self._arrivals)).encode()


sink = Sink()


def wait_for_replies(server: Server, count: int, *, patience: float = 10.0) -> int:
    """Until so many arrived, or no more do; returns how many did."""
    seen, since = -1, time.monotonic()
    while seen < count and time.monotonic() - since < patience:
        found = int(server.get("/"))
        if found != seen:
            seen, since = found, time.monotonic()
        time.sleep(0.02)
    return seen


def arrivals(server: Server) -> list[tuple[int, float]]:
    """(person, moment) of each message, in order."""
    return [(user, at) for user, at in json.loads(server.get("/arrivals"))]
