"""Throws bytes at the webhook until something breaks.

Run it by `python tests/webhook/fuzz_webhook.py -runs=1000000`.

Needs atheris (`pip install atheris`), which is not among the requirements: it does not come for
every Python. What may follow are options of libFuzzer, and a folder of bodies to begin with.
"""

import asyncio
import atexit
import importlib
import json
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    atheris = importlib.import_module("atheris")
    OURS = ["controllers", "schemas", "utils"]
    with atheris.instrument_imports(include=OURS):
        importlib.import_module("controllers.webhook_controller")

from tests.fakes.web import NUMBER  # noqa: E402

from controllers.webhook_controller import BadRequest, WebhookController  # noqa: E402
from controllers.webhook_store import WebhookStore  # noqa: E402
from domain.inbound import Sender  # noqa: E402
from jobs.commit import to_json  # noqa: E402
from jobs.model import NewJob  # noqa: E402
from schemas.reading import read_inbound  # noqa: E402
from services.sending.numbers import Number, Numbers  # noqa: E402
from storage.engine.write import Write  # noqa: E402
from utils.metrics import Metrics  # noqa: E402

Result = TypeVar("Result")
#: of PostgreSQL, for a value in an index
LONGEST_INDEXED = 2700


class Kept:
    """Takes the place of the database."""

    def __init__(self) -> None:
        self.jobs: list[NewJob] = []
        self.writes: list[Write] = []

    def ensure_capacity(self) -> None:
        """It is never behind."""

    async def enqueue(self, jobs: Sequence[NewJob], writes: Sequence[Write] = ()) -> None:
        self.jobs += jobs
        self.writes += writes

    async def resolve(self, senders: Sequence[Sender]) -> list[str]:
        return [str(one.user_id or one.wa_id) for one in senders]


def take(raw: bytes) -> Kept:
    """What is kept of a body; raises BadRequest, and nothing else."""
    kept = Kept()
    controller = WebhookController(
        WebhookStore(kept, kept, numbers=Numbers(Number(NUMBER)), metrics=METRICS),
        verify_token="",
        app_secret=None,
        metrics=METRICS,
    )
    _finish(controller.receive(raw, None))
    return kept


METRICS = Metrics()
LOOP = asyncio.new_event_loop()
atexit.register(LOOP.close)


def check(raw: bytes) -> None:
    """Whatever is kept can be stored, and read again by who works on it."""
    try:
        kept = take(raw)
    except BadRequest:
        return
    for job in kept.jobs:
        body = json.loads(_storable(to_json(job.body)))
        assert len(_storable(job.lane).encode()) < LONGEST_INDEXED
        assert len(_storable(str(job.key)).encode()) < LONGEST_INDEXED
        if job.kind == "message":
            inbound = read_inbound(body)
            for field in fields(inbound):
                _check_value(getattr(inbound, field.name))
    for write in kept.writes:
        for row in write.rows:
            for value in row.values():
                _check_value(value)


def _check_value(value: object) -> None:
    if isinstance(value, str):
        _storable(value)
    elif isinstance(value, int):
        assert -(2**31) <= value < 2**31


def _storable(text: str) -> str:
    assert "\0" not in text
    assert text.encode().decode() == text
    return text


def _finish(receiving: Coroutine[Any, Any, str]) -> None:
    """Run it in one loop for all: to make a loop costs more than what it runs."""
    LOOP.run_until_complete(receiving)


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
