"""Airtable: operators see people and conversations in a base, reply, take over, and erase."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from domain.user import User
from features.airtable.attachments import Attachments
from features.airtable.base_schema import CONSENT_LOG, TEXTS, contacts_schema
from features.airtable.consent_table import ConsentTable
from features.airtable.contacts_table import ContactsTable
from features.airtable.job_specs import SYNC, SYNC_POOL
from features.airtable.message_table import MessageTable
from features.airtable.observers import ContactObserver, MessageObserver
from features.airtable.option_schema import PREFIX, option_tables, options_schema
from features.airtable.option_table import OptionReader, OptionTable
from features.airtable.record_jobs import RECORD_STATUS, RecordStatusJobs
from features.airtable.record_schema import RecordSchema
from features.airtable.record_table import RecordTable
from features.airtable.settings import AirtableSettings
from features.airtable.sync import AirtableSync, handled_jobs, lane_of
from features.airtable.sync_cycle import SyncSettings
from features.airtable.tables import contact_reader, contacts, messages
from features.airtable.text_table import TextTable, read_overrides
from features.airtable.webhook_controller import AirtableController
from flow_engine import Option, SavedData
from jobs.maintenance import state_of
from jobs.model import NewJob
from jobs.spec import EmptyBody, HandledJob
from services.airtable_service import AirtableService
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.extensions import Reset
from services.conversations.observer import ConversationObserver
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from services.operator_tables import OperatorTable, TableSchema
from storage.tables.key_value import KeyValueStore
from texts.language import language_of
from texts.required import RequiredTexts
from utils.background import running_beside
from utils.key_ring import KeyRing

if TYPE_CHECKING:
    from fastapi import APIRouter

#: Time between two looks at the texts that operators wrote.
TEXTS_INTERVAL = timedelta(seconds=2)


class Airtable(Feature):
    """Operators work in an Airtable base."""

    name = "airtable"
    summary = "operators see people in Airtable, reply, take over and erase"
    page = "docs/operators.md"
    pools = (SYNC_POOL,)
    option_prefix = PREFIX
    emulator_pages: ClassVar[Mapping[str, str]] = {"Operators": "/airtable"}
    required_texts = RequiredTexts(keys={"airtable.erased": (), "airtable.kept": ("days",)})

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.settings: AirtableSettings = parts.settings_of(AirtableSettings)
        self.is_on = self.settings.airtable_api_key is not None
        self.lane = lane_of(self.settings.airtable_base_id or "")
        self._keeps_messages = self.is_on and self.settings.airtable_messages_days > 0
        self._sync: AirtableSync | None = None

    @classmethod
    def schemas_for(cls, saved: SavedData) -> Sequence[TableSchema]:
        records = (RecordSchema(form).table for form in saved.forms)
        options = (options_schema(name) for name in option_tables(saved))
        return (contacts_schema(saved), CONSENT_LOG, TEXTS, *records, *options)

    @classmethod
    def routers(cls) -> "Iterable[APIRouter]":
        from features.airtable.routes import router

        return (router,)

    @property
    def reaches_operators(self) -> bool:
        return self.is_on

    @property
    def shows_tables(self) -> bool:
        return self.is_on

    @property
    def sets_record_status(self) -> bool:
        return self.is_on

    def request_state(self) -> Mapping[str, object]:
        if not self.is_on:
            return {"airtable": None}
        return {"airtable": AirtableController(self.parts.queue, self.lane, self._lane_state)}

    def observers(self) -> Iterable[ConversationObserver]:
        if self.is_on:
            yield ContactObserver()
        if self._keeps_messages:
            yield MessageObserver()

    def operator_tables(self) -> Iterable[OperatorTable]:
        yield ConsentTable()
        yield TextTable(self.parts.context.texts, self.parts.database)
        if self._keeps_messages:
            keep = timedelta(days=self.settings.airtable_messages_days)
            yield MessageTable(self.parts.database, keep)
        for form in self.parts.context.flows.saved.forms:
            yield RecordTable(form, self.parts.database, self.parts.context.extensions)
        for name in option_tables(self.parts.context.flows.saved):
            yield OptionTable(name, self.parts.database)

    async def load_options(self, name: str) -> Sequence[str | Option]:
        return await OptionReader(self.parts.database, name).free()

    async def reserve_option(self, name: str, option: str) -> Decisions | None:
        return await OptionReader(self.parts.database, name).reserve(option)

    def jobs(self) -> Iterable[HandledJob]:
        if self.is_on:
            self._sync = self._make_sync()
            yield from handled_jobs(self._sync)
            yield RECORD_STATUS.handled_by(RecordStatusJobs(self.parts).carry_out)

    def first_jobs(self) -> Iterable[NewJob]:
        return (SYNC.new(self.lane, EmptyBody()),) if self.is_on else ()

    def reset(self, turn: ConversationTurn, reason: Reset) -> Decisions:
        if reason is not Reset.REFUSED:
            return NOTHING  # "delete my data" empties the tables by itself
        return writing(messages.forget_texts(turn.user.key))

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        if not self._keeps_messages:
            return ()
        days = {"days": self.settings.airtable_messages_days}
        return (self.parts.context.texts.say(turn.language, "airtable.kept", days),)

    async def health(self) -> Mapping[str, str]:
        if not self.is_on:
            return {"airtable": "not configured"}
        state = await self._lane_state()
        line = str(state.get("trouble") or "ok") if state else "not yet in touch"
        return {"airtable": line}

    def erasing(self, person: User, at: datetime) -> Decisions:
        return writing(contacts.change(person.key, {"erase_at": at})) if self.is_on else NOTHING

    async def open_erasures(self) -> int:
        return await self.parts.database.reader.run(
            lambda connection, _: contact_reader.count_to_erase(connection)
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            async with running_beside(self._keep_texts()) if self.is_on else nullcontext():
                yield
        finally:
            if self._sync is not None:
                self._sync.close()

    async def _keep_texts(self) -> None:
        """Say what operators wrote, whichever process has synced it."""
        stored = KeyValueStore(self.parts.database)
        while True:
            try:
                self.parts.context.texts.override(await read_overrides(stored))
            except (SQLAlchemyError, OSError) as error:
                logger.warning("texts of operators are not read: {}", type(error).__name__)
            await asyncio.sleep(TEXTS_INTERVAL.total_seconds())

    async def _lane_state(self) -> Mapping[str, Any]:
        lane = self.lane
        return await self.parts.database.reader.run(
            lambda connection, _: state_of(connection, lane)
        )

    def _make_sync(self) -> AirtableSync:
        parts, settings = self.parts, self.settings
        assert settings.airtable_api_key is not None
        airtable = AirtableService(
            settings.airtable_api_key.get_secret_value(),
            settings.airtable_base_id or "",
            base_url=settings.airtable_api_url,
            database=parts.database,
            sleep=parts.sleep,
        )
        how = SyncSettings(
            webhook_url=settings.airtable_webhook_url,
            poll=timedelta(seconds=settings.airtable_poll_seconds),
            calls_per_month=settings.airtable_monthly_calls or None,
            create_tables=settings.airtable_create_tables,
        )
        tables = [table for feature in parts.features for table in feature.operator_tables()]
        contacts = ContactsTable(parts, self._erasure_notice, tables)
        return AirtableSync(
            airtable,
            parts.database,
            how,
            contacts=contacts,
            tables=tables,
            attachments=Attachments(
                parts.context.flows.saved, parts.database, parts.shared(KeyRing), tables
            ),
            clock=parts.clock,
        )

    def _erasure_notice(self, person: User) -> str:
        """The last message to a person whose data are erased, in their language."""
        texts = self.parts.context.texts
        language = language_of(person, texts.languages, self.parts.default_language)
        return texts.say(language, "airtable.erased")


FEATURE = Airtable
