"""Handoff: people can ask for a person; tickets, opening hours, alerts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain.conversation_status import HUMAN_STATUSES
from domain.user import User
from features.handoff import tickets
from features.handoff.alerts import ALERT, ALERTS, HandoffAlerts
from features.handoff.effects import Handoff
from features.handoff.hours_table import HoursTable, opening_hours
from features.handoff.schema import HOURS, TICKETS
from features.handoff.settings import HandoffSettings
from features.handoff.ticket_table import TicketTable
from flow_engine import TalkToHuman
from jobs.spec import HandledJob
from services.agent import AssistantRequest, Tool
from services.conversations.context import ConversationObserver, EffectHandler
from services.conversations.exits import Exit
from services.conversations.stage import Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from services.operator_tables import OperatorTable
from storage.engine.group_commit import Transaction
from storage.engine.write import Write
from texts.required import RequiredTexts, said_with_first_name

#: Most words of a request in a form, where a longer sentence may be the answer.
MAX_REQUEST_WORDS = 10


class HandoffFeature(Feature):
    """People can ask for a person, and operators hand them back."""

    name = "handoff"
    summary = "people can ask for a person: tickets, opening hours, alerts"
    page = "docs/operators.md"
    schemas = (TICKETS, HOURS)
    required_texts = RequiredTexts(
        keys={
            **said_with_first_name(
                "handoff.away",
                "handoff.exit",
                "handoff.handed_over",
                "handoff.introduction",
                "handoff.nobody_here",
            ),
            "handoff.kept": ("requests",),
        },
        titles=("handoff.exit",),
        words=("human", "human_phrases"),
    )
    pools = (ALERTS,)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._settings: HandoffSettings = parts.settings_of(HandoffSettings)
        self._chat_url = self._settings.operators_chat_url
        self._handoff = Handoff(parts.context, self._is_open, sends_alerts=bool(self._chat_url))

    def effects(self) -> Mapping[type, EffectHandler]:
        return {TalkToHuman: self._handoff.talk_to_human}

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("waiting_for_operator", self._waiting, before=("bot_paused",)),
            Stage("operator_requested", self._requested, before=("changed_form",)),
            Stage("no_operator_reachable", self._nobody, before=("trigger",)),
        )

    def exits(self) -> Iterable[Exit]:
        yield Exit(
            "human", "handoff.exit", (TalkToHuman(),), lambda: self.parts.context.can_hand_off
        )

    def jobs(self) -> Iterable[HandledJob]:
        if self._chat_url is not None:
            yield ALERT.handled_by(HandoffAlerts(self.parts.http, self._chat_url).post)

    def observers(self) -> Iterable[ConversationObserver]:
        return (TicketObserver(),)

    def operator_tables(self) -> Iterable[OperatorTable]:
        database = self.parts.database
        extensions = self.parts.context.extensions
        return (TicketTable(database, extensions), HoursTable(database))

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        query = Transaction(lambda connection, _: tickets.of(connection, turn.user.key))
        asked = await self.parts.database.submit(query)
        if not asked:
            return ()
        shown = {"requests": "; ".join(asked)}
        return (self.parts.context.texts.say(turn.language, "handoff.kept", shown),)

    def introduction(self) -> str | None:
        return "handoff.introduction" if self.parts.context.can_hand_off else None

    async def tools(self, request: AssistantRequest) -> Sequence[Tool]:
        if not self.parts.context.can_hand_off:
            return ()
        return (
            Tool(
                "talk_to_human",
                "Let a person of the team answer from now on.",
                effects=lambda _: [TalkToHuman(request.text)],
            ),
        )

    async def _is_open(self, moment: datetime) -> bool:
        hours = await opening_hours(self.parts.database)
        return hours.is_open(moment.astimezone(self.parts.zone))

    async def _waiting(self, turn: ConversationTurn) -> StageResult:
        """An operator was requested: the bot is silent, but says when nobody is there."""
        is_waiting = turn.is_bot_paused and turn.is_with_human
        return await self._handoff.away_notice(turn) if is_waiting else None

    async def _requested(self, turn: ConversationTurn) -> StageResult:
        """The person asks for an operator, in a form or anywhere else."""
        can_hand_off = self.parts.context.can_hand_off
        if not can_hand_off or turn.message.choice is not None or not self._is_request(turn):
            return None
        return await self._handoff.talk_to_human(turn, TalkToHuman(turn.text))

    async def _nobody(self, turn: ConversationTurn) -> StageResult:
        """The person asks for an operator, and nobody can be reached."""
        if not self._is_request(turn):
            return None
        return await self._handoff.talk_to_human(turn, TalkToHuman(turn.text))

    def _is_request(self, turn: ConversationTurn) -> bool:
        """Whether an operator is asked for; in a form, only by a short message."""
        texts = self.parts.context.texts
        if texts.is_word("human", turn.text):
            return True
        is_short = turn.state.flow is None or len(turn.text.split()) <= MAX_REQUEST_WORDS
        return is_short and texts.vocabulary.has_phrase("human_phrases", turn.text)


class TicketObserver(ConversationObserver):
    """Closes the tickets of a person whom the bot answers again."""

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> Sequence[Write]:
        is_with_human = user.status in HUMAN_STATUSES
        return () if is_with_human else (tickets.close(user.key, at=at),)


FEATURE = HandoffFeature
