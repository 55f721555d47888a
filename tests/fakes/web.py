"""Meta's webhooks, and a web process that takes them inside the test."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
from tests.fakes.bot import make_settings

from app.main import create_app

SECRET = "dev-app-secret"
TOKEN = "dev-verify-token"
NUMBER = "100000000000001"


def text_message(wamid: str, body: str = "hola", wa_id: str = "573001234567") -> dict[str, Any]:
    return {
        "from": wa_id,
        "from_user_id": f"CO.{wa_id}",
        "id": wamid,
        "timestamp": "1800000000",
        "type": "text",
        "text": {"body": body},
    }


def webhook(*messages: Any, **more: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "15550000001", "phone_number_id": NUMBER}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **more}
    if messages:
        value["messages"] = list(messages)
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def sign(raw: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.digest(secret.encode(), raw, hashlib.sha256).hex()


class Web:
    """A web process whose database can be looked into."""

    def __init__(self, client: httpx.AsyncClient, file: Path) -> None:
        self.client = client
        self._file = file

    async def post(self, body: Any, path: str = "/webhook") -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-Hub-Signature-256": sign(raw)}
        return await self.client.post(path, content=raw, headers=headers)

    def stored(self, kind: str = "message") -> list[Any]:
        """The bodies of the jobs of a kind, as they were stored: done ones have none any more."""
        query = "SELECT body FROM as_stored WHERE kind = ? ORDER BY id"
        with self._reading() as connection:
            return [json.loads(body) for [body] in connection.execute(query, [kind])]

    def is_sound(self) -> bool:
        with self._reading() as connection:
            return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])

    def _reading(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True))


#: Copies each job as it is stored, before a worker can empty it.
COPY_JOBS = """
CREATE TABLE IF NOT EXISTS as_stored (id INTEGER, kind TEXT, body TEXT);
CREATE TRIGGER IF NOT EXISTS copy_jobs AFTER INSERT ON job
BEGIN INSERT INTO as_stored VALUES (new.id, new.kind, new.body); END;
"""


@asynccontextmanager
async def running_web(folder: Path, *, root_path: str = "", **settings: Any) -> AsyncIterator[Web]:
    """Web and worker over an SQLite file in `folder`; Meta is out of reach.

    `root_path` is that of a server under which it has no path of its own.
    """
    file = folder / "bot.db"
    away = {"database_url": f"sqlite:///{file}", "graph_api_url": "http://127.0.0.1:1"}
    app = create_app(make_settings(**away, **settings))
    started, stopping = asyncio.Event(), asyncio.Event()
    state: dict[str, Any] = {}

    async def live() -> None:
        try:
            async with app.router.lifespan_context(app) as given:
                state.update(given or {})
                started.set()
                await stopping.wait()
        finally:
            started.set()

    living = asyncio.create_task(live())
    await started.wait()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(COPY_JOBS)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": dict(state), "root_path": root_path}, receive, send)

    transport = httpx.ASGITransport(with_state)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        try:
            yield Web(client, file)
        finally:
            stopping.set()
            await living
