"""Decides who holds a conversation: the bot, the owner's phone, or Meta's agent."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.conversation_status import ConversationStatus
from flow_engine import TalkToHuman
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.exits import MENU, Exits
from services.conversations.extensions import Reset
from services.conversations.open_form import leave_form
from services.conversations.profile import change_user, return_to_bot
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: How operators read who holds a conversation.
OWNERS_PHONE, META_AGENT = "the owner's phone", "Meta's agent"


def held_by_agent(turn: ConversationTurn, who: str = META_AGENT) -> Decisions:
    """Meta's agent, or another app, holds the conversation until we get it back."""
    if turn.is_blocked or turn.user.status == ConversationStatus.META_AGENT:
        return NOTHING
    return hold(turn, ConversationStatus.META_AGENT, who=who)


def without_words(decided: Decisions) -> Decisions:
    """Return the decisions without what they say."""
    return replace(decided, messages=())


def hold(
    turn: ConversationTurn,
    status: ConversationStatus,
    *,
    who: str | None = None,
    until: datetime | None = None,
) -> Decisions:
    """Somebody else holds the conversation; what the bot has decided to say until now is dropped.

    Without an end `until`, the bot is silent until it gets the conversation back.
    """
    goes_on = turn.user.status == status and turn.is_bot_paused
    since = turn.user.held_since if goes_on else None
    held = {"status": status.value, "held_since": since or turn.now, "held_by": who}
    return change_user(turn, {**held, "bot_paused_until": until})


def held_by_phone(turn: ConversationTurn, at: datetime, idle: timedelta) -> Decisions:
    """The owner answers, so the bot is silent for as long as it is for operators."""
    until = at + idle
    if turn.is_blocked or until <= turn.now:
        return NOTHING
    known = turn.user.bot_paused_until
    longest = until if known is None else max(until, known)
    return hold(turn, ConversationStatus.PHONE, who=OWNERS_PHONE, until=longest)


def asks_for_menu(context: ConversationContext, turn: ConversationTurn) -> bool:
    """Return whether a message asks for the bot's menu, or for the bot itself."""
    if turn.message.choice is not None:
        return Exits(context).tapped(turn) == MENU
    return any(context.texts.is_word(group, turn.text) for group in ("menu", "to_bot"))


def asks_for_bot(context: ConversationContext, turn: ConversationTurn) -> bool:
    """Return whether a person wants the bot to answer instead of who does: "back to the bot"."""
    is_typed = turn.message.choice is None
    leaves = is_typed and context.texts.is_word("leave_chat", turn.text)
    return leaves or asks_for_menu(context, turn)


async def take_up(turn: ConversationTurn, context: ConversationContext, asked: str) -> Decisions:
    """The agent could not help any more: a person of ours answers, or else the bot."""
    decided = return_to_bot(turn) if turn.is_held else NOTHING
    turn = turn.after(decided)
    if turn.is_opted_out or turn.is_bot_paused:
        return decided
    if context.can_hand_off:
        effects = [TalkToHuman(asked)]
        return decided + await EffectExecutor(context).execute(turn, effects)
    return decided + Replies(context).show_menu(turn)


def let_go(turn: ConversationTurn, context: ConversationContext, who: str) -> Decisions:
    """Another app holds the conversation: what the bot was doing ends."""
    left = leave_form() + context.extensions.reset(turn, Reset.HANDED_OFF)
    return left + held_by_agent(turn, who)
