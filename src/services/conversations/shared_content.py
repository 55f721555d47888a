"""Messages that bring more than words: places, contacts, orders, and forms of WhatsApp."""

from dataclasses import replace
from typing import Any

from domain.inbound import Inbound
from schemas.content_text import flow_answers, place_text, shares_own_number
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.profile import save_record
from services.conversations.replies import Replies
from services.conversations.stage import PassOn
from services.conversations.turn import ConversationTurn

#: Types of messages that a person shares, each with what operators read of it.
SHARED_TYPES = frozenset({"location", "contacts", "order"})
#: Collection of the records with what people filled in in a Flow of WhatsApp.
WHATSAPP_FLOWS = "whatsapp_flows"


def as_answer(message: Inbound) -> PassOn | None:
    """Return a shared place or contact as the text that a form takes; None for anything else."""
    words = place_text(message.content) if message.kind == "location" else message.description
    is_own = message.kind == "contacts" and shares_own_number(message.content)
    if message.kind not in SHARED_TYPES or words is None or is_own:
        return None
    return PassOn(message=replace(message, text=words))


def keep_flow_reply(turn: ConversationTurn) -> Decisions:
    """Keep what was filled in in a Flow of WhatsApp, whoever holds the conversation."""
    answers = _filled_in(turn.message)
    return NOTHING if answers is None else save_record(turn, WHATSAPP_FLOWS, answers)


def thank_for_flow_reply(turn: ConversationTurn, replies: Replies) -> Decisions | None:
    """Say thanks for what was filled in in a Flow of WhatsApp; None for other messages."""
    if _filled_in(turn.message) is None:
        return None
    return _thank(turn, replies, "received.form")


def take_shared(
    turn: ConversationTurn, context: ConversationContext, replies: Replies
) -> Decisions | None:
    """Say thanks for what operators can use; None where nobody would see it."""
    message = turn.message
    if message.kind == "contacts" and shares_own_number(message.content):
        return _thank(turn, replies, "received.number")
    if message.kind not in SHARED_TYPES or not context.extensions.operators_reachable:
        return None
    key = "received.order" if message.kind == "order" else "received.passed_on"
    return _thank(turn, replies, key)


def _filled_in(message: Inbound) -> dict[str, Any] | None:
    return flow_answers(message.content) if message.kind == "interactive" else None


def _thank(turn: ConversationTurn, replies: Replies, key: str) -> Decisions:
    """Say thanks, and ask the question of the open form again, if there is one."""
    is_working = turn.state.flow is not None and turn.state.flow.awaiting_call
    said = replies.renderer(turn).line(key)
    asked = None if is_working else replies.repeat_question(turn, said)
    return asked or replies.say(turn, key)
