"""Calls to people: they are asked for their permission, called, and hear what it is about."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from secrets import token_hex

from features.calls.feature import Calls
from features.calls.job_specs import VOICE_CALLS, EndedJob
from features.calls.states import End
from features.outgoing_calls import tables
from features.outgoing_calls.caller import Caller
from features.outgoing_calls.job_specs import (
    CALL,
    PERMISSION,
    REPEAT,
    CallJob,
    PermissionJob,
)
from features.outgoing_calls.permission import Status, read_until
from features.outgoing_calls.settings import OutgoingCallSettings
from flow_engine import CallPerson
from jobs.spec import EmptyBody, HandledJob
from services.conversations.decisions import NOTHING, Decisions, enqueueing
from services.conversations.extensions import EffectHandler, TimerHandler
from services.conversations.job_specs import TIMER, TimerJob
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from texts.required import RequiredTexts

#: Timer of a conversation: the person did not answer, and is called once more.
CALL_AGAIN = "call_again"
#: Time until then.
REPEAT_AFTER = timedelta(minutes=15)


class OutgoingCalls(Feature):
    """Calls people who have allowed it, and asks those who have not."""

    name = "outgoing_calls"
    summary = "calls to people, with their permission"
    page = "docs/calls.md"
    needs = ("calls",)
    required_texts = RequiredTexts(
        keys={
            "outgoing_calls.may_we_call": ("first_name",),
            "outgoing_calls.note_not_called": ("first_name", "reason"),
            "outgoing_calls.kept_until": ("date",),
            "outgoing_calls.kept_always": (),
        }
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._calls = parts.feature(Calls)
        settings: OutgoingCallSettings = parts.settings_of(OutgoingCallSettings)
        self._caller = Caller(parts, self._calls.desk, settings.template)
        self._calls.follow_ends(self._repeat_later)

    def jobs(self) -> Iterable[HandledJob]:
        return self._caller.handled()

    def effects(self) -> Mapping[type, EffectHandler]:
        return {CallPerson: self._call} if self._calls.takes_calls else {}

    def stages(self) -> Iterable[Stage]:
        return (Stage("call_permission_reply", self._permission_reply, before=("ignored_type",)),)

    def timers(self) -> Mapping[str, TimerHandler]:
        return {CALL_AGAIN: self._call_again}

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        number, key = turn.phone_number_id, turn.user.key
        known = await self.parts.database.reader.run(
            lambda connection, _: tables.permission_of(connection, number, key)
        )
        if not known.allows_call(turn.now):
            return ()
        say = self.parts.context.texts.say
        if known.status is Status.PERMANENT or known.expires_at is None:
            return (say(turn.language, "outgoing_calls.kept_always"),)
        until = known.expires_at.astimezone(self.parts.zone)
        return (say(turn.language, "outgoing_calls.kept_until", {"date": until.date()}),)

    async def _call(self, turn: ConversationTurn, effect: CallPerson) -> Decisions:
        """Have the person called; whether they may be is found out beside the conversation."""
        wish = CallJob(wish=token_hex(8), key=effect.key, params=dict(effect.params))
        return enqueueing([CALL.new(_lane(turn), wish, key=f"call_wish:{wish.wish}")])

    async def _permission_reply(self, turn: ConversationTurn) -> StageResult:
        """What the person allows is noted, whoever holds the conversation."""
        content = turn.message.content
        reply = content.get("call_permission_reply") if isinstance(content, dict) else None
        if not isinstance(reply, dict) or reply.get("response") not in ("accept", "reject"):
            return None
        until = read_until(reply.get("expiration_timestamp"))
        body = PermissionJob(
            response=reply["response"],
            is_permanent=reply.get("is_permanent") is True,
            until=None if until is None else until.timestamp(),
            is_automatic=reply.get("response_source") == "automatic",
        )
        key = f"call_permission:{turn.message.message_id}"
        return PassOn(enqueueing([PERMISSION.new(_lane(turn), body, key=key)]))

    def _repeat_later(self, turn: ConversationTurn, ended: EndedJob) -> Decisions:
        """Call once more who did not answer; who declined has answered."""
        if not ended.is_outgoing or ended.end is not End.NO_ANSWER:
            return NOTHING
        timer = TIMER.timer(REPEAT_AFTER, TimerJob(timer=CALL_AGAIN, turn=0))
        return Decisions(timers={CALL_AGAIN: timer})

    async def _call_again(self, turn: ConversationTurn) -> Decisions:
        return enqueueing([REPEAT.new(_lane(turn), EmptyBody())])


def _lane(turn: ConversationTurn) -> str:
    return VOICE_CALLS.lane(turn.phone_number_id, turn.user.key)


FEATURE = OutgoingCalls
