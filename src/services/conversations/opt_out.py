"""Words by which people say whether we may write to them: heard before anything else."""

from domain.conversation_status import HUMAN_STATUSES, ConversationStatus
from domain.inbound import Inbound
from services.conversations.effect_executor import EffectExecutor
from services.conversations.turn import Conversation
from texts.catalogue import Texts

#: Meta's type of a tap on a button of a template.
TEMPLATE_BUTTON = "button"


def handle_opt_out_keyword(
    message: Inbound, conversation: Conversation, performer: EffectExecutor, texts: Texts
) -> bool:
    """STOP, START and the like, as a whole message; False for any other.

    Who is blocked is obeyed, too, and gets no answer.
    """
    if message.choice is not None and message.kind != TEMPLATE_BUTTON:
        return False  # of our own buttons we know what they mean
    text, user = message.text or "", conversation.user
    is_blocked, is_out = user.status == ConversationStatus.BLOCKED, user.opted_out_at is not None
    if texts.is_word("opt_out", text):
        conversation.opt_out(text)
        if not is_blocked:
            performer.say("common.opted_out")
        return True
    if texts.is_word("no_offers", text):
        conversation.agree_to_marketing(wanted=False)
        if not is_blocked and not is_out:
            performer.say("news.unsubscribed")
        return True
    if is_out and not is_blocked and texts.is_word("opt_in", text):
        conversation.opt_in(text)
        if user.status in HUMAN_STATUSES:  # the menu that they get has to work
            conversation.return_to_bot()
        performer.say("common.opted_in")
        performer.show_menu()
        return True
    return False
