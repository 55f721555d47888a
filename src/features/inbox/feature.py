"""Inbox: operators read conversations and answer, on a page of the bot."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from features.inbox import operators
from features.inbox.access import InboxAccess
from features.inbox.acting import InboxActs
from features.inbox.drafts import Drafts
from features.inbox.erasing import InboxErasure
from features.inbox.feed import InboxFeed
from features.inbox.files import SentFiles
from features.inbox.inbox import Inbox
from features.inbox.later import LATER, LaterMessages
from features.inbox.masks import Masks
from features.inbox.media import Media
from features.inbox.observer import InboxObserver
from features.inbox.passkeys import Passkeys
from features.inbox.person_acts import PersonActs
from features.inbox.push import PUSHES, Pushes, WaitingListener
from features.inbox.questions import Questions
from features.inbox.reading import count_waiting
from features.inbox.saved_replies import SavedReplies
from features.inbox.settings import InboxSettings
from features.inbox.staff import Staff
from features.inbox.tables.messages import KEEP_MESSAGES
from features.inbox.team_acts import TeamActs
from features.inbox.templates import SentTemplates
from features.templates.feature import Templates
from jobs.spec import HandledJob
from services.clients.cloud_api.download import Downloads
from services.conversations.domain_events import EventListener
from services.conversations.extensions import TimerHandler
from services.conversations.observer import ConversationObserver
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts, SettingsOf
from texts.required import RequiredTexts
from utils.background import running_beside
from utils.key_ring import KeyRing

if TYPE_CHECKING:
    from fastapi import APIRouter

#: Between two looks whether anybody was invited, in seconds.
LOOK_SECONDS = 5.0


class InboxFeature(Feature):
    """Operators read conversations and answer, on a page of the bot."""

    name = "inbox"
    summary = "operators read conversations and answer, on a page of the bot"
    page = "docs/inbox.md"
    needs = ("templates",)
    pools = (PUSHES,)
    required_texts = RequiredTexts(keys={"inbox.kept": ("days",)})

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        settings: InboxSettings = parts.settings_of(InboxSettings)
        self._answer_minutes = settings.inbox_answer_minutes
        self._round_robin = settings.inbox_round_robin
        contact = settings.inbox_push_contact
        self._pushes = Pushes(parts.database, parts.http, parts.clock, contact)
        token = settings.inbox_sign_in_token
        self._token = token.get_secret_value() if token else None
        self._scripts: list[str] = []
        #: Whether there is anybody who may read: without, nothing is kept.
        self._has_readers = self._token is not None

    @classmethod
    def bot_pages(cls, settings_of: SettingsOf) -> Mapping[str, str]:
        token = settings_of(InboxSettings).inbox_sign_in_token
        if token is None:
            return {}
        return {"Inbox": f"/inbox/sign-in#{token.get_secret_value()}"}

    @classmethod
    def routers(cls) -> "Iterable[APIRouter]":
        from features.inbox import page_routes, routes

        return (page_routes.router, routes.router)

    @property
    def reaches_operators(self) -> bool:
        return self._has_readers

    def request_state(self) -> Mapping[str, object]:
        parts = self.parts
        acts = self.acts()
        inbox = Inbox(
            parts.database,
            acts,
            TeamActs(acts, self._pushes.is_on),
            PersonActs(acts, parts.context),
            LaterMessages(acts),
            Drafts(parts.features, acts),
            InboxErasure(parts, acts),
            InboxFeed(parts.database),
            SentFiles(acts, parts.whatsapp),
            SentTemplates(acts, parts.whatsapp, parts.feature(Templates).registry),
            SavedReplies(parts.database),
            Questions(parts.features, parts.database),
            Masks(parts.database),
            Staff(parts.database),
            Passkeys(parts.database, parts.clock),
            Media(parts.database, Downloads(parts.cloud_api, parts.http), parts.shared(KeyRing)),
            self._pushes,
            parts.cloud_api.numbers,
            parts.clock,
            parts.zone,
            self._answer_minutes,
            self._scripts,
        )
        return {
            "inbox": inbox,
            "inbox_access": InboxAccess(parts.database, self._token, parts.clock),
        }

    def add_script(self, path: str) -> None:
        """Have the page of the inbox load a script of another feature, by its path below /inbox."""
        self._scripts.append(path)

    def timers(self) -> Mapping[str, TimerHandler]:
        return {LATER: LaterMessages(self.acts()).send_due}

    def acts(self) -> InboxActs:
        """Return what carries out the acts of operators."""
        context = self.parts.context
        return InboxActs(
            self.parts.database,
            self.parts.queue,
            context.extensions,
            context.human_idle,
            has_template=context.outside_window_template is not None,
        )

    def observers(self) -> Iterable[ConversationObserver]:
        number, turns = self.parts.phone_number_id, self._round_robin
        return (InboxObserver(lambda: self._has_readers, number, takes_turns=turns),)

    def jobs(self) -> Iterable[HandledJob]:
        return self._pushes.jobs()

    def listeners(self) -> Iterable[EventListener]:
        return (WaitingListener(),) if self._pushes.is_on else ()

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        if not self._has_readers:
            return ()
        days = {"days": KEEP_MESSAGES.days}
        return (self.parts.context.texts.say(turn.language, "inbox.kept", days),)

    async def health(self) -> Mapping[str, str]:
        count = await self.parts.database.reader.run(lambda c, _: count_waiting(c))
        return {"inbox": f"{count} people wait for an operator"} if count else {}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Follow whether anybody was invited, by a command in another process."""
        await self.look()
        async with running_beside(self._follow()):
            yield

    async def look(self) -> None:
        """Find out whether there is anybody who may read."""
        if self._token is None:
            with suppress(SQLAlchemyError, OSError):
                self._has_readers = await self.parts.database.reader.run(
                    lambda c, _: operators.are_there(c)
                )

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()


FEATURE = InboxFeature
