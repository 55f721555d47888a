"""What operators do with a person: close, block, react, start a flow."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from domain.conversation_status import ConversationStatus
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused, Conversation, OperatorMessage
from features.inbox.operators import Operator
from features.inbox.tables import messages
from flow_engine import CallPerson, Flow, StartFlow
from jobs.model import NewJob
from schemas.cloud_api_schema import ReactionMessage
from services.conversations.context import ConversationContext
from services.conversations.job_specs import CONVERSATIONS, TIMER, TimerJob
from services.conversations.schedule import PREFIX, encode
from storage.engine.write import Write
from storage.tables import users

Acted = tuple[Sequence[NewJob], Sequence[Write]]


@dataclass(frozen=True, slots=True)
class PersonActs:
    """Carries out what changes how the bot deals with a person."""

    acts: InboxActs
    context: ConversationContext

    async def block(self, operator: Operator, key: str) -> None:
        """Have nobody answer a person any more, and send them nothing."""

        def act(connection: Connection, it: Conversation) -> Acted:
            return self.acts.let_go(it, ConversationStatus.BLOCKED)

        await self.acts.carry_out(operator, "blocked", key, act)

    async def unblock(self, operator: Operator, key: str) -> None:
        """Have the bot answer a blocked person again. Raise ActRefused."""

        def act(connection: Connection, it: Conversation) -> Acted:
            if it.user.status != ConversationStatus.BLOCKED:
                raise ActRefused("This person is not blocked.")
            return [], [users.change(it.user.key, {"status": ConversationStatus.BOT})]

        await self.acts.carry_out(operator, "unblocked", key, act)

    async def close(self, operator: Operator, key: str) -> None:
        """Note that all is done; the bot answers what comes next."""

        def act(connection: Connection, it: Conversation) -> Acted:
            return self.acts.let_go(it, ConversationStatus.CLOSED)

        await self.acts.carry_out(operator, "closed", key, act)

    async def react(self, operator: Operator, key: str, message_id: str, emoji: str) -> None:
        """Put an emoji on a message of the person, or take it off (""). Raise ActRefused."""
        if any(map(str.isalnum, emoji)):
            raise ActRefused("A reaction is an emoji.")
        reaction = ReactionMessage(message_id=message_id, emoji=emoji)

        def act(connection: Connection, it: Conversation) -> Acted:
            said = [OperatorMessage(reaction, emoji, about=message_id)]
            self.acts.require_reachable(it, said)
            if not messages.is_from(connection, message_id, it.user.key):
                raise ActRefused("This message is not there any more.")
            return self.acts.queue_messages(it, operator, said)

        await self.acts.carry_out(operator, "reacted", key, act)

    async def start_flow(self, operator: Operator, key: str, name: str) -> None:
        """Hand back to the bot, which starts a flow; an open form comes first. Raise ActRefused."""
        if self.context.flows.find_flow(name) is None:
            raise ActRefused(f"There is no flow {name}.")

        def act(connection: Connection, it: Conversation) -> Acted:
            self.acts.require_reachable(it, ())
            jobs, writes = self.acts.let_go(it, ConversationStatus.BOT)
            return [*jobs, _doing(it, StartFlow(name))], writes

        await self.acts.carry_out(operator, "started a flow", key, act)

    async def call(self, operator: Operator, key: str) -> None:
        """Have the bot call a person, or ask first whether it may. Raise ActRefused."""
        if not self.can_call:
            raise ActRefused("Calls are off (CALLS_ENABLED).")

        def act(connection: Connection, it: Conversation) -> Acted:
            self.acts.require_unstopped(it)
            return [_doing(it, CallPerson())], []

        await self.acts.carry_out(operator, "called", key, act)

    @property
    def can_call(self) -> bool:
        """Whether the bot calls people."""
        return self.context.extensions.can_execute(CallPerson())

    def flows(self) -> Sequence[str]:
        """Return the names of the flows that can be started."""
        return sorted(one.name for one in self.context.flows if isinstance(one, Flow))


def _doing(it: Conversation, effect: StartFlow | CallPerson) -> NewJob:
    """Return what does something as if it had been scheduled for now."""
    body = TimerJob(
        timer=f"{PREFIX}inbox",
        turn=0,
        due=it.now.timestamp(),
        later={"do": encode(effect)},
    )
    return TIMER.new(CONVERSATIONS.lane(it.phone_number_id, it.user.key), body)
