"""Begins a call to a person: its row first, and then the call itself, beside the job."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from features.calls import own_rows, rows
from features.calls.desk import CallDesk
from features.calls.protocol import Line
from features.calls.speech import speech_for, spoken
from features.outgoing_calls import tables
from features.outgoing_calls.outgoing_call import OutgoingCall
from features.outgoing_calls.signal_box import SignalBox
from features.outgoing_calls.tables import Wish, WishState
from services.conversations.turn import ConversationTurn
from services.parts import Parts
from storage.engine.group_commit import Transaction


@dataclass(frozen=True, slots=True)
class Dialler:
    """Begins calls."""

    parts: Parts
    desk: CallDesk

    async def begin(self, turn: ConversationTurn, wish: Wish, person: Mapping[str, str]) -> bool:
        """Begin a call, unless no line is free. Return whether it is begun."""
        desk, now = self.desk, turn.now
        begun = replace(
            wish, state=WishState.CALLED, attempts=wish.attempts + 1, changed_at=turn.now
        )
        own_id = f"{own_rows.OWN_ID}{wish.id}:{begun.attempts}"
        number, key = turn.phone_number_id, turn.user.key
        new = rows.Offered(own_id, number, key, turn.language, None, now, desk.owner)

        def begin(connection: Connection, at: float) -> bool:
            is_free = own_rows.dial(connection, at, new, desk.limits)
            if is_free:
                tables.keep_wish(connection, begun)
            return is_free

        is_begun = await self.parts.database.submit(Transaction(begin))
        if is_begun:
            desk.calls.carry(self._make_call(turn, begun, new, person))
        return is_begun

    def _make_call(
        self, turn: ConversationTurn, wish: Wish, new: rows.Offered, person: Mapping[str, str]
    ) -> OutgoingCall:
        desk, context = self.desk, self.parts.context
        assert desk.engine is not None
        given = {"first_name": turn.user.first_name, **wish.params}
        text = spoken(context.texts.say(turn.language, wish.key, given))
        return OutgoingCall(
            new,
            person,
            speech_for(context, turn),
            Line(text=text, language=turn.language, key=None if wish.params else wish.key),
            lambda row: desk.begin_dialog(row, turn, text),
            desk.engine,
            desk.api,
            desk.book,
            desk.times,
            SignalBox(self.parts.database, self.parts.sleep),
            desk.calls.name_call,
            desk.operators,
        )
