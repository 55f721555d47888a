"""Kept files: photos and documents in answers stay when Meta deletes its copy."""

from collections.abc import Iterable, Mapping, Sequence

from features.kept_files.jobs import (
    FILES,
    KEEP_FILE,
    MAX_MEMORY_BYTES,
    FileJob,
    FileKeeper,
)
from features.kept_files.settings import KeptFilesSettings
from flow_engine import KeepFile
from jobs.spec import HandledJob
from services.clients.cloud_api.download import Downloads
from services.conversations.decisions import NOTHING, Decisions, enqueueing, writing
from services.conversations.extensions import EffectHandler
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from storage.engine.group_commit import Transaction
from storage.tables import kept_files
from texts.required import RequiredTexts
from utils.byte_budget import ByteBudget


class KeptFiles(Feature):
    """The bot keeps the files that people send as answers."""

    name = "kept_files"
    summary = "the files that people send as answers are kept"
    page = "docs/flows.md"
    pools = (FILES,)
    required_texts = RequiredTexts(
        keys={"kept_files.kept": ("count", "names"), "kept_files.unnamed": ()}
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.settings: KeptFilesSettings = parts.settings_of(KeptFilesSettings)
        self.is_on = self.settings.max_bytes > 0

    def effects(self) -> Mapping[type, EffectHandler]:
        return {KeepFile: self._keep}

    def jobs(self) -> Iterable[HandledJob]:
        parts = self.parts
        files = Downloads(parts.cloud_api, parts.http)
        memory = ByteBudget(MAX_MEMORY_BYTES)
        keeper = FileKeeper(files, parts.database, memory, self.settings, parts.clock)
        return (KEEP_FILE.handled_by(keeper.keep, on_discard=keeper.give_up),)

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        key = turn.user.key
        found = await self.parts.database.submit(Transaction(lambda c, _: kept_files.of(c, key)))
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
        if not self.is_on:
            return NOTHING
        file = effect.file
        expected = kept_files.expect(
            file.media_id,
            user_key=turn.user.key,
            kind=file.kind,
            mime_type=file.mime_type,
            filename=file.filename,
            at=turn.now,
        )
        lane = FILES.lane(turn.phone_number_id, turn.user.key)
        job = KEEP_FILE.new(lane, FileJob(file_id=file.media_id), key=f"keep:{file.media_id}")
        return writing(expected) + enqueueing([job])


FEATURE = KeptFiles
