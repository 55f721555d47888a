"""Runs one turn of a conversation: load what is known, decide, and hand it all to one commit."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.allowlist import Allowlist
from domain.inbound import Inbound
from domain.state_change import StateChange, StateObserver
from domain.user import User
from jobs.model import Job, LaneState, Outcome, UnreadableState
from jobs.spec import person_lane
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.state import ConversationState
from services.conversations.turn import NO_MESSAGE, ConversationTurn
from services.conversations.turn_outcome import outcome_of
from storage.tables import users

#: Decides what a job of a conversation leads to.
Decide = Callable[[ConversationTurn], Awaitable[Decisions]]


@dataclass(frozen=True, kw_only=True)
class TurnRunner:
    """Turns jobs of the lane of a conversation into outcomes."""

    context: ConversationContext
    users: users.Users
    allowlist: Allowlist
    #: Returns the language to speak to a person.
    language_of: Callable[[User], str]
    clock: Callable[[], datetime]
    #: Told of each turn, in development.
    observers: Sequence[StateObserver]

    async def load(
        self, job: Job, state: LaneState, message: Inbound = NO_MESSAGE
    ) -> tuple[ConversationTurn, Decisions]:
        """Return the turn, and what adds the person if they are not known (any more).

        Raise UnreadableState.
        """
        phone_number_id, key = person_lane(job)
        found = await self.users.find(key)
        sender = message.sender
        stranger = User(key, sender.user_id, sender.wa_id, sender.profile_name)
        user = self.allowlist.with_role(found or stranger)
        stored = ConversationState.read(state)
        if parts := stored.unreadable_parts(state):
            raise UnreadableState(parts)
        language, now = self.language_of(user), self.clock()
        turn = ConversationTurn(
            user, phone_number_id, stored, language, now, message, began_with=stored
        )
        return turn, NOTHING if found else Decisions(writes=(users.add(user),))

    async def run(self, event: str, job: Job, state: LaneState, decide: Decide) -> Outcome:
        """Run a turn that no message began: of a job that a feature adds, say."""
        return await self.run_loaded(event, job, *await self.load(job, state), decide)

    async def run_loaded(
        self, event: str, job: Job, turn: ConversationTurn, added: Decisions, decide: Decide
    ) -> Outcome:
        """Run a turn that is loaded already."""
        began = time.perf_counter()
        decided = added + await decide(turn)
        self.report(event, turn, decided, began=began)
        return self.outcome(turn, decided)

    def report(
        self,
        event: str,
        before: ConversationTurn,
        decided: Decisions,
        *,
        began: float,
        stage: str = "",
        understood: Inbound | None = None,
    ) -> None:
        """Tell the observers what a turn changed; `began` is a time of `perf_counter`."""
        if not self.observers:
            return
        message = understood or before.message
        change = StateChange(
            at=before.timestamp,
            event=event,
            message_id=message.message_id or None,
            user_id=before.user.user_id,
            wa_id=before.user.wa_id,
            before=before.state.stored(),
            after=before.after(decided).state.stored(),
            replies=len(decided.messages),
            name=before.user.first_name,
            text=message.text or message.kind,
            stage=stage,
            took_ms=(time.perf_counter() - began) * 1000,
        )
        for observer in self.observers:
            observer(change)

    def outcome(
        self,
        turn: ConversationTurn,
        decided: Decisions,
        *,
        read: str | None = None,
        understood: Inbound | None = None,
    ) -> Outcome:
        """Return what to commit; see `outcome_of`."""
        return outcome_of(self.context, turn, decided, read=read, understood=understood)
