"""Handles the jobs of a conversation: load, decide, and hand everything to one commit."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loguru import logger

from domain.allowlist import Allowlist
from domain.inbound import Inbound, Sender
from domain.state_change import StateChange, StateObserver
from domain.user import User
from jobs.model import Job, Json, Outcome
from jobs.spec import HandledJob, NoBody
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.job_specs import (
    EVENT,
    MESSAGE,
    STOP_OFFERS,
    TIMER,
    TimerJob,
)
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.profile import agree_to_marketing
from services.conversations.state import ConversationState
from services.conversations.turn import NO_MESSAGE, ConversationTurn
from services.conversations.webhook_events import WebhookEvents
from services.message_handler import MessageHandler
from services.sending.outbox import Draft, enqueue_messages
from storage.engine.write import Write
from storage.tables import users
from storage.tables.users import Users
from texts.catalogue import Texts
from texts.language import language_for
from utils.logger import pseudonym
from utils.metrics import Metrics

#: Decides what a job of a conversation leads to.
Decide = Callable[[ConversationTurn], Awaitable[Decisions]]


@dataclass(frozen=True, slots=True)
class Decided:
    """How a turn ended: its decisions, and what the observers in development are shown."""

    decisions: Decisions
    #: The turn as the stage that decided saw it.
    turn: ConversationTurn
    stage: str = ""


@dataclass(frozen=True, kw_only=True)
class ConversationJobs:
    """One turn of one conversation for each job."""

    context: ConversationContext
    users: Users
    events: WebhookEvents
    allowlist: Allowlist
    default_language: str
    clock: Callable[[], datetime]
    metrics: Metrics
    #: Told of each turn, in development.
    state_observers: Iterable[StateObserver] = ()
    handler: MessageHandler = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "handler", MessageHandler(self.context))

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs that the core handles."""
        return (
            MESSAGE.handled_by(self.handle_message, on_discard=self.apologize),
            TIMER.handled_by(self.handle_timer),
            EVENT.handled_by(self.events.handle),
            STOP_OFFERS.handled_by(self.stop_offers),
        )

    async def handle_message(
        self, job: Job, message: Inbound, state: Mapping[str, Json]
    ) -> Outcome:
        """Handle what a person wrote or tapped."""
        turn, met = await self._load(job, state, message)
        if not self.allowlist.admits(turn.user):
            self.metrics.received["not_allowed"].inc()
            logger.info("{} is not on the allowlist", pseudonym(turn.user.key))
            return Outcome()
        began = time.perf_counter()
        routed = await self.handler.process_message(turn)
        decided = Decided(met + routed.decided, routed.turn, routed.stage)
        self._report("message", turn, decided, began)
        is_ignored = policy_for(message) is MessagePolicy.IGNORE
        read = None if is_ignored else message.message_id
        return self.outcome(job.origin, turn, decided.decisions, read=read, told=routed.turn)

    async def handle_timer(self, job: Job, body: TimerJob, state: Mapping[str, Json]) -> Outcome:
        """Handle that a person has not answered for a while."""
        turn, met = await self._load(job, state)
        if turn.user.key != _key_of(job):
            return Outcome({})  # two people turned out to be one, who goes on in another lane
        due = turn.timestamp if body.due is None else body.due
        late = timedelta(seconds=turn.timestamp - due)

        async def decide(turn: ConversationTurn) -> Decisions:
            return await self.handler.process_timer(turn, body.timer, body.turn, late=late)

        return await self.run_turn("timer", job, turn, met, decide)

    async def stop_offers(self, job: Job, body: NoBody, state: Mapping[str, Json]) -> Outcome:
        """Handle that a person told WhatsApp that they want no offers."""
        turn, met = await self._load(job, state)
        return self.outcome(job.origin, turn, met + agree_to_marketing(turn, wanted=False))

    async def apologize(self, job: Job, body: object, state: Mapping[str, Json]) -> Outcome:
        """Say that a message was given up, and go back to the menu."""
        turn, met = await self._load(job, state)
        # The message itself may still be answered, as a dead letter that is retried.
        return self.outcome(f"{job.origin}.sorry", turn, met + self.handler.apologize(turn))

    async def decide(
        self, event: str, job: Job, state: Mapping[str, Json], decide: Decide
    ) -> Outcome:
        """Run a turn of a job that a feature adds to the lane of a conversation."""
        turn, met = await self._load(job, state)
        return await self.run_turn(event, job, turn, met, decide)

    async def run_turn(
        self, event: str, job: Job, turn: ConversationTurn, met: Decisions, decide: Decide
    ) -> Outcome:
        """Run a turn that no message began."""
        began = time.perf_counter()
        decisions = met + await decide(turn)
        self._report(event, turn, Decided(decisions, turn), began)
        return self.outcome(job.origin, turn, decisions)

    def outcome(
        self,
        origin: str,
        turn: ConversationTurn,
        decided: Decisions,
        *,
        read: str | None = None,
        told: ConversationTurn | None = None,
    ) -> Outcome:
        """Return what to commit. `origin` is unique for this turn, and the same if it is repeated.

        `read` is the message to mark as read along with the first reply, `told` the turn with the
        message as it was understood.
        """
        after = turn.after(decided, (told or turn).message)
        drafts = [Draft(one.message.payload(), one.upload) for one in decided.messages]
        if read is not None and not drafts:
            drafts = [Draft(None)]
        observers = self.context.extensions.observers
        jobs, sent = enqueue_messages(
            drafts,
            after.user,
            turn.phone_number_id,
            origin=origin,
            read=read,
            at=turn.now,
            observers=observers,
        )
        writes = [*decided.writes, *self._observed(turn, after), *sent]
        return Outcome(after.state.stored(), [*jobs, *decided.jobs], decided.timers, writes)

    def _observed(self, before: ConversationTurn, after: ConversationTurn) -> list[Write]:
        """What the observers of features write about a turn."""
        writes: list[Write] = []
        extensions = self.context.extensions
        for observer in extensions.observers:
            writes += observer.turn_ended(before, after)
        if before.user.status != after.user.status:
            writes += extensions.status_changed(after.user, before.now, by_bot=True)
        return writes

    async def _load(
        self, job: Job, state: Mapping[str, Json], message: Inbound = NO_MESSAGE
    ) -> tuple[ConversationTurn, Decisions]:
        """Return the turn, and what adds the person if they are not known (any more)."""
        _, phone_number_id, key = job.lane.split(":", 2)
        found = await self.users.find(key)
        user = self.allowlist.with_role(found or _as_user(key, message.sender))
        stored = ConversationState.model_validate(state)
        language = language_of(user, self.context.texts, self.default_language)
        turn = ConversationTurn(
            user, phone_number_id, stored, language, self.clock(), message, began_with=stored
        )
        return turn, NOTHING if found else Decisions(writes=(users.add(user),))

    def _report(self, event: str, before: ConversationTurn, decided: Decided, began: float) -> None:
        """Show development what the turn changed."""
        if not self.state_observers:
            return
        after = before.after(decided.decisions)
        change = StateChange(
            at=before.timestamp,
            event=event,
            message_id=before.message.message_id or None,
            user_id=before.user.user_id,
            wa_id=before.user.wa_id,
            before=before.state.stored(),
            after=after.state.stored(),
            replies=len(decided.decisions.messages),
            name=before.user.first_name,
            text=decided.turn.text or before.message.kind,
            stage=decided.stage,
            took_ms=(time.perf_counter() - began) * 1000,
        )
        for observer in self.state_observers:
            observer(change)


def _key_of(job: Job) -> str:
    return job.lane.split(":", 2)[2]


def _as_user(key: str, sender: Sender) -> User:
    return User(key, sender.user_id, sender.wa_id, sender.profile_name)


def language_of(user: User, texts: Texts, default: str) -> str:
    """Return the language to speak to a person."""
    return language_for(
        chosen=user.language,
        wa_id=user.wa_id,
        user_id=user.user_id,
        default=default,
        available=texts.languages,
    )
