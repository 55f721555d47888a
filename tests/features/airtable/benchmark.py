"""A rush of registrations on its way to Airtable.

Run: `python -m tests.features.airtable.benchmark [SECONDS]`.

1,000 people register within so many seconds (60; with 1, all at once). Printed is how fast they
reach the emulated Airtable, how many requests it got in its busiest second (5 are allowed), and
how long the event loop of the bot was held up meanwhile. Needs PYTHONPATH=src:.
"""

import asyncio
import gc
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx

from app.composition.bot import build_bot
from app.composition.features import settings_models
from config.env import Settings, build_settings
from domain.user import User
from features.airtable.tables import contacts as desk
from features.airtable.tables.contact_sync import count_dirty
from jobs.job_queue import JobQueue
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import upgrade
from storage.tables import users
from utils.metrics import Metrics

PEOPLE = 1_000
BEAT = 0.005


async def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, emulator() as url:
        engine = open_engine(f"sqlite:///{folder}/bot.db")
        upgrade(engine)
        database = GroupCommit(engine)
        http = httpx.AsyncClient()  # asks for no templates: no business account is set
        bot = build_bot(settings(url), database, http, Metrics())
        worker = bot.make_workers()["airtable"]
        running = asyncio.create_task(worker.run())
        await bot.parts.queue.enqueue(bot.first_jobs())
        gc.freeze()  # as the bot does
        lags: list[float] = []
        beating = asyncio.create_task(beat(lags))
        began = time.perf_counter()
        await register(database, seconds)
        arrived = time.perf_counter()
        while dirty := await database.submit(Transaction(lambda c, _: count_dirty(c))):
            print(f"  {time.perf_counter() - began:5.1f} s: {dirty:>5,} to go", flush=True)
            await asyncio.sleep(2)
        ended = time.perf_counter()
        beating.cancel()
        running.cancel()
        report(url, lags, seconds=ended - began, after=ended - arrived)
        await database.close()
        await http.aclose()


def report(url: str, lags: list[float], *, seconds: float, after: float) -> None:
    with urllib.request.urlopen(f"{url}/emulator/airtable") as answer:
        told = json.load(answer)
    lags.sort()
    speed = f"{PEOPLE / seconds:.1f}/s, all there {after:.1f} s after the last"
    print(f"{PEOPLE:,} registrations in Airtable after {seconds:.1f} s: {speed}")
    print(f"busiest second: {told['busiest_second']} requests; refused: {told['refused']}")
    p99, longest = lags[int(len(lags) * 0.99)] * 1000, lags[-1] * 1000
    print(f"event loop held up: p99 {p99:.1f} ms, longest {longest:.1f} ms")


async def register(database: GroupCommit, seconds: float) -> None:
    """Everybody, at even distances."""
    began = time.perf_counter()
    for number in range(PEOPLE):
        await asyncio.sleep(max(0.0, began + number * seconds / PEOPLE - time.perf_counter()))
        wa_id = f"57300{number:07}"
        person = User(wa_id, wa_id=wa_id, profile_name=f"Person {number}")
        now = datetime.now(UTC)
        profile = {"full_name": f"Person {number}", "registered_at": now, "consent_at": now}
        seen = desk.touch(wa_id, phone_number_id="1", at=now, message="I am in")
        writes = [users.add(person), users.change(wa_id, profile), seen]
        await JobQueue(database).enqueue([], writes)


async def beat(lags: list[float]) -> None:
    while True:
        began, computed = time.perf_counter(), time.process_time()
        await asyncio.sleep(BEAT)
        lag = time.perf_counter() - began - BEAT
        # What this process did not compute is the machine's doing: others run on it too.
        lags.append(min(lag, time.process_time() - computed))


def settings(url: str) -> Settings:
    return build_settings(
        settings_models(),
        wp_access_token="token",
        wp_phone_id="1",
        webhook_verify_token="words",
        whatsapp_app_secret="secret",
        airtable_api_key="emulated-airtable-token",
        airtable_base_id="appEmulatedBase00",
        airtable_api_url=f"{url}/airtable-api",
        airtable_monthly_calls=0,
        airtable_poll_seconds=5,
        airtable_create_tables=True,
    )


@contextmanager
def emulator() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "EMULATOR_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "emulator"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}/emulator/health").close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
