"""What calls lead to in the chat: a word about one that was not answered, and chosen steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from domain.inbound import Attachment, Inbound, Sender
from domain.window import is_window_closed
from features.calls import rows
from features.calls.book import OGG_OPUS
from features.calls.call_notes import CALL_ENDED, note_of
from features.calls.job_specs import (
    CHOICE,
    ENDED,
    VOICEMAIL,
    ChoiceJob,
    EndedJob,
    VoicemailJob,
)
from features.calls.messages import VoiceCallMessage
from features.calls.states import End
from flow_engine import OfferCall, TalkToHuman
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob, person_lane
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, all_of, sending, writing
from services.conversations.domain_events import about
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
#: What the chat says about a call, by its end; the other ends need no word.
NOTICES: Mapping[End, str] = {
    End.OFF: "notice_off",
    End.BUSY: "notice_busy",
    End.CLOSED: "notice_closed",
    End.MISSED: "notice_missed",
    End.NO_ANSWER: "notice_tried",
    **dict.fromkeys((End.NO_MEDIA, End.FAILED, End.DRAINED, End.ORPHANED), "notice_broken_off"),
}
#: Ends after which to call again may help.
CALL_AGAIN = NOTICES.keys() - {End.OFF, End.CLOSED}


@dataclass(frozen=True, slots=True)
class CallChat:
    """Decides what the chat says; calls open the window for messages, as messages do."""

    parts: Parts
    #: Whether calls are answered, so that a button to call makes sense.
    takes_calls: bool
    #: Decide what else follows the end of a call.
    followers: list[Callable[[ConversationTurn, EndedJob], Decisions]] = field(default_factory=list)

    @property
    def context(self) -> ConversationContext:
        return self.parts.context

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of conversations, with their handlers."""
        return (
            ENDED.handled_by(self.take_note),
            CHOICE.handled_by(self.choose),
            VOICEMAIL.handled_by(self.pass_on),
        )

    async def take_note(self, job: Job, body: EndedJob, state: LaneState) -> Outcome:
        """Note a call for operators and other systems; say it if it was not answered."""
        body = await self._with_status(body)

        async def decide(turn: ConversationTurn) -> Decisions:
            is_in_window = not body.is_outgoing or body.seconds > 0
            decided = opened_window(turn, body.at) if is_in_window else NOTHING
            decided += self._kept(turn, body)
            decided += all_of(follow(turn, body) for follow in self.followers)
            turn = turn.after(decided)
            is_silent = not is_served(self.parts, turn) or turn.is_bot_paused
            if is_silent or _notice_of(body) is None or is_window_closed(turn.user, turn.now):
                return decided
            told_at, every = TOLD_AT.read(turn.state), NOTICE_EVERY.total_seconds()
            if not has_passed(every, since=told_at, now=turn.timestamp):
                return decided
            told = Decisions(state=TOLD_AT.change(turn.timestamp))
            return decided + told + self._notice(turn, body)

        return await self.parts.conversations.runner.run("call", job, state, decide)

    async def _with_status(self, body: EndedJob) -> EndedJob:
        """Meta may tell that a call was declined after it told the end."""
        if not body.is_outgoing or body.end is not End.NO_ANSWER:
            return body
        row = await self.parts.database.reader.run(lambda c, _: rows.find(c, body.call))
        is_declined = row is not None and row.reason is End.DECLINED
        return body.model_copy(update={"end": End.DECLINED}) if is_declined else body

    async def choose(self, job: Job, body: ChoiceJob, state: LaneState) -> Outcome:
        """Do in the chat what the person chose by a digit."""

        async def decide(turn: ConversationTurn) -> Decisions:
            if not is_served(self.parts, turn):
                return NOTHING
            opened = opened_window(turn, body.at)
            turn = turn.after(opened)
            if body.choice is None:
                asked = Replies(self.context).renderer(turn).line("calls.asked_by_phone")
                human = [TalkToHuman(asked)]
                return opened + await EffectExecutor(self.context).execute(turn, human)
            return opened + await self._tap(turn, body.choice)

        return await self.parts.conversations.runner.run("call", job, state, decide)

    async def pass_on(self, job: Job, body: VoicemailJob, state: LaneState) -> Outcome:
        """Show the message that a caller left, and ask the team for an answer."""
        number = person_lane(job).phone_number_id
        message = Inbound(
            message_id=body.call,
            kind="audio",
            sender=Sender(None, None),
            phone_number_id=number,
            sent_at=datetime.fromtimestamp(body.at, UTC),
            text=body.text or None,
            attachment=Attachment("audio", body.file, OGG_OPUS),
            is_spoken=bool(body.text),
        )

        async def decide(turn: ConversationTurn) -> Decisions:
            if not is_served(self.parts, turn):
                return NOTHING
            opened = opened_window(turn, body.at)
            turn = turn.after(opened)
            if turn.is_bot_paused:
                return opened  # the team has the chat already
            asked = body.text or Replies(self.context).renderer(turn).line("calls.left_message")
            human = [TalkToHuman(asked)]
            return opened + await EffectExecutor(self.context).execute(turn, human)

        runner = self.parts.conversations.runner
        loaded = await runner.load(job, state, message)
        return await runner.run_loaded("voicemail", job, *loaded, decide)

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

    def _kept(self, turn: ConversationTurn, body: EndedJob) -> Decisions:
        """What operators read in the conversation, and what other systems are told."""
        extensions, user = self.context.extensions, turn.user
        text, note_id = note_of(self.context, turn, body), f"call:{body.call}"
        writes = [
            write
            for one in extensions.observers
            for write in one.noted(note_id, user, text, turn.now)
        ]
        data = {
            "call": body.call,
            "end": body.end.value,
            "seconds": body.seconds,
            "chosen": list(body.chosen),
            "phone_number_id": turn.phone_number_id,
            "is_outgoing": body.is_outgoing,
        }
        event = about(user, CALL_ENDED, note_id, turn.now, data)
        return writing(*writes) + extensions.happened(event)

    async def offer_call(self, turn: ConversationTurn, effect: OfferCall) -> Decisions:
        """Send a text with a button that calls the number."""
        renderer = Replies(self.context).renderer(turn)
        if not self.takes_calls:
            return sending(renderer.text(effect.key, effect.params))
        body = renderer.line(effect.key, effect.params)
        label, payload = renderer.line("calls.call_us"), effect.payload
        return sending([VoiceCallMessage(body=body, label=label, call_payload=payload)])

    def _notice(self, turn: ConversationTurn, ended: EndedJob) -> Decisions:
        replies, end = Replies(self.context), ended.end
        if not self.takes_calls or end not in CALL_AGAIN:
            shown = NOTICES[end] if self.takes_calls else NOTICES[End.OFF]
            return replies.say_then_back(turn, f"calls.{shown}")
        renderer = replies.renderer(turn)
        label = renderer.line("calls.call_us" if ended.is_outgoing else "calls.call_again")
        body = renderer.line(f"calls.{_notice_of(ended)}")
        return sending([VoiceCallMessage(body=body, label=label)])


def _notice_of(ended: EndedJob) -> str | None:
    """Return the key of what the chat says about a call; None for nothing."""
    if ended.is_outgoing and not ended.seconds:
        return NOTICES[ended.end] if ended.end is End.NO_ANSWER else None
    return NOTICES.get(ended.end)


def is_served(parts: Parts, turn: ConversationTurn) -> bool:
    """Return whether the bot speaks to a person: allowlist, blocked people, opt-out."""
    is_silent = turn.is_blocked or turn.is_opted_out
    return parts.allowlist.admits(turn.user) and not is_silent


def opened_window(turn: ConversationTurn, at: float) -> Decisions:
    """A call of a person opens the window, answered or not."""
    called, wrote = datetime.fromtimestamp(at, UTC), turn.user.last_inbound_at
    is_later = wrote is None or wrote < called
    return change_user(turn, {"last_inbound_at": called}) if is_later else NOTHING
