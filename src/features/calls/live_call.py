"""One call that the bot answers: its row in the database, and who talks in it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from features.calls.book import CallBook
from features.calls.dialog import CallDialog
from features.calls.incoming_call import IncomingCall
from features.calls.operators import CallOperators
from features.calls.speech import Speech
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from features.calls.talk import Talk


@dataclass(slots=True, kw_only=True)
class LiveCall(IncomingCall):
    """Runs one call. Nothing else ends its row while it lives, except Meta's own word."""

    row: CallRow
    speech: Speech
    #: Why only one sentence is said; None: the menu.
    short: End | None
    #: Begins the talk of an assistant, if one talks.
    begin_dialog: Callable[[], Awaitable[CallDialog | None]]
    book: CallBook
    #: Who may take the call over; None: nobody.
    operators: CallOperators | None = None
    talk: Talk | None = None

    async def run(self) -> End:
        """Answer the call, talk, and end it: at the engine, at Meta, and in its row."""
        self.engine.route(self.call, self.events.queue)
        try:
            over = await self.carry()
            heard = self.events.ended
            more = heard.model_dump(include={"heard_seconds", "said_seconds"}) if heard else {}
            row = await self.book.end(self.call, over.end, more)
            if self.talk is not None:
                await self.talk.finish()
        finally:
            self.engine.unroute(self.call)
        return row.reason or over.end if row is not None else over.end

    async def note_state(self, state: CallState) -> bool:
        """Note the state in the row."""
        return await self.book.advance(self.call, state)

    async def note_reason(self, end: End) -> None:
        """Note the reason in the row."""
        await self.book.note_reason(self.call, end)

    async def hold_talk(self) -> None:
        """Let the assistant or the menu talk."""
        dialog = None if self.short is not None else await self.begin_dialog()
        parts = (self.engine, self.book, self.events)
        self.talk = Talk(
            self.row,
            self.speech,
            self.short,
            dialog,
            *parts,
            longest_message=self.times.message,
            operators=self.operators,
        )
        await self.talk.run()
