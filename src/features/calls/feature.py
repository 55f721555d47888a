"""Voice calls: people call the number, and hear the menu; missed calls get a message."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection

from features.calls import past_calls, rows, takers
from features.calls.account_events import ACCOUNT_UPDATE, told_of_calls
from features.calls.book import CallBook
from features.calls.call_hours import CallHours
from features.calls.call_notes import told_to_assistant
from features.calls.calling import CallingApi
from features.calls.chat import CallChat
from features.calls.desk import CallDesk
from features.calls.dialog import CallAssistant
from features.calls.end_words import text_of
from features.calls.engine_port import Engine
from features.calls.extra import has_extra
from features.calls.incoming_call import CallTimes
from features.calls.job_specs import TERMINATE, VOICE_CALLS, EndedJob
from features.calls.link import EngineProcess, is_on_this_machine
from features.calls.metrics import CallMetrics
from features.calls.operators import CallOperators
from features.calls.protocol import Configure
from features.calls.reading import ends_without_person, read_calls
from features.calls.rules import Limits
from features.calls.serving import CallService
from features.calls.settings import CallSettings
from features.calls.states import End
from features.calls.tables import CallRow
from flow_engine import OfferCall
from jobs.spec import HandledJob
from services.agent import AssistantRequest
from services.conversations.decisions import Decisions
from services.conversations.extensions import EffectHandler
from services.conversations.turn import ConversationTurn
from services.conversations.webhook_events import (
    EventDecisions,
    EventHandler,
    FieldReader,
    WebhookEvent,
)
from services.feature import Feature, Parts, SettingsOf
from texts.required import RequiredTexts, said_with_first_name
from utils.key_ring import KeyRing

#: Meta's name of the webhook field.
FIELD = "calls"
#: The assistant knows the calls of a person for so long, and so many of them.
TOLD_FOR, MAX_TOLD = timedelta(hours=24), 3
#: Sentences that name nothing.
SENTENCES = (
    *("notice_off", "notice_busy", "notice_closed", "notice_missed", "notice_broken_off"),
    *("call_again", "call_us", "asked_by_phone"),
    *map(text_of, End),
    *("notice_tried", "note_no_answer", "note_declined", "opening"),
    *("leave_message", "closed_message", "message_kept", "left_message"),
    *("greeting", "menu_human", "menu_keys", "more"),
    *("unknown_digit", "human", "no_human", "still_there", "goodbye"),
    *("short_held", "short_closed", "stopping", "in_chat"),
    *("asking_team", "still_asking", "operator_joins", "operator_left"),
    *("greeting_assistant", "menu_instead", "say_again", "anybody_there", "moment"),
)


class Calls(Feature):
    """Answers voice calls on WhatsApp, or says in the chat that nobody can."""

    name = "calls"
    summary = "voice calls: a spoken menu, and a message for calls that are not answered"
    page = "docs/calls.md"
    trial_settings: ClassVar[Mapping[str, str]] = {"CALLS_ENABLED": "true"}
    pools = (VOICE_CALLS,)
    required_texts = RequiredTexts(
        keys=said_with_first_name(*(f"calls.{name}" for name in SENTENCES))
        | {"calls.menu_choice": ("first_name", "title", "digit")}
        | {"calls.chosen": ("first_name", "title")}
        | {"calls.note_talked": ("first_name", "seconds")}
        | {"calls.note_we_talked": ("first_name", "seconds")}
        | {"calls.note_not_reached": ("first_name", "reason")}
        | {"calls.note_unanswered": ("first_name", "reason")}
        | {"calls.note_ended_early": ("first_name", "note", "reason")}
        | {"calls.note_chose": ("first_name", "seconds", "chosen")},
        titles=("calls.call_again", "calls.call_us"),
    )

    @classmethod
    def banner(cls, settings_of: SettingsOf) -> Mapping[str, str]:
        settings: CallSettings = settings_of(CallSettings)
        if not settings.calls_enabled:
            return {"Calls": "off: who calls gets a message (--calls answers)"}
        answered = "answered: press the handset on the phone page"
        return {"Calls": answered if has_extra() else "aiortc is missing: see `doctor`"}

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._settings: CallSettings = parts.settings_of(CallSettings)
        self.hours = CallHours()
        self.desk = self._make_desk(None)
        self._chat = CallChat(parts, takes_calls=self.takes_calls)

    def use_engine(self, engine: Engine) -> None:
        """Answer calls with this engine."""
        self.desk.engine = engine

    def talk_with(self, assistant: CallAssistant) -> None:
        """Have an assistant talk with callers, in place of the menu."""
        self.desk.assistant = assistant

    def join_operators(self, operators: CallOperators) -> None:
        """Let operators take calls over."""
        self.desk.operators = operators

    def follow_ends(self, follow: Callable[[ConversationTurn, EndedJob], Decisions]) -> None:
        """Have somebody decide what else follows the end of a call."""
        self._chat.followers.append(follow)

    def readers(self) -> Mapping[str, FieldReader]:
        return {FIELD: read_calls}

    def events(self) -> Mapping[str, EventHandler]:
        return {FIELD: self._end_of_nobody, ACCOUNT_UPDATE: self._warn_operators}

    def jobs(self) -> Iterable[HandledJob]:
        return (*self.desk.handled(), *self._chat.handled())

    def effects(self) -> Mapping[type, EffectHandler]:
        return {OfferCall: self._chat.offer_call}

    async def _end_of_nobody(self, event: WebhookEvent) -> EventDecisions:
        """Lead the end of a call that names no person to the lane of its row."""
        jobs = []
        for told in ends_without_person(event.value):
            row = await self.parts.database.reader.run(partial(_find, told.call))
            if row is not None:
                lane = VOICE_CALLS.lane(row.phone_number_id, row.user_key)
                key = f"voice:{row.phone_number_id}:{row.id}:terminate"
                jobs.append(TERMINATE.new(lane, told, key=key))
        return EventDecisions(jobs=jobs)

    async def grounding(self, request: AssistantRequest) -> str:
        since = self.parts.clock() - TOLD_FOR
        find = partial(_last_calls, request.user.key, since)
        return told_to_assistant(await self.parts.database.reader.run(find), self.parts.zone)

    async def health(self) -> Mapping[str, str]:
        engine = self.desk.engine
        if engine is None:  # calls are off, or other processes take them
            return await self._health_of_others() if self._settings.calls_enabled else {}
        return {"calls": f"engine {'up' if engine.is_up else 'down'}, {len(self.desk.live)} calls"}

    async def _health_of_others(self) -> Mapping[str, str]:
        now = self.parts.clock()
        are_there = await self.parts.database.reader.run(lambda c, _: takers.are_there(c, now))
        return {} if are_there else {"calls": takers.NOBODY}

    async def settled(self) -> None:
        await self.desk.calls.settled()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        engine = self._make_engine() if self.takes_calls else None
        if engine is not None:
            self.use_engine(engine)
        patience = timedelta(seconds=self._settings.call_drain_seconds)
        async with CallService(self.desk, engine, patience).running():
            yield

    @property
    def takes_calls(self) -> bool:
        """Whether calls are on, and the packages for their audio are there."""
        return self._settings.calls_enabled and has_extra()

    def _make_engine(self) -> EngineProcess:
        return EngineProcess(
            Configure(
                loopback=is_on_this_machine(self.parts.cloud_api.base_url),
                ice_servers=self._settings.ice_servers,
                max_seconds=self._settings.max_call_seconds,
                connect_seconds=self._settings.call_connect_seconds,
                openai=assistant.access if (assistant := self.desk.assistant) else None,
            ),
            on_beat=self.parts.metrics.of(CallMetrics).beat,
        )

    async def _warn_operators(self, event: WebhookEvent) -> EventDecisions:
        """Tell operators at once what may cost the number its call button."""
        alert = self.parts.context.extensions.alert
        told = enumerate(told_of_calls(event.value))
        jobs = [job for place, text in told for job in alert(text, f"{event.key}:{place}")]
        return EventDecisions(jobs=jobs)

    def _make_desk(self, engine: Engine | None) -> CallDesk:
        parts, settings = self.parts, self._settings
        metrics = parts.metrics.of(CallMetrics)
        return CallDesk(
            parts,
            engine,
            CallingApi(parts.cloud_api, parts.clock, parts.sleep),
            CallBook(parts.database, parts.queue, parts.shared(KeyRing), parts.clock),
            Limits(settings.max_concurrent_calls, settings.calls_per_person_per_hour),
            CallTimes(
                settings.connect_within,
                settings.longest,
                message=timedelta(seconds=settings.call_message_seconds),
            ),
            self.hours,
            metrics.staged,
            metrics.ended,
            parts.process,
        )


def _last_calls(
    user_key: str, since: datetime, connection: Connection, _: float
) -> Sequence[CallRow]:
    return past_calls.of_person(connection, user_key, since, most=MAX_TOLD)


def _find(call: str, connection: Connection, _: float) -> CallRow | None:
    return rows.find(connection, call)


FEATURE = Calls
