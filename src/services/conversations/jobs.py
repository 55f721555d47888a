"""Handles the jobs of a conversation: load, decide, and hand everything to one commit."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from loguru import logger

from domain.allowlist import Allowlist
from domain.inbound import Sender
from domain.lane_names import lane_name, parts_of
from domain.state_change import StateChange, StateObserver
from domain.user import User
from features.airtable.tables import contacts as desk
from features.assistant.chat_state import AnswerJob
from jobs.model import Job, Json, NewJob, Outcome
from schemas.reading import read_inbound
from services.conversations.context import ConversationContext
from services.conversations.marketing_preferences import opted_out_senders
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.turn import Conversation, ConversationState
from services.message_handler import MessageHandler
from storage.people.identities import Identities
from storage.tables.users import Users
from texts.catalogue import Texts
from texts.language import language_for
from utils.logger import pseudonym
from utils.metrics import Metrics


class ConversationRunner:
    """The shell around `MessageHandler`: one turn of one conversation per job."""

    def __init__(
        self,
        script: ConversationContext,
        *,
        users: Users,
        identities: Identities,
        directory: Allowlist,
        default_language: str,
        clock: Callable[[], datetime],
        metrics: Metrics,
        watcher: StateObserver | None = None,
        has_desk: bool = False,
        shows_messages: bool = False,
    ) -> None:
        self._script = script
        self._users = users
        self._identities = identities
        self._directory = directory
        self._default_language = default_language
        self._clock = clock
        self._metrics = metrics
        self._watcher = watcher
        #: whether operators follow what people write
        self._has_desk = has_desk
        #: and all of it, with what is answered
        self._shows_messages = shows_messages

    async def handle_message(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """A person wrote, or tapped something."""
        message = read_inbound(job.body)
        conversation = await self._conversation(job, state, message.sender)
        if not self._directory.admits(conversation.user):
            self._metrics.received["not_allowed"].inc()
            logger.info("{} is not on the allowlist", pseudonym(conversation.user.key))
            return Outcome()
        await MessageHandler(conversation, self._script).process_message(message)
        self._tell("message", conversation, state, message.message_id)
        is_ignored = policy_for(message) is MessagePolicy.IGNORE
        if self._has_desk and not is_ignored:
            conversation.show_on_desk(message.text or f"[{message.kind}]")
        if self._shows_messages:
            conversation.show_message(message.message_id, message.kind, message.text)
        read = None if is_ignored else message.message_id
        return conversation.outcome(job.origin, read=read, shown=self._shows_messages)

    async def handle_timer(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """A person has not answered for a while."""
        conversation = await self._conversation(job, state)
        if conversation.user.key != parts_of(job.lane)[2]:
            return Outcome({})  # they turned out to be somebody whose talk goes on in another lane
        handler = MessageHandler(conversation, self._script)
        now = conversation.now.timestamp()
        late = timedelta(seconds=now - job.body.get("due", now))
        await handler.process_timer(job.body["timer"], job.body["turn"], late=late)
        self._tell("timer", conversation, state)
        return conversation.outcome(job.origin, shown=self._shows_messages)

    async def handle_answer(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """The assistant has answered."""
        conversation = await self._conversation(job, state)
        answer = AnswerJob.model_validate(job.body["answer"])
        handler = MessageHandler(conversation, self._script)
        await handler.take_answer(answer, job.body["message_id"])
        self._tell("answer", conversation, state)
        return conversation.outcome(job.origin, shown=self._shows_messages)

    async def apologise(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """A message was given up: say so, and go back to the menu."""
        conversation = await self._conversation(job, state)
        MessageHandler(conversation, self._script).apologise()
        # The message itself may still be answered, as a dead letter that is put back.
        return conversation.outcome(f"{job.origin}.sorry", shown=self._shows_messages)

    async def keep(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """What is not written by people: it stays stored and counted.

        Only who chose in WhatsApp to get no more offers is told to their conversation.
        """
        phone_number_id = job.lane.partition(":")[2]
        people = await self._identities.resolve(list(opted_out_senders(job.body)))
        lanes = [lane_name("in", phone_number_id, key) for key in people]
        return Outcome(jobs=[NewJob(lane, "no_offers", {}, f"{lane}:{job.key}") for lane in lanes])

    async def stop_offers(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """A person has told WhatsApp that they want none."""
        conversation = await self._conversation(job, state)
        conversation.agree_to_marketing(wanted=False)
        if self._has_desk:
            conversation.add_writes([desk.change(conversation.user.key, {})])
        return conversation.outcome(job.origin)

    async def _conversation(
        self, job: Job, state: Mapping[str, Json], sender: Sender | None = None
    ) -> Conversation:
        _, phone_number_id, key = parts_of(job.lane)
        found = await self._users.find(key)
        user = self._directory.with_role(found or _as_user(key, sender))
        language = language_of(user, self._script.texts, self._default_language)
        stored = ConversationState.model_validate(state)
        conversation = Conversation(user, phone_number_id, stored, language, self._clock())
        if found is None:  # they were erased, and are back
            conversation.meet()
        return conversation

    def _tell(
        self,
        event: str,
        conversation: Conversation,
        before: Mapping[str, Json],
        message_id: str | None = None,
    ) -> None:
        if self._watcher is None:
            return
        step = StateChange(
            at=conversation.now.timestamp(),
            event=event,
            message_id=message_id,
            user_id=conversation.user.user_id,
            wa_id=conversation.user.wa_id,
            before=before,
            after=conversation.state.model_dump(mode="json", exclude_defaults=True),
            replies=conversation.count,
        )
        self._watcher(step)


def _as_user(key: str, sender: Sender | None) -> User:
    if sender is None:
        return User(key)
    return User(key, sender.user_id, sender.wa_id, sender.profile_name)


def language_of(user: User, texts: Texts, default: str) -> str:
    """Which language to speak to a person."""
    return language_for(
        chosen=user.language,
        wa_id=user.wa_id,
        user_id=user.user_id,
        default=default,
        available=texts.languages,
    )
