"""Messages that reach the bot late: Meta redelivers for days what could not be delivered.

Such a message is not answered as if it were new: it gets an apology, once for all that arrives
together. In an open form an answer counts for as long as the window is open. Once the window is
closed, the configured template is sent in place of the apology, and nothing without one. Operators
see the message, and STOP counts, whatever its age.
"""

from datetime import timedelta

from pydantic import TypeAdapter

from domain.window import MESSAGING_WINDOW
from services.conversations.decisions import Decisions
from services.conversations.replies import Replies
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from utils.elapsed import has_passed

#: Least time between two apologies to one person.
APOLOGY_INTERVAL = timedelta(hours=1)
#: When the last one was decided, in seconds since 1970.
APOLOGIZED_AT = StateSlot("apologized_at", TypeAdapter(float), 0.0)


def age_of(turn: ConversationTurn) -> timedelta:
    """Return how long ago the message was written, by Meta's clock; zero if Meta does not say."""
    sent_at = turn.message.sent_at
    return max(turn.now - sent_at, timedelta(0)) if sent_at is not None else timedelta(0)


def is_outside_window(turn: ConversationTurn) -> bool:
    """Whether a message is so old that no answer would get through."""
    return age_of(turn) > MESSAGING_WINDOW


def apologize_for_delay(turn: ConversationTurn, replies: Replies) -> Decisions:
    """Say sorry and ask what the person needs now; say nothing to what came with it."""
    interval = APOLOGY_INTERVAL.total_seconds()
    since = APOLOGIZED_AT.read(turn.state)
    if not has_passed(interval, since=since, now=turn.timestamp):
        return Decisions(state={"menu": None})
    noted = Decisions(state=APOLOGIZED_AT.change(turn.timestamp))
    return noted + replies.say(turn, "common.late")
