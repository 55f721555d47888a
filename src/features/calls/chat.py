"""What calls lead to in the chat: a word about one that was not answered, and chosen steps."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from domain.inbound import Inbound, Sender
from features.calls.job_specs import CHOICE, NOTICE, ChoiceJob, NoticeJob, NoticeKind
from features.calls.messages import VoiceCallMessage
from flow_engine import TalkToHuman
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, sending
from services.conversations.effect_executor import EffectExecutor
from services.conversations.profile import change_user
from services.conversations.replies import Replies
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from services.feature import Parts
from utils.elapsed import has_passed

#: A person is told of calls that were not answered once within this time.
NOTICE_EVERY = timedelta(hours=1)
#: When the person was told last, in seconds since 1970.
TOLD_AT = StateSlot("call_told_at", TypeAdapter(float), 0.0)
#: Kinds after which to call again may help.
CALL_AGAIN = frozenset({NoticeKind.BUSY, NoticeKind.MISSED, NoticeKind.BROKEN_OFF})


@dataclass(frozen=True, slots=True)
class CallChat:
    """Decides what the chat says; calls open the window for messages, as messages do."""

    parts: Parts
    #: Whether calls are answered, so that a button to call makes sense.
    takes_calls: bool

    @property
    def context(self) -> ConversationContext:
        return self.parts.context

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of conversations, with their handlers."""
        return (NOTICE.handled_by(self.tell), CHOICE.handled_by(self.choose))

    async def tell(self, job: Job, body: NoticeJob, state: LaneState) -> Outcome:
        """Tell the person what became of their call, with a button that leads on."""

        async def decide(turn: ConversationTurn) -> Decisions:
            if not self._is_served(turn):
                return NOTHING
            opened = _opened_window(turn, body.at)
            turn = turn.after(opened)
            told_at, every = TOLD_AT.read(turn.state), NOTICE_EVERY.total_seconds()
            if turn.is_bot_paused or not has_passed(every, since=told_at, now=turn.timestamp):
                return opened
            told = Decisions(state=TOLD_AT.change(turn.timestamp))
            return opened + told + self._notice(turn, body.kind)

        return await self.parts.conversations.runner.run("call", job, state, decide)

    async def choose(self, job: Job, body: ChoiceJob, state: LaneState) -> Outcome:
        """Do in the chat what the person chose by a digit."""

        async def decide(turn: ConversationTurn) -> Decisions:
            if not self._is_served(turn):
                return NOTHING
            opened = _opened_window(turn, body.at)
            turn = turn.after(opened)
            if body.choice is None:
                asked = Replies(self.context).renderer(turn).line("calls.asked_by_phone")
                human = [TalkToHuman(asked)]
                return opened + await EffectExecutor(self.context).execute(turn, human)
            return opened + await self._tap(turn, body.choice)

        return await self.parts.conversations.runner.run("call", job, state, decide)

    async def _tap(self, turn: ConversationTurn, choice: str) -> Decisions:
        tapped = Inbound(
            message_id="",
            kind="interactive",
            sender=Sender(turn.user.user_id, turn.user.wa_id),
            phone_number_id=turn.phone_number_id,
            sent_at=turn.now,
            choice=choice,
        )
        handler = self.parts.conversations.handler
        routed = await handler.process_message(replace(turn, message=tapped))
        return routed.decided

    def _notice(self, turn: ConversationTurn, kind: NoticeKind) -> Decisions:
        replies = Replies(self.context)
        if not self.takes_calls or kind not in CALL_AGAIN:
            shown = kind if self.takes_calls else NoticeKind.OFF
            return replies.say_then_back(turn, f"calls.notice_{shown.value}")
        renderer = replies.renderer(turn)
        label = renderer.line("calls.call_again")
        return sending(
            [VoiceCallMessage(body=renderer.line(f"calls.notice_{kind.value}"), label=label)]
        )

    def _is_served(self, turn: ConversationTurn) -> bool:
        is_silent = turn.is_blocked or turn.is_opted_out
        return self.parts.allowlist.admits(turn.user) and not is_silent


def _opened_window(turn: ConversationTurn, at: float) -> Decisions:
    """A call of a person opens the window, answered or not."""
    called, wrote = datetime.fromtimestamp(at, UTC), turn.user.last_inbound_at
    is_later = wrote is None or wrote < called
    return change_user(turn, {"last_inbound_at": called}) if is_later else NOTHING
