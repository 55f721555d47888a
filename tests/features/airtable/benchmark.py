"""A rush of registrations on its way to Airtable.

People register at even distances for some seconds. Measured is how fast they reach the emulated
Airtable, how many requests it got in its busiest second (5 are allowed), and how long the event
loop of the bot was blocked meanwhile.
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
from tests.benchmarks.report import Figure, Report, Section

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

PEOPLE, SECONDS = 1_000, 20.0
#: Seconds between two looks at the event loop.
BEAT = 0.005


def measure(report: Report, scale: float) -> None:
    people, seconds = int(PEOPLE * scale), SECONDS * scale
    title = f"Registrations on their way to Airtable: {people:,} people in {seconds:.0f} s"
    section = Section("console", title)
    report.sections.append(section)
    asyncio.run(_measure(section, people, seconds))


async def _measure(section: Section, people: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, emulator() as url:
        engine = open_engine(f"sqlite:///{folder}/bot.db")
        upgrade(engine)
        database = GroupCommit(engine)
        http = httpx.AsyncClient()  # asks for no templates: no business account is set
        bot = build_bot(settings(url), database, http, Metrics())
        worker = bot.make_workers()["airtable"]
        running = asyncio.create_task(worker.run())
        await bot.parts.queue.enqueue(bot.first_jobs())
        gc.freeze()  # like the bot
        lags: list[float] = []
        beating = asyncio.create_task(beat(lags))
        began = time.perf_counter()
        await register(database, people, seconds)
        arrived = time.perf_counter()
        while dirty := await database.submit(Transaction(lambda c, _: count_dirty(c))):
            print(f"  {time.perf_counter() - began:5.1f} s: {dirty:>5,} to go", flush=True)
            await asyncio.sleep(2)
        ended = time.perf_counter()
        for task in (beating, running):
            task.cancel()
        await asyncio.wait([beating, running])
        gc.unfreeze()
        add_figures(section, url, lags, people / (ended - began), after=ended - arrived)
        await database.close()
        await http.aclose()


def add_figures(
    section: Section, url: str, lags: list[float], per_second: float, *, after: float
) -> None:
    with urllib.request.urlopen(f"{url}/emulator/airtable") as answer:
        airtable = json.load(answer)
    busiest, refused = airtable["busiest_second"], airtable["refused"]
    requests = f"busiest second: {busiest} requests, {refused} refused"
    note = f"the last one {after:.1f} s after its registration; {requests}"
    section.add(Figure("registrations in Airtable", per_second=per_second, note=note))
    lags.sort()
    p50, p99 = (1000 * lags[int(len(lags) * share)] for share in (0.5, 0.99))
    section.add(Figure("event loop blocked", p50=p50, p99=p99, longest=1000 * lags[-1]))


async def register(database: GroupCommit, people: int, seconds: float) -> None:
    """Store all registrations, at even distances."""
    began = time.perf_counter()
    for number in range(people):
        await asyncio.sleep(max(0.0, began + number * seconds / people - time.perf_counter()))
        wa_id = f"57300{number:07}"
        person = User(wa_id, wa_id=wa_id, profile_name=f"Person {number}")
        now = datetime.now(UTC)
        profile = {"full_name": f"Person {number}", "registered_at": now, "consent_at": now}
        seen = desk.touch(wa_id, phone_number_id="1", message="I am in", waits=True)
        writes = [users.add(person), users.change(wa_id, profile), seen]
        await JobQueue(database).enqueue([], writes)


async def beat(lags: list[float]) -> None:
    while True:
        began, computed = time.perf_counter(), time.process_time()
        await asyncio.sleep(BEAT)
        lag = time.perf_counter() - began - BEAT
        # Time in which this process did not compute was taken by other programs.
        lags.append(min(lag, time.process_time() - computed))


def settings(url: str) -> Settings:
    return build_settings(
        settings_models(),
        wp_access_token="token",
        wp_phone_id="1",
        webhook_verify_token="words",
        burst_pause_seconds=0,
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
