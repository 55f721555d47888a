"""What `watch.py runs` prints."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from features.checks.runs import Runs
from features.checks.values import session_of
from services.setup import CommandSetup

HEAD = ("started (UTC)", "session", "checks", "state", "seconds", "tokens", "error")
#: Characters of a session that are shown: enough to tell people apart in a list.
SHOWN_SESSION = len("whatsapp-") + 8


def list_runs(setup: CommandSetup, most: int) -> int:
    """Print the newest runs as a table. Return the exit code."""
    rows = asyncio.run(_newest(setup, most))
    if not rows:
        print("No checks have run yet.")
        return 0
    table = [HEAD, *map(_columns, rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD))]
    for row in table:
        shown = (f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        print("  ".join(shown).rstrip())
    return 0


async def _newest(setup: CommandSetup, most: int) -> Sequence[Mapping[str, Any]]:
    async with setup.open_database() as database:
        return await Runs(database, lambda: datetime.now(UTC)).newest(most)


def _columns(row: Mapping[str, Any]) -> tuple[str, ...]:
    started = datetime.fromtimestamp(row["started_at"], UTC)
    ended = row["ended_at"]
    return (
        f"{started:%Y-%m-%d %H:%M:%S}",
        session_of(row["user_key"])[:SHOWN_SESSION],
        row["checks"],
        row["state"],
        "" if ended is None else f"{ended - row['started_at']:.1f}",
        str(row["tokens"]),
        row["error"] or "",
    )
