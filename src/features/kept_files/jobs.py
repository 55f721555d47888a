"""Fetches files from Meta, off the conversation's lane, and stores them piece by piece."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from loguru import logger
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from features.kept_files.room import make_room
from features.kept_files.settings import MEGABYTE, KeptFilesSettings
from jobs.model import Job, LaneState, Outcome, Snooze
from jobs.retry import PATIENT
from jobs.spec import JobSpec, Pool, WorkerProfile
from services.clients.cloud_api.download import Downloads, UnusableFile
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import kept_file_pieces, kept_files
from utils.byte_budget import ByteBudget, NoRoom
from utils.key_ring import KeyRing

#: Most people whose files are fetched at the same time, in one process.
MAX_LANES = 4
#: Memory that files take while they are fetched and stored, beside those for the assistant.
MAX_MEMORY_BYTES = 32 * MEGABYTE
#: Pause of a job that finds no memory.
CROWDED_PAUSE = timedelta(seconds=5)
#: What operators read, in *Problem* of the record.
FULL = "there is no more room for files (KEEP_FILES_MB)"
LOST = "Meta did not give it out"
TOO_LARGE = "it is larger than {most} MB (KEEP_FILE_MB), or Meta no longer has it"

FILES = Pool("files", WorkerProfile("files", max_lanes=MAX_LANES), is_about_person=True)


class FileJob(BaseModel):
    """A file to fetch, by Meta's media id."""

    model_config = ConfigDict(frozen=True)

    file_id: str


KEEP_FILE = JobSpec("keep_file", FileJob, pool=FILES, retry=PATIENT)


@dataclass(frozen=True, slots=True)
class FileKeeper:
    """Keeps files in the database, as long as there is room for them."""

    files: Downloads
    database: GroupCommit
    memory: ByteBudget
    settings: KeptFilesSettings
    keys: KeyRing
    clock: Callable[[], datetime]

    async def keep(self, job: Job, body: FileJob, state: LaneState) -> Outcome:
        """Fetch and store one file. A second run stores the same once more, in the same place."""
        file_id, most = body.file_id, self.settings.max_file_bytes
        found = await self.database.submit(
            Transaction(lambda c, now: kept_files.find(c, file_id, now))
        )
        if found is None or found.kept_at is not None:
            return Outcome()  # forgotten meanwhile, or kept before
        try:
            self.memory.require_place()
            size = await self.files.size(file_id, most=most)
            room = self.settings.room(is_answer=found.message_id is None)
            fits = partial(make_room, size=size, room=room)
            if not await self.database.submit(Transaction(fits)):
                logger.error("a file of a person is not kept: {}", FULL)
                return _problem(file_id, FULL)
            async with self.memory.hold(size):
                content = await self.files.fetch(file_id, most=most)
                is_stored = await self._store(file_id, content)
        except NoRoom:
            raise Snooze("no memory for a file", CROWDED_PAUSE) from None
        except UnusableFile as error:
            logger.warning("a file of a person is not kept: {}", error)
            return _problem(file_id, TOO_LARGE.format(most=self.settings.keep_file_mb))
        if not is_stored:
            return Outcome()
        done = kept_files.change(file_id, size=len(content), kept_at=self.clock(), problem=None)
        return Outcome(writes=[done])

    async def give_up(self, job: Job, body: FileJob | None, state: LaneState) -> Outcome:
        """Have operators know that the file is lost."""
        return Outcome() if body is None else _problem(body.file_id, LOST)

    async def _store(self, file_id: str, content: bytes) -> bool:
        for number, part in kept_file_pieces.pieces_of(content):
            put = partial(_put, self.keys, file_id, number, part)
            if not await self.database.submit(Transaction(put)):
                return False
            await asyncio.sleep(0)  # others have their turn
        return True


def _put(
    keys: KeyRing, file_id: str, number: int, part: bytes, connection: Connection, now: float
) -> bool:
    return kept_file_pieces.put_piece(connection, keys, file_id, number, part, now)


def _problem(file_id: str, problem: str) -> Outcome:
    return Outcome(writes=[kept_files.change(file_id, problem=problem)])
