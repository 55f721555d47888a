"""Keeps a row of each run of checks."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, desc, insert, select, update

from features.checks.tables import run
from storage.engine.group_commit import GroupCommit, Transaction


@dataclass(slots=True)
class KeptRun:
    """What is known of a run at its end."""

    tokens: int = 0
    error: str | None = None
    is_interrupted: bool = False


class Runs:
    """The runs of a database."""

    def __init__(self, database: GroupCommit, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    @asynccontextmanager
    async def kept(
        self, user_key: str, message_id: str, checks: Sequence[str]
    ) -> AsyncIterator[KeptRun]:
        """Keep a run while inside. One of the same message that never ended was interrupted."""
        name = secrets.token_hex(8)
        await self._database.submit(Transaction(self._begin(name, user_key, message_id, checks)))
        kept = KeptRun()
        try:
            yield kept
        except asyncio.CancelledError:
            kept.is_interrupted = True
            raise
        except Exception:
            kept.error = kept.error or "failed"
            raise
        finally:
            await self._database.submit(Transaction(self._end(name, kept)))

    async def newest(self, most: int) -> Sequence[Mapping[str, Any]]:
        """Return the newest runs."""
        found = select(run).order_by(desc(run.c.started_at)).limit(most)

        def read(connection: Connection, _: float) -> Sequence[Mapping[str, Any]]:
            return [dict(row) for row in connection.execute(found).mappings()]

        return await self._database.reader.run(read)

    def _begin(
        self, name: str, user_key: str, message_id: str, checks: Sequence[str]
    ) -> Callable[[Connection, float], None]:
        at = self._clock().timestamp()
        is_left = (run.c.message_id == message_id) & (run.c.state == "running")
        row = {
            "id": name,
            "user_key": user_key,
            "message_id": message_id,
            "source": "whatsapp",
            "checks": ", ".join(checks),
            "state": "running",
            "started_at": at,
            "tokens": 0,
        }

        def write(connection: Connection, _: float) -> None:
            connection.execute(update(run).where(is_left).values(state="interrupted", ended_at=at))
            connection.execute(insert(run).values(row))

        return write

    def _end(self, name: str, kept: KeptRun) -> Callable[[Connection, float], None]:
        values = {
            "state": _state(kept),
            "ended_at": self._clock().timestamp(),
            "tokens": kept.tokens,
            "error": kept.error,
        }

        def write(connection: Connection, _: float) -> None:
            connection.execute(update(run).where(run.c.id == name).values(values))

        return write


def _state(kept: KeptRun) -> str:
    if kept.is_interrupted:
        return "interrupted"
    return "failed" if kept.error else "done"
