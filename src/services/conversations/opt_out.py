"""Opt-out and opt-in keywords: STOP, START and the like, as a whole message."""

from domain.inbound import Inbound
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.profile import agree_to_marketing, opt_in, opt_out, return_to_bot
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: Meta's type of a tap on a button of a template, which carries its author's words.
TEMPLATE_BUTTON = "button"


def handle_opt_out_keyword(
    turn: ConversationTurn, context: ConversationContext
) -> Decisions | None:
    """Decide on a keyword; None for any other message.

    A keyword of a blocked person counts, and gets no answer.
    """
    if _is_own_button(turn.message):
        return None
    texts, replies = context.texts, Replies(context)
    if texts.is_word("opt_out", turn.text):
        decided = opt_out(turn, context, turn.text)
        return decided + _unless(turn.is_blocked, replies.say(turn, "common.opted_out"))
    if texts.is_word("no_offers", turn.text):
        decided = agree_to_marketing(turn, wanted=False)
        is_silent = turn.is_blocked or turn.is_opted_out
        return decided + _unless(is_silent, replies.say(turn, "news.unsubscribed"))
    return _opt_in(turn, context, replies)


def _unless(is_silent: bool, said: Decisions) -> Decisions:
    return NOTHING if is_silent else said


def _opt_in(
    turn: ConversationTurn, context: ConversationContext, replies: Replies
) -> Decisions | None:
    """Decide on START. The menu that they get has to work, so the bot answers again."""
    if turn.is_blocked or not turn.is_opted_out or not context.texts.is_word("opt_in", turn.text):
        return None
    decided = opt_in(turn, turn.text)
    decided += return_to_bot(turn) if turn.is_held else NOTHING
    turn = turn.after(decided)
    return decided + replies.say(turn, "common.opted_in") + replies.show_menu(turn)


def _is_own_button(message: Inbound) -> bool:
    """Whether a button of ours was tapped, which can mean nothing else."""
    return message.choice is not None and message.kind != TEMPLATE_BUTTON
