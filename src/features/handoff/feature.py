"""Handoff: people can ask for a person; tickets, opening hours, alerts."""

from collections.abc import Iterable, Mapping, Sequence

from domain.conversation_status import ConversationStatus
from features.handoff import tickets
from features.handoff.alerts import ALERT, ALERTS, HandoffAlerts, text_alert
from features.handoff.effects import Handoff
from features.handoff.hours_table import HoursTable
from features.handoff.meanwhile import Meanwhile
from features.handoff.places import Places
from features.handoff.reopening import DAY_KEYS, WHEN_KEYS
from features.handoff.schema import HOURS, TICKETS
from features.handoff.settings import HandoffSettings
from features.handoff.team import Team
from features.handoff.ticket_observer import TicketObserver
from features.handoff.ticket_table import TicketTable
from features.handoff.waiting import APOLOGY, NUDGE, WaitingTimers
from flow_engine import NotifyOperators, TalkToHuman
from jobs.model import NewJob
from jobs.spec import HandledJob
from services.agent import AssistantRequest, Tool
from services.conversations.decisions import Decisions
from services.conversations.exits import Exit
from services.conversations.extensions import EffectHandler, TimerHandler
from services.conversations.observer import ConversationObserver
from services.conversations.stage import Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from services.operator_tables import OperatorTable
from storage.engine.group_commit import Transaction
from texts.required import ALWAYS_GIVEN, RequiredTexts, said_with_first_name

#: Most words of a request in a form, where a longer sentence may be the answer.
MAX_REQUEST_WORDS = 10


class HandoffFeature(Feature):
    """People can ask for a person, and operators hand them back."""

    name = "handoff"
    summary = "people can ask for a person: tickets, opening hours, alerts"
    page = "docs/operators.md"
    needs = ("kept_forms",)
    schemas = (TICKETS, HOURS)
    required_texts = RequiredTexts(
        keys=said_with_first_name(
            "handoff.apology",
            "handoff.closed",
            "handoff.away_for_long",
            "handoff.exit",
            "handoff.handed_over",
            "handoff.introduction",
            "handoff.left",
            "handoff.nobody",
            "handoff.meanwhile",
            "handoff.place_known",
            "handoff.place_noted",
            "handoff.place_unreachable",
            "handoff.not_yet",
            "handoff.still_open",
            "handoff.still_waiting",
            "handoff.taken",
            "handoff.withdrawn",
        )
        | dict.fromkeys(("handoff.already_noted", "handoff.away"), (*ALWAYS_GIVEN, "when"))
        | {"handoff.kept": ("requests",)}
        | dict.fromkeys(("handoff.waiting_since", "handoff.waited"), (*ALWAYS_GIVEN, "waited"))
        | {"handoff.back": (), "handoff.place": (*ALWAYS_GIVEN, "asked")}
        | {"handoff.handed_over_after": (*ALWAYS_GIVEN, "count")}
        | dict.fromkeys(WHEN_KEYS, ("day", "date", "time"))
        | dict.fromkeys(DAY_KEYS, ()),
        titles=("handoff.back", "handoff.exit"),
        words=(
            *("bot_phrases", "cancel_place", "cancelling", "cannot_come", "human"),
            *("human_phrases", "still_there"),
        ),
    )
    pools = (ALERTS,)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        settings: HandoffSettings = parts.settings_of(HandoffSettings)
        self._chat_url = settings.operators_chat_url
        self.team = Team(parts.database, parts.zone, parts.context.texts, settings.opening_hours)
        self._timers = WaitingTimers(
            parts.context,
            self.team,
            settings.nudge_after,
            settings.apology_after,
            sends_alerts=bool(self._chat_url),
        )
        self._handoff = Handoff(
            parts.context, self.team, self._timers, sends_alerts=bool(self._chat_url)
        )
        self._meanwhile = Meanwhile(parts.context, self._handoff)

    def timers(self) -> Mapping[str, TimerHandler]:
        return {NUDGE: self._timers.nudge, APOLOGY: self._timers.apologize}

    def effects(self) -> Mapping[type, EffectHandler]:
        return {
            TalkToHuman: self._handoff.talk_to_human,
            NotifyOperators: self._handoff.notify,
        }

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("waiting_for_operator", self._waiting, before=("opted_out",)),
            Stage("operator_requested", self._requested, before=("changed_form",)),
            Stage("place_cancelled", self._place_cancelled, before=("taking_part", "greeting")),
            Stage("no_operator_reachable", self._nobody, before=("trigger",)),
            Stage("noted_for_operator", self._noted, before=("fallback",)),
        )

    def exits(self) -> Iterable[Exit]:
        yield Exit(
            "human", "handoff.exit", (TalkToHuman(),), lambda: self.parts.context.can_hand_off
        )

    def machine_noticed(self, turn: ConversationTurn) -> Decisions:
        return self._handoff.note_machine(turn)

    def jobs(self) -> Iterable[HandledJob]:
        if self._chat_url is not None:
            yield ALERT.handled_by(HandoffAlerts(self.parts.http, self._chat_url).post)

    def alert(self, text: str, key: str) -> Iterable[NewJob]:
        return (text_alert(text, key),) if self._chat_url is not None else ()

    def observers(self) -> Iterable[ConversationObserver]:
        return (TicketObserver(self.parts.context.texts),)

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

    def introduction(self, turn: ConversationTurn) -> str | None:
        can_ask = self.parts.context.can_hand_off and not turn.is_with_human
        return "handoff.introduction" if can_ask else None

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

    async def _waiting(self, turn: ConversationTurn) -> StageResult:
        """An operator was requested: the bot is silent until *menu*, unless nobody is there."""
        if not turn.is_with_human or turn.message.edits is not None:
            return None
        asked = turn.message.choice is None and self._is_request(turn)
        return await self._meanwhile.decide(turn, is_request=asked)

    async def _requested(self, turn: ConversationTurn) -> StageResult:
        """The person asks for an operator, in a form or anywhere else."""
        is_answered = self.parts.context.can_hand_off or turn.state.flow is not None
        if not is_answered or turn.message.choice is not None or not self._is_request(turn):
            return None
        return await self._handoff.talk_to_human(turn, TalkToHuman(turn.text))

    async def _place_cancelled(self, turn: ConversationTurn) -> StageResult:
        """A person who cannot come gives their place back: operators get a ticket."""
        return await Places(self.parts.context, self._handoff).cancel(turn)

    async def _nobody(self, turn: ConversationTurn) -> StageResult:
        """The person asks for an operator, and nobody can be reached."""
        if not self._is_request(turn):
            return None
        return await self._handoff.talk_to_human(turn, TalkToHuman(turn.text))

    async def _noted(self, turn: ConversationTurn) -> StageResult:
        """Outside of the hours, what nobody understood is for the operator who was requested."""
        is_waiting = turn.user.status == ConversationStatus.NEEDS_HUMAN
        is_question = self.parts.context.texts.vocabulary.asks(turn.text)
        if not is_waiting or is_question or not turn.text:
            return None
        return await self._handoff.note_for_operator(turn)

    def _is_request(self, turn: ConversationTurn) -> bool:
        """Whether an operator is asked for; in a form, only by a short message."""
        texts = self.parts.context.texts
        if texts.is_word("human", turn.text):
            return True
        is_short = turn.state.flow is None or len(turn.text.split()) <= MAX_REQUEST_WORDS
        return is_short and texts.vocabulary.has_phrase("human_phrases", turn.text)


FEATURE = HandoffFeature
