"""The checks of voice calls."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from domain.checks import Check, Finding, fail, ok, skip, warn
from features.calls import takers
from features.calls.extra import has_extra
from features.calls.settings import CallSettings
from services.setup import CheckSetup
from storage.engine.reading import file_of, reading

INSTALL = "uv pip install --python .venv/bin/python --require-hashes -r requirements-calls.txt"


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the checks of the packages that calls need, and of the processes that take them."""
    settings = setup.settings_of(CallSettings)
    if settings is None:
        return
    yield Check("calls", partial(check_calls, is_on=settings.calls_enabled))
    if settings.calls_enabled:
        yield Check("takers", partial(check_takers, setup.database_url), needs=("migrations",))


async def check_calls(*, is_on: bool) -> Finding:
    """Say whether calls are answered, and what is missing."""
    if not is_on:
        return skip("off: who calls gets a message; CALLS_ENABLED=true answers (docs/calls.md)")
    if not has_extra():
        return fail("CALLS_ENABLED is true, and aiortc, which carries audio, is missing", INSTALL)
    return ok("answered; `watch.py calls check` looks at Meta's side, and at a call")


async def check_takers(
    database_url: str | None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Finding:
    """Say whether a process takes calls: with SQLite, the only one does."""
    if database_url is None or file_of(database_url) is not None:
        return skip("with SQLite, the only process of the bot takes calls")
    seen_at = await asyncio.to_thread(_seen_at, database_url)
    if seen_at is not None and now() - seen_at < takers.GONE_AFTER:
        return ok("a process takes calls")
    since = "yet" if seen_at is None else f"since {seen_at:%Y-%m-%d %H:%M} UTC"
    return warn(f"{takers.NOBODY} {since}: they ring in vain", takers.START_ONE)


def _seen_at(database_url: str) -> datetime | None:
    with reading(database_url) as connection:
        return takers.last_note(connection)
