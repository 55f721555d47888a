"""What is said in a call that is answered, and what its digits do."""

from dataclasses import dataclass
from datetime import timedelta

from features.calls.book import CallBook
from features.calls.call_events import CallEvents, CallOver, Draining
from features.calls.dialog import CallDialog
from features.calls.dialog_talk import DialogTalk, ModelGone
from features.calls.engine_port import Engine
from features.calls.protocol import Digit, Ended, Line, Say, Silent
from features.calls.speech import Speech
from features.calls.states import End
from features.calls.tables import CallRow

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
    _model: DialogTalk | None = None
    _choices: int = 0
    _unanswered: int = 0

    async def run(self) -> None:
        """Talk until somebody ends the call, which raises CallOver."""
        try:
            if self.short is not None:
                key = "short_held" if self.short is End.HELD else "short_closed"
                await self._leave(self.short, self.speech.line(key))
            greeting = self.speech.line("greeting")
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

    async def _converse(self, dialog: CallDialog) -> bool:
        """Let the assistant talk until no model is left. Return whether none ever talked."""
        parts = (self.row, self.speech, dialog, self.engine, self.events)
        self._model = model = DialogTalk(*parts)
        try:
            await self._say(self.speech.line("greeting_assistant"))
            await model.begin()
            while True:
                await self._react()
        except ModelGone:
            self._model = None
            return not model.has_talked

    async def _react(self) -> None:
        event = await self.events.next()
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
        await self._choose(None)
        await self._leave(End.COMPLETED, self.speech.line("human"))

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
