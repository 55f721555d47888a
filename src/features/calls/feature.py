"""Voice calls: people call the number, and hear the menu; missed calls get a message."""

from collections.abc import Iterable, Mapping
from functools import partial

from sqlalchemy import Connection

from features.calls import rows
from features.calls.book import CallBook
from features.calls.call_hours import CallHours
from features.calls.calling import CallingApi
from features.calls.chat import CallChat
from features.calls.desk import CallDesk
from features.calls.engine_port import Engine
from features.calls.job_specs import TERMINATE, VOICE_CALLS
from features.calls.live_call import CallTimes
from features.calls.metrics import CallMetrics
from features.calls.reading import ends_without_person, read_calls
from features.calls.rules import Limits
from features.calls.settings import CallSettings
from features.calls.tables import CallRow
from jobs.spec import HandledJob
from services.conversations.webhook_events import (
    EventDecisions,
    EventHandler,
    FieldReader,
    WebhookEvent,
)
from services.feature import Feature, Parts
from texts.required import RequiredTexts, said_with_first_name

#: Meta's name of the webhook field.
FIELD = "calls"
#: Sentences that name nothing.
SENTENCES = (
    *("notice_off", "notice_busy", "notice_closed", "notice_missed", "notice_broken_off"),
    *("call_again", "asked_by_phone", "greeting", "menu_human", "menu_keys", "more"),
    *("unknown_digit", "human", "no_human", "still_there", "goodbye"),
    *("short_held", "short_closed", "stopping"),
)


class Calls(Feature):
    """Answers voice calls on WhatsApp, or says in the chat that nobody can."""

    name = "calls"
    summary = "voice calls: a spoken menu, and a message for calls that are not answered"
    page = "docs/calls.md"
    pools = (VOICE_CALLS,)
    required_texts = RequiredTexts(
        keys=said_with_first_name(*(f"calls.{name}" for name in SENTENCES))
        | {"calls.menu_choice": ("first_name", "title", "digit")}
        | {"calls.chosen": ("first_name", "title")},
        titles=("calls.call_again",),
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._settings: CallSettings = parts.settings_of(CallSettings)
        self.hours = CallHours()
        self.desk = self._make_desk(None)

    def use_engine(self, engine: Engine) -> None:
        """Answer calls with this engine."""
        self.desk.engine = engine

    def readers(self) -> Mapping[str, FieldReader]:
        return {FIELD: read_calls}

    def events(self) -> Mapping[str, EventHandler]:
        return {FIELD: self._end_of_nobody}

    def jobs(self) -> Iterable[HandledJob]:
        chat = CallChat(self.parts, takes_calls=self._settings.calls_enabled)
        return (*self.desk.handled(), *chat.handled())

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

    def _make_desk(self, engine: Engine | None) -> CallDesk:
        parts, settings = self.parts, self._settings
        metrics = CallMetrics(parts.metrics.registry)
        return CallDesk(
            parts,
            engine,
            CallingApi(parts.cloud_api, parts.clock, parts.sleep),
            CallBook(parts.database, parts.queue, parts.clock),
            Limits(settings.max_concurrent_calls, settings.calls_per_person_per_hour),
            CallTimes(settings.connect_within, settings.longest),
            self.hours,
            metrics.staged,
            metrics.ended,
        )


def _find(call: str, connection: Connection, _: float) -> CallRow | None:
    return rows.find(connection, call)


FEATURE = Calls
