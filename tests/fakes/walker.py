"""One person who walks through conversations at random: what the bot decides, unsent."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.conversation_status import ConversationStatus
from domain.inbound import Attachment, Inbound, Sender
from domain.user import User
from jobs.model import NewTimer
from schemas.cloud_api_schema import OutgoingMessage
from schemas.interactive_schema import ButtonsMessage, ListMessage
from services.conversations.bursts import BURST, PAUSE
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.first_contact import introduce
from services.conversations.job_specs import TimerJob
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn
from services.message_handler import MessageHandler
from texts.language import language_of

BEGAN = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
#: Who may hold a conversation besides the bot, and for how long; None: until it is given back.
HOLDERS = (
    (ConversationStatus.HUMAN, timedelta(hours=8)),
    (ConversationStatus.PHONE, timedelta(hours=8)),
    (ConversationStatus.META_AGENT, None),
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one act led to."""

    act: str
    stage: str
    said: tuple[OutgoingMessage, ...]
    #: Whether the bot might speak when it happened.
    was_free: bool


@dataclass
class Walker:
    """A person, and what the bot knows of them."""

    context: ConversationContext
    number: str
    rng: random.Random
    #: What the person may type.
    words: list[str]
    user: User = field(init=False)
    state: ConversationState = field(default_factory=ConversationState)
    now: datetime = BEGAN
    timers: dict[str, tuple[datetime, Any]] = field(default_factory=dict)
    #: Ids of choices that are in the chat, the newest last.
    choices: list[str] = field(default_factory=list)
    #: Messages of the person that can be edited, the newest last.
    written: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.user = User(f"k{self.number}", f"X.{self.number}", self.number, "Somebody")
        self._handler = MessageHandler(self.context)
        self._count = 0

    def copy(self) -> "Walker":
        """Return another person who stands where this one does, and is answered at once."""
        context = replace(self.context, burst_pause=timedelta(0))
        other = Walker(context, self.number, random.Random(0), self.words)
        other.user, other.state, other.now = self.user, self.state, self.now
        other.timers, other.choices = dict(self.timers), list(self.choices)
        return other

    async def act(self) -> Heard:
        """Do something at random."""
        acts = [self._type] * 10 + [self._tap] * 6 + [self._pass_time] * 3
        acts += [self._edit, self._send_photo, self._change_holder, self._take_back]
        return await self.rng.choice(acts)()

    async def say(self, text: str) -> Heard:
        return await self._send(text, Inbound("", "text", text=text, **self._sender()))

    async def _type(self) -> Heard:
        return await self.say(self.rng.choice(self.words))

    async def _tap(self) -> Heard:
        if not self.choices:
            return await self._type()
        # Mostly on what was shown last, at times on something old.
        choice = self.rng.choice(self.choices[-4:] if self.rng.random() < 0.8 else self.choices)
        return await self._send(
            f"[{choice}]", Inbound("", "interactive", choice=choice, text="…", **self._sender())
        )

    async def _edit(self) -> Heard:
        if not self.written:
            return await self._type()
        text, message_id = self.rng.choice(self.words), self.rng.choice(self.written[-3:])
        edited = Inbound("", "edit", text=text, edits=message_id, **self._sender())
        return await self._send(f"(edit) {text}", edited)

    async def _send_photo(self) -> Heard:
        photo = Attachment("image", "1", "image/jpeg")
        return await self._send("(photo)", Inbound("", "image", attachment=photo, **self._sender()))

    async def _change_holder(self) -> Heard:
        status, idle = self.rng.choice(HOLDERS)
        until = None if idle is None else self.now + idle
        held = {"status": status.value, "bot_paused_until": until, "held_since": self.now}
        self.user = self.user.with_changes(held)
        return self._note(f"({status.value} takes over)", "", ())

    async def _take_back(self) -> Heard:
        freed = dict.fromkeys(("status", "bot_paused_until", "held_since", "held_by"))
        self.user = self.user.with_changes(freed)
        return self._note("(the bot gets it back)", "", ())

    async def _pass_time(self) -> Heard:
        """Let time pass until the next timer, or for a while."""
        pause = timedelta(seconds=self.rng.choice((1, 30, 600, 4000, 40_000)))
        due = sorted((at, name) for name, (at, _) in self.timers.items())
        if not due or due[0][0] > self.now + pause:
            self.now += pause
            return self._note(f"({pause})", "", ())
        return await self.ring(due[0][1])

    async def ring(self, name: str) -> Heard:
        """Have a timer come due."""
        at, stored = self.timers.pop(name)
        self.now = max(self.now, at)
        turn, body = self._turn(), TimerJob.model_validate(stored)
        if name == PAUSE:
            burst = BURST.read(self.state)
            if not burst.messages or burst.count != body.turn:  # answered meanwhile, or moved
                return self._note("(pause of nothing)", "", ())
            return await self._process("(pause)", replace(turn, message=burst.as_message()))
        if (of_feature := self.context.extensions.timers.get(name)) is not None:
            return self._take(f"({name})", name, turn, await of_feature(turn))
        if body.later is not None:
            decided = await self._handler.process_scheduled(turn, name, body.later)
        else:
            late = timedelta(0)
            decided = await self._handler.process_timer(turn, name, body.turn, late=late)
        return self._take(f"({name})", name, turn, decided)

    def _sender(self) -> dict[str, Any]:
        sender = Sender(self.user.user_id, self.number)
        return {"sender": sender, "phone_number_id": "1", "sent_at": self.now}

    async def _send(self, act: str, message: Inbound) -> Heard:
        self._count += 1
        # While another app holds the conversation, Meta mostly delivers a copy only.
        is_theirs = self.user.status == ConversationStatus.META_AGENT and self.rng.random() < 0.8
        message = replace(message, message_id=f"m{self._count}", is_standby=is_theirs)
        if message.kind == "text":
            self.written.append(message.message_id)
        self.user = self.user.with_changes({"last_inbound_at": self.now})
        turn = replace(self._turn(), message=message)
        return await self._process(act, turn)

    def _turn(self) -> ConversationTurn:
        language = language_of(self.user, self.context.texts.languages, "en")
        return ConversationTurn(
            self.user, "1", self.state, language, self.now, began_with=self.state
        )

    async def _process(self, act: str, turn: ConversationTurn) -> Heard:
        routed = await self._handler.process_message(turn)
        is_free = not routed.turn.is_bot_paused
        return self._take(act, routed.stage, turn, routed.decided, is_free=is_free)

    def _take(
        self,
        act: str,
        stage: str,
        turn: ConversationTurn,
        decided: Decisions,
        *,
        is_free: bool | None = None,
    ) -> Heard:
        decided = introduce(self.context, turn, decided)
        after = turn.after(decided)
        self.user = after.user
        self.state = ConversationState.read(after.state.stored())
        for name, timer in decided.timers.items():
            self.timers.pop(name, None)
            if isinstance(timer, NewTimer):
                self.timers[name] = (self.now + timer.after, timer.body)
        said = tuple(one.message for one in decided.messages)
        for message in said:
            self.choices += choices_of(message)
        was_free = not turn.is_bot_paused if is_free is None else is_free
        return self._note(act, stage, said, was_free=was_free)

    def _note(
        self, act: str, stage: str, said: tuple[OutgoingMessage, ...], *, was_free: bool = False
    ) -> Heard:
        self.heard.append(Heard(act, stage, said, was_free))
        return self.heard[-1]

    def told(self) -> str:
        """Return what happened last, for people who read why a walk failed."""
        lines = []
        for one in self.heard[-12:]:
            bubbles = " | ".join(str(getattr(m, "body", type(m).__name__)) for m in one.said)
            lines.append(f"{one.act!r} -> {one.stage}: {bubbles!r}")
        return "\n".join([*lines, str(self.state.stored()), str(self.user.status)])


def choices_of(message: OutgoingMessage) -> list[str]:
    """Return the ids of the choices of a message."""
    match message:
        case ButtonsMessage(buttons=buttons):
            return [one.id for one in buttons]
        case ListMessage(sections=sections):
            return [row.id for section in sections for row in section.rows]
        case _:
            return []
