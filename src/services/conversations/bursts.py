"""Messages of one thought: a short pause, after which they are answered together.

People write "hi", "I want", "to register" as three messages, and send ten photos at once. What
waits is part of the stored state, and the end of the pause is a timer, so nothing is lost if the
process dies meanwhile. Messages that are answered at once, such as taps, end the pause before.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.inbound import Inbound
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.job_specs import TIMER, TimerJob
from services.conversations.state import StateSlot
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn
from services.conversations.typed_choices import TypedChoices
from services.conversations.wishes import Wishes

#: Name of the timer, and of the stage.
PAUSE = "short_pause"
#: The longest that the first message waits, in pauses.
MAX_PAUSES = 5
#: Most messages that wait; more texts are answered at once, more files are only counted.
MAX_MESSAGES = 20
#: Most characters that wait.
MAX_CHARS = 5000
#: Longest message that is the part of a sentence, in characters; others are lines of their own.
MAX_FRAGMENT_CHARS = 60
#: Types of messages that are sent many at a time.
FILES = frozenset({"image", "video", "document", "sticker", "audio"})


class Burst(BaseModel):
    """The messages that wait for the end of the pause."""

    model_config = ConfigDict(frozen=True)

    messages: tuple[Inbound, ...] = ()
    #: Number of messages, also of those that are only counted.
    count: int = 0
    #: When the first one was handled, in seconds since 1970.
    since: float = 0.0
    #: Until then, "please" and the like belong to what was answered at once.
    tail_until: float = 0.0
    #: What that was, if it was a command: "menu", or the name of what it started.
    command: str = ""

    @property
    def text(self) -> str:
        """Return the texts and captions of all messages as one text."""
        texts = [one.text for one in self.messages if one.text]
        are_fragments = all(len(text) <= MAX_FRAGMENT_CHARS for text in texts)
        return (" " if are_fragments else "\n").join(texts)

    @property
    def has_files(self) -> bool:
        return any(one.attachment is not None for one in self.messages)

    def as_message(self) -> Inbound:
        """Return one message that stands for all of them."""
        file = next((one for one in self.messages if one.attachment is not None), None)
        shown = file or self.messages[-1]
        quoting = next((one for one in self.messages if one.quotes), self.messages[-1])
        return replace(
            self.messages[-1],
            kind=shown.kind,
            text=self.text or None,
            attachment=shown.attachment,
            content=shown.content,
            referral=next((one.referral for one in self.messages if one.referral), None),
            product=next((one.product for one in self.messages if one.product), None),
            quotes=quoting.quotes,
            quoted_text=quoting.quoted_text,
            quoted_from=quoting.quoted_from,
            joined=self.messages,
        )


BURST = StateSlot("burst", TypeAdapter(Burst), Burst())


@dataclass(frozen=True, slots=True)
class Bursts:
    """Decides which messages wait, and for how long."""

    context: ConversationContext

    def wait(self, turn: ConversationTurn) -> Decisions | None:
        """Have a message wait for more of its thought; None if it is answered at once."""
        pause, burst = self.context.burst_pause.total_seconds(), BURST.read(turn.state)
        if not pause or turn.message.joined:
            return None
        if self._is_tail(turn, burst) and burst.command and burst.command == self._command(turn):
            return NOTHING
        if not self._waits(turn):
            return None
        if self._is_tail(turn, burst) and self.context.texts.vocabulary.is_courtesy(turn.text):
            return NOTHING
        is_file = turn.message.kind in FILES
        if not is_file and (len(burst.messages) >= MAX_MESSAGES or len(burst.text) > MAX_CHARS):
            return None
        since = burst.since or turn.timestamp
        waiting = Burst(
            messages=(*burst.messages, turn.message)[:MAX_MESSAGES],
            count=burst.count + 1,
            since=since,
        )
        left = max(min(pause, since + MAX_PAUSES * pause - turn.timestamp), 0.0)
        body = TimerJob(timer=PAUSE, turn=waiting.count)
        timer = TIMER.timer(timedelta(seconds=left), body, is_urgent=True)
        return Decisions(state=BURST.change(waiting), timers={PAUSE: timer})

    def end(self) -> Decisions:
        """Wait no longer."""
        return Decisions(state=BURST.change(Burst()), timers={PAUSE: None})

    def begin_tail(self, turn: ConversationTurn) -> Decisions:
        """Take "please" after a command for a part of it."""
        pause = self.context.burst_pause.total_seconds()
        if not pause or turn.message.kind != "text" or turn.message.joined:
            return NOTHING
        tail = Burst(tail_until=turn.timestamp + pause, command=self._command(turn))
        return Decisions(state=BURST.change(tail))

    def is_part_of(self, burst: Burst, turn: ConversationTurn) -> bool:
        """Return whether what waits says no more than the message after it, which is a command."""
        found = Triggers(self.context).triggered_by(turn.text)
        joined = Triggers(self.context).triggered_by(f"{burst.text} {turn.text}")
        is_same = found is not None and found is joined and not burst.has_files
        return is_same or self.is_courtesy(burst)

    def is_courtesy(self, burst: Burst) -> bool:
        """Return whether what waits only greets, or begins a sentence ("hi", "I want")."""
        return not burst.has_files and self.context.texts.vocabulary.is_courtesy(burst.text)

    def _is_tail(self, turn: ConversationTurn, burst: Burst) -> bool:
        return turn.timestamp <= burst.tail_until and not burst.messages

    def _command(self, turn: ConversationTurn) -> str:
        """Return what a text commands: the same thing twice in a breath is meant once."""
        if turn.message.kind != "text" or turn.message.choice is not None:
            return ""
        if self.context.texts.is_word("menu", turn.text):
            return "menu"
        found = Triggers(self.context).triggered_by(turn.text)
        return found.name if found is not None else ""

    def _waits(self, turn: ConversationTurn) -> bool:
        message = turn.message
        if message.choice is not None or message.is_spoken or message.edits is not None:
            return False
        if message.kind in FILES:
            return True
        return message.kind == "text" and message.text is not None and self._is_free_text(turn)

    def _is_free_text(self, turn: ConversationTurn) -> bool:
        """Return whether a text is no command, and no answer that is whole by itself."""
        triggers, texts, text = Triggers(self.context), self.context.texts, turn.text
        if texts.is_word("menu", text) or triggers.triggered_by(text) is not None:
            return False
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None:
            is_named = texts.vocabulary.language_named(text) is not None
            choices = TypedChoices(self.context)
            found = choices.of_shown_menus(turn) or choices.of_any_menu(turn)
            return not is_named and found is None
        question = flow.question(state)
        is_free = not question.options and not state.awaiting_options
        has_digits = any(map(str.isdecimal, text))
        return is_free and not has_digits and Wishes(self.context).of(turn, question) is None
