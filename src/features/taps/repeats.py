"""The same tap, or the same words, twice within seconds: the second one is meant by nobody."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.inbound import Inbound
from flow_engine.words import normalise
from services.conversations.decisions import Decisions
from services.conversations.misses import misses_of
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from utils.digest import digest

#: The longest time between two taps that are meant once.
REPEATED_WITHIN = timedelta(seconds=10)
#: Enough of a hash to tell two messages in a row apart.
HASH_CHARS = 16


class LastMessage(BaseModel):
    """The tap or the text that came last."""

    model_config = ConfigDict(frozen=True)

    #: Hash of what was tapped, and where, or of the words; "" for anything else.
    mark: str = ""
    message_id: str = ""
    #: When it was sent, in seconds since 1970.
    at: float = 0.0


LAST_MESSAGE = StateSlot("last_message", TypeAdapter(LastMessage), LastMessage())


def note_message(turn: ConversationTurn) -> Decisions:
    """Remember this message until the next one."""
    noted = LastMessage(
        mark=_mark(turn.message), message_id=turn.message.message_id, at=_sent_at(turn)
    )
    return Decisions(state=LAST_MESSAGE.change(noted))


def is_repeated_tap(turn: ConversationTurn) -> bool:
    """Return whether the same button was tapped just before."""
    return turn.message.choice is not None and _is_repeated(turn)


def is_repeated_text(turn: ConversationTurn) -> bool:
    """Return whether the same text was sent, and understood, just before."""
    is_text = turn.message.choice is None and not misses_of(turn).count
    return is_text and _is_repeated(turn)


def _is_repeated(turn: ConversationTurn) -> bool:
    last, mark = LAST_MESSAGE.read(turn.began_with), _mark(turn.message)
    is_other = last.message_id != turn.message.message_id
    passed = timedelta(seconds=abs(_sent_at(turn) - last.at))
    return bool(mark) and is_other and last.mark == mark and passed <= REPEATED_WITHIN


def _mark(message: Inbound) -> str:
    """Return what tells two messages apart; "" where that is not known."""
    if message.choice is not None:
        if message.quotes is None:
            return ""  # without its bubble, a button may be another one of the same name
        meant = f"{message.quotes}\n{message.choice}"
    elif message.kind == "text" and message.edits is None:
        # The same words about another message are no repetition: "what is this?"
        meant = f"{message.quotes or ''}\n{normalise(message.text or '')}"
    else:
        return ""
    return digest(meant, HASH_CHARS)


def _sent_at(turn: ConversationTurn) -> float:
    return (turn.message.sent_at or turn.now).timestamp()
