"""What operators do in a conversation: reply, take over, hand back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from domain.conversation_status import HUMAN_STATUSES, ConversationStatus
from domain.json import JsonObject
from domain.user import User
from domain.window import is_window_closed
from features.inbox import operators
from features.inbox.conversation import (
    Act,
    ActRefused,
    Conversation,
    OperatorMessage,
    find_conversation,
    listed,
    require_unanswered,
    require_words,
    signed,
)
from features.inbox.operators import Operator
from features.inbox.tables import cases, threads
from jobs.job_queue import Decision, JobQueue
from jobs.model import NewJob, Priority
from schemas.cloud_api_schema import TemplateMessage
from schemas.outgoing_text import words_of
from services.conversations.decisions import Decisions, writing
from services.conversations.extensions import Extensions
from services.conversations.message_renderer import free_text
from services.sending.outbox import Draft, enqueue_messages
from services.sending.permission import WINDOW_CLOSED
from storage.engine.group_commit import GroupCommit
from storage.engine.write import Write
from storage.tables import users


@dataclass(frozen=True, slots=True)
class InboxActs:
    """Carries out what operators do; each act is one commit."""

    database: GroupCommit
    queue: JobQueue
    extensions: Extensions
    #: The bot answers again so long after the last act of an operator.
    idle: timedelta
    #: Whether a template is sent in place of what the window does not let through.
    has_template: bool

    async def reply(
        self,
        operator: Operator,
        key: str,
        text: str,
        quotes: str | None = None,
        seen: datetime | None = None,
        *,
        hands_back: bool = False,
    ) -> None:
        """Send a text; who replies answers from now on, or hands back with it. Raise ActRefused.

        `seen` is the time of the latest message that the operator saw: a colleague's answer that
        came later is told first.
        """
        require_words(text)
        first, *others = free_text(text)
        parts = [first.model_copy(update={"quoting": quotes}), *others]
        said = [OperatorMessage(one, words_of(one.payload())) for one in parts]
        await self.send(operator, key, said, seen=seen, hands_back=hands_back)

    async def send(
        self,
        operator: Operator,
        key: str,
        said: Sequence[OperatorMessage],
        *,
        objection: Callable[[User], str | None] = lambda _: None,
        act: str = "replied",
        seen: datetime | None = None,
        hands_back: bool = False,
    ) -> None:
        """Send messages; the operator answers from now on, or the bot.

        `objection` returns why they may not be sent to a person. Raise ActRefused.
        """

        def decide(connection: Connection, it: Conversation) -> tuple[list[NewJob], list[Write]]:
            self.require_reachable(it, said)
            if seen is not None:
                require_unanswered(connection, it, operator.name, seen)
            if (reason := objection(it.user)) is not None:
                raise ActRefused(reason)
            jobs, writes = self.queue_messages(it, operator, said)
            writes.append(cases.answer(it.user.key, operator.name, it.now))
            if hands_back:
                more, changed = self.let_go(it, ConversationStatus.BOT)
                return [*jobs, *more], [*writes, *changed]
            taken = self.hold(it, operator)
            assigned = threads.change(it.user.key, assigned_to=operator.name)
            kept = [*taken.writes, *writes, threads.settle(it.user.key), assigned]
            return [*taken.jobs, *jobs], kept

        await self.carry_out(operator, act, key, decide)

    async def take(self, operator: Operator, key: str) -> None:
        """Have the bot fall silent, and take care of this person."""

        def act(connection: Connection, it: Conversation) -> tuple[list[NewJob], list[Write]]:
            assigned = threads.change(it.user.key, assigned_to=operator.name)
            taken = self.hold(it, operator)
            return [*taken.jobs], [*taken.writes, assigned]

        await self.carry_out(operator, "took over", key, act)

    async def hand_back(self, operator: Operator, key: str) -> None:
        """Let the bot answer again."""

        def act(connection: Connection, it: Conversation) -> tuple[list[NewJob], list[Write]]:
            return self.let_go(it, ConversationStatus.BOT)

        await self.carry_out(operator, "handed back", key, act)

    async def look(self, key: str, said: Sequence[OperatorMessage] = ()) -> Conversation:
        """Return a conversation in which somebody may be written to now. Raise ActRefused."""
        found = await self.find(key)
        self.require_reachable(found, said)
        return found

    async def find(self, key: str) -> Conversation:
        """Return a conversation. Raise ActRefused."""

        def read(connection: Connection, now: float) -> Conversation:
            return find_conversation(connection, key, datetime.fromtimestamp(now, UTC))

        return await self.database.reader.run(read)

    async def carry_out(self, operator: Operator, name: str, key: str, act: Act) -> None:
        """Carry out an act once, and keep who did it. Raise ActRefused."""

        def decide(connection: Connection, now: float) -> Decision[ActRefused | None]:
            if operators.has_done(connection, operator):
                return Decision(None)  # the page did not hear of it, and tries again
            try:
                it = find_conversation(connection, key, datetime.fromtimestamp(now, UTC))
                jobs, writes = act(connection, it)
            except ActRefused as refused:
                return Decision(refused)
            operators.note(connection, operator, name, it.user.key, it.now)
            return Decision(None, jobs, writes)

        if (refused := await self.queue.decide(decide)) is not None:
            raise refused

    def require_reachable(self, it: Conversation, said: Sequence[OperatorMessage]) -> None:
        """Raise ActRefused if the person may not get these messages now."""
        self.require_unstopped(it)
        are_templates = all(isinstance(one.message, TemplateMessage) for one in said)
        if is_window_closed(it.user, it.now) and not (are_templates or self.has_template):
            raise ActRefused(f"Not sent: {WINDOW_CLOSED}.")

    def require_unstopped(self, it: Conversation) -> None:
        """Raise ActRefused if the person is to get no messages at all."""
        if it.user.opted_out_at is not None:
            raise ActRefused("This person wants no more messages (STOP).")
        _require_unblocked(it)

    def queue_messages(
        self, it: Conversation, operator: Operator, said: Sequence[OperatorMessage]
    ) -> tuple[list[NewJob], list[Write]]:
        """Return what sends messages, in the name of an operator."""
        jobs, sent = enqueue_messages(
            [Draft(one.message.payload()) for one in said],
            it.user,
            it.phone_number_id,
            at=it.now,
            observers=self.extensions.observers,
            priority=Priority.HIGH,
            read=it.user.last_inbound_id,
            is_by_operator=True,
        )
        rows = [
            signed(job, it, one, operator.name, number)
            for number, (job, one) in enumerate(zip(jobs, said, strict=True), 1)
        ]
        return jobs, [*rows, *sent, *listed(it, said)]

    def hold(self, it: Conversation, operator: Operator) -> Decisions:
        """Return what makes an operator the one who speaks, for a while."""
        goes_on = it.user.status in HUMAN_STATUSES and it.user.held_since is not None
        return self.change_holder(
            it,
            {
                "status": ConversationStatus.HUMAN,
                "bot_paused_until": it.now + self.idle,
                "held_since": it.user.held_since if goes_on else it.now,
                "held_by": operator.name,
            },
        )

    def let_go(
        self, it: Conversation, status: ConversationStatus
    ) -> tuple[list[NewJob], list[Write]]:
        """Return what ends the work of operators in a conversation."""
        changed = self.change_holder(it, {"status": status, **_LET_GO})
        writes = [*changed.writes, *self.extensions.handed_back(it.user)]
        done = [threads.settle(it.user.key), threads.change(it.user.key, assigned_to=None)]
        return [*changed.jobs], [*writes, *done, cases.close(it.user.key, it.now)]

    def change_holder(self, it: Conversation, values: JsonObject) -> Decisions:
        """Decide what changes who holds a conversation, and tells all who keep rows about it."""
        _require_unblocked(it)
        changed = replace(it.user, **values)
        decided = writing(users.change(it.user.key, values))
        if (was := it.user.status) != changed.status:
            decided += self.extensions.status_changed(changed, was, it.now, by_bot=True)
        return decided


def _require_unblocked(it: Conversation) -> None:
    """A page that is not up to date unblocks nobody."""
    if it.user.status == ConversationStatus.BLOCKED:
        raise ActRefused("This person is blocked.")


_LET_GO: JsonObject = {"bot_paused_until": None, "held_since": None, "held_by": None}
