"""Buttons of answers: for what one says to send, "Send *register*", and those of suggestions."""

import re

from features.faq.entry import FaqEntry
from flow_engine import Flow, StartFlow
from flow_engine.words import normalise
from services.conversations.context import ConversationContext
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from texts.prompt import Choice

#: A word that an answer says to send.
_SENT = re.compile(r"\*([^*\n]+)\*")


def buttons_of(context: ConversationContext, turn: ConversationTurn, answer: str) -> dict[str, str]:
    """Return the buttons (id -> key of the title) of the home menu that an answer leads to."""
    if turn.state.flow is not None:
        return {}
    home = Replies(context).home(turn)
    sent = (context.flows.triggered_by(normalise(word)) for word in _SENT.findall(answer))
    started = {StartFlow(one.name) for one in sent if isinstance(one, Flow)}
    return {
        f"{home.name}.{name}": f"{home.name}.options.{name}.title"
        for name, effects in home.choices.items()
        if effects and effects[0] in started
    }


def choice_of(entry: FaqEntry) -> Choice:
    """Return a row of a list: a short title, and the question below it where it says more."""
    return Choice(entry.id, entry.title, entry.question if entry.title != entry.question else None)
