"""What is said in a call that is answered, and what its digits do."""

from dataclasses import dataclass
from datetime import timedelta

from features.calls.book import CallBook
from features.calls.call_events import CallEvents, CallOver, Draining
from features.calls.engine_port import Engine
from features.calls.protocol import Digit, Ended, Line, Say, Silent
from features.calls.speech import Speech
from features.calls.states import End
from features.calls.tables import CallRow

#: Longest goodbye.
GOODBYE_WITHIN = timedelta(seconds=10)


@dataclass(slots=True)
class Talk:
    """Says the menu, and has in the chat done what is pressed."""

    row: CallRow
    speech: Speech
    #: Why only one sentence is said; None: the menu.
    short: End | None
    engine: Engine
    book: CallBook
    events: CallEvents
    _choices: int = 0
    _unanswered: int = 0

    async def run(self) -> None:
        """Talk until somebody ends the call, which raises CallOver."""
        try:
            if self.short is not None:
                key = "short_held" if self.short is End.HELD else "short_closed"
                await self._leave(self.short, self.speech.line(key))
            await self._say(self.speech.line("greeting"), *self.speech.menu())
            while True:
                await self._react()
        except Draining:
            await self._leave(End.DRAINED, self.speech.line("stopping"))

    async def _react(self) -> None:
        match await self.events.next():
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
