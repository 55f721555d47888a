"""Kept files: photos and documents stay when Meta deletes its copy."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from features.kept_files.encrypting import encrypt_some
from features.kept_files.jobs import FILES, KEEP_FILE, MAX_MEMORY_BYTES, FileKeeper
from features.kept_files.keeping import fetched, file_of
from features.kept_files.settings import KeptFilesSettings
from flow_engine import KeepFile
from jobs.spec import HandledJob
from services.clients.cloud_api.download import Downloads
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.extensions import EffectHandler
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from storage.engine.group_commit import Transaction
from storage.tables import kept_files
from texts.required import RequiredTexts
from utils.background import running_beside
from utils.byte_budget import ByteBudget
from utils.key_ring import KeyRing

#: Before the first piece of a file.
NOWHERE = ("", -1)
#: Pause while the database is away, in seconds.
PAUSE_SECONDS = 5.0


class KeptFiles(Feature):
    """The bot keeps the files that people send."""

    name = "kept_files"
    summary = "the files that people send are kept, in answers and for operators"
    page = "docs/flows.md"
    pools = (FILES,)
    required_texts = RequiredTexts(
        keys={"kept_files.kept": ("count", "names"), "kept_files.unnamed": ()}
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.settings: KeptFilesSettings = parts.settings_of(KeptFilesSettings)
        self.is_on = self.settings.are_kept
        self.keys = parts.shared(KeyRing)
        self.keys.use(self.settings.files_keys)

    def effects(self) -> Mapping[type, EffectHandler]:
        return {KeepFile: self._keep}

    def stages(self) -> Iterable[Stage]:
        return (Stage("kept_file", self._in_chat, before=("opt_in_unclear",)),)

    def jobs(self) -> Iterable[HandledJob]:
        parts = self.parts
        files = Downloads(parts.cloud_api, parts.http)
        memory = ByteBudget(MAX_MEMORY_BYTES)
        keeper = FileKeeper(files, parts.database, memory, self.settings, self.keys, parts.clock)
        return (KEEP_FILE.handled_by(keeper.keep, on_discard=keeper.give_up),)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Encrypt with the newest key what is not, while the worker does its work."""
        async with running_beside(self.encrypt_all()):
            yield

    async def encrypt_all(self) -> None:
        """Encrypt with the newest key what is stored otherwise."""
        keys = self.keys
        place: tuple[str, int] | None = NOWHERE
        while keys.newest is not None and place is not None:
            some: Transaction[tuple[str, int] | None] = Transaction(
                partial(_encrypt_after, keys, place)
            )
            try:
                place = await self.parts.database.submit(some)
            except (SQLAlchemyError, OSError):
                await self.parts.sleep(PAUSE_SECONDS)  # the database is away

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        key = turn.user.key
        found = await self.parts.database.submit(
            Transaction(lambda c, now: kept_files.of(c, key, now))
        )
        there = [one for one in found if one.kept_at is not None]
        if not there:
            return ()
        texts = self.parts.context.texts
        unnamed = texts.say(turn.language, "kept_files.unnamed")
        names = ", ".join(one.filename or unnamed for one in there)
        given = {"count": len(there), "names": names}
        return (texts.say(turn.language, "kept_files.kept", given),)

    async def _keep(self, turn: ConversationTurn, effect: KeepFile) -> Decisions:
        """Have the file fetched by a job of its own, which commits with what the person said."""
        return fetched(turn, effect.file) if self.is_on else NOTHING

    async def _in_chat(self, turn: ConversationTurn) -> StageResult:
        """A file that somebody sends outside of a form is kept for operators, for a while."""
        days, file = self.settings.keep_chat_files_days, file_of(turn.message)
        is_seen = self.parts.context.extensions.operators_reachable and not turn.is_opted_out
        is_in_form = turn.state.flow is not None and not turn.is_bot_paused
        if file is None or not self.is_on or not days or not is_seen or is_in_form:
            return None
        return PassOn(fetched(turn, file, forget_at=turn.now + timedelta(days=days)))


def _encrypt_after(
    keys: KeyRing, place: tuple[str, int], connection: Connection, _now: float
) -> tuple[str, int] | None:
    return encrypt_some(connection, keys, place)


FEATURE = KeptFiles
