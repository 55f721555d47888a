"""The bot as it runs on many machines, on this one: webs, workers, PostgreSQL, and Meta's place."""

import asyncio
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.fakes.dev_server import PHONE_NUMBER_ID, SECRETS, free_port
from tests.fakes.fork_server import Program, start_program
from tests.fakes.web import sign, text_message, webhook
from tests.sample.copying import sample_source

from storage.engine.database import open_engine
from storage.engine.migrate import upgrade

#: On a busy machine a process that runs may be late to renew a shorter one.
LEASE_SECONDS = 4
RETRY_SECONDS = 0.1
#: Longest end of a process that may finish what it does, on a busy machine.
STOP_SECONDS = 120


@dataclass
class Meta:
    """Takes messages, and sees to it that each webhook is taken, as Meta does."""

    #: by person: what arrived first under each delivery id, in order
    heard: dict[str, list[str]] = field(default_factory=dict)
    #: how often something arrived once more
    repeated: int = 0
    refused: int = 0
    _seen: set[str] = field(default_factory=set)
    _serials: int = 0

    def app(self) -> Starlette:
        path = f"/v25.0/{PHONE_NUMBER_ID}/messages"
        return Starlette(routes=[Route(path, self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        message = await request.json()
        if "to" in message:
            self._note(message)
        self._serials += 1
        return JSONResponse({"messages": [{"id": f"wamid.out.{self._serials}"}]})

    def _note(self, message: Any) -> None:
        delivery = message["biz_opaque_callback_data"]
        if delivery in self._seen:
            self.repeated += 1
            return
        self._seen.add(delivery)
        content = message[message["type"]]["body"]
        text = content["text"] if isinstance(content, dict) else content
        self.heard.setdefault(message["to"].lstrip("+"), []).append(text)

    async def deliver(self, ports: list[int], person: str, number: int, text: str) -> None:
        """To one web or the other, until one has taken it."""
        raw = json.dumps(webhook(text_message(f"wamid.{person}.{number}", text, person))).encode()
        headers = {"X-Hub-Signature-256": sign(raw, SECRETS["WHATSAPP_APP_SECRET"])}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session:
            attempt = number
            while not await self._is_taken(session, ports[attempt % len(ports)], raw, headers):
                attempt += 1
                self.refused += 1
                await asyncio.sleep(RETRY_SECONDS)

    async def _is_taken(
        self, session: aiohttp.ClientSession, port: int, raw: bytes, headers: dict[str, str]
    ) -> bool:
        try:
            url = f"http://127.0.0.1:{port}/webhook"
            async with session.post(url, data=raw, headers=headers) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


class Cluster:
    """Two webs and three workers over one database; each can be killed, stalled and started."""

    def __init__(self, database_url: str, meta_url: str, folder: Path, *, skew: str | None) -> None:
        engine = open_engine(database_url)
        upgrade(engine)
        engine.dispose()
        self._folder = folder
        self._skew = skew
        self.web_ports = [free_port(), free_port()]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WP_")},
            **SECRETS,
            "PYTHONPATH": str(sample_source()),
            "WP_PHONE_ID": PHONE_NUMBER_ID,
            "BURST_PAUSE_SECONDS": "0",
            "GRAPH_API_URL": meta_url,
            "DATABASE_URL": database_url,
            "LEASE_SECONDS": str(LEASE_SECONDS),
            "MESSAGES_PER_SECOND": "1000",
            "REMINDER_SECONDS": "3600",
            "FLOW_TIMEOUT_SECONDS": "7200",
            "HOST": "127.0.0.1",
        }
        self._processes: dict[str, Program] = {}
        self.names = ["web0", "web1", "worker0", "worker1", "worker2"]
        for name in self.names:
            self.start(name)

    def start(self, name: str) -> None:
        number = int(name[-1])
        environment = {**self._environment, "ROLE": name[:-1]}
        if name.startswith("web"):
            environment["PORT"] = str(self.web_ports[number])
        if name == "worker2" and self._skew is not None:
            environment |= {"LD_PRELOAD": self._skew, "FAKETIME": "+1h"}
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
        self._processes[name] = start_program(
            f"app.{name[:-1]}",
            environment=environment,
            folder=self._folder,
            log=self._folder / f"{name}.log",
        )

    def kill(self, name: str) -> None:
        self._processes[name].kill()
        self._processes[name].wait()

    def stop(self, name: str) -> int:
        """As for a deployment: it may finish what it does."""
        self._processes[name].terminate()
        return self._processes[name].wait(STOP_SECONDS)

    def pause(self, name: str) -> None:
        self._processes[name].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self._processes[name].send_signal(signal.SIGCONT)

    def revive(self) -> None:
        """What a restart policy does: a process that starts while the database is away ends."""
        for name in self.names:
            if self._processes[name].poll() is not None:
                self.start(name)

    def end(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()

    def log(self) -> str:
        return "".join(file.read_text() for file in self._folder.glob("*.log"))
