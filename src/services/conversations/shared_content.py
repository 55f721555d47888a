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
    return replies.say(turn, "received.form") + _repeated(turn, replies)


def take_shared(
    turn: ConversationTurn, context: ConversationContext, replies: Replies
) -> Decisions | None:
    """Say thanks for what operators can use; None where nobody would see it."""
    message = turn.message
    if message.kind == "contacts" and shares_own_number(message.content):
        return replies.say(turn, "received.number") + _repeated(turn, replies)
    if message.kind not in SHARED_TYPES or not context.extensions.operators_reachable:
        return None
    key = "received.order" if message.kind == "order" else "received.passed_on"
    return replies.say(turn, key) + _repeated(turn, replies)


def _filled_in(message: Inbound) -> dict[str, Any] | None:
    return flow_answers(message.content) if message.kind == "interactive" else None


def _repeated(turn: ConversationTurn, replies: Replies) -> Decisions:
    """Return to the question of the open form, if there is one."""
    return replies.repeat_question(turn) or NOTHING


def is_call_permission(message: Inbound) -> bool:
    """Return whether a message only says whether the person may be called."""
    content = message.content if message.kind == "interactive" else None
    return isinstance(content, dict) and "call_permission_reply" in content
