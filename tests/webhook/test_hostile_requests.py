"""Requests that nobody at Meta would send: never a 500, never a stack trace, no neighbour lost."""

import json
from collections.abc import AsyncIterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.web import SECRET, Web, running_web, sign, text_message, webhook

from routes.bodies import MAX_BODY_BYTES
from schemas.webhook_schema import MAX_ITEMS

DEEP = 100_000
BODY = json.dumps(webhook(text_message("wamid.odd"), text_message("wamid.2"))).encode()


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with running_web(tmp_path) as web:
        yield web


def with_field(raw: bytes) -> bytes:
    """A webhook of two messages; the first has one more field, which is written like this."""
    beside = b'"id": "wamid.odd"'
    assert beside in BODY
    return BODY.replace(beside, b'"new": ' + raw + b", " + beside)


def names(web: Web) -> list[str]:
    return [stored["message"]["id"] for stored in web.stored()]


ODD_JSON = {
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep lists and objects": b'[{"a":' * DEEP + b"1" + b"}]" * DEEP,
    "as deep as a model takes": b"[" * 190 + b"]" * 190,
    "deeper than a model takes": b"[" * 300 + b"]" * 300,
    "as deep as Python takes": b"[" * 970 + b"]" * 970,
    "brackets in a string": json.dumps('[{"' * DEEP).encode(),
    "a long whole number": b"9" * 100_000,
    "a whole number of 4,300 digits": b"-" + b"9" * 4300,
    "a number beyond all floats": b"1e999999",
    "a long fraction": b"0." + b"3" * 100_000,
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "a key twice": b'1, "new": 2, "text": {"body": "a"}, "text": 5',
    "NUL": b'"\\u0000"',
    "NUL in a key": b'{"\\u0000": "\\u0000"}',
    "half a character": b'"\\ud800"',
    "half a character in a key": b'{"\\ud800": 1}',
    "half a character in a key of the message": b'1, "\\udfff": 1',
    "half a character in bytes": b'"\xed\xa0\x80"',
    "bytes that are no UTF-8": b'"\xff\xfe\x80"',
    "an overlong form": b'"\xc0\xaf"',
    "names that we give ourselves": b'1, "unfit:text": 2, "text": 3, "from_": 4',
}


@pytest.mark.parametrize("raw", ODD_JSON.values(), ids=ODD_JSON)
async def test_oddities_in_a_message_are_stored_beside_its_neighbour(web: Web, raw: bytes) -> None:
    for _ in range(2):
        answer = await web.post(with_field(raw))
        assert answer.json() == {"status": "ok", "type": "message"}
    assert names(web) == ["wamid.odd", "wamid.2"]


async def test_what_is_too_deep_is_kept_as_it_was_written(web: Web) -> None:
    await web.post(with_field(b'{"a": ' * 500 + b'"[hola}"' + b"}" * 500))
    inner = web.stored()[0]["message"]["new"]
    while not isinstance(inner, str):
        inner = inner["a"]
    assert inner.startswith('{"a": {"a": ')
    assert '"[hola}"' in inner


@pytest.mark.parametrize("depth", [DEEP, 300, 150])
@pytest.mark.parametrize(
    ("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["list", "object"]
)
async def test_a_deep_body_is_kept_whole(web: Web, left: bytes, right: bytes, depth: int) -> None:
    answer = await web.post(left * depth + b"1" + right * depth)
    assert answer.json() == {"status": "ok", "type": "unknown_type"}
    assert len(web.stored("other")) == 1


NOT_JSON = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "one quote": b'"',
    "brackets that do not match": b"[}" * DEEP,
    "brackets that never close": b'{"a":[' * DEEP,
    "only closing ones": b"]}" * DEEP,
    "quotes": b'"' * 100_001,
    "backslashes": b'"' + b"\\" * 100_001,
    "two bodies": BODY + BODY,
    "a control character": with_field(b'"\x01"'),
    "UTF-16": BODY.decode().encode("utf-16"),
    "a form": b"entry=1&object=2",
    "zip": b"PK\x03\x04" + bytes(1000),
}


async def test_what_is_not_json_is_refused_and_nothing_stored(
    web: Web, subtests: pytest.Subtests
) -> None:
    for name, raw in NOT_JSON.items():
        with subtests.test(name):
            answer = await web.post(raw)
            assert (answer.status_code, answer.json()["error"]) == (400, "The body is not JSON.")
    assert (web.stored(), web.stored("other")) == ([], [])


async def test_many_oddities_cost_no_gigabytes(web: Web) -> None:
    body = b'{"entry":[{"changes":[{"field":"messages","value":{"messages":[%s0]}}]}]}'
    answer = await web.post(body % (b"0," * 200_000))
    assert answer.json() == {"status": "ok", "type": "unknown_type"}
    [kept] = web.stored("other")
    assert len(kept["value"]["unfit:messages"]) == 200_001 > MAX_ITEMS


CONTENT_TYPES = ["", "text/plain", "multipart/form-data", "application/json; charset=\xff", "\0"]


async def test_the_content_type_does_not_matter(web: Web, subtests: pytest.Subtests) -> None:
    for content_type in CONTENT_TYPES:
        with subtests.test(ascii(content_type)):
            type_ = content_type.encode("latin-1")
            headers = [(b"X-Hub-Signature-256", sign(BODY).encode()), (b"Content-Type", type_)]
            answer = await web.client.post("/webhook", content=BODY, headers=headers)
            assert answer.status_code == 200
    assert names(web) == ["wamid.odd", "wamid.2"]


async def test_an_announced_length_is_believed_only_if_it_is_too_large(
    web: Web, subtests: pytest.Subtests
) -> None:
    for announced in (str(MAX_BODY_BYTES + 1), "9" * 1000, "-1", "x", "1e9", ""):
        with subtests.test(announced[:10]):
            headers = {"X-Hub-Signature-256": sign(BODY), "Content-Length": announced}
            answer = await web.client.post("/webhook", content=BODY, headers=headers)
            assert answer.status_code == (413 if announced.isdigit() else 200)


async def test_a_body_that_grows_and_grows_is_cut_off(web: Web) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 2**16
            yield bytes(2**16)

    answer = await web.client.post("/webhook", content=endless())
    assert answer.status_code == 413
    assert read <= MAX_BODY_BYTES + 2**17


QUERIES: list[Mapping[str, Any]] = [
    {"hub.mode": "subscribe", "hub.verify_token": "x" * 60_000, "hub.challenge": "1"},
    {"hub.mode": "subscribe", "hub.verify_token": "\0", "hub.challenge": "\r\nSet-Cookie: a=b"},
    {"hub.mode": ["subscribe", "subscribe"], "hub.verify_token": ["", SECRET]},
    {"hub.challenge": "<script>alert(1)</script>"},
]


async def test_an_odd_handshake_is_forbidden_and_never_echoed(web: Web) -> None:
    for path, query in product(["/webhook", "/"], QUERIES):
        answer = await web.client.get(path, params=query)
        assert (answer.status_code, answer.text) == (403, "Forbidden")


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X"]
PATHS = [
    *("/", "//", "/%00", "/%ff", "/webhook", "/webhook/../health/live", "/" + "a" * 10_000),
    *("/metrics", "/health/ready", "/airtable/webhook", "/docs", "/openapi.json", "/.env"),
]


async def test_no_method_and_no_path_is_a_server_error(web: Web) -> None:
    for method, path in product(METHODS, PATHS):
        answer = await web.client.request(method, path, content=b"\xff")
        assert answer.status_code < 500, (method, path)
        assert "Traceback" not in answer.text
        assert "site-packages" not in answer.text
