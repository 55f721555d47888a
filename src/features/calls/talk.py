"""What is said in a call that is answered, and what its digits do."""

from dataclasses import dataclass, field
from datetime import timedelta

from features.calls.book import CallBook
from features.calls.call_events import CallEvents, CallOver, Draining
from features.calls.dialog import CallDialog
from features.calls.dialog_talk import DialogTalk, ModelGone
from features.calls.engine_port import Engine
from features.calls.joined_talk import JoinedTalk
from features.calls.operators import CallOperators, OperatorJoins
from features.calls.protocol import Digit, Ended, Line, Say, Silent
from features.calls.speech import Speech
from features.calls.states import End
from features.calls.tables import CallRow
from features.calls.voicemail import VoiceMessage

#: Longest goodbye.
GOODBYE_WITHIN = timedelta(seconds=10)


@dataclass(slots=True)
class Talk:
    """Lets an assistant talk, or says the menu; has in the chat done what is pressed."""

    row: CallRow
    speech: Speech
    #: Why only one sentence is said; None: the menu.
    short: End | None
    #: The assistant that talks; None: the menu.
    dialog: CallDialog | None
    engine: Engine
    book: CallBook
    events: CallEvents
    #: What is said first in a call of ours; None: the greeting.
    opening: Line | None = None
    #: Longest message that a caller may leave; zero: none.
    longest_message: timedelta = timedelta(0)
    #: Who may take the call over; None: nobody.
    operators: CallOperators | None = None
    message: VoiceMessage = field(init=False)
    _model: DialogTalk | None = None
    _choices: int = 0
    _asked_for_team: bool = False
    _has_ticket: bool = False
    _unanswered: int = 0

    def __post_init__(self) -> None:
        can_leave = self.longest_message if self.speech.can_hand_off else timedelta(0)
        self.message = VoiceMessage(self.row, self.engine, self.book, self.events, can_leave)

    async def run(self) -> None:
        """Talk until somebody ends the call, which raises CallOver."""
        try:
            if self.short is not None:
                await self._answer_briefly(self.short)
            greeting = self.opening or self.speech.line("greeting")
            if self.dialog is not None and not await self._converse(self.dialog):
                greeting = self.speech.line("menu_instead")
            await self._say(greeting, *self.speech.menu())
            while True:
                await self._react()
        except Draining:
            await self._leave(End.DRAINED, self.speech.line("stopping"))
        finally:
            if self._model is not None:
                self._model.cancel()

    async def finish(self) -> None:
        """Keep the message of a caller who hung up while it was recorded."""
        was_asked_for = self.message.is_open and self._asked_for_team and not self._has_ticket
        if not await self.message.finish() and was_asked_for:
            await self._choose(None)

    async def _answer_briefly(self, why: End) -> None:
        """Say one sentence, and take a message for the team where it has no time for calls."""
        if why is End.CLOSED and self.message.is_offered:
            has_left = await self.message.take(self.speech.line("closed_message"))
            await self._let_in_who_interrupted()
            if has_left:
                await self._leave(End.MESSAGE_LEFT, self.speech.line("message_kept"))
            await self._leave(why, self.speech.line("goodbye"))
        if why is End.HELD and await self._wait_for_operator():
            await self._leave(End.COMPLETED, self.speech.line("goodbye"))
        key = "short_held" if why is End.HELD else "short_closed"
        await self._leave(why, self.speech.line(key))

    async def _converse(self, dialog: CallDialog) -> bool:
        """Let the assistant talk until no model is left. Return whether none ever talked."""
        parts = (self.row, self.speech, dialog, self.engine, self.events)
        self._model = model = DialogTalk(*parts)
        try:
            await self._say(self.opening or self.speech.line("greeting_assistant"))
            await model.begin()
            while True:
                await self._react()
        except ModelGone:
            self._model = None
            return not model.has_talked

    async def _react(self) -> None:
        event = await self.events.next()
        if isinstance(event, OperatorJoins):
            await self._talk_with_operator(event)
            return
        if self._model is not None and await self._model.react(event):
            self._unanswered = 0
            return
        match event:
            case Digit(digit=digit):
                self._unanswered = 0
                await self._press(digit)
            case Silent():
                await self._ask_whether_there()

    async def _press(self, digit: str) -> None:
        speech = self.speech
        if digit == "#":
            await self._leave(End.COMPLETED, speech.line("goodbye"))
        elif digit == "*":
            await self._say(*speech.menu())
        elif digit == "0":
            await self._hand_over()
        elif (choice := speech.choice(digit)) is not None:
            await self._choose(choice.id)
            await self._say(speech.line("chosen", {"title": choice.title}), speech.line("more"))
        else:
            await self._say(speech.line("unknown_digit"), *speech.menu())

    async def _hand_over(self) -> None:
        if not self.speech.can_hand_off:
            await self._say(self.speech.line("no_human"), self.speech.line("more"))
            return
        if self.operators is not None and await self.operators.are_there():
            await self._ask_for_team()
            if await self._wait_for_operator():
                return
        if self.message.is_offered:
            await self._take_message()
        else:
            await self._ask_for_team()
        if await self._let_in_who_interrupted():
            return
        await self._leave(End.COMPLETED, self.speech.line("human"))

    async def _take_message(self) -> None:
        """Let the caller say what it is about; without a word, the team is asked for as it is."""
        await self._end_model()
        self._asked_for_team = True
        if not await self.message.take(self.speech.line("leave_message")):
            await self._ask_for_team()

    async def _ask_for_team(self) -> None:
        """Ask for the team in the chat, once."""
        if not self._has_ticket:
            self._has_ticket = True
            await self._choose(None)

    async def _end_model(self) -> None:
        if self._model is not None:
            await self._model.close()
            self._model = None

    async def _wait_for_operator(self) -> bool:
        """Let the caller wait for an operator. Return whether both have talked."""
        if self.operators is None or not await self.operators.are_there():
            return False
        if self._model is not None:
            await self._model.close()
        joining = await self._joined(self.operators).wait(self._model)
        return joining is not None and await self._talk_with_operator(joining)

    async def _let_in_who_interrupted(self) -> bool:
        """Let an operator in who took the call over while a message was recorded."""
        joining, self.message.joining = self.message.joining, None
        return joining is not None and await self._talk_with_operator(joining)

    async def _talk_with_operator(self, joining: OperatorJoins) -> bool:
        """Let an operator talk; then the bot goes on. Return whether both heard each other."""
        if self.operators is None or not await self._joined(self.operators).run(
            joining, self._model
        ):
            return False
        self._unanswered, self._has_ticket = 0, False
        if self._model is not None:
            await self._say(self.speech.line("operator_left"))
            await self._model.resume()
        elif self.short is None:
            await self._say(self.speech.line("operator_left"), *self.speech.menu())
        return True

    def _joined(self, operators: CallOperators) -> JoinedTalk:
        return JoinedTalk(self.row, self.speech, self.engine, self.events, operators)

    async def _choose(self, choice: str | None) -> None:
        self._choices += 1
        await self.book.choose(self.row, choice, self._choices)

    async def _ask_whether_there(self) -> None:
        """The first silence is asked about, the second one ends the call."""
        self._unanswered += 1
        if self._unanswered > 1:
            await self._leave(End.COMPLETED, self.speech.line("goodbye"))
        if self._model is not None:
            await self._model.ask_whether_there()
        else:
            await self._say(self.speech.line("still_there"))

    async def _say(self, *lines: Line) -> None:
        await self.engine.send(Say(call=self.row.id, lines=lines))

    async def _leave(self, end: End, *lines: Line) -> None:
        """Say the last words; the engine closes once they are sent. Raises CallOver."""
        self.events.is_leaving = True
        await self.engine.send(Say(call=self.row.id, lines=lines, then_end=True))
        try:
            await self.events.wait_for(Ended, GOODBYE_WITHIN, late=end)
        except CallOver as over:
            raise CallOver(end, by_meta=over.by_meta) from None
