"""Messages that operators write now and the bot sends later."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from domain.json import JsonObject
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused, Conversation, OperatorMessage, require_words
from features.inbox.operators import Operator, Role
from features.inbox.tables import messages, scheduled, threads
from features.inbox.tables.messages import NOTE
from features.inbox.tables.scheduled import MAX_SCHEDULED, ScheduledMessage
from jobs.model import NewJob
from schemas.outgoing_text import words_of
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.job_specs import CONVERSATIONS, TIMER, TimerJob
from services.conversations.message_renderer import free_text
from services.conversations.turn import ConversationTurn
from storage.engine.write import Write

#: The timer of a conversation that looks for messages that are due.
LATER = "inbox"
#: Longest time until a message is sent.
MAX_AHEAD = timedelta(days=90)
#: Messages that wait go with a person who turns out to be another one, as `later` says.
_LOOK = TimerJob(timer=LATER, turn=0, later={})


@dataclass(frozen=True, slots=True)
class LaterMessages:
    """Keeps messages, and sends those that are due; they are rows, so restarts do not matter."""

    acts: InboxActs

    async def put(self, operator: Operator, key: str, text: str, at: datetime) -> None:
        """Keep a text to send at a time. Raise ActRefused."""
        require_words(text)

        def act(connection: Connection, it: Conversation) -> tuple[list[NewJob], list[Write]]:
            if not it.now < at <= it.now + MAX_AHEAD:
                raise ActRefused(f"Choose a time in the next {MAX_AHEAD.days} days.")
            self.acts.require_unstopped(it)
            if len(scheduled.of(connection, it.user.key)) >= MAX_SCHEDULED:
                raise ActRefused(f"{MAX_SCHEDULED} messages wait already: remove one first.")
            new = ScheduledMessage(secrets.token_hex(8), it.user.key, at, text, operator.name)
            scheduled.put(connection, new)
            lane = CONVERSATIONS.lane(it.phone_number_id, it.user.key)
            return [TIMER.new(lane, _LOOK)], [threads.change(it.user.key)]

        await self.acts.carry_out(operator, "scheduled a message", key, act)

    async def remove(self, operator: Operator, key: str, message_id: str) -> None:
        """Send a message not at all."""

        def act(connection: Connection, it: Conversation) -> tuple[list[NewJob], list[Write]]:
            ids = [one.id for one in scheduled.of(connection, it.user.key) if one.id == message_id]
            return [], [scheduled.remove(ids), threads.change(it.user.key)]

        await self.acts.carry_out(operator, "removed a scheduled message", key, act)

    async def send_due(self, turn: ConversationTurn) -> Decisions:
        """Decide to send what is due, and when to look again."""
        waiting = await self.acts.database.reader.run(lambda c, _: scheduled.of(c, turn.user.key))
        it = Conversation(turn.user, turn.phone_number_id, turn.now)
        due = [one for one in waiting if one.at <= turn.now]
        jobs: list[NewJob] = []
        writes = [scheduled.remove([one.id for one in due])] if due else []
        for one in due:
            more, kept = self._send(it, one)
            jobs += more
            writes += kept
        decided = Decisions(jobs=tuple(jobs), writes=tuple(writes)) if due else NOTHING
        later = [one.at for one in waiting if one.at > turn.now]
        if not later:
            return decided
        return decided + Decisions(timers={LATER: TIMER.timer(min(later) - turn.now, _LOOK)})

    def _send(
        self, it: Conversation, one: ScheduledMessage
    ) -> tuple[Sequence[NewJob], Sequence[Write]]:
        said = [OperatorMessage(part, words_of(part.payload())) for part in free_text(one.text)]
        try:
            self.acts.require_reachable(it, said)
        except ActRefused as refused:
            return [], _refused(it, one, str(refused))
        return self.acts.queue_messages(it, Operator("", one.author, Role.AGENT), said)


def shown(waiting: Sequence[ScheduledMessage]) -> Sequence[JsonObject]:
    """Return messages that wait, for the page."""
    return [
        {"id": one.id, "at": one.at.isoformat(), "text": one.text, "author": one.author}
        for one in waiting
    ]


def _refused(it: Conversation, one: ScheduledMessage, reason: str) -> Sequence[Write]:
    """Tell operators in the conversation that a message was not sent."""
    why = reason.removeprefix("Not sent: ")
    note = messages.add(
        f"note:{one.id}",
        user_key=it.user.key,
        direction=NOTE,
        kind="note",
        text=f"A message for this moment was not sent: {why[0].lower()}{why[1:]}\n\n{one.text}",
        at=it.now,
        author=one.author,
    )
    return [note, threads.change(it.user.key)]
