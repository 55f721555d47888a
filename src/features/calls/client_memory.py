"""The calls that `WhatsAppClient` knows, and in a file those that go on, which outlives a kill."""

import json
from datetime import datetime
from pathlib import Path

from loguru import logger

from features.calls.calling import CallingApi, advice, end_at_meta
from services.clients.cloud_api.errors import WhatsAppError

#: Ids of calls that are remembered.
MAX_KNOWN_CALLS = 10_000


class KnownCalls:
    """Ids of the last calls: a redelivery is not answered again."""

    def __init__(self) -> None:
        #: oldest first
        self._ids: dict[str, None] = {}

    def __contains__(self, call: str) -> bool:
        return call in self._ids

    def add(self, call: str) -> None:
        """Remember a call."""
        self._ids[call] = None
        if len(self._ids) > MAX_KNOWN_CALLS:
            del self._ids[next(iter(self._ids))]


class OngoingCalls:
    """Ids of calls, which outlive a program that is killed. Without a file, nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._calls = _read(file)
        self._left = [*self._calls]

    def take_left(self) -> list[str]:
        """Return the calls of an earlier start, once; they are kept until they are over."""
        left, self._left = self._left, []
        return left

    def add(self, call: str) -> None:
        """Note that a call goes on."""
        self._calls.append(call)
        self._write()

    def remove(self, call: str) -> None:
        """Note that a call is over."""
        if call in self._calls:
            self._calls.remove(call)
            self._write()

    async def end(self, call: str, api: CallingApi, now: datetime) -> None:
        """End a call of an earlier start at Meta; one that Meta does not end is kept."""
        try:
            await end_at_meta(api, call, now, may_ring=True)
        except WhatsAppError as error:
            logger.warning("a call of a program that was killed goes on: {}", advice(error))
        else:
            self.remove(call)

    def _write(self) -> None:
        if self._file is None:
            return
        written = self._file.with_name(f"{self._file.name}.new")
        try:
            written.write_text(json.dumps(self._calls), encoding="utf-8")
            written.replace(self._file)
        except OSError as error:
            logger.warning("the calls that go on are not kept in {}: {}", self._file, error)


def _read(file: Path | None) -> list[str]:
    """Return the ids of a file; none if it is not there, or something else."""
    try:
        found = [] if file is None else json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        logger.warning("the calls of the last start cannot be read from {}: {}", file, error)
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
